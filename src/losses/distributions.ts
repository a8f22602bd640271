// Losses that compare distributions or overlaps as a whole.
import type { Value } from '../graph'
import { add, clip, div, log, mul, sub, sum } from '../ops'
import { loss } from './loss'
import { epsilon } from './regression'
import { alignTargets } from './targets'

/**
 * Kullback and Leibler's divergence: `sum(yTrue log(yTrue / yPred))` over the last axis, with both held from 1e-7 to 1.
 *
 * @example
 * ```ts
 * model.compile({ loss: losses.klDivergence() })
 * ```
 */
export const klDivergence = /* @__PURE__ */ loss('klDivergence', {
  aliases: ['kld'],
  defaults: {},
  call(yTrue, yPred) {
    const [targets, predictions] = alignTargets(yTrue, yPred).map((p) => clip(p, epsilon, 1))
    return sum(mul(targets, log(div(targets, predictions))), { axis: -1 })
  },
})

/** Options of {@link dice}. */
export interface DiceOptions {
  /** The axes over which overlaps are taken; all of them, also that of the samples, by default. */
  readonly axis: number | readonly number[] | undefined
}

/** Options of {@link tversky}. */
export interface TverskyOptions extends DiceOptions {
  /** How much what was missed weighs; 0.5 by default. */
  readonly alpha: number
  /** How much what was wrongly found weighs; 0.5 by default. */
  readonly beta: number
}

/**
 * Dice's loss: `1 - 2 sum(yTrue yPred) / (sum(yTrue) + sum(yPred))`, for overlaps such as those of segments.
 *
 * @example
 * ```ts
 * model.compile({ loss: losses.dice({ axis: [1, 2, 3] }) })
 * ```
 */
export const dice = /* @__PURE__ */ loss<DiceOptions>('dice', {
  defaults: { axis: undefined },
  rules: { axis: { numbers: 'any', integer: true } },
  call(yTrue, yPred, { axis }) {
    const [targets, predictions] = alignTargets(yTrue, yPred)
    const over = (x: Value): Value => sum(x, axis === undefined ? {} : { axis })
    const total = add(add(over(targets), over(predictions)), epsilon)
    return sub(1, div(mul(2, over(mul(targets, predictions))), total))
  },
})

/**
 * Tversky's loss (Salehi, Erdogmus and Gholipour, 2017): `1 - hit / (hit + alpha missed + beta wrong)` with the sums
 * hit of `yTrue yPred`, missed of `yTrue (1 - yPred)` and wrong of `(1 - yTrue) yPred`.
 *
 * @example
 * ```ts
 * model.compile({ loss: losses.tversky({ alpha: 0.3, beta: 0.7 }) })
 * ```
 */
export const tversky = /* @__PURE__ */ loss<TverskyOptions>('tversky', {
  defaults: { alpha: 0.5, beta: 0.5, axis: undefined },
  rules: { axis: { numbers: 'any', integer: true } },
  call(yTrue, yPred, { alpha, beta, axis }) {
    const [targets, predictions] = alignTargets(yTrue, yPred)
    const over = (x: Value): Value => sum(x, axis === undefined ? {} : { axis })
    const hit = over(mul(targets, predictions))
    const missed = mul(alpha, over(mul(targets, sub(1, predictions))))
    const wrong = mul(beta, over(mul(sub(1, targets), predictions)))
    return sub(1, div(hit, add(add(add(hit, missed), wrong), epsilon)))
  },
})
