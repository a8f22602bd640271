// The densely connected layer.

import { type Activation, type ActivationOption, resolveActivation } from '../activations'
import type { ConstraintOption } from '../constraints'
import { requirePositiveInteger, ShapeError } from '../errors'
import type { Value, Variable } from '../graph'
import type { InitializerOption } from '../initializers'
import { add, matmul } from '../ops'
import type { RegularizerOption } from '../regularizers'
import { formatShape, type PartialShape } from '../tensor'
import { Layer, type LayerOptions } from './layer'

/** Options of {@link dense}. */
export interface DenseOptions extends LayerOptions {
  /** Applied to the result; `'linear'` by default. */
  readonly activation?: ActivationOption
  /** `true` by default. */
  readonly useBias?: boolean
  /** `'glorotUniform'` by default. */
  readonly kernelInitializer?: InitializerOption
  /** `'zeros'` by default. */
  readonly biasInitializer?: InitializerOption
  readonly kernelRegularizer?: RegularizerOption
  readonly biasRegularizer?: RegularizerOption
  readonly kernelConstraint?: ConstraintOption
  readonly biasConstraint?: ConstraintOption
}

const optionNames = [
  'activation',
  'useBias',
  'kernelInitializer',
  'biasInitializer',
  'kernelRegularizer',
  'biasRegularizer',
  'kernelConstraint',
  'biasConstraint',
]

class Dense extends Layer {
  private readonly units: number
  private readonly options: DenseOptions
  private readonly activation: Activation
  declare private kernel: Variable
  declare private bias: Variable

  constructor(units: number, options: DenseOptions = {}) {
    super(options, 'dense', optionNames)
    this.units = requirePositiveInteger('dense', 'units', units)
    this.options = options
    this.activation = resolveActivation(options.activation ?? 'linear')
  }

  override build(inputShape: PartialShape): void {
    const features = inputShape[inputShape.length - 1]
    if (features == null) {
      throw new ShapeError(
        `${this.name}: expected a known number of features, got ${formatShape([null, ...inputShape])}`,
      )
    }
    const { options } = this
    this.kernel = this.addWeight('kernel', [features, this.units], {
      initializer: options.kernelInitializer ?? 'glorotUniform',
      regularizer: options.kernelRegularizer,
      constraint: options.kernelConstraint,
    })
    if (options.useBias === false) return
    this.bias = this.addWeight('bias', [this.units], {
      initializer: options.biasInitializer ?? 'zeros',
      regularizer: options.biasRegularizer,
      constraint: options.biasConstraint,
    })
  }

  override call(x: Value): Value {
    const product = matmul(x, this.kernel)
    return this.activation.call(this.options.useBias === false ? product : add(product, this.bias))
  }

  override outputShape(inputShape: PartialShape): PartialShape {
    return [...inputShape.slice(0, -1), this.units]
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
export function dense(units: number, options?: DenseOptions): Layer {
  return new Dense(units, options)
}
