// Intersection over union, by a confusion matrix of classes: how well areas of an image, or any sets, lie on each other.
import { OptionError, textOf } from '../../errors'
import type { Value } from '../../graph'
import { alongValues } from '../../losses'
import {
  add,
  argMax,
  broadcastTo,
  cast,
  div,
  eye,
  gather,
  greater,
  greaterEqual,
  matmul,
  mul,
  notEqual,
  oneHot,
  reshape,
  sub,
  sum,
  where,
} from '../../ops'
import type { Factory } from '../../registry'
import { zeros } from '../../tensor'
import { type Metric, type MetricContext, type MetricOptions, type MetricState, metric } from '../metric'

/** What all metrics of this family take. */
interface ClassOptions {
  /** The number of classes. */
  readonly numClasses: number
  /** A class whose targets do not count; all count by default. */
  readonly ignoreClass: number | undefined
  /** The axis of classes, where they are probabilities or one-hot; the last by default. */
  readonly axis: number
}

/** Options of {@link iou}. */
export interface IouOptions extends ClassOptions {
  /** The classes whose mean is taken. */
  readonly targetClassIds: readonly number[]
  /** Whether targets are class numbers, as by default, or one-hot. */
  readonly sparseYTrue: boolean
  /** Whether predictions are class numbers, as by default, or a probability for each class. */
  readonly sparseYPred: boolean
}
/** Options of {@link meanIoU}. */
export interface MeanIouOptions extends Omit<IouOptions, 'targetClassIds'> {}
/** Options of {@link oneHotIoU}. */
export interface OneHotIouOptions extends Omit<IouOptions, 'sparseYTrue'> {}
/** Options of {@link oneHotMeanIoU}. */
export interface OneHotMeanIouOptions extends Omit<MeanIouOptions, 'sparseYTrue'> {}

/** Options of {@link binaryIoU}. */
export interface BinaryIouOptions {
  /** The classes whose mean is taken: `[0, 1]` by default. */
  readonly targetClassIds: readonly number[]
  /** From which probability on an answer counts as yes; 0.5 by default. */
  readonly threshold: number
}

/** How the options of one metric of the family come to classes. */
interface Reading {
  readonly numClasses: number
  readonly targetClassIds: readonly number[]
  readonly ignoreClass: number | undefined
  classesOf(yTrue: Value, yPred: Value): readonly [targets: Value, predictions: Value]
}

type IouFamily<O> = {
  readonly defaults: object
  readonly rules: object
  reading(options: O): Reading
}

function family<O extends object>(
  name: string,
  { defaults, rules, reading }: IouFamily<O>,
): Factory<Metric, O & MetricOptions> {
  return metric<O>(name, {
    better: 'max',
    // The records have every option of O.
    defaults: defaults as never,
    rules: rules as never,
    state(_, options) {
      const { numClasses, targetClassIds } = reading(options)
      requireClasses(name, numClasses, targetClassIds)
      return { totalConfusionMatrix: zeros([numClasses, numClasses]) }
    },
    update: ({ state, options, ...given }) => ({
      totalConfusionMatrix: add(state.totalConfusionMatrix, confusionMatrix(given, reading(options))),
    }),
    result: (state, options) => meanOverlap(state, reading(options).targetClassIds),
  })
}

function requireClasses(name: string, numClasses: unknown, targetClassIds: unknown): void {
  if (!(typeof numClasses === 'number' && Number.isInteger(numClasses) && numClasses > 0)) {
    throw new OptionError(`${name}: numClasses: expected a whole number from 1, got ${textOf(numClasses)}`)
  }
  const ids = Array.isArray(targetClassIds) ? targetClassIds : []
  const isClass = (id: unknown): boolean => typeof id === 'number' && Number.isInteger(id) && id >= 0 && id < numClasses
  if (ids.length > 0 && ids.every(isClass)) return
  throw new OptionError(
    `${name}: targetClassIds: expected a list of classes from 0 to ${numClasses - 1}, got ${textOf(targetClassIds)}`,
  )
}

/** How often each class (rows) was taken for each (columns); classes out of range count nowhere. */
function confusionMatrix(
  { yTrue, yPred, sampleWeight }: Pick<MetricContext<object>, 'yTrue' | 'yPred' | 'sampleWeight'>,
  { numClasses, ignoreClass, classesOf }: Reading,
): Value {
  const [targets, predictions] = classesOf(yTrue, yPred)
  const flat = (x: Value): Value => reshape(cast(x, 'int32'), [-1])
  const weights =
    sampleWeight === undefined
      ? undefined
      : reshape(broadcastTo(alongValues(cast(sampleWeight, 'float32'), targets.shape), targets.shape), [-1, 1])
  const real = oneHot(flat(targets), numClasses)
  const counted =
    ignoreClass === undefined ? real : where(reshape(notEqual(flat(targets), ignoreClass), [-1, 1]), real, 0)
  const weighted = weights === undefined ? counted : mul(counted, weights)
  return matmul(weighted, oneHot(flat(predictions), numClasses), { transposeA: true })
}

// Keras' epsilon, in the same places.
const epsilon = 1e-7

