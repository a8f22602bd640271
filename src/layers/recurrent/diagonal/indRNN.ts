// The independently recurrent network.

import { type Activation, type ActivationOption, relu, resolveActivation } from '../../../activations'
import { requirePositiveInteger } from '../../../errors'
import type { Value, Variable } from '../../../graph'
import { randomUniform } from '../../../initializers'
import { add, matmul, mul } from '../../../ops'
import type { PartialShape } from '../../../tensor'
import type { CallContext } from '../../base/context'
import { layerFactory } from '../../base/registry'
import { knownLength } from '../../options/checks'
import { addBias, addKernel } from '../../options/kernelOptions'
import type { OwnOptions } from '../../options/ownOptions'
import { RecurrentCell } from '../cells/cell'
import { gateMasks } from '../cells/gates'
import { type StandardOptions, standardLayer } from '../cells/standard'
import { type CellOptions, cellOptions } from '../options'
import type { RecurrentLayer } from '../recurrentLayer'
import { droppedInputs } from './linearCell'

/** Options of {@link indRNN} that are about one step. */
export interface IndRNNCellOptions extends CellOptions {
  /** `'relu'` by default. */
  readonly activation?: ActivationOption
}

/** Options of {@link indRNN}. */
export interface IndRNNOptions extends StandardOptions, IndRNNCellOptions {}

const indRNNCellOptions = /* @__PURE__ */ (() =>
  ({
    defaults: {
      ...cellOptions.defaults,
      activation: relu,
      recurrentInitializer: /* @__PURE__ */ randomUniform({ minval: 0, maxval: 1 }),
    },
    rules: cellOptions.rules,
  }) satisfies OwnOptions<IndRNNCellOptions>)()

class IndRNNCell extends RecurrentCell {
  readonly stateSize: number
  private readonly units: number
  private readonly options: IndRNNCellOptions
  private readonly activation: Activation
  declare private kernel: Variable
  declare private recurrentKernel: Variable
  declare private bias: Variable | undefined

  constructor(units: number, options: IndRNNCellOptions) {
    super(options, 'indRNNCell', indRNNCellOptions)
    this.units = requirePositiveInteger('indRNN', 'units', units)
    this.stateSize = units
    this.options = options
    this.activation = resolveActivation(options.activation ?? indRNNCellOptions.defaults.activation)
  }

  override build(inputShape: PartialShape): void {
    const { units, options } = this
    this.kernel = addKernel(this, [knownLength(this.name, 'features', inputShape, -1), units], options)
    this.recurrentKernel = this.addWeight('recurrentKernel', [units], {
      initializer: options.recurrentInitializer ?? indRNNCellOptions.defaults.recurrentInitializer,
      regularizer: options.recurrentRegularizer,
      constraint: options.recurrentConstraint,
    })
    this.bias = options.useBias === false ? undefined : addBias(this, [units], options)
  }

  override prepare(x: Value, context: CallContext): Value {
    const product = matmul(droppedInputs(x, this.options, context), this.kernel)
    return this.bias === undefined ? product : add(product, this.bias)
  }

  override step(prepared: Value, [h]: readonly Value[], context: CallContext) {
    const [mask] = gateMasks(context, 'recurrentDropout', this.options, 1, h.shape[0], this.units, h.dtype)
    const next = this.activation.call(add(prepared, mul(mask === undefined ? h : mul(h, mask), this.recurrentKernel)))
    return [next, [next]] as const
  }

  override copy(): IndRNNCell {
    return new IndRNNCell(this.units, this.options)
  }

  override config(): Record<string, unknown> {
    return { units: this.units, ...this.options }
  }
}

/**
 * The independently recurrent network (Li and others, 2018, "Independently recurrent neural network (IndRNN): building a longer and deeper
 * RNN"): each unit sees of the state its own part alone, so that how long it remembers is one number, which stays in bounds. Units meet in
 * the next layer: it is made to be stacked.
 *
 * ```
 * h' = φ(x W + u * h + b)      the state, which is the output; u is a vector
 * ```
 *
 * φ is the `activation` (`'relu'` by default, as in the paper), `*` works element by element. The elements of u are drawn from 0 to 1 at the
 * start; to keep them below 2^(1/T), where gradients over T steps cannot explode, there is `recurrentConstraint`.
 *
 * Input `[batch, time, features]`; output `[batch, units]`, or `[batch, time, units]` with `returnSequences`; one state h,
 * `[batch, units]`, or `[numLayers, batch, units]` where `numLayers` is given. Weights: kernel `[features, units]`, recurrentKernel
 * `[units]`, bias `[units]`; with `numLayers` these for each layer. Masks, states and directions are those of `simpleRNN`.
 *
 * @param units - the number of units of output and state.
 * @throws OptionError for an unknown option, or one with a value it cannot have.
 *
 * @example
 * ```ts
 * const y = await indRNN(8, { numLayers: 3 }).run(randomNormal([2, 5, 3]))
 * y.shape // [2, 8]
 * ```
 */
export const indRNN = /* @__PURE__ */ layerFactory(
  'indRNN',
  ['units'],
  (units: number, options: IndRNNOptions = {}): RecurrentLayer =>
    standardLayer('indRNN', units, options, indRNNCellOptions, (n, own) => new IndRNNCell(n, own)),
)
