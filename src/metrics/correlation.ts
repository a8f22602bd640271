// How far predictions go up and down with targets.
import { alignTargets } from '../losses'
import { add, div, mean, mul, sqrt, square, sub, variance } from '../ops'
import { meanMetric } from './metric'

/** Options of {@link pearsonCorrelation} and {@link concordanceCorrelation}. */
export interface CorrelationOptions {
  /** The axis along which numbers belong together; the last by default. */
  readonly axis: number
}

/**
 * Pearson's correlation of targets and predictions along an axis, and the mean of it over all samples: 1 where one is a line of the other
 * that rises, -1 where it falls. NaN where either does not vary.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'mse', metrics: ['pearsonCorrelation'] })
 * ```
 */
export const pearsonCorrelation = /* @__PURE__ */ meanMetric<CorrelationOptions>('pearsonCorrelation', {
  better: 'max',
  defaults: { axis: -1 },
  rules: { axis: { integer: true } },
  values(yTrue, yPred, { axis }) {
    const [targets, predictions] = alignTargets(yTrue, yPred)
    const kept = { axis, keepDims: true }
    const [a, b] = [targets, predictions].map((x) => {
      const centred = sub(x, mean(x, kept))
      return div(centred, sqrt(variance(centred, kept)))
    })
    return mean(mul(a, b), { axis })
  },
})

// Keras' epsilon, in the same place.
const epsilon = 1e-7

/**
 * Lin's concordance of targets and predictions along an axis, as Keras works it out, and the mean of it over all samples: 1 where they are
 * equal; what is above, below or narrower counts against it.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'mse', metrics: [metrics.concordanceCorrelation({ axis: 1 })] })
 * ```
 */
export const concordanceCorrelation = /* @__PURE__ */ meanMetric<CorrelationOptions>('concordanceCorrelation', {
  better: 'max',
  defaults: { axis: -1 },
  rules: { axis: { integer: true } },
  values(yTrue, yPred, { axis }) {
    const [targets, predictions] = alignTargets(yTrue, yPred)
    const kept = { axis, keepDims: true }
    const [trueMean, predictedMean] = [mean(targets, kept), mean(predictions, kept)]
    const spread = add(add(variance(targets, kept), variance(predictions, kept)), square(sub(trueMean, predictedMean)))
    const together = mul(sub(targets, predictedMean), sub(predictions, predictedMean))
    return mean(div(mul(together, 2), add(spread, epsilon)), { axis })
  },
})
