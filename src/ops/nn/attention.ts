// Attention: each query gathers values, weighed by how well their keys fit it (Vaswani et al., 2017).
import { OptionError, ShapeError } from '../../errors'
import { type Operand, toValue, type Value } from '../../graph'
import { formatShape, isFloat } from '../../tensor'
import { flag, number, numbers, options } from '../declaration/kinds'
import { op } from '../declaration/signature'
import { broadcastTo } from '../elementwise/broadcast'
import { add, cast, mul, where } from '../elementwise/elementwise'
import { matmul } from '../matmul'
import { reshape, transpose } from '../shape'
import { attentionPrimitive, both, farBelow, headsFirst, numbered, pairsThatCount } from './attentionPrimitives'
import { softmax } from './softmax'

/** Options of `dotProductAttention`. */
export interface DotProductAttentionOptions {
  /** Added to the scores: it broadcasts to `[batch, heads, queries, keys]`. */
  readonly bias?: Operand
  /** Where it is false a query does not attend to a key: `bool`, broadcasts to `[batch, heads, queries, keys]`. */
  readonly mask?: Operand
  /** What the products of queries and keys are multiplied by; 1 / sqrt(the length of a query) by default. */
  readonly scale?: number
  /** Whether query i attends to the keys up to the i-th only; `false` by default. */
  readonly isCausal?: boolean
  /** How many places away from its own a query attends to no key any more; it attends to all by default. Keras' layers have it as `slidingWindow`. */
  readonly window?: number
}

/**
 * softmax(query keyᵀ scale + bias) value, for each sample and head (Vaswani et al., 2017, "Attention is all you need", equation 1),
 * as `keras.ops.dot_product_attention`. A query that may attend to no key attends to all alike.
 *
 * @param query - `[batch, queries, heads, length]`
 * @param key - `[batch, keys, heads, length]`; with fewer heads than the queries each serves as many of theirs, in order.
 * @param value - `[batch, keys, heads, width]`, with as many heads as the keys.
 * @returns `[batch, queries, heads, width]`
 * @throws ShapeError where these do not fit together.
 *
 * @example
 * ```ts
 * ops.dotProductAttention(queries, keys, values, { isCausal: true })
 * ```
 */
export const dotProductAttention = /* @__PURE__ */ op(
  'dotProductAttention',
  {
    query: numbers,
    key: numbers,
    value: numbers,
    options: /* @__PURE__ */ options({
      bias: numbers,
      mask: numbers,
      scale: /* @__PURE__ */ number(),
      isCausal: flag,
      window: /* @__PURE__ */ number({ from: 1, integer: true }),
    }),
  },
  (queries: Operand, keys: Operand, contents: Operand, options: DotProductAttentionOptions = {}): Value => {
    const [query, key, value] = [queries, keys, contents].map(asFloat)
    const heads = requireFit(query, key, value)
    const { scale = 1 / Math.sqrt(query.shape[3]), isCausal = false, window = 0 } = options
    if (!Number.isFinite(scale)) throw new OptionError(`scale: expected a finite number, got ${scale}`)
    const bias = options.bias === undefined ? undefined : asFloat(options.bias)
    const mask = options.mask === undefined ? undefined : cast(toValue(options.mask), 'bool')
    const [k, v] = [repeated(key, heads), repeated(value, heads)]
    if (bias !== undefined) return biased([query, k, v], bias, mask, scale, isCausal, window)
    const attributes = { scale, causal: isCausal, masked: mask !== undefined, window }
    return attentionPrimitive.apply(
      [query, k, v, ...(mask === undefined ? [] : [fourAxes(mask, query, k)])],
      attributes,
    )[0]
  },
)

/** A mask with all four axes. @throws ShapeError where it does not broadcast to the scores. */
function fourAxes(mask: Value, { shape: [batch, queries, heads] }: Value, { shape: [, keys] }: Value): Value {
  const whole = [batch, heads, queries, keys]
  const shape = [...whole.slice(mask.rank).map(() => 1), ...mask.shape]
  if (mask.rank <= 4 && shape.every((length, axis) => length === 1 || length === whole[axis]))
    return reshape(mask, shape)
  throw new ShapeError(
    `mask: expected a shape that broadcasts to ${formatShape(whole)}, got ${formatShape(mask.shape)}`,
  )
}

/** The same with something added to the scores, step by step. */
function biased(
  operands: readonly Value[],
  bias: Value,
  mask: Value | undefined,
  scale: number,
  isCausal: boolean,
  window: number,
): Value {
  const [q, k, v] = operands.map((x) => transpose(x, headsFirst))
  const scores = add(mul(matmul(q, k, { transposeB: true }), scale), bias)
  const kept = both(mask, pairsThatCount(numbered(q.shape[2]), k.shape[2], { causal: isCausal, window }))
  const masked = kept === undefined ? scores : where(kept, scores, farBelow(scores.dtype))
  return transpose(matmul(softmax(masked), v), headsFirst)
}

function asFloat(operand: Operand): Value {
  const x = toValue(operand)
  return isFloat(x.dtype) ? x : cast(x, 'float32')
}

/** The number of heads of the queries. @throws ShapeError where keys and values do not fit them. */
function requireFit({ shape: q }: Value, { shape: k }: Value, { shape: v }: Value): number {
  const isFit =
    [q, k, v].every((shape) => shape.length === 4) &&
    q[0] === k[0] &&
    q[3] === k[3] &&
    [0, 1, 2].every((axis) => k[axis] === v[axis]) &&
    q[2] % k[2] === 0
  if (isFit) return q[2]
  throw new ShapeError(
    `expected a query [batch, queries, heads, length], a key [batch, keys, heads, length] and a value [batch, keys, heads, width] whose heads divide those of the query, got ${[q, k, v].map(formatShape).join(', ')}`,
  )
}

/** `[batch, time, heads, ...]` with each head as often in a row as it takes to have so many. */
function repeated(x: Value, heads: number): Value {
  const [batch, time, own, width] = x.shape
  if (own === heads) return x
  const each = heads / own
  return reshape(broadcastTo(reshape(x, [batch, time, own, 1, width]), [batch, time, own, each, width]), [
    batch,
    time,
    heads,
    width,
  ])
}
