// Adam's direction, in steps as long as the weights are large.
import { add, div, greater, mul, sqrt, square, sub, sum, where } from '../../ops'
import { type AdamOptions, adamRules, biasCorrection, moved } from '../adam'
import { optimizer } from '../step/optimizer'

/** Options of {@link lamb}, beside those of all optimizers. */
export type LambOptions = Omit<AdamOptions, 'amsgrad'>

/**
 * LAMB (You and others, 2020, "Large batch optimization for deep learning"), layer by layer:
 *
 * ```
 * m = beta1 m + (1 - beta1) g        v = beta2 v + (1 - beta2) g²
 * u = m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon)
 * w = w - learningRate |w| / |u| u
 * ```
 *
 * Where a norm is 0, its share of the step is 1.
 *
 * @example
 * ```ts
 * model.compile({ optimizer: lamb({ learningRate: 0.01 }), loss: 'mse' })
 * ```
 */
export const lamb = /* @__PURE__ */ optimizer<LambOptions>('lamb', {
  defaults: { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  rules: adamRules,
  slots: { momentum: 0, velocity: 0 },
  update({ variable, gradient, learningRate, step, slots, options: { beta1, beta2, epsilon } }) {
    const momentum = moved(slots.momentum, gradient, beta1)
    const velocity = moved(slots.velocity, square(gradient), beta2)
    const deviation = add(sqrt(div(velocity, biasCorrection(beta2, step))), epsilon)
    const direction = div(div(momentum, biasCorrection(beta1, step)), deviation)
    const [weight, length] = [sqrt(sum(square(variable))), sqrt(sum(square(direction)))]
    const isLong = greater(length, 0)
    const ratio = where(greater(weight, 0), where(isLong, div(weight, where(isLong, length, 1)), 1), 1)
    return { variable: sub(variable, mul(mul(ratio, learningRate), direction)), slots: { momentum, velocity } }
  },
})
