// How much of the variance of targets is explained.
import { divideOrZero } from '../losses'
import { add, mean, mul, square, sub, sum } from '../ops'
import { zeros } from '../tensor'
import { columnsOf, outputsOf } from './columns'
import { metric } from './metric'

/** Options of {@link r2Score}. */
export interface R2ScoreOptions {
  /**
   * How the scores of several outputs become one: their mean (the default), or that weighted by the outputs' variance.
   * With `null` the result has one score for each output.
   */
  readonly classAggregation: 'uniformAverage' | 'varianceWeightedAverage' | null
}

/**
 * The coefficient of determination, `1 - sum((yTrue - yPred)²) / sum((yTrue - mean(yTrue))²)`: 1 is perfect, 0 as good as
 * always saying the mean. Where targets do not vary it is 0.
 *
 * Means and squared deviations of batches are merged (Chan, Golub and LeVeque, 1979), which is accurate in float32 also
 * where targets are far from 0.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'mse', metrics: [metrics.r2Score()] }) // or 'r2Score'
 * ```
 */
export const r2Score = /* @__PURE__ */ metric<R2ScoreOptions>('r2Score', {
  better: 'max',
  defaults: { classAggregation: 'uniformAverage' },
  rules: { classAggregation: { oneOf: ['uniformAverage', 'varianceWeightedAverage', null] } },
  state(yPredShape) {
    const shape = [outputsOf(yPredShape)]
    return { count: zeros(shape), mean: zeros(shape), deviation: zeros(shape), residual: zeros(shape) }
  },
  update({ state, yTrue, yPred, sampleWeight }) {
    const { targets, predictions, weights } = columnsOf(yTrue, yPred, sampleWeight)
    const samples = { axis: 0 }
    const added = sum(weights, samples)
    const count = add(state.count, added)
    const ownMean = divideOrZero(sum(mul(weights, targets), samples), added)
    const ownDeviation = sum(mul(weights, square(sub(targets, ownMean))), samples)
    const step = sub(ownMean, state.mean)
    const share = divideOrZero(added, count)
    return {
      count,
      mean: add(state.mean, mul(step, share)),
      deviation: add(state.deviation, add(ownDeviation, mul(square(step), mul(state.count, share)))),
      residual: add(state.residual, sum(mul(weights, square(sub(targets, predictions))), samples)),
    }
  },
  result({ deviation, residual }, { classAggregation }) {
    // 1 - residual / deviation, and 0 where there is no deviation.
    const scores = divideOrZero(sub(deviation, residual), deviation)
    if (classAggregation === null) return scores
    if (classAggregation === 'uniformAverage') return mean(scores)
    return divideOrZero(sum(mul(deviation, scores)), sum(deviation))
  },
})
