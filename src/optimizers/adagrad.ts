// Gradient descent with each step divided by the size of all gradients so far.
import { add, div, mul, sqrt, sub } from '../ops'
import { optimizer } from './step/optimizer'

/** Options of {@link adagrad}, beside those of all optimizers. */
export interface AdagradOptions {
  /** What the sum of squared gradients begins with; 0.1 by default. */
  readonly initialAccumulatorValue: number
  /** Keeps the step finite where gradients are 0; 1e-7 by default. */
  readonly epsilon: number
}

/**
 * Adagrad (Duchi, Hazan and Singer, 2011):
 *
 * ```
 * a = a + g²
 * w = w - learningRate g / sqrt(a + epsilon)
 * ```
 *
 * @example
 * ```ts
 * model.compile({ optimizer: adagrad({ learningRate: 0.01 }), loss: 'mse' })
 * ```
 */
export const adagrad = /* @__PURE__ */ optimizer<AdagradOptions>('adagrad', {
  defaults: { learningRate: 0.001, initialAccumulatorValue: 0.1, epsilon: 1e-7 },
  rules: { initialAccumulatorValue: { from: 0 }, epsilon: { from: 0 } },
  slots: ({ initialAccumulatorValue }) => ({ accumulator: initialAccumulatorValue }),
  update({ variable, gradient, learningRate, slots, options: { epsilon } }) {
    const accumulator = add(slots.accumulator, mul(gradient, gradient))
    const step = div(mul(learningRate, gradient), sqrt(add(accumulator, epsilon)))
    return { variable: sub(variable, step), slots: { accumulator } }
  },
})
