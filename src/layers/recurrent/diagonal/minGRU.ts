// The minimal GRU.

import { type Activation, resolveActivation } from '../../../activations'
import { OptionError, requirePositiveInteger } from '../../../errors'
import type { Value, Variable } from '../../../graph'
import { add, greaterEqual, matmul, mul, sigmoid, split, sub, where } from '../../../ops'
import type { PartialShape } from '../../../tensor'
import type { CallContext } from '../../base/context'
import { layerFactory } from '../../base/registry'
import { knownLength } from '../../options/checks'
import { addBias, addKernel, type KernelOptions } from '../../options/kernelOptions'
import { checkChrono, withTimes } from '../cells/gateBias'
import { type StandardOptions, standardLayer } from '../cells/standard'
import type { RecurrentLayer } from '../recurrentLayer'
import { droppedInputs, LinearCell, type Recurrence } from './linearCell'
import { type MinimalCellOptions, minimalCellOptions } from './options'

/** Options of {@link minGRU}. */
export interface MinGRUOptions extends StandardOptions, MinimalCellOptions {}

/** A linear cell with gates of the input, side by side along the last axis of one kernel. */
export abstract class MinimalCell extends LinearCell {
  readonly stateSize: number
  protected readonly units: number
  protected readonly options: MinimalCellOptions
  private readonly gates: number
  private readonly activation: Activation | undefined
  declare private kernel: Variable
  declare private bias: Variable | undefined

  constructor(kind: string, gates: number, units: number, options: MinimalCellOptions) {
    super(options, `${kind}Cell`, minimalCellOptions)
    this.units = requirePositiveInteger(kind, 'units', units)
    this.stateSize = units
    this.gates = gates
    this.options = options
    if (options.logSpace === true && options.activation !== undefined) {
      throw new OptionError(
        `${kind}: logSpace: expected no activation beside it: both say what the candidate goes through`,
      )
    }
    checkChrono(kind, options, resolveActivation('sigmoid'))
    this.activation =
      options.logSpace === true
        ? undefined
        : resolveActivation(options.activation ?? minimalCellOptions.defaults.activation)
  }

  /** Where the gates begin, in the bias, that keep the state and that write to it. */
  protected abstract get memory(): { readonly keep?: number; readonly write?: number }

  override build(inputShape: PartialShape): void {
    const { units, gates, options } = this
    const features = knownLength(this.name, 'features', inputShape, -1)
    this.kernel = addKernel(this, [features, gates * units], options)
    this.bias = options.useBias === false ? undefined : addBias(this, [gates * units], this.biasOptions())
  }

  private biasOptions(): KernelOptions {
    const { chrono } = this.options
    if (chrono === undefined) return this.options
    return { ...this.options, biasInitializer: withTimes(chrono, this.units, this.memory) }
  }

  override prepare(x: Value, context: CallContext): Value {
    const product = matmul(droppedInputs(x, this.options, context), this.kernel)
    return this.bias === undefined ? product : add(product, this.bias)
  }

  /** The sums of the gates, and last the candidate. */
  protected parts(prepared: Value): readonly Value[] {
    const sums = split(prepared, this.gates)
    const candidate = sums[sums.length - 1]
    return [...sums.slice(0, -1), this.activation === undefined ? positive(candidate) : this.activation.call(candidate)]
  }

  override config(): Record<string, unknown> {
    return { units: this.units, ...this.options }
  }
}

/** g(x) = x + 1/2 from 0 on, σ(x) below (Feng and others, 2024, appendix B). */
function positive(x: Value): Value {
  return where(greaterEqual(x, 0), add(x, 0.5), sigmoid(x))
}

class MinGRUCell extends MinimalCell {
  constructor(units: number, options: MinimalCellOptions) {
    super('minGRU', 2, units, options)
  }

  protected override get memory() {
    return { write: 0 }
  }

  protected override recurrence(prepared: Value): Recurrence {
    const [sum, candidate] = this.parts(prepared)
    const z = sigmoid(sum)
    return { a: sub(1, z), b: mul(z, candidate), noted: { updateGate: z, candidate } }
  }

  override copy(): MinGRUCell {
    return new MinGRUCell(this.units, this.options)
  }
}

/**
 * The minimal GRU (Feng and others, 2024, "Were RNNs all we needed?", section 3.1): a GRU whose gate and candidate do not look at the
 * state, so that all steps are computed at once.
 *
 * With x the input, h the state of the step before, σ the sigmoid, φ the `activation`, and `*` element by element:
 *
 * ```
 * z = σ(x Wz + bz)              the update gate: how much of the candidate comes in
 * g = φ(x Wh + bh)              the candidate; φ is the identity, or with logSpace the paper's g
 * h' = (1 - z) * h + z * g      the state, which is the output
 * ```
 *
 * Input `[batch, time, features]`; output `[batch, units]`, or `[batch, time, units]` with `returnSequences`; one state h,
 * `[batch, units]`, or `[numLayers, batch, units]` where `numLayers` is given. Weights: kernel `[features, 2 * units]` and bias
 * `[2 * units]`, in the order z, h; with `numLayers` these for each layer.
 *
 * The whole sequence is one `ops.linearScan`: it needs no logarithms to be stable, and gives what the paper's parallel form gives.
 * Masks, states and directions are those of `gru`.
 *
 * @param units - the number of units of output and state.
 * @throws OptionError for an unknown option, or one with a value it cannot have.
 *
 * @example
 * ```ts
 * const y = await minGRU(8, { returnSequences: true }).run(randomNormal([2, 5, 3]))
 * y.shape // [2, 5, 8]
 * ```
 */
export const minGRU = /* @__PURE__ */ layerFactory(
  'minGRU',
  ['units'],
  (units: number, options: MinGRUOptions = {}): RecurrentLayer =>
    standardLayer('minGRU', units, options, minimalCellOptions, (n, own) => new MinGRUCell(n, own)),
)
