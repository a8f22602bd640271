// The LSTM's step.

import { type Activation, type ActivationOption, resolveActivation, sigmoid } from '../../../activations'
import { requirePositiveInteger } from '../../../errors'
import type { Value } from '../../../graph'
import { type Initializer, resolveInitializer } from '../../../initializers'
import { add, lstm as fusedLstm, mul, split } from '../../../ops'
import type { PartialShape } from '../../../tensor'
import type { CallContext } from '../../base/context'
import { layerFactory } from '../../base/registry'
import { anActivation, type OwnOptions } from '../../options/ownOptions'
import { type CellOptions, cellOptions } from '../options'
import { RecurrentCell, type Sweep } from './cell'
import { type ChronoOptions, checkChrono, withOnes, withTimes } from './gateBias'
import { addGateWeights, biasOf, type GateWeights, gateMasks, gateProduct, isStandard } from './gates'

/** Options of {@link lstmCell}, and those of `lstm` that are about one step. */
export interface LstmCellOptions extends CellOptions, ChronoOptions {
  /** Of the input value and the output; `'tanh'` by default. */
  readonly activation?: ActivationOption
  /** Of the gates; `'sigmoid'` by default. */
  readonly recurrentActivation?: ActivationOption
  /** Adds 1 to the bias of the forget gate at the start, so that much is kept at first; `true` by default. */
  readonly unitForgetBias?: boolean
}

/** The options in {@link LstmCellOptions}. */
export const lstmCellOptions = /* @__PURE__ */ (() =>
  ({
    defaults: { ...cellOptions.defaults, recurrentActivation: sigmoid, unitForgetBias: true, chrono: undefined },
    rules: { ...cellOptions.rules, recurrentActivation: anActivation },
  }) satisfies OwnOptions<LstmCellOptions>)()

class LstmCell extends RecurrentCell {
  readonly stateSize: readonly [number, number]
  private readonly units: number
  private readonly options: LstmCellOptions
  private readonly activation: Activation
  private readonly recurrentActivation: Activation
  declare private gates: GateWeights

  constructor(units: number, options: LstmCellOptions = {}) {
    super(options, 'lstmCell', lstmCellOptions)
    this.units = requirePositiveInteger(this.name, 'units', units)
    this.stateSize = [units, units]
    this.options = options
    this.activation = resolveActivation(options.activation ?? lstmCellOptions.defaults.activation)
    this.recurrentActivation = resolveActivation(
      options.recurrentActivation ?? lstmCellOptions.defaults.recurrentActivation,
    )
    checkChrono(this.name, options, this.recurrentActivation)
  }

  override get stateNames(): readonly string[] {
    return ['hidden', 'cell']
  }

  override build(inputShape: PartialShape): void {
    const biasInitializer = this.biasInitializer()
    this.gates = addGateWeights(this, inputShape, this.units, 4, { ...this.options, biasInitializer }, [4 * this.units])
  }

  private biasInitializer(): Initializer {
    const { units, options } = this
    if (options.chrono !== undefined) return withTimes(options.chrono, units, { keep: units, write: 0 })
    const initial = resolveInitializer(options.biasInitializer ?? lstmCellOptions.defaults.biasInitializer)
    return options.unitForgetBias === false ? initial : withOnes(initial, units, 2 * units)
  }

  override prepare(x: Value, context: CallContext): Value {
    const { kernel, bias } = this.gates
    const product = gateProduct(x, kernel.value, this.inputMasks(x, context))
    return bias === undefined ? product : add(product, bias)
  }

  override step(projected: Value, [h, c]: readonly Value[], context: CallContext) {
    const { activation, recurrentActivation } = this
    const masks = gateMasks(context, 'recurrentDropout', this.options, 4, h.shape[0], this.units, h.dtype)
    const sums = split(add(projected, gateProduct(h, this.gates.recurrentKernel.value, masks)), 4)
    const [i, f, o] = [sums[0], sums[1], sums[3]].map((sum) => recurrentActivation.call(sum))
    const g = activation.call(sums[2])
    context.note({ forgetGate: f, inputGate: i, candidate: g, outputGate: o })
    const cell = add(mul(f, c), mul(i, g))
    const hidden = mul(o, activation.call(cell))
    return [hidden, [hidden, cell]] as const
  }

  override fused(x: Value, [h0, c0]: readonly Value[], mask: Value | undefined, context: CallContext) {
    const { kernel, recurrentKernel } = this.gates
    const drops = context.training && (this.options.recurrentDropout ?? 0) > 0
    const standard = isStandard(this.activation, 'tanh') && isStandard(this.recurrentActivation, 'sigmoid')
    if (drops || !standard) return undefined
    const [dropped] = this.inputMasks(x, context)
    const { ys, hn, cn } = fusedLstm({
      x: dropped === undefined ? x : mul(x, dropped),
      h0,
      c0,
      kernel,
      recurrentKernel,
      bias: biasOf(this.gates, [4 * this.units], x),
      mask,
    })
    return { outputs: ys, last: hn, states: [hn, cn] } satisfies Sweep
  }

  private inputMasks(x: Value, context: CallContext): readonly Value[] {
    const [batch, features] = x.shape.slice(-2)
    return gateMasks(context, 'dropout', this.options, 4, batch, features, x.dtype)
  }

  override copy(): LstmCell {
    return new LstmCell(this.units, this.options)
  }

  override config(): Record<string, unknown> {
    return { units: this.units, ...this.options }
  }
}

/**
 * One step of an LSTM, for `rnn`; the formulas stand at `lstm`. On data it takes `[x, h, c]` and gives
 * `[output, h, c]`.
 *
 * @param units - the number of units of output and states.
 *
 * @example
 * ```ts
 * const layer = rnn([lstmCell(32), lstmCell(16)], { returnSequences: true })
 * ```
 */
export const lstmCell = /* @__PURE__ */ layerFactory(
  'lstmCell',
  ['units'],
  (units: number, options?: LstmCellOptions): RecurrentCell => {
    return new LstmCell(units, options)
  },
)
