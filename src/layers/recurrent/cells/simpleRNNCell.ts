// The step of the plain recurrent network.

import { type Activation, type ActivationOption, resolveActivation } from '../../../activations'
import { requirePositiveInteger } from '../../../errors'
import type { Value } from '../../../graph'
import { add, simpleRnn as fusedSimpleRnn, mul } from '../../../ops'
import type { PartialShape } from '../../../tensor'
import type { CallContext } from '../../base/context'
import { layerFactory } from '../../base/registry'
import { type CellOptions, cellOptions } from '../options'
import { RecurrentCell, type Sweep } from './cell'
import { addGateWeights, biasOf, type GateWeights, gateMasks, gateProduct, isStandard } from './gates'

/** Options of {@link simpleRNNCell}, and those of `simpleRNN` that are about one step. */
export interface SimpleRNNCellOptions extends CellOptions {
  /** `'tanh'` by default. */
  readonly activation?: ActivationOption
}

class SimpleRNNCell extends RecurrentCell {
  readonly stateSize: number
  private readonly units: number
  private readonly options: SimpleRNNCellOptions
  private readonly activation: Activation
  declare private gates: GateWeights

  constructor(units: number, options: SimpleRNNCellOptions = {}) {
    super(options, 'simpleRNNCell', cellOptions)
    this.units = requirePositiveInteger(this.name, 'units', units)
    this.stateSize = units
    this.options = options
    this.activation = resolveActivation(options.activation ?? cellOptions.defaults.activation)
  }

  override build(inputShape: PartialShape): void {
    this.gates = addGateWeights(this, inputShape, this.units, 1, this.options, [this.units])
  }

  override prepare(x: Value, context: CallContext): Value {
    const { kernel, bias } = this.gates
    const product = gateProduct(x, kernel.value, this.inputMasks(x, context))
    return bias === undefined ? product : add(product, bias)
  }

  override step(projected: Value, [h]: readonly Value[], context: CallContext) {
    const masks = gateMasks(context, 'recurrentDropout', this.options, 1, h.shape[0], this.units, h.dtype)
    const next = this.activation.call(add(projected, gateProduct(h, this.gates.recurrentKernel.value, masks)))
    return [next, [next]] as const
  }

  override fused(x: Value, [h0]: readonly Value[], mask: Value | undefined, context: CallContext) {
    const { kernel, recurrentKernel } = this.gates
    const drops = context.training && (this.options.recurrentDropout ?? 0) > 0
    const activation = (['tanh', 'relu'] as const).find((name) => isStandard(this.activation, name))
    if (drops || activation === undefined) return undefined
    const [dropped] = this.inputMasks(x, context)
    const { ys, hn } = fusedSimpleRnn({
      x: dropped === undefined ? x : mul(x, dropped),
      h0,
      kernel,
      recurrentKernel,
      bias: biasOf(this.gates, [this.units], x),
      mask,
      activation,
    })
    return { outputs: ys, last: hn, states: [hn] } satisfies Sweep
  }

  private inputMasks(x: Value, context: CallContext): readonly Value[] {
    const [batch, features] = x.shape.slice(-2)
    return gateMasks(context, 'dropout', this.options, 1, batch, features, x.dtype)
  }

  override copy(): SimpleRNNCell {
    return new SimpleRNNCell(this.units, this.options)
  }

  override config(): Record<string, unknown> {
    return { units: this.units, ...this.options }
  }
}

/**
 * One step of a plain recurrent network, for `rnn`; the formula stands at `simpleRNN`. On data it takes `[x, h]` and
 * gives `[output, h]`.
 *
 * @param units - the number of units of output and state.
 *
 * @example
 * ```ts
 * const layer = rnn(simpleRNNCell(32, { activation: 'relu' }))
 * ```
 */
export const simpleRNNCell = /* @__PURE__ */ layerFactory(
  'simpleRNNCell',
  ['units'],
  (units: number, options?: SimpleRNNCellOptions): RecurrentCell => {
    return new SimpleRNNCell(units, options)
  },
)
