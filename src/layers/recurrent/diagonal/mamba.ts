// The selective state space of mamba.

import { requirePositiveInteger } from '../../../errors'
import type { Value, Variable } from '../../../graph'
import { type InitializerOption, randomUniform } from '../../../initializers'
import {
  add,
  concatenate,
  exp,
  expandDims,
  matmul,
  mul,
  neg,
  silu,
  slice,
  softplus,
  split,
  squeeze,
  sum,
  transpose,
} from '../../../ops'
import { fillUniform, type PartialShape, type Shape, tensor } from '../../../tensor'
import type { CallContext } from '../../base/context'
import { layerFactory } from '../../base/registry'
import { knownLength } from '../../options/checks'
import { anInitializer, type OwnOptions } from '../../options/ownOptions'
import { RecurrentCell, type Sweep } from '../cells/cell'
import type { SequenceOptions } from '../options'
import type { RecurrentLayer } from '../recurrentLayer'
import { droppedInputs, lastStep } from './linearCell'
import { type InputDropoutOptions, inputDropoutOptions } from './options'
import { Packing } from './packed'
import { selectiveScan } from './selectiveScan'
import { sequenceLayer } from './sequenceLayer'

/** Options of {@link mamba} that are about one step. */
export interface MambaCellOptions extends InputDropoutOptions {
  /** How many numbers the state holds for each channel, N in the paper; 16 by default. */
  readonly stateUnits?: number
  /** How many steps the convolution sees, from 2 on; 4 by default. */
  readonly kernelSize?: number
  /** How many channels there are for each unit, E in the paper; 2 by default. */
  readonly expand?: number
  /** The rank of the matrix that makes Δ, R in the paper; units / 16, rounded up, by default. */
  readonly deltaRank?: number
  /** What the matrices begin with; `'glorotUniform'` by default. */
  readonly kernelInitializer?: InitializerOption
}

/** Options of {@link mamba}. */
export interface MambaOptions extends SequenceOptions, MambaCellOptions {}

const mambaCellOptions = /* @__PURE__ */ (() =>
  ({
    defaults: {
      ...inputDropoutOptions.defaults,
      stateUnits: 16,
      kernelSize: 4,
      expand: 2,
      deltaRank: undefined,
      kernelInitializer: 'glorotUniform',
    },
    rules: {
      ...inputDropoutOptions.rules,
      stateUnits: { integer: true, from: 1 },
      kernelSize: { integer: true, from: 2 },
      expand: { integer: true, from: 1 },
      deltaRank: { integer: true, from: 1 },
      kernelInitializer: anInitializer,
    },
  }) satisfies OwnOptions<MambaCellOptions>)()

interface MambaWeights {
  readonly inputKernel: Variable
  readonly convolutionKernel: Variable
  readonly convolutionBias: Variable
  readonly selectionKernel: Variable
  readonly deltaKernel: Variable
  readonly deltaBias: Variable
  readonly aLog: Variable
  readonly skip: Variable
  readonly outputKernel: Variable
}

class MambaCell extends RecurrentCell {
  readonly stateSize: readonly [number, number]
  private readonly units: number
  private readonly channels: number
  private readonly stateUnits: number
  private readonly kernelSize: number
  private readonly rank: number
  private readonly options: MambaCellOptions
  declare private parts: MambaWeights

  constructor(units: number, options: MambaCellOptions) {
    super(options, 'mambaCell', mambaCellOptions)
    this.units = requirePositiveInteger('mamba', 'units', units)
    const { expand, stateUnits, kernelSize, deltaRank } = { ...mambaCellOptions.defaults, ...options }
    this.channels = expand * units
    this.stateUnits = stateUnits
    this.kernelSize = kernelSize
    this.rank = deltaRank ?? Math.ceil(units / 16)
    this.stateSize = [this.channels * stateUnits, (kernelSize - 1) * this.channels]
    this.options = options
  }

  override get outputSize(): number {
    return this.units
  }

  override get stateShapes(): readonly Shape[] {
    return [
      [this.channels, this.stateUnits],
      [this.kernelSize - 1, this.channels],
    ]
  }

  override get stateRank(): number {
    return 3
  }

  override get stateNames(): readonly string[] {
    return ['state', 'window']
  }

