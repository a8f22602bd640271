// The densely connected layer.

import { type Activation, resolveActivation } from '../../activations'
import { requirePositiveInteger } from '../../errors'
import type { Value, Variable } from '../../graph'
import { add, matmul } from '../../ops'
import type { PartialShape } from '../../tensor'
import { activatedShape } from '../activations/activatedShape'
import { Layer } from '../base/layer'
import type { OverTime } from '../base/overTime'
import { layerFactory } from '../base/registry'
import { knownLength } from '../options/checks'
import type { Expected } from '../options/expected'
import { addBias, addKernel, type KernelOptions, kernelOptions } from '../options/kernelOptions'
import type { Ranked } from '../options/ranks'

/** Options of {@link dense}. */
export interface DenseOptions extends KernelOptions {}

class Dense extends Layer {
  override readonly expects: Expected = { inputs: 'one', minRank: 2 }
  private readonly units: number
  private readonly options: DenseOptions
  private readonly activation: Activation
  declare private kernel: Variable
  declare private bias: Variable | undefined

  constructor(units: number, options: DenseOptions = {}) {
    super(options, 'dense', kernelOptions)
    this.units = requirePositiveInteger('dense', 'units', units)
    this.options = options
    this.activation = resolveActivation(options.activation ?? kernelOptions.defaults.activation)
  }

  override build(inputShape: PartialShape): void {
    const features = knownLength(this.name, 'features', inputShape, -1)
    this.kernel = addKernel(this, [features, this.units], this.options)
    this.bias = this.options.useBias === false ? undefined : addBias(this, [this.units], this.options)
  }

  protected override fixedAxes(): readonly number[] {
    return [-1]
  }

  override call(x: Value): Value {
    const product = matmul(x, this.kernel)
    return this.activation.call(this.bias === undefined ? product : add(product, this.bias))
  }

  override outputShape(inputShape: PartialShape): PartialShape {
    return activatedShape(this.activation, [...inputShape.slice(0, -1), this.units], this.dtype)
  }

  override overTime(): OverTime {
    return 'apart'
  }

  override config(): Record<string, unknown> {
    return { units: this.units, ...this.options }
  }
}

/**
 * A densely connected layer: activation(x kernel + bias), over the last axis.
 *
 * Input `[batch, ..., features]`, output `[batch, ..., units]`. Weights: kernel `[features, units]`, bias `[units]`.
 *
 * @param units - the number of features it gives.
 * @throws OptionError for an unknown option or units that are not a positive whole number.
 *
 * @example
 * ```ts
 * const y = await dense(3, { activation: 'relu' }).run([[1, 2]])
 * y.shape // [1, 3]
 * ```
 */
export const dense = /* @__PURE__ */ layerFactory(
  'dense',
  ['units'],
  (units: number, options?: DenseOptions): Ranked<'dense', number, 'same'> => {
    return new Dense(units, options)
  },
)
