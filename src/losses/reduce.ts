// From the values of a batch to one number: mask, weights and reduction, as Keras has them (losses/loss.py).
import { ShapeError } from '../errors'
import { type Operand, toValue, type Value } from '../graph'
import { broadcastTo, cast, div, equal, logicalAnd, mul, reshape, sum, where } from '../ops'
import { formatShape, type Shape, sizeOf } from '../tensor'
import type { Loss, Reduction } from './loss'

export interface ReduceOptions {
  /** A weight for each value; missing axes at the end count as 1. */
  readonly sampleWeight?: Operand | undefined
  /** Which values count; missing axes at the end count as 1. */
  readonly mask?: Operand | undefined
  /** `'sumOverBatchSize'` by default. */
  readonly reduction?: Reduction
}

/**
 * The weighted values as one number.
 *
 * With v the values, w the weights and m the mask (0 or 1) over n elements: `sumOverBatchSize` is sum(v w) / n, and with
 * a mask sum(v w m) / sum(m); `meanWithSampleWeight` is sum(v w m) / sum(w m); `sum` is sum(v w m); `none` is v w m.
 * Where nothing counts the result is 0. A single value stands at every place that has a weight or a mask.
 */
export function reduceLoss(given: Value, options: ReduceOptions = {}): Value {
  const { sampleWeight, mask, reduction = 'sumOverBatchSize' } = options
  const values = given.rank === 0 ? spread(given, [sampleWeight, mask]) : given
  const weights = weightsOf(values, sampleWeight, mask, reduction)
  const weighted = weights === undefined ? values : mul(values, weights)
  switch (reduction) {
    case 'none':
      return weighted
    case 'sum':
      return sum(weighted)
    case 'meanWithSampleWeight':
      if (weights !== undefined) return divideOrZero(sum(weighted), sum(weights))
      return average(weighted)
    case 'sumOverBatchSize':
    case 'mean':
      return average(weighted)
  }
}

/** The loss of a batch as one number. What the loss itself leaves out does not count either. */
export function lossOf(loss: Loss, yTrue: Value, yPred: Value, options: Omit<ReduceOptions, 'reduction'> = {}): Value {
  const own = loss.mask?.(yTrue, yPred)
  const mask = own === undefined || options.mask === undefined ? (own ?? options.mask) : logicalAnd(own, options.mask)
  return reduceLoss(loss.call(yTrue, yPred), { ...options, mask, reduction: loss.reduction })
}

/** a / b, and 0 where b is 0. */
export function divideOrZero(a: Value, b: Value): Value {
  const isZero = equal(b, 0)
  return where(isZero, 0, div(a, where(isZero, 1, b)))
}

/** One value at each of the places that weights or a mask tell apart. */
function spread(value: Value, over: readonly (Operand | undefined)[]): Value {
  const shapes = over.map((each) => (each === undefined ? [] : toValue(each, value.dtype).shape))
  return broadcastTo(
    value,
    shapes.reduce((a, b) => (b.length > a.length ? b : a)),
  )
}

function average(values: Value): Value {
  return values.rank === 0 ? values : div(sum(values), Math.max(1, sizeOf(values.shape)))
}

function weightsOf(
  values: Value,
  sampleWeight: Operand | undefined,
  mask: Operand | undefined,
  reduction: Reduction,
): Value | undefined {
  const weights = sampleWeight === undefined ? undefined : alongValues(cast(sampleWeight, values.dtype), values.shape)
  if (mask === undefined) return weights
  const counted = cast(cast(mask, 'bool'), values.dtype)
  const isMean = reduction === 'sumOverBatchSize' || reduction === 'mean'
  const share = isMean ? divideOrZero(toValue(sizeOf(counted.shape), values.dtype), sum(counted)) : undefined
  const kept = alongValues(share === undefined ? counted : mul(counted, share), values.shape)
  return weights === undefined ? kept : mul(kept, weights)
}

/** Weights aligned with the first axes of the values: axes of length 1 are put on or taken off at the end. */
export function alongValues(weights: Value, shape: Shape): Value {
  const lengths = [...weights.shape]
  while (lengths.length > shape.length && lengths.at(-1) === 1) lengths.pop()
  while (lengths.length < shape.length) lengths.push(1)
  const fits =
    lengths.length === shape.length && lengths.every((length, axis) => length === 1 || length === shape[axis])
  if (!fits) {
    throw new ShapeError(
      `sampleWeight: weights or mask of shape ${formatShape(weights.shape)} do not fit loss values of shape ${formatShape(shape)}.`,
    )
  }
  return reshape(weights, lengths)
}
