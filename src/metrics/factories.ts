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
export { type AucOptions, auc } from './auc'
export { type ConfusionOptions, precision, recall } from './confusion'
export { type F1ScoreOptions, type FBetaScoreOptions, f1Score, fBetaScore } from './fBetaScore'
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
