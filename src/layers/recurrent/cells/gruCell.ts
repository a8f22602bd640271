// The GRU's step.

import { type Activation, type ActivationOption, resolveActivation, sigmoid } from '../../../activations'
import { requirePositiveInteger } from '../../../errors'
import type { Value } from '../../../graph'
import { add, gru as fusedGru, matmul, mul, reshape, slice, split, sub } from '../../../ops'
import type { PartialShape, Shape } from '../../../tensor'
import type { CallContext } from '../../base/context'
import { layerFactory } from '../../base/registry'
import { anActivation, type OwnOptions } from '../../options/ownOptions'
import { type CellOptions, cellOptions } from '../options'
import { RecurrentCell, type Sweep } from './cell'
import { type ChronoOptions, checkChrono, withTimes } from './gateBias'
import { addGateWeights, biasOf, type GateWeights, gateMasks, gateProduct, isStandard } from './gates'

/** Options of {@link gruCell}, and those of `gru` that are about one step. */
export interface GruCellOptions extends CellOptions, ChronoOptions {
  /** Of the candidate; `'tanh'` by default. */
  readonly activation?: ActivationOption
  /** Of the gates; `'sigmoid'` by default. */
  readonly recurrentActivation?: ActivationOption
  /**
   * Whether the reset gate is applied after the product with the recurrent kernel, which then has a bias of its own, as
   * in PyTorch; `true` by default. `false` is the form of the paper.
   */
  readonly resetAfter?: boolean
}

/** The options in {@link GruCellOptions}. */
export const gruCellOptions = /* @__PURE__ */ (() =>
  ({
    defaults: { ...cellOptions.defaults, recurrentActivation: sigmoid, resetAfter: true, chrono: undefined },
    rules: { ...cellOptions.rules, recurrentActivation: anActivation },
  }) satisfies OwnOptions<GruCellOptions>)()

class GruCell extends RecurrentCell {
  readonly stateSize: number
  private readonly units: number
  private readonly options: GruCellOptions
  private readonly resetAfter: boolean
  private readonly activation: Activation
  private readonly recurrentActivation: Activation
  declare private gates: GateWeights

  constructor(units: number, options: GruCellOptions = {}) {
    super(options, 'gruCell', gruCellOptions)
    this.units = requirePositiveInteger(this.name, 'units', units)
    this.stateSize = units
    this.options = options
    this.resetAfter = options.resetAfter ?? gruCellOptions.defaults.resetAfter
    this.activation = resolveActivation(options.activation ?? gruCellOptions.defaults.activation)
    this.recurrentActivation = resolveActivation(
      options.recurrentActivation ?? gruCellOptions.defaults.recurrentActivation,
    )
    checkChrono(this.name, options, this.recurrentActivation)
  }

  private get biasShape(): Shape {
    return this.resetAfter ? [2, 3 * this.units] : [3 * this.units]
  }

  override build(inputShape: PartialShape): void {
    const { units, options } = this
    const { chrono, biasInitializer = chrono === undefined ? undefined : withTimes(chrono, units, { keep: 0 }) } =
      options
    this.gates = addGateWeights(this, inputShape, units, 3, { ...options, biasInitializer }, this.biasShape)
  }

  override prepare(x: Value, context: CallContext): Value {
    const { kernel, bias } = this.gates
    const product = gateProduct(x, kernel.value, this.inputMasks(x, context))
    return bias === undefined ? product : add(product, this.resetAfter ? row(bias.value, 0) : bias)
  }

  override step(projected: Value, [h]: readonly Value[], context: CallContext) {
    const masks = gateMasks(context, 'recurrentDropout', this.options, 3, h.shape[0], this.units, h.dtype)
    const parts = split(projected, 3)
    const [z, r, candidate] = this.resetAfter ? this.after(parts, h, masks) : this.before(parts, h, masks)
    context.note({ updateGate: z, resetGate: r, candidate })
    const next = add(mul(z, h), mul(sub(1, z), candidate))
    return [next, [next]] as const
  }

  /** Update gate, reset gate and candidate, the reset gate being applied to the product. */
  private after([xz, xr, xh]: readonly Value[], h: Value, masks: readonly Value[]): readonly Value[] {
    const { recurrentKernel, bias } = this.gates
    const product = gateProduct(h, recurrentKernel.value, masks)
    const [hz, hr, hh] = split(bias === undefined ? product : add(product, row(bias.value, 1)), 3)
    const r = this.recurrentActivation.call(add(xr, hr))
    return [this.recurrentActivation.call(add(xz, hz)), r, this.activation.call(add(xh, mul(r, hh)))]
  }

  /** The same, the reset gate being applied to the state before the product. */
  private before([xz, xr, xh]: readonly Value[], h: Value, masks: readonly Value[]): readonly Value[] {
    const { units } = this
    const kernel = this.gates.recurrentKernel.value
    const ofGates = slice(kernel, [0, 0], [units, 2 * units])
    const [hz, hr] = split(gateProduct(h, ofGates, masks.slice(0, 2)), 2)
    const r = this.recurrentActivation.call(add(xr, hr))
    const state = masks.length === 0 ? h : mul(h, masks[2])
    const hh = matmul(mul(r, state), slice(kernel, [0, 2 * units]))
    return [this.recurrentActivation.call(add(xz, hz)), r, this.activation.call(add(xh, hh))]
  }

  override fused(x: Value, [h0]: readonly Value[], mask: Value | undefined, context: CallContext) {
    const { kernel, recurrentKernel } = this.gates
    const drops = context.training && (this.options.recurrentDropout ?? 0) > 0
    const standard = isStandard(this.activation, 'tanh') && isStandard(this.recurrentActivation, 'sigmoid')
    if (drops || !standard) return undefined
    const [dropped] = this.inputMasks(x, context)
    const { ys, hn } = fusedGru({
      x: dropped === undefined ? x : mul(x, dropped),
      h0,
      kernel,
      recurrentKernel,
      bias: biasOf(this.gates, this.biasShape, x),
      mask,
      resetAfter: this.resetAfter,
    })
    return { outputs: ys, last: hn, states: [hn] } satisfies Sweep
  }

  private inputMasks(x: Value, context: CallContext): readonly Value[] {
    const [batch, features] = x.shape.slice(-2)
    return gateMasks(context, 'dropout', this.options, 3, batch, features, x.dtype)
  }

  override copy(): GruCell {
    return new GruCell(this.units, this.options)
  }

  override config(): Record<string, unknown> {
    return { units: this.units, ...this.options }
  }
}

function row(matrix: Value, index: number): Value {
  return reshape(slice(matrix, [index], [1]), [matrix.shape[1]])
}

/**
 * One step of a GRU, for `rnn`; the formulas stand at `gru`. On data it takes `[x, h]` and gives `[output, h]`.
 *
 * @param units - the number of units of output and state.
 *
 * @example
 * ```ts
 * const layer = rnn(gruCell(32, { resetAfter: false }))
 * ```
 */
export const gruCell = /* @__PURE__ */ layerFactory(
  'gruCell',
  ['units'],
  (units: number, options?: GruCellOptions): RecurrentCell => {
    return new GruCell(units, options)
  },
)
