// The regularizers by name: what users see as the namespace `regularizers`.

/**
 * Penalties on weights or outputs, which are added to the loss.
 *
 * @example
 * ```ts
 * dense(8, { kernelRegularizer: regularizers.l2(1e-4) })
 * ```
 *
 * @module
 */

export { type L1L2Options, l1, l1l2, l2 } from './norms'
export { type OrthogonalRegularizerOptions, orthogonalRegularizer } from './orthogonalRegularizer'