/** The mean over classes of hits / (row + column - hits); classes that never came up are left out. */
function meanOverlap({ totalConfusionMatrix: matrix }: MetricState, targetClassIds: readonly number[]): Value {
  const hits = sum(mul(matrix, eye(matrix.shape[0])), { axis: 1 })
  const union = sub(add(sum(matrix, { axis: 0 }), sum(matrix, { axis: 1 })), hits)
  const [inside, all] = [gather(hits, targetClassIds), gather(union, targetClassIds)]
  const isThere = greater(all, 1e-9)
  const overlap = where(isThere, div(inside, add(all, epsilon)), 0)
  return div(sum(overlap), add(sum(cast(isThere, 'float32')), epsilon))
}

/** The defaults of all, and more. */
function withClasses(more: object): object {
  return { numClasses: undefined, ignoreClass: undefined, axis: -1, ...more }
}

/** The rules of all, and more. */
function classRules(more: object = {}): object {
  return { ignoreClass: { integer: true }, axis: { integer: true }, ...more }
}

const listRule = { numbers: 'list', integer: true, from: 0 }

function classes(x: Value, isSparse: boolean, axis: number): Value {
  return isSparse ? x : argMax(x, axis)
}

const allOf = (count: number): readonly number[] => Array.from({ length: Math.max(0, count || 0) }, (_, i) => i)

/**
 * Intersection over union: for each class `truePositives / (truePositives + falsePositives + falseNegatives)`, and the mean of that over
 * `targetClassIds`. Targets and predictions are class numbers of any shape, unless `sparseYTrue` or `sparseYPred` is `false`.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'mse', metrics: [metrics.iou({ numClasses: 3, targetClassIds: [1, 2] })] })
 * ```
 */
export const iou = /* @__PURE__ */ family<IouOptions>('iou', {
  defaults: /* @__PURE__ */ withClasses({ targetClassIds: undefined, sparseYTrue: true, sparseYPred: true }),
  rules: /* @__PURE__ */ classRules({ targetClassIds: listRule }),
  reading: ({ sparseYTrue, sparseYPred, axis, ...rest }) => ({
    ...rest,
    classesOf: (yTrue, yPred) => [classes(yTrue, sparseYTrue, axis), classes(yPred, sparseYPred, axis)],
  }),
})

/**
 * The mean of {@link iou} over all classes.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'sparseCategoricalCrossentropy', metrics: [metrics.meanIoU({ numClasses: 3, sparseYPred: false })] })
 * ```
 */
export const meanIoU = /* @__PURE__ */ family<MeanIouOptions>('meanIoU', {
  defaults: /* @__PURE__ */ withClasses({ sparseYTrue: true, sparseYPred: true }),
  rules: /* @__PURE__ */ classRules(),
  reading: ({ sparseYTrue, sparseYPred, axis, ...rest }) => ({
    ...rest,
    targetClassIds: allOf(rest.numClasses),
    classesOf: (yTrue, yPred) => [classes(yTrue, sparseYTrue, axis), classes(yPred, sparseYPred, axis)],
  }),
})

/**
 * {@link iou} for one-hot targets, and a probability for each class as predictions.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'categoricalCrossentropy', metrics: [metrics.oneHotIoU({ numClasses: 3, targetClassIds: [0, 2] })] })
 * ```
 */
export const oneHotIoU = /* @__PURE__ */ family<OneHotIouOptions>('oneHotIoU', {
  defaults: /* @__PURE__ */ withClasses({ targetClassIds: undefined, sparseYPred: false }),
  rules: /* @__PURE__ */ classRules({ targetClassIds: listRule }),
  reading: ({ sparseYPred, axis, ...rest }) => ({
    ...rest,
    classesOf: (yTrue, yPred) => [classes(yTrue, false, axis), classes(yPred, sparseYPred, axis)],
  }),
})

/**
 * The mean of {@link oneHotIoU} over all classes.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'categoricalCrossentropy', metrics: [metrics.oneHotMeanIoU({ numClasses: 3 })] })
 * ```
 */
export const oneHotMeanIoU = /* @__PURE__ */ family<OneHotMeanIouOptions>('oneHotMeanIoU', {
  defaults: /* @__PURE__ */ withClasses({ sparseYPred: false }),
  rules: /* @__PURE__ */ classRules(),
  reading: ({ sparseYPred, axis, ...rest }) => ({
    ...rest,
    targetClassIds: allOf(rest.numClasses),
    classesOf: (yTrue, yPred) => [classes(yTrue, false, axis), classes(yPred, sparseYPred, axis)],
  }),
})

/**
 * Intersection over union of two classes, for probabilities of one: those from `threshold` on are class 1.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'binaryCrossentropy', metrics: [metrics.binaryIoU({ targetClassIds: [1] })] })
 * ```
 */
export const binaryIoU = /* @__PURE__ */ family<BinaryIouOptions>('binaryIoU', {
  defaults: { targetClassIds: [0, 1], threshold: 0.5 },
  rules: { targetClassIds: listRule, threshold: { from: 0, to: 1 } },
  reading: ({ targetClassIds, threshold }) => ({
    numClasses: 2,
    ignoreClass: undefined,
    targetClassIds,
    classesOf: (yTrue, yPred) => [yTrue, greaterEqual(yPred, threshold)],
  }),
})
