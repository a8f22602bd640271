// Attention as one primitive, forward and backward, for kernels that never have all scores in memory.
import { type AttentionKind, type PrimitiveNamed, primitive, type Spec, type Value, type Work } from '../../graph'
import type { DType } from '../../tensor'
import { zerosLike } from '../elementwise/broadcast'
import { cast, exp, greater, greaterEqual, logicalAnd, mul, sub, where } from '../elementwise/elementwise'
import { iota } from '../indexing'
import { matmul } from '../matmul'
import { any, logSumExp, sum } from '../reduce'
import { expandDims, reshape, transpose } from '../shape'
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
  decompose: ([query, key, value, mask], attributes) => {
    const [q, k, v] = [query, key, value].map((x) => transpose(x, headsFirst))
    const { scores, kept } = maskedScores(q, k, mask, attributes)
    const logs = logSumExp(scores, { axis: -1 })
    // Without a mask every query sees the first key.
    const sees = mask === undefined || kept === undefined ? undefined : any(kept, { axis: -1 })
    return [transpose(matmul(softmax(scores), v), headsFirst), sees === undefined ? logs : where(sees, logs, blindLog)]
  },
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

/** The gradients of query, key and value. Inputs: these, the logarithms, delta, the upstream of what was gathered, and the mask. */
const attentionGradientPrimitive: PrimitiveNamed<'attentionGradient'> = /* @__PURE__ */ primitive('attentionGradient', {
  infer: (inputs) => inputs.slice(0, 3).map(({ shape, dtype }) => ({ shape, dtype })),
  decompose: ([query, key, value, logs, delta, upstream, mask], attributes) => {
    const [q, k, v, g] = [query, key, value, upstream].map((x) => transpose(x, headsFirst))
    const { scores, kept } = maskedScores(q, k, mask, attributes)
    const keys = k.shape[2]
    const isBlind = expandDims(greater(logs, blindLog / 2), -1)
    const powers = exp(sub(scores, expandDims(logs, -1)))
    const weights = mask === undefined ? powers : where(isBlind, 1 / keys, powers)
    const slopes = mul(weights, sub(matmul(g, v, { transposeB: true }), expandDims(delta, -1)))
    const ofScores = mul(kept === undefined ? slopes : where(kept, slopes, 0), attributes.scale)
    return [
      matmul(ofScores, k),
      matmul(ofScores, q, { transposeA: true }),
      matmul(weights, g, { transposeA: true }),
    ].map((x) => transpose(x, headsFirst))
  },
  work: ({ inputs, attributes }) => workOf(inputs, attributes, 5),
})

/** The scores of heads, those that are masked far below all others, and which are not. */
function maskedScores(
  query: Value,
  key: Value,
  mask: Value | undefined,
  { scale, causal }: AttentionKind,
): { readonly scores: Value; readonly kept: Value | undefined } {
  const scores = mul(matmul(query, key, { transposeB: true }), scale)
  const pairs = causal ? causalPairs(query.shape[2], key.shape[2]) : undefined
  const own = mask === undefined ? undefined : cast(mask, 'bool')
  const kept = own === undefined || pairs === undefined ? (own ?? pairs) : logicalAnd(own, pairs)
  return { scores: kept === undefined ? scores : where(kept, scores, farBelow(scores.dtype)), kept }
}

/** `bool` of shape `[queries, keys]`: whether the key does not come behind the query. */
export function causalPairs(queries: number, keys: number): Value {
  return greaterEqual(reshape(iota(queries), [queries, 1]), iota(keys))
}

/** The score of what is masked, as in Keras: no infinity, so that a row that is masked as a whole makes no NaN. */
export function farBelow(dtype: DType): number {
  return -0.7 * (dtype === 'float64' ? Number.MAX_VALUE : largestFloat32)
}

const largestFloat32 = 3.4028234663852886e38

/** So many products of queries and keys, each of whose pairs costs one multiply-add a number; causal ones need half. */
function workOf([query, key, value]: readonly Spec[], { causal }: AttentionKind, products: number): Work {
  const [batch, queries, heads, length] = query.shape
  const pairs = batch * heads * queries * key.shape[1] * (causal ? 0.5 : 1)
  return { multiplyAdds: (pairs * products * (length + value.shape[3])) / 2, beside: pairs * 6 }
}
