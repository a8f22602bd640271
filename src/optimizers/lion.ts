// Steps of one size, in the direction of the sign alone.
import { add, mul, sign, sub } from '../ops'
import { optimizer } from './step/optimizer'

/** Options of {@link lion}, beside those of all optimizers. */
export interface LionOptions {
  /** How much of the direction is momentum rather than the gradient; 0.9 by default. */
  readonly beta1: number
  /** What momentum keeps of itself at each step; 0.99 by default. */
  readonly beta2: number
}

/**
 * Lion (Chen et al., 2023, "Symbolic discovery of optimization algorithms"):
 *
 * ```
 * w = w - learningRate sign(beta1 m + (1 - beta1) g)
 * m = beta2 m + (1 - beta2) g
 * ```
 *
 * Its learning rate is best 3 to 10 times smaller than Adam's.
 *
 * @example
 * ```ts
 * model.compile({ optimizer: lion({ learningRate: 1e-4, weightDecay: 0.01 }), loss: 'mse' })
 * ```
 */
export const lion = /* @__PURE__ */ optimizer<LionOptions>('lion', {
  defaults: { learningRate: 0.001, beta1: 0.9, beta2: 0.99 },
  rules: { beta1: { above: 0, to: 1 }, beta2: { from: 0, to: 1 } },
  slots: { momentum: 0 },
  update({ variable, gradient, learningRate, slots: { momentum }, options: { beta1, beta2 } }) {
    const direction = sign(add(mul(momentum, beta1), mul(gradient, 1 - beta1)))
    return {
      variable: sub(variable, mul(learningRate, direction)),
      slots: { momentum: add(mul(momentum, beta2), mul(gradient, 1 - beta2)) },
    }
  },
})
