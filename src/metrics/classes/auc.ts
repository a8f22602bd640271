// The area under the curve that a classifier draws as its threshold goes from 1 to 0.
import { OptionError, ShapeError } from '../../errors'
import { constant, type Value } from '../../graph'
import { divideOrZero } from '../../losses'
import {
  add,
  broadcastTo,
  cast,
  clip,
  div,
  expandDims,
  greater,
  log,
  logicalAnd,
  maximum,
  mean,
  minimum,
  mul,
  reshape,
  sigmoid,
  slice,
  sub,
  sum,
  where,
} from '../../ops'
import { formatShape, type Shape, sizeOf, zeros } from '../../tensor'
import { columnsOf, outputsOf } from '../columns'
import { type MetricState, metric } from '../metric'

/** Options of {@link auc}. */
export interface AucOptions {
  /** At how many thresholds from 0 to 1 the curve is known; 200 by default. */
  readonly numThresholds: number
  /** True against false positives (`ROC`, the default), or precision against recall (`PR`). */
  readonly curve: 'ROC' | 'PR'
  /** How the area between two thresholds is taken: by interpolation (the default), its lower or its upper bound. */
  readonly summationMethod: 'interpolation' | 'minoring' | 'majoring'
  /** The thresholds themselves, beside 0 and 1, in place of `numThresholds`. */
  readonly thresholds: readonly number[] | undefined
  /** Whether each output has a curve of its own, whose areas are averaged; `false` by default. */
  readonly multiLabel: boolean
  /** The number of outputs that predictions must have, with `multiLabel`; by default as many as they have. */
  readonly numLabels: number | undefined
  /**
   * What each output counts: with `multiLabel` its area in their mean, without it each of its answers. Alike by default.
   */
  readonly labelWeights: readonly number[] | undefined
  /** Whether predictions are logits; `false` by default. */
  readonly fromLogits: boolean
}

/** The thresholds, from just below 0 to just above 1 so that everything is on the right side of these two. */
function thresholdsOf({ numThresholds, thresholds }: AucOptions): number[] {
  const inner =
    thresholds === undefined
      ? Array.from({ length: numThresholds - 2 }, (_, i) => (i + 1) / (numThresholds - 1))
      : [...thresholds].sort((a, b) => a - b)
  return [-1e-7, ...inner, 1 + 1e-7]
}

/**
 * The area under the ROC curve (or that of precision against recall): the chance that something that is yes gets a higher
 * probability than something that is no, approximated at `numThresholds` thresholds.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'binaryCrossentropy', metrics: [metrics.auc({ curve: 'PR' })] }) // or 'auc'
 * ```
 */
export const auc = /* @__PURE__ */ metric<AucOptions>('auc', {
  better: 'max',
  aliases: ['AUC'],
  defaults: {
    numThresholds: 200,
    curve: 'ROC',
    summationMethod: 'interpolation',
    thresholds: undefined,
    multiLabel: false,
    numLabels: undefined,
    labelWeights: undefined,
    fromLogits: false,
  },
  rules: {
    numThresholds: { integer: true, from: 2 },
    curve: { oneOf: ['ROC', 'PR'] },
    summationMethod: { oneOf: ['interpolation', 'minoring', 'majoring'] },
    thresholds: { numbers: 'list', from: 0, to: 1 },
    numLabels: { integer: true, from: 1 },
    labelWeights: { numbers: 'list', from: 0 },
  },
  state(yPredShape, options) {
    checkLabels(yPredShape, options)
    const shape = [thresholdsOf(options).length, options.multiLabel ? outputsOf(yPredShape) : 1]
    return {
      truePositives: zeros(shape),
      trueNegatives: zeros(shape),
      falsePositives: zeros(shape),
      falseNegatives: zeros(shape),
    }
  },
  update({ state, yTrue, yPred, sampleWeight, options }) {
    const outputs = options.multiLabel ? outputsOf(yPred.shape) : 1
    const { targets, predictions, weights: own } = columnsOf(yTrue, yPred, sampleWeight, outputs)
    const weights = options.multiLabel ? own : mul(own, labelWeightsOf(yPred.shape, options))
    const probabilities = options.fromLogits ? sigmoid(predictions) : clip(predictions, 0, 1)
    const isYes = cast(cast(targets, 'bool'), 'float32')
    // [samples, thresholds, outputs]
    const limits = expandDims(constant(thresholdsOf(options)), -1)
    const positive = cast(greater(expandDims(probabilities, 1), limits), 'float32')
    const [yes, no] = [mul(isYes, weights), mul(sub(1, isYes), weights)]
    const truePositives = sum(mul(expandDims(yes, 1), positive), { axis: 0 })
    const falsePositives = sum(mul(expandDims(no, 1), positive), { axis: 0 })
    return {
      truePositives: add(state.truePositives, truePositives),
      falsePositives: add(state.falsePositives, falsePositives),
      trueNegatives: add(state.trueNegatives, sub(sum(no, { axis: 0 }), falsePositives)),
      falseNegatives: add(state.falseNegatives, sub(sum(yes, { axis: 0 }), truePositives)),
    }
  },
  result(state, options) {
    const { curve, summationMethod } = options
    const areas =
      curve === 'PR' && summationMethod === 'interpolation' ? interpolatedPrecision(state) : areaOf(state, options)
    const byLabel = sum(areas, { axis: 0 })
    const { multiLabel, labelWeights } = options
    if (!multiLabel || labelWeights === undefined) return mean(byLabel)
    return divideOrZero(sum(mul(byLabel, constant(labelWeights))), sum(constant(labelWeights)))
  },
})

