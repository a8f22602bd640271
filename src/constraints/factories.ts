// The constraints by name: what users see as the namespace `constraints`.

/**
 * What keeps weights within bounds after each update of the optimizer.
 *
 * @example
 * ```ts
 * dense(8, { kernelConstraint: constraints.maxNorm(2) })
 * ```
 *
 * @module
 */

export { nonNeg } from './nonNeg'
export {
  type MaxNormOptions,
  type MinMaxNormOptions,
  maxNorm,
  minMaxNorm,
  type NormOptions,
  unitNorm,
} from './norms'
