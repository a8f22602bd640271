// Metrics of yes-or-no answers by hits and misses: precision, recall, F1.
import { ShapeError } from '../errors'
import type { Value } from '../graph'
import { alignTargets, alongValues, divideOrZero } from '../losses'
import {
  abs,
  add,
  cast,
  div,
  greater,
  greaterEqual,
  logicalAnd,
  max,
  mean,
  mul,
  oneHot,
  slice,
  sub,
  sum,
  topK,
} from '../ops'
import type { Factory } from '../registry'
import { formatShape, zeros } from '../tensor'
import { columnsOf, outputsOf } from './columns'
import { type Metric, type MetricOptions, type MetricState, metric } from './metric'

/** Options of {@link precision} and {@link recall}. */
export interface ConfusionOptions {
  /** From which probability on an answer counts as yes; 0.5 by default, none with `topK`. */
  readonly thresholds: number | undefined
  /** Whether only the k most probable classes of a sample count as yes. */
  readonly topK: number | undefined
  /** The only class that counts; all by default. */
  readonly classId: number | undefined
}

/** Declares a metric of true positives and one kind of mistake. */
function confusion(
  name: string,
  mistakes: 'falsePositives' | 'falseNegatives',
): Factory<Metric, ConfusionOptions & MetricOptions> {
  return metric<ConfusionOptions>(name, {
    defaults: { thresholds: undefined, topK: undefined, classId: undefined },
    rules: { thresholds: { from: 0, to: 1 }, topK: { integer: true, from: 1 }, classId: { integer: true, from: 0 } },
    state: () => ({ truePositives: zeros([]), [mistakes]: zeros([]) }),
    update({ state, yTrue, yPred, sampleWeight, options }) {
      const [targets, predictions] = alignTargets(yTrue, yPred)
      const one = (x: Value): Value => onlyClass(name, x, options.classId)
      const positive = cast(one(isPositive(predictions, options)), 'float32')
      const real = cast(cast(one(targets), 'bool'), 'float32')
      const mistaken = mistakes === 'falsePositives' ? mul(positive, sub(1, real)) : mul(sub(1, positive), real)
      const weighted = (x: Value): Value =>
        sampleWeight === undefined ? x : mul(x, alongValues(cast(sampleWeight, 'float32'), x.shape))
      return {
        truePositives: add(state.truePositives, sum(weighted(mul(positive, real)))),
        [mistakes]: add(state[mistakes], sum(weighted(mistaken))),
      }
    },
    result: (state) => divideOrZero(state.truePositives, add(state.truePositives, state[mistakes])),
  })
}

function isPositive(predictions: Value, { thresholds, topK: k }: ConfusionOptions): Value {
  if (k === undefined) return greater(predictions, thresholds ?? 0.5)
  const classes = predictions.shape[predictions.rank - 1]
  const { indices } = topK(predictions, Math.min(k, classes))
  const isAmong = cast(sum(oneHot(indices, classes), { axis: -2 }), 'bool')
  return thresholds === undefined ? isAmong : logicalAnd(isAmong, greater(predictions, thresholds))
}

function onlyClass(name: string, x: Value, classId: number | undefined): Value {
  if (classId === undefined) return x
  if (classId >= x.shape[x.rank - 1]) {
    throw new ShapeError(`${name}: classId ${classId} is not among the classes of predictions ${formatShape(x.shape)}.`)
  }
  const last = x.rank - 1
  const begin = x.shape.map((_, axis) => (axis === last ? classId : 0))
  return slice(
    x,
    begin,
    x.shape.map((length, axis) => (axis === last ? 1 : length)),
  )
}

/**
 * Of the answers yes, the part that is right: `truePositives / (truePositives + falsePositives)`.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'binaryCrossentropy', metrics: [metrics.precision({ thresholds: 0.8 })] })
 * ```
 */
export const precision = confusion('precision', 'falsePositives')

/**
 * Of what is yes, the part that is found: `truePositives / (truePositives + falseNegatives)`.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'binaryCrossentropy', metrics: [metrics.recall({ topK: 3 })] })
 * ```
 */
export const recall = confusion('recall', 'falseNegatives')

/** Options of {@link f1Score}. */
export interface F1ScoreOptions {
  /**
   * How the scores of several classes become one: their mean (`macro`, the default), their mean weighted by how often each
   * class is true (`weighted`), or the score of all answers taken together (`micro`).
   */
  readonly average: 'macro' | 'weighted' | 'micro'
  /** From which probability on an answer counts as yes; by default only that of the most probable class does. */
  readonly threshold: number | undefined
}

// Keras' epsilon, in the same places.
const epsilon = 1e-7

/**
 * The harmonic mean of precision and recall, by class: `2 precision recall / (precision + recall)`. Targets are one-hot
 * (or several yes and no); with a single output the threshold is 0.5 unless another is given.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'categoricalCrossentropy', metrics: [metrics.f1Score({ average: 'weighted' })] })
 * ```
 */
export const f1Score = metric<F1ScoreOptions>('f1Score', {
  defaults: { average: 'macro', threshold: undefined },
  rules: { average: { oneOf: ['macro', 'weighted', 'micro'] }, threshold: { above: 0, to: 1 } },
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
  result(state, { average }) {
    if (average === 'micro') return f1Of(eachSummed(state))
    const scores = f1Of(state)
    if (average === 'macro') return mean(scores)
    const support = add(state.truePositives, state.falseNegatives)
    return sum(mul(scores, div(support, add(sum(support), epsilon))))
  },
})

function isAnswer(predictions: Value, threshold: number | undefined): Value {
  if (threshold !== undefined || predictions.shape[1] === 1) return greater(predictions, threshold ?? 0.5)
  const isLargest = greaterEqual(predictions, max(predictions, { axis: -1, keepDims: true }))
  return logicalAnd(isLargest, greater(abs(predictions), 1e-9))
}

function eachSummed(state: MetricState): Record<string, Value> {
  return Object.fromEntries(Object.entries(state).map(([name, counts]) => [name, sum(counts)]))
}

function f1Of({ truePositives, falsePositives, falseNegatives }: MetricState): Value {
  const exact = div(truePositives, add(add(truePositives, falsePositives), epsilon))
  const complete = div(truePositives, add(add(truePositives, falseNegatives), epsilon))
  return mul(2, div(mul(exact, complete), add(add(exact, complete), epsilon)))
}
