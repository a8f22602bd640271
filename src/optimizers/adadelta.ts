// Gradient descent with steps in the unit of the weights.
import { add, div, mul, sqrt, sub } from '../ops'
import { optimizer } from './step/optimizer'

/** Options of {@link adadelta}, beside those of all optimizers. */
export interface AdadeltaOptions {
  /** What the means of squares keep of themselves at each step; 0.95 by default. */
  readonly rho: number
  /** Keeps the step finite, and lets the first one be made; 1e-7 by default. */
  readonly epsilon: number
}

/**
 * Adadelta (Zeiler, 2012, "ADADELTA: an adaptive learning rate method", algorithm 1):
 *
 * ```
 * a = rho a + (1 - rho) g²
 * d = sqrt(b + epsilon) / sqrt(a + epsilon) g        b = rho b + (1 - rho) d²
 * w = w - learningRate d
 * ```
 *
 * The paper's own learning rate is 1.
 *
 * @example
 * ```ts
 * model.compile({ optimizer: adadelta({ learningRate: 1 }), loss: 'mse' })
 * ```
 */
export const adadelta = /* @__PURE__ */ optimizer<AdadeltaOptions>('adadelta', {
  defaults: { learningRate: 0.001, rho: 0.95, epsilon: 1e-7 },
  rules: { rho: { from: 0, to: 1 }, epsilon: { from: 0 } },
  slots: { accumulatedGrad: 0, accumulatedDeltaVar: 0 },
  update({ variable, gradient, learningRate, slots, options: { rho, epsilon } }) {
    const accumulatedGrad = add(mul(rho, slots.accumulatedGrad), mul(1 - rho, mul(gradient, gradient)))
    const before = sqrt(add(slots.accumulatedDeltaVar, epsilon))
    const delta = div(mul(before, gradient), sqrt(add(accumulatedGrad, epsilon)))
    const accumulatedDeltaVar = add(mul(rho, slots.accumulatedDeltaVar), mul(1 - rho, mul(delta, delta)))
    return { variable: sub(variable, mul(learningRate, delta)), slots: { accumulatedGrad, accumulatedDeltaVar } }
  },
})
