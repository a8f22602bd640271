// What layers with a kernel and a bias have in common: their options and the making of these two weights.

import type { ActivationOption } from '../activations'
import type { ConstraintOption } from '../constraints'
import type { Variable } from '../graph'
import type { InitializerOption } from '../initializers'
import type { RegularizerOption } from '../regularizers'
import type { Shape } from '../tensor'
import type { Layer, LayerOptions } from './layer'

/** Options of layers with a kernel and a bias. */
export interface KernelOptions extends LayerOptions {
  /** Applied to the result; `'linear'` by default. */
  readonly activation?: ActivationOption
  /** `true` by default. */
  readonly useBias?: boolean
  /** `'glorotUniform'` by default. */
  readonly kernelInitializer?: InitializerOption
  /** `'zeros'` by default. */
  readonly biasInitializer?: InitializerOption
  /** A penalty on the kernel, added to the loss. */
  readonly kernelRegularizer?: RegularizerOption
  /** A penalty on the bias. */
  readonly biasRegularizer?: RegularizerOption
  /** Applied to the kernel after each update. */
  readonly kernelConstraint?: ConstraintOption
  /** Applied to the bias after each update. */
  readonly biasConstraint?: ConstraintOption
}

/** The names of all options in {@link KernelOptions} but the common ones. */
export const kernelOptionNames = [
  'activation',
  'useBias',
  'kernelInitializer',
  'biasInitializer',
  'kernelRegularizer',
  'biasRegularizer',
  'kernelConstraint',
  'biasConstraint',
] as const

/** Adds the weight `kernel` to a layer. */
export function addKernel(layer: Layer, shape: Shape, options: KernelOptions): Variable {
  return layer.addWeight('kernel', shape, {
    initializer: options.kernelInitializer ?? 'glorotUniform',
    regularizer: options.kernelRegularizer,
    constraint: options.kernelConstraint,
  })
}

/** Adds the weight `bias` to a layer. */
export function addBias(layer: Layer, shape: Shape, options: KernelOptions): Variable {
  return layer.addWeight('bias', shape, {
    initializer: options.biasInitializer ?? 'zeros',
    regularizer: options.biasRegularizer,
    constraint: options.biasConstraint,
  })
}