  override build(inputShape: PartialShape): void {
    const { units, channels, stateUnits, kernelSize, rank } = this
    const features = knownLength(this.name, 'features', inputShape, -1)
    const initializer = this.options.kernelInitializer ?? mambaCellOptions.defaults.kernelInitializer
    const kernel = (name: string, rows: number, columns: number) =>
      this.addWeight(name, [rows, columns], { initializer, adapts: true })
    const evenly = (limit: number) => randomUniform({ minval: -limit, maxval: limit })
    this.parts = {
      inputKernel: kernel('inputKernel', features, 2 * channels),
      convolutionKernel: this.addWeight('convolutionKernel', [kernelSize, channels], {
        initializer: evenly(1 / Math.sqrt(kernelSize)),
      }),
      convolutionBias: this.addWeight('convolutionBias', [channels], { initializer: 'zeros' }),
      selectionKernel: kernel('selectionKernel', channels, rank + 2 * stateUnits),
      deltaKernel: this.addWeight('deltaKernel', [rank, channels], { initializer: evenly(1 / Math.sqrt(rank)) }),
      deltaBias: this.addWeight('deltaBias', [channels], {
        initializer: (shape, { dtype, seed, stream }) => {
          const numbers = new Float64Array(channels)
          fillUniform(numbers, seed, stream)
          return tensor(Array.from(numbers, bothShortAndLong), shape, dtype)
        },
      }),
      aLog: this.addWeight('aLog', [channels, stateUnits], {
        initializer: (shape, { dtype }) =>
          tensor(
            Array.from({ length: channels * stateUnits }, (_, i) => Math.log(1 + (i % stateUnits))),
            shape,
            dtype,
          ),
      }),
      skip: this.addWeight('skip', [channels], { initializer: 'ones' }),
      outputKernel: kernel('outputKernel', channels, units),
    }
  }

  /** What goes through the convolution, and beside it the gate. */
  override prepare(x: Value, context: CallContext): Value {
    return matmul(droppedInputs(x, this.options, context), this.parts.inputKernel)
  }

  /** Δ, B and C of what comes out of the convolution. */
  private selected(x: Value): { readonly delta: Value; readonly takes: Value; readonly gives: Value } {
    const { selectionKernel, deltaKernel, deltaBias } = this.parts
    const { rank, stateUnits } = this
    const [low, takes, gives] = cutAlong(matmul(x, selectionKernel), [rank, stateUnits, stateUnits])
    return { delta: softplus(add(matmul(low, deltaKernel), deltaBias)), takes, gives }
  }

  /** A, [channels, features]: below zero, so that the state gets smaller. */
  private get decay(): Value {
    return neg(exp(this.parts.aLog))
  }

  /** The output from what was read of the state, from x beside it and from the gate. */
  private gated(read: Value, x: Value, gate: Value): Value {
    return matmul(mul(add(read, mul(x, this.parts.skip)), silu(gate)), this.parts.outputKernel)
  }

  override step(prepared: Value, [state, window]: readonly Value[], context: CallContext) {
    const { convolutionKernel, convolutionBias } = this.parts
    const [given, gate] = split(prepared, 2)
    const seen = concatenate([window, expandDims(given, 1)], 1)
    const products = Array.from({ length: this.kernelSize }, (_, i) =>
      mul(squeeze(slice(seen, [0, i], [-1, 1]), 1), slice(convolutionKernel.value, [i], [1])),
    )
    const x = silu(add(products.reduce(add), convolutionBias))
    const { delta, takes, gives } = this.selected(x)
    context.note({ delta, takes, gives, gate: silu(gate) })
    const factors = exp(mul(expandDims(delta, -1), this.decay))
    const next = add(mul(factors, state), mul(expandDims(mul(delta, x), -1), expandDims(takes, -2)))
    const read = sum(mul(next, expandDims(gives, -2)), { axis: -1 })
    return [this.gated(read, x, gate), [next, slice(seen, [0, 1])]] as const
  }

  override get fusesAnyLength(): boolean {
    return false
  }

