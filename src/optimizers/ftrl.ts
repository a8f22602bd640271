// Follow the regularized leader: steps that can leave many weights at exactly 0.
import { add, clip, div, mul, pow, sub } from '../ops'
import { optimizer } from './step/optimizer'

/** Options of {@link ftrl}, beside those of all optimizers. */
export interface FtrlOptions {
  /** How the learning rate falls with the sum of squared gradients, not above 0; -0.5 by default. */
  readonly learningRatePower: number
  /** What the sum of squared gradients begins with; 0.1 by default. */
  readonly initialAccumulatorValue: number
  /** How strongly weights are drawn to 0; 0 by default. */
  readonly l1RegularizationStrength: number
  /** How strongly large weights are punished; 0 by default. */
  readonly l2RegularizationStrength: number
  /** The same, but only where there is a gradient; 0 by default. */
  readonly l2ShrinkageRegularizationStrength: number
  /** The paper's beta; 0 by default. */
  readonly beta: number
}

/**
 * FTRL-Proximal (McMahan et al., 2013, "Ad click prediction: a view from the trenches", algorithm 1), with p =
 * -learningRatePower and the strengths l1, l2 and shrinkage:
 *
 * ```
 * n' = n + g²
 * z = z + (g + 2 shrinkage w) - (n'^p - n^p) / learningRate w
 * w = (clip(z, -l1, l1) - z) / (n'^p / learningRate + 2 l2 + beta / learningRate)
 * ```
 *
 * @example
 * ```ts
 * model.compile({ optimizer: ftrl({ learningRate: 0.05, l1RegularizationStrength: 0.01 }), loss: 'mse' })
 * ```
 */
export const ftrl = /* @__PURE__ */ optimizer<FtrlOptions>('ftrl', {
  defaults: {
    learningRate: 0.001,
    learningRatePower: -0.5,
    initialAccumulatorValue: 0.1,
    l1RegularizationStrength: 0,
    l2RegularizationStrength: 0,
    l2ShrinkageRegularizationStrength: 0,
    beta: 0,
  },
  rules: {
    learningRatePower: { to: 0 },
    initialAccumulatorValue: { from: 0 },
    l1RegularizationStrength: { from: 0 },
    l2RegularizationStrength: { from: 0 },
    l2ShrinkageRegularizationStrength: { from: 0 },
    beta: { from: 0 },
  },
  slots: ({ initialAccumulatorValue }) => ({ accumulator: initialAccumulatorValue, linear: 0 }),
  update({ variable, gradient, learningRate, slots, options }) {
    const { l1RegularizationStrength: l1, l2RegularizationStrength: l2, beta } = options
    const power = -options.learningRatePower
    const accumulator = add(slots.accumulator, mul(gradient, gradient))
    const raised = pow(accumulator, power)
    const shrunk = add(gradient, mul(2 * options.l2ShrinkageRegularizationStrength, variable))
    const change = mul(div(sub(raised, pow(slots.accumulator, power)), learningRate), variable)
    const linear = add(slots.linear, sub(shrunk, change))
    const quadratic = add(div(add(raised, beta), learningRate), 2 * l2)
    return { variable: div(sub(clip(linear, -l1, l1), linear), quadratic), slots: { accumulator, linear } }
  },
})
