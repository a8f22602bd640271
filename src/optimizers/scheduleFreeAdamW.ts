// Adam without a schedule: the weights are an average of where the steps have led.
import { add, div, equal, minimum, mul, sqrt, square, sub, where } from '../ops'
import { biasCorrection, moved } from './adam'
import { optimizer } from './step/optimizer'

/** Options of {@link scheduleFreeAdamW}, beside those of all optimizers. */
export interface ScheduleFreeAdamWOptions {
  /** How much of the weights that are trained is the average; 0.9 by default. */
  readonly beta1: number
  /** What the mean of squared gradients keeps of itself at each step; 0.999 by default. */
  readonly beta2: number
  /** Keeps the step finite where gradients are 0; 1e-8 by default. */
  readonly epsilon: number
  /** Over how many steps the learning rate rises to its full size; 0 by default. */
  readonly warmupSteps: number
}

/**
 * Schedule-free AdamW (Defazio and others, 2024, "The road less scheduled"), as Keras has it:
 *
 * ```
 * z = z - learningRate g / (sqrt(v / (1 - beta2^t)) + epsilon)
 * x = x + (z - x) / t        w = (1 - beta1) z + beta1 x
 * ```
 *
 * z begins as the weights; x, the average of all z, is worked out of w and z.
 *
 * @example
 * ```ts
 * model.compile({ optimizer: scheduleFreeAdamW({ warmupSteps: 100 }), loss: 'mse' })
 * ```
 */
export const scheduleFreeAdamW = /* @__PURE__ */ optimizer<ScheduleFreeAdamWOptions>('scheduleFreeAdamW', {
  defaults: { learningRate: 0.0025, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, warmupSteps: 0 },
  rules: {
    beta1: { above: 0, below: 1 },
    beta2: { from: 0, below: 1 },
    epsilon: { from: 0 },
    warmupSteps: { from: 0, integer: true },
  },
  slots: { momentum: 0, velocity: 0 },
  update({ variable, undecayed, gradient, learningRate, step, slots, options }) {
    const { beta1, beta2, epsilon, warmupSteps } = options
    const rate = warmupSteps === 0 ? learningRate : mul(learningRate, minimum(div(step, warmupSteps), 1))
    const before = where(equal(step, 1), undecayed, slots.momentum)
    const velocity = moved(slots.velocity, square(gradient), beta2)
    const deviation = add(sqrt(div(velocity, biasCorrection(beta2, step))), epsilon)
    const momentum = sub(before, div(mul(rate, gradient), deviation))
    const averageBefore = div(sub(variable, mul(before, 1 - beta1)), beta1)
    const share = div(1, step)
    const average = add(mul(sub(1, share), averageBefore), mul(share, momentum))
    return { variable: add(mul(momentum, 1 - beta1), mul(average, beta1)), slots: { momentum, velocity } }
  },
})
