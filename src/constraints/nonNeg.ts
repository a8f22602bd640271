// The constraint that no weight is negative.
import { maximum } from '../ops'
import { constraint } from './constraint'

/**
 * No weight is negative: a negative one becomes 0.
 *
 * @example
 * ```ts
 * dense(8, { kernelConstraint: constraints.nonNeg() }) // or 'nonNeg'
 * ```
 */
export const nonNeg = /* @__PURE__ */ constraint('nonNeg', { defaults: {}, call: (weight) => maximum(weight, 0) })
