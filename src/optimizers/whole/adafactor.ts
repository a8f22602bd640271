// Adaptive steps with memory for rows and columns alone.

import type { Value } from '../../graph'
import { add, div, expandDims, maximum, mean, minimum, mul, neg, pow, sqrt, square, sub } from '../../ops'
import { optimizer } from '../step/optimizer'

/** Options of {@link adafactor}, beside those of all optimizers. */
export interface AdafactorOptions {
  /** How the share that the means of squares keep grows: `1 - t^beta2Decay`; -0.8 by default. */
  readonly beta2Decay: number
  /** Added to squares; 1e-30 by default. */
  readonly epsilon1: number
  /** The least size of weights that steps are measured by; 1e-3 by default. */
  readonly epsilon2: number
  /** The most the root of the mean square of a step may be; 1 by default. */
  readonly clipThreshold: number
  /** Whether the learning rate is at most `1 / sqrt(t)`; as in Keras steps are never larger, also without it. */
  readonly relativeStep: boolean
}

/** The root of the mean of squares. */
function size(x: Value): Value {
  return sqrt(mean(square(x)))
}

/**
 * Adafactor (Shazeer and Stern, 2018, "Adafactor: adaptive learning rates with sublinear memory cost"): Adam's second moment, of matrices
 * kept as the means r of rows and c of columns.
 *
 * ```
 * v = r c / mean(r)        u = g / sqrt(v)        u = u / max(1, size(u) / clipThreshold)
 * w = w - max(epsilon2, size(w)) min(learningRate, 1 / sqrt(t)) u
 * ```
 *
 * @example
 * ```ts
 * model.compile({ optimizer: adafactor({ learningRate: 0.05 }), loss: 'mse' })
 * ```
 */
export const adafactor = /* @__PURE__ */ optimizer<AdafactorOptions>('adafactor', {
  defaults: {
    learningRate: 0.001,
    beta2Decay: -0.8,
    epsilon1: 1e-30,
    epsilon2: 1e-3,
    clipThreshold: 1,
    relativeStep: true,
  },
  rules: { beta2Decay: { below: 0 }, epsilon1: { from: 0 }, epsilon2: { from: 0 }, clipThreshold: { above: 0 } },
  slots: {
    r: ({ shape }) => (shape.length < 2 ? undefined : { shape: shape.slice(0, -1) }),
    c: ({ shape }) => (shape.length < 2 ? undefined : { shape: [...shape.slice(0, -2), shape[shape.length - 1]] }),
    velocity: 0,
  },
  update({ variable, gradient, learningRate, step, slots, options }) {
    const { beta2Decay, epsilon1, epsilon2, clipThreshold } = options
    const rate = mul(maximum(size(variable), epsilon2), minimum(learningRate, div(1, sqrt(step))))
    const squares = add(square(gradient), epsilon1)
    const share = pow(step, beta2Decay)
    const averaged = (before: Value, now: Value): Value => add(mul(sub(1, share), before), mul(share, now))
    const isMatrix = variable.rank >= 2
    const r = isMatrix ? averaged(slots.r, mean(squares, { axis: -1 })) : undefined
    const c = isMatrix ? averaged(slots.c, mean(squares, { axis: -2 })) : undefined
    const velocity =
      r === undefined || c === undefined
        ? averaged(slots.velocity, squares)
        : mul(expandDims(div(r, mean(r, { axis: -1, keepDims: true })), -1), expandDims(c, -2))
    const direction = div(gradient, sqrt(velocity))
    const clipped = div(direction, maximum(div(size(direction), clipThreshold), 1))
    return {
      variable: add(variable, neg(mul(rate, clipped))),
      slots: { ...(r && { r }), ...(c && { c }), velocity },
    }
  },
})
