// Adam, and AMSGrad, its variant whose second moment never shrinks.

import type { Rules } from '../errors'
import type { Value } from '../graph'
import { add, div, expm1, maximum, mul, neg, sqrt, sub } from '../ops'
import { optimizer, type UpdateContext, type UpdateResult } from './step/optimizer'

/** Options of {@link adam}, beside those of all optimizers. */
export interface AdamOptions {
  /** What the mean of gradients keeps of itself at each step; 0.9 by default. */
  readonly beta1: number
  /** What the mean of squared gradients keeps of itself at each step; 0.999 by default. */
  readonly beta2: number
  /** Keeps the step finite where gradients are 0; 1e-7 by default. */
  readonly epsilon: number
  /** Whether to divide by the largest mean of squares so far; `false` by default. */
  readonly amsgrad: boolean
}

/** 1 - beta^step, accurate while beta^step is near 1. */
export function biasCorrection(beta: number, step: Value): Value {
  // The smallest number stands for 0, whose logarithm no file could hold.
  return neg(expm1(mul(step, Math.log(Math.max(beta, Number.MIN_VALUE)))))
}

/** An average moved towards a new value: average + (value - average)(1 - keep). */
export function moved(average: Value, value: Value, keep: number): Value {
  return add(average, mul(sub(value, average), 1 - keep))
}

/** One step of Adam, which adamw shares. */
export function adamUpdate(context: UpdateContext<AdamOptions>): UpdateResult {
  const { variable, gradient, learningRate, step, slots, options } = context
  const { beta1, beta2, epsilon, amsgrad } = options
  const rate = div(mul(learningRate, sqrt(biasCorrection(beta2, step))), biasCorrection(beta1, step))
  const momentum = moved(slots.momentum, gradient, beta1)
  const velocity = moved(slots.velocity, mul(gradient, gradient), beta2)
  const largest = amsgrad ? maximum(slots.velocityHat, velocity) : velocity
  return {
    variable: sub(variable, div(mul(momentum, rate), add(sqrt(largest), epsilon))),
    slots: amsgrad ? { momentum, velocity, velocityHat: largest } : { momentum, velocity },
  }
}

/** What the options of Adam may be, for adamw too. */
export const adamRules: Rules<AdamOptions> = {
  beta1: { from: 0, below: 1 },
  beta2: { from: 0, below: 1 },
  epsilon: { from: 0 },
}

/** The slots of Adam, which adamw shares. */
export function adamSlots({ amsgrad }: AdamOptions): Readonly<Record<string, number>> {
  return amsgrad ? { momentum: 0, velocity: 0, velocityHat: 0 } : { momentum: 0, velocity: 0 }
}

/**
 * Adam (Kingma and Ba, 2015, "Adam: a method for stochastic optimization", algorithm 1 with the order of computation
 * of its section 2):
 *
 * ```
 * m = beta1 m + (1 - beta1) g        v = beta2 v + (1 - beta2) g²
 * w = w - learningRate sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + epsilon)
 * ```
 *
 * With `amsgrad` (Reddi, Kale and Kumar, 2018) the largest v so far stands in its place.
 *
 * @example
 * ```ts
 * model.compile({ optimizer: adam({ learningRate: 3e-4, globalClipNorm: 1 }), loss: 'mse' })
 * ```
 */
export const adam = /* @__PURE__ */ optimizer<AdamOptions>('adam', {
  defaults: { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, amsgrad: false },
  rules: adamRules,
  slots: adamSlots,
  update: adamUpdate,
})
