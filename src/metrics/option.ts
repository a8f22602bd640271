// What users give as a metric.

import type { LossFunction } from '../losses'
import type { Config } from '../registry'
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

/** Looks a metric up as far as that is possible without shapes. @throws OptionError for an unknown name. */
export function checkMetricOption(option: MetricOption | string): void {
  if (option !== 'accuracy' && option !== 'acc') metricRegistry.resolve(option)
}
