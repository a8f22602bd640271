// Metrics of yes-or-no answers by how many of them are right and wrong: the four counts themselves, and one rate where another is as asked.
import { OptionError, textOf } from '../../errors'
import { constant, type Value } from '../../graph'
import { alignTargets, divideOrZero } from '../../losses'
import { add, cast, expandDims, greater, greaterEqual, max, mul, reshape, squeeze, sub, sum, where } from '../../ops'
import type { Factory } from '../../registry'
import { zeros } from '../../tensor'
import { type Metric, type MetricContext, type MetricOptions, type MetricState, metric } from '../metric'
import { onlyClass, weightsOf } from './confusion'

const kinds = ['truePositives', 'trueNegatives', 'falsePositives', 'falseNegatives'] as const
type Kind = (typeof kinds)[number]

/** The four counts of a batch, `[thresholds]` each. */
function countsOf(
  { name, yTrue, yPred, sampleWeight }: Pick<MetricContext<object>, 'name' | 'yTrue' | 'yPred' | 'sampleWeight'>,
  thresholds: readonly number[],
  classId?: number,
): Readonly<Record<Kind, Value>> {
  const [targets, predictions] = alignTargets(yTrue, yPred)
  const flat = (x: Value): Value => reshape(cast(onlyClass(name, x, classId), 'float32'), [-1])
  const isYes = cast(cast(flat(targets), 'bool'), 'float32')
  const weights = sampleWeight === undefined ? undefined : flat(weightsOf(sampleWeight, predictions))
  const weighted = (x: Value): Value => (weights === undefined ? x : mul(x, weights))
  const [yes, no] = [weighted(isYes), weighted(sub(1, isYes))]
  // [thresholds, answers]
  const positive = cast(greater(flat(predictions), expandDims(constant(thresholds), -1)), 'float32')
  const truePositives = sum(mul(positive, yes), { axis: -1 })
  const falsePositives = sum(mul(positive, no), { axis: -1 })
  return {
    truePositives,
    falsePositives,
    falseNegatives: sub(sum(yes), truePositives),
    trueNegatives: sub(sum(no), falsePositives),
  }
}

/** Options of {@link truePositives} and the other counts. */
export interface CountOptions {
  /** From which probability on an answer counts as yes; 0.5 by default. With a list the result has one number for each. */
  readonly thresholds: number | readonly number[] | undefined
}

function count(kind: Kind, better: 'min' | 'max'): Factory<Metric, CountOptions & MetricOptions> {
  const listOf = ({ thresholds = 0.5 }: CountOptions): readonly number[] => [thresholds].flat()
  return metric<CountOptions>(kind, {
    better,
    defaults: { thresholds: undefined },
    rules: { thresholds: { numbers: 'any', from: 0, to: 1 } },
    state: (_, options) => ({ accumulator: zeros([listOf(options).length]) }),
    update: ({ options, state, ...given }) => ({
      accumulator: add(state.accumulator, countsOf(given, listOf(options))[kind]),
    }),
    result: ({ accumulator }, { thresholds }) => (Array.isArray(thresholds) ? accumulator : squeeze(accumulator, 0)),
  })
}

/**
 * How many answers yes are right, weighted where there are weights.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'binaryCrossentropy', metrics: [metrics.truePositives({ thresholds: 0.8 })] })
 * ```
 */
export const truePositives = /* @__PURE__ */ count('truePositives', 'max')

/**
 * How many answers no are right, weighted where there are weights.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'binaryCrossentropy', metrics: ['trueNegatives'] })
 * ```
 */
export const trueNegatives = /* @__PURE__ */ count('trueNegatives', 'max')

/**
 * How many answers yes are wrong, weighted where there are weights.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'binaryCrossentropy', metrics: ['falsePositives'] })
 * ```
 */
export const falsePositives = /* @__PURE__ */ count('falsePositives', 'min')

/**
 * How many answers no are wrong, weighted where there are weights.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'binaryCrossentropy', metrics: ['falseNegatives'] })
 * ```
 */
export const falseNegatives = /* @__PURE__ */ count('falseNegatives', 'min')

/** What the metrics of one rate at another take beside the other rate. */
export interface AtOptions {
  /** At how many thresholds from 0 to 1 the rates are known; 200 by default. */
  readonly numThresholds: number
  /** The only class that counts; all by default. */
  readonly classId: number | undefined
}

