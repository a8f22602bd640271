// How often predictions are right.
import type { Value } from '../graph'
import { alignTargets, sparseLabels } from '../losses'
import {
  argMax,
  cast,
  equal,
  expandDims,
  greater,
  less,
  lessEqual,
  logicalAnd,
  squeeze,
  sum,
  takeAlongAxis,
} from '../ops'
import { meanMetric } from './metric'

/**
 * How often predictions are equal to targets. (As the name `'accuracy'` in `compile` it stands for the binary, categorical
 * or sparse one, whichever fits the shapes.)
 *
 * @example
 * ```ts
 * model.compile({ loss: 'mse', metrics: [metrics.accuracy({ name: 'exact' })] })
 * ```
 */
export const accuracy = /* @__PURE__ */ meanMetric('accuracy', {
  aliases: ['acc'],
  better: 'max',
  defaults: {},
  values(yTrue, yPred) {
    const [targets, predictions] = alignTargets(yTrue, yPred)
    return cast(equal(targets, predictions), 'float32')
  },
})

/** Options of {@link binaryAccuracy}. */
export interface ThresholdOptions {
  /** From which probability on an answer counts as yes; 0.5 by default. */
  readonly threshold: number
}

/**
 * How often `yPred > threshold` is what `yTrue` (0 or 1) says.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'binaryCrossentropy', metrics: [metrics.binaryAccuracy({ threshold: 0.8 })] })
 * ```
 */
export const binaryAccuracy = /* @__PURE__ */ meanMetric<ThresholdOptions>('binaryAccuracy', {
  better: 'max',
  defaults: { threshold: 0.5 },
  values(yTrue, yPred, { threshold }) {
    const [targets, predictions] = alignTargets(yTrue, yPred)
    return cast(equal(targets, cast(greater(predictions, threshold), targets.dtype)), 'float32')
  },
})

/**
 * How often the most probable class is the true one, for one-hot targets.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'categoricalCrossentropy', metrics: ['categoricalAccuracy'] })
 * ```
 */
export const categoricalAccuracy = /* @__PURE__ */ meanMetric('categoricalAccuracy', {
  better: 'max',
  defaults: {},
  values: (yTrue, yPred) => cast(equal(argMax(yTrue), argMax(yPred)), 'float32'),
})

/**
 * How often the most probable class is the true one, for class indices.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'sparseCategoricalCrossentropy', metrics: ['sparseCategoricalAccuracy'] })
 * ```
 */
export const sparseCategoricalAccuracy = /* @__PURE__ */ meanMetric('sparseCategoricalAccuracy', {
  better: 'max',
  defaults: {},
  values: (yTrue, yPred) => cast(equal(cast(sparseLabels(yTrue, yPred), 'int32'), argMax(yPred)), 'float32'),
})

/** Options of {@link topKCategoricalAccuracy} and {@link sparseTopKCategoricalAccuracy}. */
export interface TopKOptions {
  /** Among how many of the most probable classes the true one may be; 5 by default. */
  readonly k: number
}

/** Whether fewer than k classes are more probable than the true one; never where its prediction is not finite. */
function isInTopK(labels: Value, predictions: Value, k: number): Value {
  const own = takeAlongAxis(predictions, expandDims(cast(labels, 'int32'), -1))
  const better = sum(cast(greater(predictions, own), 'int32'), { axis: -1 })
  const isNumber = lessEqual(squeeze(own, -1), Number.MAX_VALUE)
  return cast(logicalAnd(less(better, k), isNumber), 'float32')
}

/**
 * How often the true class is among the k most probable, for one-hot targets.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'categoricalCrossentropy', metrics: [metrics.topKCategoricalAccuracy({ k: 3 })] })
 * ```
 */
export const topKCategoricalAccuracy = /* @__PURE__ */ meanMetric<TopKOptions>('topKCategoricalAccuracy', {
  better: 'max',
  defaults: { k: 5 },
  rules: { k: { integer: true, from: 1 } },
  values: (yTrue, yPred, { k }) => isInTopK(argMax(yTrue), yPred, k),
})

/**
 * How often the true class is among the k most probable, for class indices.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'sparseCategoricalCrossentropy', metrics: [metrics.sparseTopKCategoricalAccuracy({ k: 3 })] })
 * ```
 */
export const sparseTopKCategoricalAccuracy = /* @__PURE__ */ meanMetric<TopKOptions>('sparseTopKCategoricalAccuracy', {
  better: 'max',
  defaults: { k: 5 },
  rules: { k: { integer: true, from: 1 } },
  values: (yTrue, yPred, { k }) => isInTopK(sparseLabels(yTrue, yPred), yPred, k),
})
