// What normalisation layers have in common: the weights gamma and beta, by which normalised values are scaled and shifted.

import type { ConstraintOption } from '../../constraints'
import type { Variable } from '../../graph'
import { type InitializerOption, ones, zeros } from '../../initializers'
import type { RegularizerOption } from '../../regularizers'
import type { Shape } from '../../tensor'
import type { Layer, LayerOptions } from '../base/layer'
import { aConstraint, anInitializer, aRegularizer, type OwnOptions } from '../options/ownOptions'

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

/** The options in {@link ScaleAndShiftOptions}. */
export const scaleAndShiftOptions = {
  defaults: {
    center: true,
    scale: true,
    betaInitializer: /* @__PURE__ */ zeros(),
    gammaInitializer: /* @__PURE__ */ ones(),
    betaRegularizer: undefined,
    gammaRegularizer: undefined,
    betaConstraint: undefined,
    gammaConstraint: undefined,
  },
  rules: {
    betaInitializer: anInitializer,
    gammaInitializer: anInitializer,
    betaRegularizer: aRegularizer,
    gammaRegularizer: aRegularizer,
    betaConstraint: aConstraint,
    gammaConstraint: aConstraint,
  },
} satisfies OwnOptions<ScaleAndShiftOptions>

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
          initializer: options.gammaInitializer ?? scaleAndShiftOptions.defaults.gammaInitializer,
          regularizer: options.gammaRegularizer,
          constraint: options.gammaConstraint,
        })
  const beta =
    options.center === false
      ? undefined
      : layer.addWeight('beta', shape, {
          initializer: options.betaInitializer ?? scaleAndShiftOptions.defaults.betaInitializer,
          regularizer: options.betaRegularizer,
          constraint: options.betaConstraint,
        })
  return { gamma, beta }
}
