// Metrics that are means, or simple functions of one.
import { alignTargets, type CosineSimilarityOptions, cosineOf } from '../losses'
import { sqrt, square, sub } from '../ops'
import { meanMetric } from './metric'

/** The mean of the predictions themselves, whatever the targets. */
export const mean = meanMetric('mean', { defaults: {}, values: (_, yPred) => yPred })

/**
 * The square root of the mean squared error over all samples, in the unit of the targets.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'mse', metrics: [metrics.rootMeanSquaredError({ name: 'rmse' })] }) // or 'rmse'
 * ```
 */
export const rootMeanSquaredError = meanMetric('rootMeanSquaredError', {
  aliases: ['rmse'],
  defaults: {},
  values(yTrue, yPred) {
    const [targets, predictions] = alignTargets(yTrue, yPred)
    return square(sub(predictions, targets))
  },
  finish: sqrt,
})

/** The mean cosine of the angle between targets and predictions: 1 is best. (The loss of this name has the other sign.) */
export const cosineSimilarity = meanMetric<CosineSimilarityOptions>('cosineSimilarity', {
  defaults: { axis: -1 },
  rules: { axis: { integer: true } },
  values: (yTrue, yPred, { axis }) => cosineOf(yTrue, yPred, axis),
})
