// Metrics of yes-or-no answers by hits and misses: precision and recall.
import { ShapeError } from '../../errors'
import type { Value } from '../../graph'
import { alignTargets, alongValues, divideOrZero } from '../../losses'
import { add, broadcastTo, cast, greater, logicalAnd, mul, oneHot, slice, stack, sub, sum, topK } from '../../ops'
import type { Factory } from '../../registry'
import { formatShape, zeros } from '../../tensor'
import { type Metric, type MetricOptions, metric } from '../metric'

/** Options of {@link precision} and {@link recall}. */
export interface ConfusionOptions {
  /**
   * From which probability on an answer counts as yes; 0.5 by default, none with `topK`. With a list the result has one
   * number for each.
   */
  readonly thresholds: number | readonly number[] | undefined
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
    better: 'max',
    defaults: { thresholds: undefined, topK: undefined, classId: undefined },
    rules: {
      thresholds: { numbers: 'any', from: 0, to: 1 },
      topK: { integer: true, from: 1 },
      classId: { integer: true, from: 0 },
    },
    state(_, { thresholds }) {
      const shape = isList(thresholds) ? [thresholds.length] : []
      return { truePositives: zeros(shape), [mistakes]: zeros(shape) }
    },
    update({ state, yTrue, yPred, sampleWeight, options }) {
      const [targets, predictions] = alignTargets(yTrue, yPred)
      const one = (x: Value): Value => onlyClass(name, x, options.classId)
      const real = cast(cast(one(targets), 'bool'), 'float32')
      const among = options.topK === undefined ? undefined : one(isAmongTop(predictions, options.topK))
      const weights = sampleWeight === undefined ? undefined : one(weightsOf(sampleWeight, predictions))
      const total = (x: Value): Value => sum(weights === undefined ? x : mul(x, weights))
      const counts = (threshold: number | undefined): { readonly hits: Value; readonly misses: Value } => {
        const positive = cast(isPositive(one(predictions), threshold, among), 'float32')
        const mistaken = mistakes === 'falsePositives' ? mul(positive, sub(1, real)) : mul(sub(1, positive), real)
        return { hits: total(mul(positive, real)), misses: total(mistaken) }
      }
      const { thresholds } = options
      const found = isList(thresholds) ? thresholds.map(counts) : [counts(thresholds)]
      const together = (values: readonly Value[]): Value => (isList(thresholds) ? stack(values) : values[0])
      return {
        truePositives: add(state.truePositives, together(found.map(({ hits }) => hits))),
        [mistakes]: add(state[mistakes], together(found.map(({ misses }) => misses))),
      }
    },
    result: (state) => divideOrZero(state.truePositives, add(state.truePositives, state[mistakes])),
  })
}

function isList(thresholds: ConfusionOptions['thresholds']): thresholds is readonly number[] {
  return typeof thresholds === 'object'
}

/** The weight of each prediction. */
export function weightsOf(sampleWeight: Value, predictions: Value): Value {
  return broadcastTo(alongValues(cast(sampleWeight, 'float32'), predictions.shape), predictions.shape)
}

function isPositive(predictions: Value, threshold: number | undefined, among: Value | undefined): Value {
  if (among === undefined) return greater(predictions, threshold ?? 0.5)
  return threshold === undefined ? among : logicalAnd(among, greater(predictions, threshold))
}

/** Whether each prediction is one of the k largest along the last axis. */
function isAmongTop(predictions: Value, k: number): Value {
  const classes = predictions.shape[predictions.rank - 1]
  const { indices } = topK(predictions, Math.min(k, classes))
  return cast(sum(oneHot(indices, classes), { axis: -2 }), 'bool')
}

/** The numbers of one class alone, the last axis being kept; all where none is named. */
export function onlyClass(name: string, x: Value, classId: number | undefined): Value {
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
export const precision = /* @__PURE__ */ confusion('precision', 'falsePositives')

/**
 * Of what is yes, the part that is found: `truePositives / (truePositives + falseNegatives)`.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'binaryCrossentropy', metrics: [metrics.recall({ topK: 3 })] })
 * ```
 */
export const recall = /* @__PURE__ */ confusion('recall', 'falseNegatives')
