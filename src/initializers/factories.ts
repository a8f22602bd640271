// The initializers by name: what users see as the namespace `initializers`.

/**
 * The values that weights begin with.
 *
 * @example
 * ```ts
 * lstm(8, { recurrentInitializer: initializers.orthogonal({ gain: 1 }), biasInitializer: 'zeros' })
 * ```
 *
 * @module
 */

export { type ConstantOptions, constant, type IdentityOptions, identity, ones, zeros } from './constant'
export { type OrthogonalOptions, orthogonal } from './orthogonal'
export {
  type NormalOptions,
  randomNormal,
  randomUniform,
  type SeedOptions,
  truncatedNormal,
  type UniformOptions,
} from './random'
export {
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  lecunNormal,
  lecunUniform,
  type VarianceScalingOptions,
  varianceScaling,
} from './varianceScaling'