/** Options of {@link precisionAtRecall}. */
export interface PrecisionAtRecallOptions extends AtOptions {
  /** The least recall, from 0 to 1. */
  readonly recall: number
}
/** Options of {@link recallAtPrecision}. */
export interface RecallAtPrecisionOptions extends AtOptions {
  /** The least precision, from 0 to 1. */
  readonly precision: number
}
/** Options of {@link sensitivityAtSpecificity}. */
export interface SensitivityAtSpecificityOptions extends AtOptions {
  /** The least specificity, from 0 to 1. */
  readonly specificity: number
}
/** Options of {@link specificityAtSensitivity}. */
export interface SpecificityAtSensitivityOptions extends AtOptions {
  /** The least sensitivity, from 0 to 1. */
  readonly sensitivity: number
}

/** Thresholds from just below 0, so that everything is an answer yes there. */
function evenly(count: number): readonly number[] {
  if (count === 1) return [0.5]
  return Array.from({ length: count }, (_, i) => (i === 0 ? -1e-7 : i / (count - 1)))
}

const rates = {
  precision: (s: MetricState) => divideOrZero(s.truePositives, add(s.truePositives, s.falsePositives)),
  recall: (s: MetricState) => divideOrZero(s.truePositives, add(s.truePositives, s.falseNegatives)),
  sensitivity: (s: MetricState) => divideOrZero(s.truePositives, add(s.truePositives, s.falseNegatives)),
  specificity: (s: MetricState) => divideOrZero(s.trueNegatives, add(s.trueNegatives, s.falsePositives)),
}

/** The largest of one rate at the thresholds where another is at least as asked; 0 where it is nowhere. */
function at<O extends AtOptions>(
  name: string,
  wanted: keyof typeof rates,
  least: keyof typeof rates & keyof O,
): Factory<Metric, O & MetricOptions> {
  return metric<O>(name, {
    better: 'max',
    // The options of O: AtOptions and the least rate.
    defaults: { [least]: undefined, numThresholds: 200, classId: undefined } as never,
    rules: {
      [least]: { numbers: 'any', from: 0, to: 1 },
      numThresholds: { integer: true, from: 1 },
      classId: { integer: true, from: 0 },
    } as never,
    state(_, options) {
      requireGiven(name, String(least), options[least])
      return Object.fromEntries(kinds.map((kind) => [kind, zeros([options.numThresholds])]))
    },
    update({ options, state, ...given }) {
      const counts = countsOf(given, evenly(options.numThresholds), options.classId)
      return Object.fromEntries(kinds.map((kind) => [kind, add(state[kind], counts[kind])]))
    },
    result(state, options) {
      const isEnough = greaterEqual(rates[least](state), Number(options[least]))
      return max(where(isEnough, rates[wanted](state), 0))
    },
  })
}

function requireGiven(name: string, option: string, value: unknown): void {
  if (typeof value === 'number') return
  throw new OptionError(`${name}: ${option}: expected a number from 0 to 1, got ${textOf(value)}`)
}

/**
 * The largest precision at thresholds where recall is at least as asked.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'binaryCrossentropy', metrics: [metrics.precisionAtRecall({ recall: 0.9 })] })
 * ```
 */
export const precisionAtRecall = /* @__PURE__ */ at<PrecisionAtRecallOptions>(
  'precisionAtRecall',
  'precision',
  'recall',
)

/**
 * The largest recall at thresholds where precision is at least as asked.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'binaryCrossentropy', metrics: [metrics.recallAtPrecision({ precision: 0.9 })] })
 * ```
 */
export const recallAtPrecision = /* @__PURE__ */ at<RecallAtPrecisionOptions>(
  'recallAtPrecision',
  'recall',
  'precision',
)

/**
 * The largest sensitivity (the part found of what is yes) at thresholds where specificity (the part found of what is no) is at least as asked.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'binaryCrossentropy', metrics: [metrics.sensitivityAtSpecificity({ specificity: 0.9 })] })
 * ```
 */
export const sensitivityAtSpecificity = /* @__PURE__ */ at<SensitivityAtSpecificityOptions>(
  'sensitivityAtSpecificity',
  'sensitivity',
  'specificity',
)

/**
 * The largest specificity (the part found of what is no) at thresholds where sensitivity (the part found of what is yes) is at least as asked.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'binaryCrossentropy', metrics: [metrics.specificityAtSensitivity({ sensitivity: 0.9 })] })
 * ```
 */
export const specificityAtSensitivity = /* @__PURE__ */ at<SpecificityAtSensitivityOptions>(
  'specificityAtSensitivity',
  'specificity',
  'sensitivity',
)
