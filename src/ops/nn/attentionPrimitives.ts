// Attention as one primitive, forward and backward, for kernels that never have all scores in memory.
import { type AttentionKind, type PrimitiveNamed, primitive, type Spec, type Value, type Work } from '../../graph'
import type { DType } from '../../tensor'
import { zerosLike } from '../elementwise/broadcast'
import {
  abs,
  add,
  cast,
  exp,
  greater,
  greaterEqual,
  less,
  logicalAnd,
  mul,
  sub,
  where,
} from '../elementwise/elementwise'
import { iota } from '../indexing'
import { matmul } from '../matmul'
import { any, logSumExp, sum } from '../reduce'
import { scan } from '../scan'
import { concatenate, expandDims, reshape, slice, transpose } from '../shape'
import { softmax } from './softmax'

/** From `[batch, time, heads, ...]` to `[batch, heads, time, ...]`, and back. */
export const headsFirst = [0, 2, 1, 3]

/** Stands for the logarithm of a sum of powers where a query may attend to no key. */
const blindLog = 3e38

/**
 * Two results: what each query gathers, `[batch, queries, heads, width]`, and the logarithm of the sum of its scores' powers,
 * `[batch, heads, queries]`. Inputs: query, key, value, and the mask, `bool` of four axes that broadcast to
 * `[batch, heads, queries, keys]`.
 */
export const attentionPrimitive: PrimitiveNamed<'attention'> = /* @__PURE__ */ primitive('attention', {
  infer: ([query, , value]) => {
    const [batch, queries, heads] = query.shape
    return [
      { shape: [batch, queries, heads, value.shape[3]], dtype: query.dtype },
      { shape: [batch, heads, queries], dtype: query.dtype },
    ]
  },
  decompose: (inputs, attributes) => attend(inputs, attributes, byBlocks),
  decomposeOpen: (inputs, attributes) => attend(inputs, attributes, atOnce),
  gradient: ({ inputs, outputs: [output, logs], upstreams: [given, ofLogs], attributes, wanted }) => {
    const [query, key, value, ...mask] = inputs
    const upstream = given ?? zerosLike(output)
    // The gradient of score s is p (g v - delta), with delta the sum of g times the output; that of the logarithm adds p.
    const own = transpose(sum(mul(upstream, output), { axis: -1 }), [0, 2, 1])
    const delta = ofLogs === undefined ? own : sub(own, ofLogs)
    const found = attentionGradientPrimitive.apply([query, key, value, logs, delta, upstream, ...mask], attributes)
    return [...found.map((gradient, i) => (wanted[i] ? gradient : undefined)), undefined]
  },
  work: ({ inputs, attributes }) => workOf(inputs, attributes, 2),
})

/** What `attention` gives. */
function attend(
  [query, key, value, mask]: readonly Value[],
  attributes: AttentionKind,
  inParts: Walk,
): readonly Value[] {
  const [q, k, v] = [query, key, value].map((x) => transpose(x, headsFirst))
  const [, [gathered, logs]] = inParts([], [q], mask, (_, [own], rows) => {
    const { scores, kept } = maskedScores(own, k, rows, attributes)
    const sums = logSumExp(scores, { axis: -1 })
    // Without a mask, and with a window as wide as there are keys, every query sees a key.
    const isSure = kept === undefined || (mask === undefined && attributes.window === 0)
    const found = isSure ? sums : where(any(kept, { axis: -1 }), sums, blindLog)
    return [[], [matmul(softmax(scores), v), found]]
  })
  return [transpose(gathered, headsFirst), logs]
}

/** The gradients of query, key and value. Inputs: these, the logarithms, delta, the upstream of what was gathered, and the mask. */
const attentionGradientPrimitive: PrimitiveNamed<'attentionGradient'> = /* @__PURE__ */ primitive('attentionGradient', {
  infer: (inputs) => inputs.slice(0, 3).map(({ shape, dtype }) => ({ shape, dtype })),
  decompose: ([query, key, value, logs, delta, upstream, mask], attributes) => {
    const [q, k, v, g] = [query, key, value, upstream].map((x) => transpose(x, headsFirst))
    const keys = k.shape[2]
    const isSure = mask === undefined && attributes.window === 0
    const [[toKey, toValue], [toQuery]] = byBlocks(
      [zerosLike(k), zerosLike(v)],
      [q, g, logs, delta],
      mask,
      ([keySum, valueSum], [own, above, sums, deltas], rows) => {
        const { scores, kept } = maskedScores(own, k, rows, attributes)
        const isBlind = expandDims(greater(sums, blindLog / 2), -1)
        const powers = exp(sub(scores, expandDims(sums, -1)))
        const weights = isSure ? powers : where(isBlind, 1 / keys, powers)
        const slopes = mul(weights, sub(matmul(above, v, { transposeB: true }), expandDims(deltas, -1)))
        const ofScores = mul(kept === undefined ? slopes : where(kept, slopes, 0), attributes.scale)
        const next = [matmul(ofScores, own, { transposeA: true }), matmul(weights, above, { transposeA: true })]
        return [[add(keySum, next[0]), add(valueSum, next[1])], [matmul(ofScores, k)]]
      },
    )
    return [toQuery, toKey, toValue].map((x) => transpose(x, headsFirst))
  },
  work: ({ inputs, attributes }) => workOf(inputs, attributes, 5),
})

/** Queries of a block, where they are so many that they are not all done at once. */
const blockSize = 128

