// Constraints on the norms of the weight vectors that lead to each unit.
import { OptionError } from '../errors'
import type { Value } from '../graph'
import { add, clip, div, minimum, mul, sqrt, sum } from '../ops'
import { shorthand } from '../registry'
import { type Constraint, constraint } from './constraint'

/** Options of {@link unitNorm} and of the other constraints on norms. */
export interface NormOptions {
  /** The axes along which a weight vector lies: 0 by default, `[0, 1, 2]` for a kernel of conv2d. */
  readonly axis: number | readonly number[]
}

/** Options of {@link maxNorm}. */
export interface MaxNormOptions extends NormOptions {
  /** The largest norm; 2 by default. */
  readonly maxValue: number
}

/** Options of {@link minMaxNorm}. */
export interface MinMaxNormOptions extends NormOptions {
  /** The smallest norm; 0 by default. */
  readonly minValue: number
  /** The largest norm; 1 by default. */
  readonly maxValue: number
  /** How much of the way to the nearest allowed norm is gone at each step; 1 (all of it) by default. */
  readonly rate: number
}

// As in Keras: it keeps a vector of zeros from being divided by 0.
const epsilon = 1e-7

function normOf(weight: Value, axis: number | readonly number[]): Value {
  return sqrt(sum(mul(weight, weight), { axis, keepDims: true }))
}

const ofMaxNorm = /* @__PURE__ */ constraint<MaxNormOptions>('maxNorm', {
  defaults: { maxValue: 2, axis: 0 },
  rules: { maxValue: { from: 0 }, axis: { numbers: 'any', integer: true } },
  call(weight, { maxValue, axis }) {
    const norm = normOf(weight, axis)
    return mul(weight, div(minimum(norm, maxValue), add(norm, epsilon)))
  },
})

/**
 * Weight vectors no longer than `maxValue`: a longer one is shortened.
 *
 * @example
 * ```ts
 * dense(8, { kernelConstraint: constraints.maxNorm(3) })
 * ```
 */
export const maxNorm = /* @__PURE__ */ shorthand(
  ofMaxNorm,
  (maxValue = 2, options: Partial<NormOptions> = {}): Constraint => ofMaxNorm({ ...options, maxValue }),
)

/**
 * Weight vectors of length 1.
 *
 * @example
 * ```ts
 * dense(8, { kernelConstraint: constraints.unitNorm() }) // or 'unitNorm'
 * ```
 */
export const unitNorm = /* @__PURE__ */ constraint<NormOptions>('unitNorm', {
  defaults: { axis: 0 },
  rules: { axis: { numbers: 'any', integer: true } },
  call: (weight, { axis }) => div(weight, add(normOf(weight, axis), epsilon)),
})

/**
 * Weight vectors between `minValue` and `maxValue` long.
 *
 * @example
 * ```ts
 * dense(8, { kernelConstraint: constraints.minMaxNorm({ minValue: 0.5, maxValue: 2 }) })
 * ```
 */
export const minMaxNorm = /* @__PURE__ */ constraint<MinMaxNormOptions>('minMaxNorm', {
  defaults: { minValue: 0, maxValue: 1, rate: 1, axis: 0 },
  rules: {
    minValue: { from: 0 },
    maxValue: { from: 0 },
    rate: { from: 0, to: 1 },
    axis: { numbers: 'any', integer: true },
  },
  check({ minValue, maxValue }) {
    if (minValue <= maxValue) return
    throw new OptionError(`minMaxNorm: expected minValue to be at most maxValue, got ${minValue} and ${maxValue}`)
  },
  call(weight, { minValue, maxValue, rate, axis }) {
    const norm = normOf(weight, axis)
    const desired = add(mul(rate, clip(norm, minValue, maxValue)), mul(1 - rate, norm))
    return mul(weight, div(desired, add(norm, epsilon)))
  },
})
