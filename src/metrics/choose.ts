// From what a user gives as a metric to a Metric, for one output.

import type { Loss } from '../losses'
import type { Shape } from '../tensor'
import { binaryAccuracy, categoricalAccuracy, sparseCategoricalAccuracy } from './accuracy'
import { type Metric, metricRegistry } from './metric'
import type { MetricOption } from './option'

/** What a name such as `'accuracy'` is chosen by. */
export interface MetricChoice {
  readonly yTrueShape: Shape
  readonly yPredShape: Shape
  /** The loss of the same output. */
  readonly loss?: Loss | undefined
}

/**
 * The metric an option stands for. `'accuracy'` (or `'acc'`) is chosen by the shapes of targets and predictions, as Keras
 * does.
 *
 * @throws OptionError for an unknown name, with the nearest known one.
 */
export function resolveMetric(option: MetricOption | string, choice: MetricChoice): Metric {
  if (option === 'accuracy' || option === 'acc') return accuracyFor(choice)
  return metricRegistry.resolve(option)
}

/** The key in logs: the name as the user gave it, else the metric's own. */
export function metricKey(option: MetricOption, metric: Metric): string {
  return typeof option === 'string' ? option : metric.name
}

/** One output: binary. Targets without the axis of classes: class indices. Else one-hot. */
function accuracyFor({ yTrueShape, yPredShape, loss }: MetricChoice): Metric {
  const [trueLast, predictedLast] = [yTrueShape.at(-1), yPredShape.at(-1)]
  if (loss?.config.name === 'sparseCategoricalCrossentropy') return sparseCategoricalAccuracy()
  if (predictedLast === 1) return binaryAccuracy()
  const isSparse = yTrueShape.length < yPredShape.length || (trueLast === 1 && predictedLast !== undefined)
  return isSparse ? sparseCategoricalAccuracy() : categoricalAccuracy()
}
