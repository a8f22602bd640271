// What normalisation layers have in common: the weights gamma and beta, by which normalised values are scaled and shifted.

import type { ConstraintOption } from '../constraints'
import type { Variable } from '../graph'
import type { InitializerOption } from '../initializers'
import type { RegularizerOption } from '../regularizers'
import type { Shape } from '../tensor'
import type { Layer, LayerOptions } from './layer'

/** Options of layers that scale and shift what they have normalised. */
export interface ScaleAndShiftOptions extends LayerOptions {
  /** Whether beta is added; `true` by default. */
  readonly center?: boolean
  /** Whether it is multiplied by gamma; `true` by default. */
  readonly scale?: boolean
  /** `'zeros'` by default. */
  readonly betaInitializer?: InitializerOption
  /** `'ones'` by default. */
  readonly gammaInitializer?: InitializerOption
  readonly betaRegularizer?: RegularizerOption
  readonly gammaRegularizer?: RegularizerOption
  readonly betaConstraint?: ConstraintOption
  readonly gammaConstraint?: ConstraintOption
}

/** The names of all options in {@link ScaleAndShiftOptions} but the common ones. */
export const scaleAndShiftNames = [
  'center',
  'scale',
  'betaInitializer',
  'gammaInitializer',
  'betaRegularizer',
  'gammaRegularizer',
  'betaConstraint',
  'gammaConstraint',
] as const

/** Adds gamma and beta to a layer, as far as its options ask for them. */
export function addScaleAndShift(
  layer: Layer,
  shape: Shape,
  options: ScaleAndShiftOptions,
): { readonly gamma: Variable | undefined; readonly beta: Variable | undefined } {
  const gamma =
    options.scale === false
      ? undefined
      : layer.addWeight('gamma', shape, {
          initializer: options.gammaInitializer ?? 'ones',
          regularizer: options.gammaRegularizer,
          constraint: options.gammaConstraint,
        })
  const beta =
    options.center === false
      ? undefined
      : layer.addWeight('beta', shape, {
          initializer: options.betaInitializer ?? 'zeros',
          regularizer: options.betaRegularizer,
          constraint: options.betaConstraint,
        })
  return { gamma, beta }
}
