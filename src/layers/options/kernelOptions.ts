// What layers with a kernel and a bias have in common: their options and the making of these two weights.

import { type ActivationOption, linear } from '../../activations'
import type { ConstraintOption } from '../../constraints'
import type { Variable } from '../../graph'
import { type Fans, glorotUniform, type InitializerOption, zeros } from '../../initializers'
import type { RegularizerOption } from '../../regularizers'
import type { Shape } from '../../tensor'
import type { Layer, LayerOptions } from '../base/layer'
import { aConstraint, anActivation, anInitializer, aRegularizer, type OwnOptions } from './ownOptions'

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

/** The options in {@link KernelOptions}. */
export const kernelOptions = {
  defaults: {
    activation: linear,
    useBias: true,
    kernelInitializer: /* @__PURE__ */ glorotUniform(),
    biasInitializer: /* @__PURE__ */ zeros(),
    kernelRegularizer: undefined,
    biasRegularizer: undefined,
    kernelConstraint: undefined,
    biasConstraint: undefined,
  },
  rules: {
    activation: anActivation,
    kernelInitializer: anInitializer,
    biasInitializer: anInitializer,
    kernelRegularizer: aRegularizer,
    biasRegularizer: aRegularizer,
    kernelConstraint: aConstraint,
    biasConstraint: aConstraint,
  },
} satisfies OwnOptions<KernelOptions>

/** Adds the weight `kernel` to a layer. */
export function addKernel(layer: Layer, shape: Shape, options: KernelOptions, fans?: Fans): Variable {
  return layer.addWeight('kernel', shape, {
    ...(fans && { fans }),
    initializer: options.kernelInitializer ?? kernelOptions.defaults.kernelInitializer,
    regularizer: options.kernelRegularizer,
    constraint: options.kernelConstraint,
    adapts: true,
  })
}

/** Adds the weight `bias` to a layer. */
export function addBias(layer: Layer, shape: Shape, options: KernelOptions): Variable {
  return layer.addWeight('bias', shape, {
    initializer: options.biasInitializer ?? kernelOptions.defaults.biasInitializer,
    regularizer: options.biasRegularizer,
    constraint: options.biasConstraint,
  })
}
