// From what a user gives as a metric to a Metric.

import type { Loss, LossFunction } from '../losses'
import type { Config } from '../registry'
import type { Shape } from '../tensor'
import { binaryAccuracy, categoricalAccuracy, sparseCategoricalAccuracy } from './accuracy'
import { type Metric, metricRegistry } from './metric'

/**
 * The names of metrics, which editors offer. A program adds those that it registers:
 *
 * @example
 * ```ts
 * declare module 'hornbeam' {
 *   interface MetricNames {
 *     readonly mine: true
 *   }
 * }
 * ```
 */
export interface MetricNames
  extends Readonly<
    Record<
      | 'accuracy'
      | 'auc'
      | 'binaryAccuracy'
      | 'binaryCrossentropy'
      | 'binaryFocalCrossentropy'
      | 'categoricalAccuracy'
      | 'categoricalCrossentropy'
      | 'categoricalFocalCrossentropy'
      | 'categoricalHinge'
      | 'binaryIoU'
      | 'concordanceCorrelation'
      | 'cosineSimilarity'
      | 'f1Score'
      | 'falseNegatives'
      | 'falsePositives'
      | 'fBetaScore'
      | 'hinge'
      | 'huber'
      | 'iou'
      | 'klDivergence'
      | 'logCosh'
      | 'mean'
      | 'meanAbsoluteError'
      | 'meanAbsolutePercentageError'
      | 'meanIoU'
      | 'meanSquaredError'
      | 'meanSquaredLogarithmicError'
      | 'oneHotIoU'
      | 'oneHotMeanIoU'
      | 'pearsonCorrelation'
      | 'perplexity'
      | 'poisson'
      | 'precision'
      | 'precisionAtRecall'
      | 'r2Score'
      | 'recall'
      | 'recallAtPrecision'
      | 'rootMeanSquaredError'
      | 'sensitivityAtSpecificity'
      | 'sparseCategoricalAccuracy'
      | 'sparseCategoricalCrossentropy'
      | 'sparseTopKCategoricalAccuracy'
      | 'specificityAtSensitivity'
      | 'squaredHinge'
      | 'sum'
      | 'topKCategoricalAccuracy'
      | 'trueNegatives'
      | 'truePositives',
      true
    >
  > {
  readonly acc: true
  readonly AUC: true
  readonly mse: true
  readonly mae: true
  readonly mape: true
  readonly msle: true
  readonly rmse: true
  readonly logcosh: true
  readonly logCoshError: true
  readonly bce: true
  readonly kld: true
}

/** A name of a metric. */
export type MetricName = keyof MetricNames

/** What stands for a metric: a name, what a factory made, a function of targets and predictions, or a config. */
export type MetricOption = MetricName | Metric | LossFunction | Config

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

/** Looks a metric up as far as that is possible without shapes. @throws OptionError for an unknown name. */
export function checkMetricOption(option: MetricOption | string): void {
  if (option !== 'accuracy' && option !== 'acc') metricRegistry.resolve(option)
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
