// Running sums over batches, with weights as Keras has them (metrics/reduction_metrics.py).
import type { Value } from '../graph'
import { add, broadcastTo, cast, mean, mul, reshape, squeeze, sum } from '../ops'
import { type Tensor, zeros } from '../tensor'

/** What a running mean begins with. */
export function newMean(): Record<string, Tensor> {
  return { total: zeros([]), count: zeros([]) }
}

/**
 * Adds the values of a batch to a running mean `{ total, count }`.
 *
 * Values with more axes than weights are averaged over the rest of their axes first, so that each weight is for one.
 * Without weights every sample (first axis) counts as 1.
 */
export function addToMean(
  { total, count }: Readonly<Record<string, Value>>,
  given: Value,
  sampleWeight: Value | undefined,
): { total: Value; count: Value } {
  const values = cast(given, total.dtype)
  if (sampleWeight === undefined) {
    const samples = overSamples(values)
    return { total: add(total, sum(samples)), count: add(count, values.rank === 0 ? 1 : values.shape[0]) }
  }
  const [aligned, weights] = alignWeights(values, cast(sampleWeight, total.dtype))
  const reduced = averageFrom(aligned, weights.rank)
  const each = broadcastTo(weights, reduced.shape)
  return {
    total: add(total, sum(overSamples(mul(reduced, each)))),
    count: add(count, sum(overSamples(each))),
  }
}

/** The mean over all axes but the first. */
function overSamples(values: Value): Value {
  return averageFrom(values, 1)
}

function averageFrom(values: Value, axis: number): Value {
  if (values.rank <= axis) return values
  return mean(values, { axis: values.shape.map((_, i) => i).slice(axis) })
}

/** Values and weights whose ranks differ by an axis of length 1 at the end are brought to one rank. */
function alignWeights(values: Value, weights: Value): [Value, Value] {
  if (weights.rank === values.rank + 1 && weights.shape.at(-1) === 1) {
    return values.rank === 1 ? [reshape(values, [...values.shape, 1]), weights] : [values, squeeze(weights, -1)]
  }
  if (values.rank === weights.rank + 1 && values.shape.at(-1) === 1) {
    return weights.rank === 1 ? [values, reshape(weights, [...weights.shape, 1])] : [squeeze(values, -1), weights]
  }
  return [values, weights]
}
