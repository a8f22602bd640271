// The harmonic mean of precision and recall, of several classes.
import type { Value } from '../../graph'
import { abs, add, cast, div, greater, greaterEqual, logicalAnd, max, mean, mul, sub, sum } from '../../ops'
import type { Factory } from '../../registry'
import { zeros } from '../../tensor'
import { columnsOf, outputsOf } from '../columns'
import { type Metric, type MetricOptions, type MetricState, metric } from '../metric'

/** Options of {@link f1Score}. */
export interface F1ScoreOptions {
  /**
   * How the scores of several classes become one: their mean (`macro`, the default), their mean weighted by how often each
   * class is true (`weighted`), or the score of all answers taken together (`micro`). With `null` the result has one score
   * for each class.
   */
  readonly average: 'macro' | 'weighted' | 'micro' | null
  /** From which probability on an answer counts as yes; by default only that of the most probable class does. */
  readonly threshold: number | undefined
}

/** Options of {@link fBetaScore}. */
export interface FBetaScoreOptions extends F1ScoreOptions {
  /** How many times as much recall counts as precision; 1 by default. */
  readonly beta: number
}

// Keras' epsilon, in the same places.
const epsilon = 1e-7

/** Declares the score; `betaOf` says where its beta comes from. */
function score<O extends F1ScoreOptions>(
  name: string,
  own: { readonly beta?: number },
  betaOf: (options: O) => number,
): Factory<Metric, O & MetricOptions> {
  return metric<O>(name, {
    better: 'max',
    // F1ScoreOptions, and what the score has beside them.
    defaults: { average: 'macro', threshold: undefined, ...own } as never,
    rules: {
      average: { oneOf: ['macro', 'weighted', 'micro', null] },
      threshold: { above: 0, to: 1 },
      beta: { above: 0 },
    } as never,
    state(yPredShape) {
      const shape = [outputsOf(yPredShape)]
      return { truePositives: zeros(shape), falsePositives: zeros(shape), falseNegatives: zeros(shape) }
    },
    update({ state, yTrue, yPred, sampleWeight, options }) {
      const { targets, predictions, weights } = columnsOf(yTrue, yPred, sampleWeight)
      const positive = cast(isAnswer(predictions, options.threshold), 'float32')
      const added = (before: Value, hits: Value): Value => add(before, sum(mul(hits, weights), { axis: 0 }))
      return {
        truePositives: added(state.truePositives, mul(positive, targets)),
        falsePositives: added(state.falsePositives, mul(positive, sub(1, targets))),
        falseNegatives: added(state.falseNegatives, mul(sub(1, positive), targets)),
      }
    },
    result(state, options) {
      const beta = betaOf(options)
      switch (options.average) {
        case 'micro':
          return scoreOf(eachSummed(state), beta)
        case 'macro':
          return mean(scoreOf(state, beta))
        case 'weighted': {
          const support = add(state.truePositives, state.falseNegatives)
          return sum(mul(scoreOf(state, beta), div(support, add(sum(support), epsilon))))
        }
        case null:
          return scoreOf(state, beta)
      }
    },
  })
}

function isAnswer(predictions: Value, threshold: number | undefined): Value {
  if (threshold !== undefined || predictions.shape[1] === 1) return greater(predictions, threshold ?? 0.5)
  const isLargest = greaterEqual(predictions, max(predictions, { axis: -1, keepDims: true }))
  return logicalAnd(isLargest, greater(abs(predictions), 1e-9))
}

function eachSummed(state: MetricState): Record<string, Value> {
  return Object.fromEntries(Object.entries(state).map(([name, counts]) => [name, sum(counts)]))
}

/** (1 + beta²) precision recall / (beta² precision + recall). */
function scoreOf({ truePositives, falsePositives, falseNegatives }: MetricState, beta: number): Value {
  const precision = div(truePositives, add(add(truePositives, falsePositives), epsilon))
  const recall = div(truePositives, add(add(truePositives, falseNegatives), epsilon))
  const both = add(add(mul(beta * beta, precision), recall), epsilon)
  return mul(1 + beta * beta, div(mul(precision, recall), both))
}

/**
 * The harmonic mean of precision and recall, by class: `2 precision recall / (precision + recall)`. Targets are one-hot
 * (or several yes and no); with a single output the threshold is 0.5 unless another is given.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'categoricalCrossentropy', metrics: [metrics.f1Score({ average: 'weighted' })] })
 * ```
 */
export const f1Score = /* @__PURE__ */ score<F1ScoreOptions>('f1Score', {}, () => 1)

/**
 * As {@link f1Score}, with recall counting beta times as much: `(1 + beta²) precision recall / (beta² precision + recall)`.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'categoricalCrossentropy', metrics: [metrics.fBetaScore({ beta: 2 })] })
 * ```
 */
export const fBetaScore = /* @__PURE__ */ score<FBetaScoreOptions>('fBetaScore', { beta: 1 }, ({ beta }) => beta)
