// The metrics by name: what users see as the namespace `metrics`.

/**
 * What is measured beside the loss. A metric is an option of `compile`: by name, or made here where it has options.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'binaryCrossentropy', metrics: ['accuracy', metrics.auc()] })
 * ```
 *
 * @module
 */

export {
  accuracy,
  binaryAccuracy,
  categoricalAccuracy,
  sparseCategoricalAccuracy,
  sparseTopKCategoricalAccuracy,
  type ThresholdOptions,
  type TopKOptions,
  topKCategoricalAccuracy,
} from './accuracy'
export { type AucOptions, auc } from './classes/auc'
export { type ConfusionOptions, precision, recall } from './classes/confusion'
export {
  type AtOptions,
  type CountOptions,
  falseNegatives,
  falsePositives,
  type PrecisionAtRecallOptions,
  precisionAtRecall,
  type RecallAtPrecisionOptions,
  recallAtPrecision,
  type SensitivityAtSpecificityOptions,
  type SpecificityAtSensitivityOptions,
  sensitivityAtSpecificity,
  specificityAtSensitivity,
  trueNegatives,
  truePositives,
} from './classes/counts'
export { type F1ScoreOptions, type FBetaScoreOptions, f1Score, fBetaScore } from './classes/fBetaScore'
export {
  type BinaryIouOptions,
  binaryIoU,
  type IouOptions,
  iou,
  type MeanIouOptions,
  meanIoU,
  type OneHotIouOptions,
  type OneHotMeanIouOptions,
  oneHotIoU,
  oneHotMeanIoU,
} from './classes/iou'
export { type CorrelationOptions, concordanceCorrelation, pearsonCorrelation } from './correlation'
export {
  binaryCrossentropy,
  binaryFocalCrossentropy,
  categoricalCrossentropy,
  categoricalFocalCrossentropy,
  categoricalHinge,
  hinge,
  huber,
  klDivergence,
  logCosh,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanSquaredError,
  meanSquaredLogarithmicError,
  perplexity,
  poisson,
  sparseCategoricalCrossentropy,
  squaredHinge,
} from './fromLosses'
export { cosineSimilarity, mean, rootMeanSquaredError, sum } from './means'
export { type R2ScoreOptions, r2Score } from './r2Score'