/** A block of queries: which they are, and their rows of the mask. */
interface Rows {
  /** The numbers of the queries, `[queries, 1]`. */
  readonly numbers: Value
  readonly mask: Value | undefined
}

type Block = (
  sums: readonly Value[],
  parts: readonly Value[],
  rows: Rows,
) => readonly [sums: readonly Value[], results: readonly Value[]]

/**
 * Does a work for all queries.
 *
 * @param sums - what goes on from block to block.
 * @param parts - what has the queries as its axis 2, of which each block is given its own.
 * @returns the sums, and the results with the queries joined along axis 2.
 */
type Walk = (
  sums: readonly Value[],
  parts: readonly Value[],
  mask: Value | undefined,
  work: Block,
) => readonly [sums: readonly Value[], results: readonly Value[]]

const atOnce: Walk = (sums, parts, mask, work) =>
  work(sums, parts, { numbers: numbered(parts[0].shape[2]), mask: mask && cast(mask, 'bool') })

/** Block by block where they are many, so that no more scores are in memory than those of a block. */
const byBlocks: Walk = (sums, parts, mask, work) => {
  const queries = parts[0].shape[2]
  if (queries <= 2 * blockSize) return atOnce(sums, parts, mask, work)
  const own = mask && cast(mask, 'bool')
  const whole = Math.floor(queries / blockSize)
  const count = whole * blockSize
  const byRow = own !== undefined && own.shape[2] > 1
  const rowsOf = (x: Value, from: number, many: number): Value =>
    slice(
      x,
      x.shape.map((_, axis) => (axis === 2 ? from : 0)),
      x.shape.map((length, axis) => (axis === 2 ? many : length)),
    )
  // `[blocks, ..., blockSize, ...]`, and back.
  const cut = (x: Value): Value => {
    const { shape } = x
    const apart = reshape(rowsOf(x, 0, count), [...shape.slice(0, 2), whole, blockSize, ...shape.slice(3)])
    return transpose(apart, [2, 0, 1, ...apart.shape.slice(3).map((_, i) => i + 3)])
  }
  const joined = (x: Value): Value => {
    const { shape } = x
    const back = transpose(x, [1, 2, 0, ...shape.slice(3).map((_, i) => i + 3)])
    return reshape(back, [shape[1], shape[2], count, ...shape.slice(4)])
  }
  const starts = mul(iota(whole), blockSize)
  const within = numbered(blockSize)
  const [totals, results] = scan(
    (before, [start, ...rest]) => {
      const masked = byRow ? rest[parts.length] : own
      return work(before, rest.slice(0, parts.length), { numbers: add(within, start), mask: masked })
    },
    sums,
    [starts, ...parts.map(cut), ...(byRow ? [cut(own)] : [])],
  )
  const gathered = results.map(joined)
  if (count === queries) return [totals, gathered]
  const left = queries - count
  const [last, remaining] = work(
    totals,
    parts.map((part) => rowsOf(part, count, left)),
    { numbers: slice(numbered(queries), [count, 0], [left, 1]), mask: byRow ? rowsOf(own, count, left) : own },
  )
  return [last, gathered.map((result, i) => concatenate([result, remaining[i]], 2))]
}

/** The scores of queries, those that are masked far below all others, and which are not. */
function maskedScores(
  query: Value,
  key: Value,
  { numbers, mask }: Rows,
  { scale, causal, window }: AttentionKind,
): { readonly scores: Value; readonly kept: Value | undefined } {
  const scores = mul(matmul(query, key, { transposeB: true }), scale)
  const kept = both(pairsThatCount(numbers, key.shape[2], { causal, window }), mask)
  return { scores: kept === undefined ? scores : where(kept, scores, farBelow(scores.dtype)), kept }
}

/** The numbers of queries, from 0 on: `[queries, 1]`. */
export function numbered(queries: number): Value {
  return reshape(iota(queries), [queries, 1])
}

/**
 * Which keys the queries of these numbers may attend to, as `bool`, `[queries, keys]`: those not behind them where attention is causal, and
 * those less than `window` places away where there is one; undefined where it is all of them.
 */
export function pairsThatCount(
  numbers: Value,
  keys: number,
  { causal, window }: Pick<AttentionKind, 'causal' | 'window'>,
): Value | undefined {
  const places = iota(keys)
  return both(
    causal ? greaterEqual(numbers, places) : undefined,
    window === 0 ? undefined : less(abs(sub(numbers, places)), window),
  )
}

/** Where both hold; one that is not given holds everywhere. */
export function both(a: Value | undefined, b: Value | undefined): Value | undefined {
  return a === undefined || b === undefined ? (a ?? b) : logicalAnd(a, b)
}

/** The score of what is masked, as in Keras: no infinity, so that a row that is masked as a whole makes no NaN. */
export function farBelow(dtype: DType): number {
  return -0.7 * (dtype === 'float64' ? Number.MAX_VALUE : largestFloat32)
}

const largestFloat32 = 3.4028234663852886e38

/** So many products of queries and keys, each of whose pairs costs one multiply-add a number; causal ones need half. */
function workOf([query, key, value]: readonly Spec[], { causal, window }: AttentionKind, products: number): Work {
  const [batch, queries, heads, length] = query.shape
  const reach = window === 0 ? key.shape[1] : Math.min(key.shape[1], 2 * window - 1)
  const pairs = batch * heads * queries * reach * (causal ? 0.5 : 1)
  return { multiplyAdds: (pairs * products * (length + value.shape[3])) / 2, beside: pairs * 6 }
}
