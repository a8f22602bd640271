// Adam with the infinity norm.
import { abs, add, div, maximum, mul, sub } from '../ops'
import { type AdamOptions, biasCorrection, moved } from './adam'
import { optimizer } from './step/optimizer'

/** Options of {@link adamax}, beside those of all optimizers. */
export type AdamaxOptions = Omit<AdamOptions, 'amsgrad'>

/**
 * Adamax (Kingma and Ba, 2015, section 7.1):
 *
 * ```
 * m = beta1 m + (1 - beta1) g        u = max(beta2 u, |g|)
 * w = w - learningRate / (1 - beta1^t) m / (u + epsilon)
 * ```
 *
 * @example
 * ```ts
 * model.compile({ optimizer: adamax({ learningRate: 0.002 }), loss: 'mse' })
 * ```
 */
export const adamax = /* @__PURE__ */ optimizer<AdamaxOptions>('adamax', {
  defaults: { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  rules: { beta1: { from: 0, below: 1 }, beta2: { from: 0, to: 1 }, epsilon: { from: 0 } },
  slots: { momentum: 0, norm: 0 },
  update({ variable, gradient, learningRate, step, slots, options: { beta1, beta2, epsilon } }) {
    const momentum = moved(slots.momentum, gradient, beta1)
    const norm = maximum(mul(slots.norm, beta2), abs(gradient))
    const rate = div(learningRate, biasCorrection(beta1, step))
    return { variable: sub(variable, div(mul(rate, momentum), add(norm, epsilon))), slots: { momentum, norm } }
  },
})
