// Penalties on the size of weights.
import { constant, type Value } from '../graph'
import { abs, add, mul, sum } from '../ops'
import { shorthand } from '../registry'
import { type Regularizer, regularizer } from './regularizer'

/** Options of {@link l1l2}. */
export interface L1L2Options {
  /** The factor of the sum of absolute values; 0 by default. */
  readonly l1: number
  /** The factor of the sum of squares; 0 by default. */
  readonly l2: number
}

const penalties = {
  l1: (x: Value, factor: number): Value => mul(factor, sum(abs(x))),
  l2: (x: Value, factor: number): Value => mul(factor, sum(mul(x, x))),
}

const absolute = /* @__PURE__ */ regularizer<Pick<L1L2Options, 'l1'>>('l1', {
  defaults: { l1: 0.01 },
  rules: { l1: { from: 0 } },
  call: (x, { l1 }) => penalties.l1(x, l1),
})

const squared = /* @__PURE__ */ regularizer<Pick<L1L2Options, 'l2'>>('l2', {
  defaults: { l2: 0.01 },
  rules: { l2: { from: 0 } },
  call: (x, { l2 }) => penalties.l2(x, l2),
})

/**
 * `factor * sum(|x|)`: it drives weights to 0.
 *
 * @example
 * ```ts
 * dense(8, { kernelRegularizer: regularizers.l1(0.001) })
 * ```
 */
export const l1 = /* @__PURE__ */ shorthand(absolute, (factor = 0.01): Regularizer => absolute({ l1: factor }))

/**
 * `factor * sum(x²)`: it keeps weights small.
 *
 * @example
 * ```ts
 * dense(8, { kernelRegularizer: regularizers.l2(0.001) })
 * ```
 */
export const l2 = /* @__PURE__ */ shorthand(squared, (factor = 0.01): Regularizer => squared({ l2: factor }))

/**
 * `l1 * sum(|x|) + l2 * sum(x²)`.
 *
 * @example
 * ```ts
 * dense(8, { kernelRegularizer: regularizers.l1l2({ l1: 0.001, l2: 0.01 }) })
 * ```
 */
export const l1l2 = /* @__PURE__ */ regularizer<L1L2Options>('l1l2', {
  defaults: { l1: 0, l2: 0 },
  rules: { l1: { from: 0 }, l2: { from: 0 } },
  call(x, { l1, l2 }) {
    if (l1 === 0) return l2 === 0 ? constant(0, x.dtype) : penalties.l2(x, l2)
    return l2 === 0 ? penalties.l1(x, l1) : add(penalties.l1(x, l1), penalties.l2(x, l2))
  },
})