  override fused(
    given: Value,
    [state, window]: readonly Value[],
    mask: Value | undefined,
    context: CallContext,
  ): Sweep {
    const { kernelSize, parts } = this
    const packing = mask === undefined ? undefined : new Packing(mask)
    const prepared = this.prepare(given, context)
    const [x, gate] = split(packing?.pack(prepared) ?? prepared, 2)
    const [steps] = x.shape
    const seen = concatenate([transpose(window, [1, 0, 2]), x], 0)
    const products = Array.from({ length: kernelSize }, (_, i) =>
      mul(slice(seen, [i], [steps]), slice(parts.convolutionKernel.value, [i], [1])),
    )
    const v = silu(add(products.reduce(add), parts.convolutionBias))
    const { delta, ...ways } = this.selected(v)
    // With a step of no size the state stays as it is.
    const sizes = packing?.nothingBehind(delta) ?? delta
    const read = selectiveScan({ ...ways, delta: sizes, x: v }, this.decay, state)
    const gated = this.gated(read.outputs, v, gate)
    const outputs = packing?.unpack(gated) ?? gated
    const left = packing?.behind(seen, kernelSize - 1) ?? slice(seen, [steps])
    return { outputs, last: lastStep(outputs), states: [...read.states, transpose(left, [1, 0, 2])] }
  }

  override copy(): MambaCell {
    return new MambaCell(this.units, this.options)
  }

  override config(): Record<string, unknown> {
    return { units: this.units, ...this.options }
  }
}

/** Parts of these widths along the last axis. */
function cutAlong(value: Value, widths: readonly number[]): readonly Value[] {
  let at = 0
  return widths.map((width) => {
    const before = value.shape.slice(1).map(() => 0)
    const part = slice(value, [...before, at], [...value.shape.slice(0, -1), width])
    at += width
    return part
  })
}

/** The bias for which Δ is drawn between 0.001 and 0.1, evenly in its logarithm. */
function bothShortAndLong(u: number): number {
  const delta = Math.exp(Math.log(0.001) + u * (Math.log(0.1) - Math.log(0.001)))
  return Math.log(Math.expm1(delta))
}

/**
 * The selective state space of mamba (Gu and Dao, 2023, "Mamba: linear-time sequence modeling with selective state spaces", section 3): a
 * linear recurrence whose step sizes and whose ways in and out are made of the input, so that it chooses what to keep. Like the paper's
 * block it holds the gate and the projections; around it stand a normalization before, and an addition of its input behind.
 *
 * With x the input, `*` element by element, σ the sigmoid, silu(x) = x σ(x), for each of `expand * units` channels:
 *
 * ```
 * [u, z] = x inputKernel
 * v = silu(causal convolution of u over kernelSize steps + convolutionBias)
 * [d, B, C] = v selectionKernel                            of deltaRank, stateUnits and stateUnits features
 * Δ = softplus(d deltaKernel + deltaBias)
 * h' = exp(-Δ exp(aLog)) * h + (Δ v) B                     the state: stateUnits numbers for each channel
 * y = ((h' C + skip * v) * silu(z)) outputKernel
 * ```
 *
 * At the start A = -exp(aLog) is -1, -2, ..., -stateUnits in each channel, and Δ lies between 0.001 and 0.1.
 *
 * Input `[batch, time, features]`; output `[batch, units]`, or `[batch, time, units]` with `returnSequences`; states `[state, window]`:
 * h, `[batch, channels, stateUnits]`, and what the convolution has seen, `[batch, kernelSize - 1, channels]`. Weights, in this order:
 * inputKernel `[features, 2 * channels]`, convolutionKernel `[kernelSize, channels]`, convolutionBias `[channels]`, selectionKernel
 * `[channels, deltaRank + 2 * stateUnits]`, deltaKernel `[deltaRank, channels]`, deltaBias `[channels]`, aLog `[channels, stateUnits]`,
 * skip `[channels]`, outputKernel `[channels, units]`.
 *
 * States of a stretch of time at a time are computed and let go of, again in the gradient, so that memory grows with the length as the
 * channels do, not as the states. A step whose mask is false is skipped, also by the convolution: the states stay, and the output is that
 * of the step before.
 *
 * @param units - the number of units of the output.
 * @throws OptionError for an unknown option, or one with a value it cannot have.
 *
 * @example
 * ```ts
 * const y = await mamba(8, { stateUnits: 4, returnSequences: true }).run(randomNormal([2, 50, 8]))
 * y.shape // [2, 50, 8]
 * ```
 */
export const mamba = /* @__PURE__ */ layerFactory(
  'mamba',
  ['units'],
  (units: number, options: MambaOptions = {}): RecurrentLayer =>
    sequenceLayer('mamba', units, options, mambaCellOptions, (own) => new MambaCell(units, own)),
)
