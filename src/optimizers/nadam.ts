// Adam with Nesterov's momentum.
import type { Value } from '../graph'
import { add, div, mul, pow, sqrt, sub } from '../ops'
import { type AdamOptions, biasCorrection, moved } from './adam'
import { optimizer } from './step/optimizer'

/** Options of {@link nadam}, beside those of all optimizers. */
export type NadamOptions = Omit<AdamOptions, 'amsgrad'>

/** What the mean of gradients keeps at a step: beta1 (1 - 0.96^step / 2), which grows from about beta1 / 2 to beta1. */
function keepAt(step: Value, beta1: number): Value {
  return mul(beta1, sub(1, mul(0.5, pow(0.96, step))))
}

/**
 * Nadam (Dozat, 2015, "Incorporating Nesterov momentum into Adam"), with u_t = beta1 (1 - 0.96^t / 2) and U_t the product
 * of u_1 ... u_t:
 *
 * ```
 * m = beta1 m + (1 - beta1) g        v = beta2 v + (1 - beta2) g²
 * M = u_(t+1) m / (1 - U_(t+1)) + (1 - u_t) g / (1 - U_t)        V = v / (1 - beta2^t)
 * w = w - learningRate M / (sqrt(V) + epsilon)
 * ```
 *
 * @example
 * ```ts
 * model.compile({ optimizer: nadam({ learningRate: 0.002 }), loss: 'mse' })
 * ```
 */
export const nadam = /* @__PURE__ */ optimizer<NadamOptions>('nadam', {
  defaults: { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  rules: { beta1: { from: 0, below: 1 }, beta2: { from: 0, below: 1 }, epsilon: { from: 0 } },
  slots: { momentum: 0, velocity: 0 },
  shared: {
    initial: { uProduct: 1 },
    update: ({ step, shared, options: { beta1 } }) => ({ uProduct: mul(shared.uProduct, keepAt(step, beta1)) }),
  },
  update({ variable, gradient, learningRate, step, slots, shared, options: { beta1, beta2, epsilon } }) {
    const momentum = moved(slots.momentum, gradient, beta1)
    const velocity = moved(slots.velocity, mul(gradient, gradient), beta2)
    const next = keepAt(add(step, 1), beta1)
    const ahead = div(next, sub(1, mul(shared.uProduct, next)))
    const now = div(sub(1, keepAt(step, beta1)), sub(1, shared.uProduct))
    const mean = add(mul(momentum, ahead), mul(gradient, now))
    const size = add(sqrt(div(velocity, biasCorrection(beta2, step))), epsilon)
    return { variable: sub(variable, div(mul(mean, learningRate), size)), slots: { momentum, velocity } }
  },
})
