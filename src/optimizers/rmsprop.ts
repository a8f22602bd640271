// Gradient descent with each step divided by the size of recent gradients.
import { add, div, mul, sqrt, sub } from '../ops'
import { optimizer } from './step/optimizer'

/** Options of {@link rmsprop}, beside those of all optimizers. */
export interface RmspropOptions {
  /** What the mean of squared gradients keeps of itself at each step; 0.9 by default. */
  readonly rho: number
  /** What the step keeps of the one before; 0 by default. */
  readonly momentum: number
  /** Keeps the step finite where gradients are 0; 1e-7 by default. */
  readonly epsilon: number
  /** Whether to divide by the standard deviation of gradients rather than by their size; `false` by default. */
  readonly centered: boolean
}

/**
 * RMSprop (Tieleman and Hinton, 2012):
 *
 * ```
 * v = rho v + (1 - rho) g²
 * w = w - learningRate g / sqrt(v + epsilon)
 * ```
 *
 * With `momentum` the steps add up as m = momentum m + step; with `centered` (Graves, 2013) v - a² stands for v, where a
 * is the mean of gradients a = rho a + (1 - rho) g.
 *
 * @example
 * ```ts
 * model.compile({ optimizer: rmsprop({ learningRate: 0.001, momentum: 0.9 }), loss: 'mse' })
 * ```
 */
export const rmsprop = /* @__PURE__ */ optimizer<RmspropOptions>('rmsprop', {
  defaults: { learningRate: 0.001, rho: 0.9, momentum: 0, epsilon: 1e-7, centered: false },
  rules: { rho: { from: 0, to: 1 }, momentum: { from: 0, to: 1 }, epsilon: { from: 0 } },
  slots: ({ momentum, centered }) => ({
    velocity: 0,
    ...(momentum > 0 ? { momentum: 0 } : {}),
    ...(centered ? { averageGradient: 0 } : {}),
  }),
  update({ variable, gradient, learningRate, slots, options: { rho, momentum: keep, epsilon, centered } }) {
    const velocity = add(mul(rho, slots.velocity), mul(1 - rho, mul(gradient, gradient)))
    const average = centered ? add(mul(rho, slots.averageGradient), mul(1 - rho, gradient)) : undefined
    const size = average === undefined ? velocity : sub(velocity, mul(average, average))
    const step = div(mul(learningRate, gradient), sqrt(add(size, epsilon)))
    const momentum = keep > 0 ? add(mul(keep, slots.momentum), step) : undefined
    return {
      variable: sub(variable, momentum ?? step),
      slots: {
        velocity,
        ...(momentum === undefined ? {} : { momentum }),
        ...(average === undefined ? {} : { averageGradient: average }),
      },
    }
  },
})
