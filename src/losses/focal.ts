// Focal cross-entropies: those that make little of what is predicted well already.
import { add, log, mul, neg, pow, sigmoid, softmax, sub, sum } from '../ops'
import {
  binaryFromProbabilities,
  type CrossentropyOptions,
  clipClasses,
  smoothBinary,
  smoothClasses,
} from './crossentropy'
import { loss } from './loss'
import { meanOf } from './regression'
import { alignTargets, checkOneHotTargets } from './targets'

/** Options of {@link categoricalFocalCrossentropy}. */
export interface FocalOptions extends CrossentropyOptions {
  /** How much the (right) class weighs; 0.25 by default. */
  readonly alpha: number
  /** How fast the weight falls with the probability of the right class; 2 by default. */
  readonly gamma: number
}

/** Options of {@link binaryFocalCrossentropy}. */
export interface BinaryFocalOptions extends FocalOptions {
  /** Whether class 1 weighs `alpha` and class 0 `1 - alpha`; `false` by default. */
  readonly applyClassBalancing: boolean
}

const defaults = { fromLogits: false, labelSmoothing: 0, alpha: 0.25, gamma: 2 }
const rules = { labelSmoothing: { from: 0, to: 1 }, gamma: { from: 0 } }

/**
 * Binary focal cross-entropy (Lin et al., 2018, "Focal loss for dense object detection"): the mean of
 * `(1 - p)^gamma * binaryCrossentropy`, with p the probability given to the right answer.
 *
 * @example
 * ```ts
 * model.compile({ loss: losses.binaryFocalCrossentropy({ gamma: 3 }) })
 * ```
 */
export const binaryFocalCrossentropy = /* @__PURE__ */ loss<BinaryFocalOptions>('binaryFocalCrossentropy', {
  defaults: { fromLogits: false, labelSmoothing: 0, alpha: 0.25, gamma: 2, applyClassBalancing: false },
  rules,
  call: /* @__PURE__ */ meanOf((yTrue, yPred, { fromLogits, labelSmoothing, alpha, gamma, applyClassBalancing }) => {
    const targets = smoothBinary(yTrue, labelSmoothing)
    const p = fromLogits ? sigmoid(yPred) : yPred
    const right = add(mul(targets, p), mul(sub(1, targets), sub(1, p)))
    const values = mul(pow(sub(1, right), gamma), binaryFromProbabilities(targets, p))
    if (!applyClassBalancing) return values
    return mul(add(mul(targets, alpha), mul(sub(1, targets), 1 - alpha)), values)
  }),
})

/**
 * Categorical focal cross-entropy (Lin et al., 2018): `-sum(alpha (1 - yPred)^gamma yTrue log(yPred))` over the last
 * axis, for one-hot targets.
 *
 * @example
 * ```ts
 * model.compile({ loss: losses.categoricalFocalCrossentropy({ alpha: 0.5 }) })
 * ```
 */
export const categoricalFocalCrossentropy = /* @__PURE__ */ loss<FocalOptions>('categoricalFocalCrossentropy', {
  defaults,
  rules,
  checkTargets: checkOneHotTargets,
  leastClasses: 2,
  call(yTrue, yPred, { fromLogits, labelSmoothing, alpha, gamma }) {
    const [targets, predictions] = alignTargets(yTrue, yPred)
    const p = clipClasses(fromLogits ? softmax(predictions) : predictions)
    const surprise = mul(smoothClasses(targets, labelSmoothing), neg(log(p)))
    return sum(mul(mul(pow(sub(1, p), gamma), alpha), surprise), { axis: -1 })
  },
})