/** @throws OptionError, ShapeError where the options do not fit each other, or the predictions. */
function checkLabels(yPredShape: Shape, { multiLabel, numLabels, labelWeights }: AucOptions): void {
  if (numLabels !== undefined && !multiLabel) {
    throw new OptionError('auc: numLabels: expected it with multiLabel: true only')
  }
  const labels = outputsOf(yPredShape)
  const expected = numLabels ?? labelWeights?.length ?? labels
  if (expected !== labels) {
    throw new ShapeError(`auc: expected predictions of ${expected} labels, got shape ${formatShape(yPredShape)}`)
  }
  if (labelWeights !== undefined && labelWeights.length !== labels) {
    throw new OptionError(
      `auc: labelWeights: expected a weight for each of ${labels} labels, got ${labelWeights.length}`,
    )
  }
}

/** The weight of each answer in the single column of answers, `[samples * labels, 1]`. */
function labelWeightsOf(yPredShape: Shape, { labelWeights }: AucOptions): Value {
  if (labelWeights === undefined) return constant(1)
  const each = sizeOf(yPredShape)
  return reshape(broadcastTo(constant(labelWeights), [each / labelWeights.length, labelWeights.length]), [each, 1])
}

/** The values at all thresholds but the last, and at all but the first. */
function neighbours(x: Value): [Value, Value] {
  const [count] = x.shape
  return [slice(x, [0], [count - 1]), slice(x, [1])]
}

function areaOf(state: MetricState, { curve, summationMethod }: AucOptions): Value {
  const { truePositives, trueNegatives, falsePositives, falseNegatives } = state
  const recall = divideOrZero(truePositives, add(truePositives, falseNegatives))
  const x = curve === 'ROC' ? divideOrZero(falsePositives, add(falsePositives, trueNegatives)) : recall
  const y = curve === 'ROC' ? recall : divideOrZero(truePositives, add(truePositives, falsePositives))
  const [[x0, x1], [y0, y1]] = [neighbours(x), neighbours(y)]
  const heights = {
    interpolation: () => mul(0.5, add(y0, y1)),
    minoring: () => minimum(y0, y1),
    majoring: () => maximum(y0, y1),
  }
  return mul(sub(x0, x1), heights[summationMethod]())
}

/**
 * The area under precision against recall between two thresholds, with true positives t interpolated as a straight line
 * over all positives p (Davis and Goadrich, 2006): slope s = Δt / Δp, intercept i = t₁ - s p₁, and
 * area = s (Δt + i log(p₀ / p₁)) / (t₁ + false negatives₁).
 */
function interpolatedPrecision({ truePositives, falsePositives, falseNegatives }: MetricState): Value {
  const [t0, t1] = neighbours(truePositives)
  const [p0, p1] = neighbours(add(truePositives, falsePositives))
  const [, missed] = neighbours(falseNegatives)
  const rise = sub(t0, t1)
  const slope = divideOrZero(rise, maximum(sub(p0, p1), 0))
  const intercept = sub(t1, mul(slope, p1))
  const bothPositive = logicalAnd(greater(p0, 0), greater(p1, 0))
  const ratio = where(bothPositive, div(p0, where(bothPositive, p1, 1)), 1)
  return divideOrZero(mul(slope, add(rise, mul(intercept, log(ratio)))), maximum(add(t1, missed), 0))
}
