// Metrics that are means, or simple functions of one.
import { alignTargets, alongValues, type CosineSimilarityOptions, cosineOf } from '../losses'
import { add, cast, mul, sqrt, square, sub, sum as total } from '../ops'
import { zeros } from '../tensor'
import { meanMetric, metric } from './metric'

/**
 * The mean of the predictions themselves, whatever the targets.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'mse', metrics: [metrics.mean({ name: 'meanPrediction' })] })
 * ```
 */
export const mean = /* @__PURE__ */ meanMetric('mean', { defaults: {}, values: (_, yPred) => yPred })

/**
 * The sum of the predictions themselves, whatever the targets; weighted, where there are weights.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'mse', metrics: [metrics.sum({ name: 'predictedTotal' })] })
 * ```
 */
export const sum = /* @__PURE__ */ metric('sum', {
  defaults: {},
  state: () => ({ total: zeros([]) }),
  update({ state, yPred, sampleWeight }) {
    const values = cast(yPred, 'float32')
    const weighted =
      sampleWeight === undefined ? values : mul(values, alongValues(cast(sampleWeight, 'float32'), values.shape))
    return { total: add(state.total, total(weighted)) }
  },
  result: ({ total }) => total,
})

/**
 * The square root of the mean squared error over all samples, in the unit of the targets.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'mse', metrics: [metrics.rootMeanSquaredError({ name: 'rmse' })] }) // or 'rmse'
 * ```
 */
export const rootMeanSquaredError = /* @__PURE__ */ meanMetric('rootMeanSquaredError', {
  better: 'min',
  aliases: ['rmse'],
  defaults: {},
  values(yTrue, yPred) {
    const [targets, predictions] = alignTargets(yTrue, yPred)
    return square(sub(predictions, targets))
  },
  finish: sqrt,
})

/**
 * The mean cosine of the angle between targets and predictions: 1 is best. (The loss of this name has the other sign.)
 *
 * @example
 * ```ts
 * model.compile({ loss: 'mse', metrics: [metrics.cosineSimilarity()] }) // or 'cosineSimilarity'
 * ```
 */
export const cosineSimilarity = /* @__PURE__ */ meanMetric<CosineSimilarityOptions>('cosineSimilarity', {
  better: 'max',
  defaults: { axis: -1 },
  rules: { axis: { integer: true } },
  values: (yTrue, yPred, { axis }) => cosineOf(yTrue, yPred, axis),
})
