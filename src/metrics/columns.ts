// Targets, predictions and weights as columns `[samples, outputs]`, for metrics that keep a number for each output.
import type { Value } from '../graph'
import { alignTargets, alongValues } from '../losses'
import { broadcastTo, cast, reshape } from '../ops'
import { type Shape, sizeOf } from '../tensor'

/** Targets, predictions and weights of one shape, `[samples, outputs]`. */
export interface Columns {
  readonly targets: Value
  readonly predictions: Value
  /** 1 where none are given. */
  readonly weights: Value
}

/** The number of outputs of predictions: their last length, but 1 where there is only the axis of samples. */
export function outputsOf(yPredShape: Shape): number {
  return yPredShape.length < 2 ? 1 : yPredShape[yPredShape.length - 1]
}

/**
 * Brings a batch to columns, in float32; all axes but the last count as samples.
 *
 * @param outputs - the number of columns; the predictions' own by default, 1 to put all numbers into one.
 */
export function columnsOf(yTrue: Value, yPred: Value, sampleWeight?: Value, outputs = outputsOf(yPred.shape)): Columns {
  const [targets, predictions] = alignTargets(yTrue, yPred)
  const { shape } = predictions
  const flat: Shape = [sizeOf(shape) / Math.max(1, outputs), outputs]
  const given =
    sampleWeight === undefined
      ? reshape(
          cast(1, 'float32'),
          shape.map(() => 1),
        )
      : alongValues(cast(sampleWeight, 'float32'), shape)
  return {
    targets: reshape(cast(targets, 'float32'), flat),
    predictions: reshape(cast(predictions, 'float32'), flat),
    weights: reshape(broadcastTo(given, shape), flat),
  }
}
