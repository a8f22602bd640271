// Cross-entropies: how surprised predicted probabilities are by the true classes.
import type { Value } from '../graph'
import {
  abs,
  add,
  cast,
  clip,
  div,
  exp,
  expandDims,
  log,
  log1p,
  logSoftmax,
  maximum,
  mul,
  neg,
  notEqual,
  softmaxCrossEntropy,
  squeeze,
  sub,
  sum,
  takeAlongAxis,
  where,
} from '../ops'
import { logitsOf } from './logits'
import { loss } from './loss'
import { epsilon, meanOf } from './regression'
import { alignTargets, checkClassIndices, checkOneHotTargets, checkSparseTargets } from './targets'

/** Options of the cross-entropies. */
export interface CrossentropyOptions {
  /** Whether predictions are logits rather than probabilities; `false` by default. */
  readonly fromLogits: boolean
  /** How far targets are drawn from 0 and 1 towards all classes being alike, from 0 to 1; 0 by default. */
  readonly labelSmoothing: number
}

const crossentropyRules = { labelSmoothing: { from: 0, to: 1 } }

/** Targets of independent yes-or-no questions, drawn towards 1/2. */
export function smoothBinary(targets: Value, smoothing: number): Value {
  return smoothing === 0 ? targets : add(mul(targets, 1 - smoothing), 0.5 * smoothing)
}

/** One-hot targets, drawn towards the same probability for each class. */
export function smoothClasses(targets: Value, smoothing: number): Value {
  if (smoothing === 0) return targets
  return add(mul(targets, 1 - smoothing), smoothing / (targets.shape.at(-1) ?? 1))
}

/** Probabilities held away from 0 and 1, where logarithms end. */
function clipProbabilities(probabilities: Value): Value {
  return clip(probabilities, epsilon, 1 - epsilon)
}

/** Probabilities of classes, made to have the sum 1 and held away from 0 and 1. */
export function clipClasses(probabilities: Value): Value {
  return clipProbabilities(div(probabilities, sum(probabilities, { axis: -1, keepDims: true })))
}

/** -(y log p + (1 - y) log(1 - p)), element by element, from probabilities. */
export function binaryFromProbabilities(targets: Value, probabilities: Value): Value {
  const p = clipProbabilities(probabilities)
  return neg(add(mul(targets, log(p)), mul(sub(1, targets), log(sub(1, p)))))
}

/** The same from logits x, without overflow: max(x, 0) - x y + log(1 + exp(-|x|)). */
function binaryFromLogits(targets: Value, logits: Value): Value {
  return add(sub(maximum(logits, 0), mul(logits, targets)), log1p(exp(neg(abs(logits)))))
}

/**
 * Binary cross-entropy: the mean of `-(yTrue log(yPred) + (1 - yTrue) log(1 - yPred))` over the last axis, for
 * probabilities of independent yes-or-no questions.
 *
 * @example
 * ```ts
 * model.compile({ loss: losses.binaryCrossentropy({ fromLogits: true }) }) // or 'binaryCrossentropy', 'bce'
 * ```
 */
export const binaryCrossentropy = /* @__PURE__ */ loss<CrossentropyOptions>('binaryCrossentropy', {
  aliases: ['bce'],
  defaults: { fromLogits: false, labelSmoothing: 0 },
  rules: crossentropyRules,
  call: /* @__PURE__ */ meanOf((yTrue, yPred, { fromLogits, labelSmoothing }) => {
    const targets = smoothBinary(yTrue, labelSmoothing)
    const logits = fromLogits ? yPred : logitsOf(yPred, 'sigmoid')
    return logits === undefined ? binaryFromProbabilities(targets, yPred) : binaryFromLogits(targets, logits)
  }),
})

/**
 * Categorical cross-entropy: `-sum(yTrue log(yPred))` over the last axis, for one-hot (or soft) targets.
 *
 * @example
 * ```ts
 * model.compile({ loss: losses.categoricalCrossentropy({ labelSmoothing: 0.1 }) })
 * ```
 */
export const categoricalCrossentropy = /* @__PURE__ */ loss<CrossentropyOptions>('categoricalCrossentropy', {
  defaults: { fromLogits: false, labelSmoothing: 0 },
  rules: crossentropyRules,
  checkTargets: checkOneHotTargets,
  leastClasses: 2,
  call(yTrue, yPred, { fromLogits, labelSmoothing }) {
    const [targets, predictions] = alignTargets(yTrue, yPred)
    const logits = fromLogits ? predictions : logitsOf(predictions, 'softmax')
    const logarithms = logits === undefined ? log(clipClasses(predictions)) : logSoftmax(logits)
    return neg(sum(mul(smoothClasses(targets, labelSmoothing), logarithms), { axis: -1 }))
  },
})

/** Options of {@link sparseCategoricalCrossentropy}. */
export interface SparseCategoricalCrossentropyOptions {
  /** Whether predictions are logits rather than probabilities; `false` by default. */
  readonly fromLogits: boolean
  /** A label that does not count, such as that of padding. */
  readonly ignoreClass: number | undefined
}

/**
 * Categorical cross-entropy for class indices: `-log(yPred[yTrue])`. Targets have the shape of the predictions without
 * their last axis (or with 1 in its place).
 *
 * @example
 * ```ts
 * model.compile({ loss: losses.sparseCategoricalCrossentropy({ ignoreClass: 0 }) })
 * ```
 */
export const sparseCategoricalCrossentropy = /* @__PURE__ */ loss<SparseCategoricalCrossentropyOptions>(
  'sparseCategoricalCrossentropy',
  {
    defaults: { fromLogits: false, ignoreClass: undefined },
    rules: { ignoreClass: { integer: true } },
    call(yTrue, yPred, { fromLogits, ignoreClass }) {
      const labels = cast(sparseLabels(yTrue, yPred), 'int32')
      if (ignoreClass === undefined) return sparseValues(labels, yPred, fromLogits)
      const counts = notEqual(labels, ignoreClass)
      // Predictions for ignored labels are put aside too: not even NaN among them reaches the gradient.
      const values = sparseValues(where(counts, labels, 0), yPred, fromLogits, counts)
      return where(counts, values, 0)
    },
    mask(yTrue, yPred, { ignoreClass }) {
      return ignoreClass === undefined ? undefined : notEqual(cast(sparseLabels(yTrue, yPred), 'int32'), ignoreClass)
    },
    checkTargets: checkSparseTargets,
    leastClasses: 2,
    checkLabels: (name, labels, yPredShape, { ignoreClass }) =>
      checkClassIndices(name, labels, yPredShape, ignoreClass),
  },
)

/** Labels without an axis of length 1 at the end. */
export function sparseLabels(yTrue: Value, yPred: Value): Value {
  return yTrue.rank === yPred.rank && yTrue.shape.at(-1) === 1 ? squeeze(yTrue, -1) : yTrue
}

function sparseValues(labels: Value, yPred: Value, fromLogits: boolean, counts?: Value): Value {
  const kept = (x: Value): Value => (counts === undefined ? x : where(expandDims(counts, -1), x, 0))
  const logits = fromLogits ? yPred : logitsOf(yPred, 'softmax')
  if (logits !== undefined) return softmaxCrossEntropy(kept(logits), labels)
  // Where nothing counts any positive number may stand for the sum.
  const total = sum(yPred, { axis: -1, keepDims: true })
  const chosen = takeAlongAxis(kept(yPred), expandDims(labels, -1))
  const probability = clipProbabilities(
    div(chosen, counts === undefined ? total : where(expandDims(counts, -1), total, 1)),
  )
  return neg(squeeze(log(probability), -1))
}
