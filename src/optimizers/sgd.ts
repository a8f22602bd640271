// Gradient descent, with momentum.
import { add, mul, sub } from '../ops'
import { optimizer, type UpdateResult } from './step/optimizer'

/** Options of {@link sgd}, beside those of all optimizers. */
export interface SgdOptions {
  /** What the step keeps of the one before; 0 by default. */
  readonly momentum: number
  /** Whether the gradient is thought of at the place where momentum leads (Nesterov, 1983); `false` by default. */
  readonly nesterov: boolean
}

/**
 * Stochastic gradient descent:
 *
 * ```
 * w = w - learningRate g
 * ```
 *
 * with momentum (Polyak, 1964) v = momentum v - learningRate g and w = w + v, or with `nesterov` (Sutskever et al., 2013)
 * w = w + momentum v - learningRate g.
 *
 * @example
 * ```ts
 * model.compile({ optimizer: sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true }), loss: 'mse' })
 * ```
 */
export const sgd = /* @__PURE__ */ optimizer<SgdOptions>('sgd', {
  defaults: { learningRate: 0.01, momentum: 0, nesterov: false },
  rules: { momentum: { from: 0, to: 1 } },
  slots: ({ momentum }): Readonly<Record<string, number>> => (momentum === 0 ? {} : { momentum: 0 }),
  update({ variable, gradient, learningRate, slots, options: { momentum: keep, nesterov } }): UpdateResult {
    const step = mul(gradient, learningRate)
    if (keep === 0) return { variable: sub(variable, step), slots: {} }
    const momentum = sub(mul(slots.momentum, keep), step)
    const move = nesterov ? sub(mul(momentum, keep), step) : momentum
    return { variable: add(variable, move), slots: { momentum } }
  },
})
