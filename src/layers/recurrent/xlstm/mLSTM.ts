// The LSTM whose cell is a matrix.

import { requirePositiveInteger } from '../../../errors'
import type { Value, Variable } from '../../../graph'
import {
  abs,
  add,
  concatenate,
  cumSum,
  div,
  exp,
  expandDims,
  greaterEqual,
  iota,
  matmul,
  max,
  maximum,
  minimum,
  mul,
  neg,
  reshape,
  sigmoid,
  slice,
  squeeze,
  sub,
  sum,
  transpose,
  where,
} from '../../../ops'
import { fillNormal, type PartialShape, type Shape, tensor } from '../../../tensor'
import type { CallContext } from '../../base/context'
import { layerFactory } from '../../base/registry'
import { knownLength } from '../../options/checks'
import { addBias, addKernel, type KernelOptions, kernelOptions } from '../../options/kernelOptions'
import type { OwnOptions } from '../../options/ownOptions'
import { RecurrentCell, type Sweep } from '../cells/cell'
import {
  droppedInputs,
  heldWhereMasked,
  type InputDropoutOptions,
  inputDropoutOptions,
  lastStep,
  sequenceLayer,
} from '../diagonal'
import type { SequenceOptions } from '../options'
import type { RecurrentLayer } from '../recurrentLayer'
import { inStretches, type Stretch } from '../stretches'
import { type ForgetGate, forgetLogarithm, requireHeads } from './sLSTM'

/** Options of {@link mLSTM} that are about one step. */
export interface MLstmCellOptions extends Omit<KernelOptions, 'activation'>, InputDropoutOptions {
  /** How many heads there are, each with a matrix of its own; 1 by default. */
  readonly numHeads?: number
  /** `'sigmoid'` by default; the paper has both. */
  readonly forgetGate?: ForgetGate
}

/** Options of {@link mLSTM}. */
export interface MLstmOptions extends SequenceOptions, MLstmCellOptions {}

const mLstmCellOptions = /* @__PURE__ */ (() => {
  const { activation: _, ...defaults } = kernelOptions.defaults
  const { activation: __, ...rules } = kernelOptions.rules
  return {
    defaults: { ...defaults, ...inputDropoutOptions.defaults, numHeads: 1, forgetGate: 'sigmoid' },
    rules: {
      ...rules,
      ...inputDropoutOptions.rules,
      numHeads: { integer: true, from: 1 },
      forgetGate: { oneOf: ['sigmoid', 'exponential'] },
    },
  } satisfies OwnOptions<MLstmCellOptions>
})()

/** Fewer steps than these are gone through one by one; more in stretches of so many. */
const fewSteps = 16
const stretchLength = 64

/** The exponential of no more than this is no infinity in float32. */
const largestExponent = 80

/** What a masked step has for the logarithm of its input gate: its exponential is 0. */
const farBelow = -1e30

/** What was prepared of a step, or of a sequence of them: `[..., heads, width]`, gates `[..., heads]`. */
interface Parts {
  readonly query: Value
  readonly key: Value
  readonly value: Value
  /** `[..., units]`. */
  readonly outputGate: Value
  /** The logarithm of the input gate. */
  readonly input: Value
  /** The logarithm of the forget gate. */
  readonly forget: Value
}

class MLstmCell extends RecurrentCell {
  readonly stateSize: readonly number[]
  private readonly units: number
  private readonly numHeads: number
  private readonly width: number
  private readonly options: MLstmCellOptions
  private readonly forgetGate: ForgetGate
  declare private kernel: Variable
  declare private gateKernel: Variable
  declare private bias: Variable | undefined
  declare private gateBias: Variable | undefined

  constructor(units: number, options: MLstmCellOptions) {
    super(options, 'mLSTMCell', mLstmCellOptions)
    this.units = requirePositiveInteger('mLSTM', 'units', units)
    const { numHeads, forgetGate } = { ...mLstmCellOptions.defaults, ...options }
    this.numHeads = requireHeads('mLSTM', numHeads, units)
    this.width = units / this.numHeads
    this.stateSize = [units * this.width, units, this.numHeads]
    this.forgetGate = forgetGate as ForgetGate // as the rules have it
    this.options = options
  }

  override get outputSize(): number {
    return this.units
  }

  override get stateShapes(): readonly Shape[] {
    const { numHeads, width } = this
    return [[numHeads, width, width], [numHeads, width], [numHeads]]
  }

  override get stateRank(): number {
    return 4
  }

  override get stateNames(): readonly string[] {
    return ['cell', 'normalizer', 'stabilizer']
  }

  override build(inputShape: PartialShape): void {
    const { units, numHeads, options } = this
    const features = knownLength(this.name, 'features', inputShape, -1)
    this.kernel = addKernel(this, [features, 4 * units], options)
    this.bias = options.useBias === false ? undefined : addBias(this, [4 * units], options)
    this.gateKernel = this.addWeight('gateKernel', [features, 2 * numHeads], { initializer: 'zeros' })
    this.gateBias =
      options.useBias === false
        ? undefined
        : this.addWeight('gateBias', [2 * numHeads], {
            // Input gates near 1; forget gates from the short to the long, head by head.
            initializer: (shape, { dtype, seed, stream }) => {
              const noise = new Float64Array(numHeads)
              fillNormal(noise, seed, stream)
              const kept = Array.from(noise, (_, head) => 3 + (3 * head) / Math.max(1, numHeads - 1))
              return tensor([...noise.map((value) => value / 10), ...kept], shape, dtype)
            },
          })
  }

  override prepare(given: Value, context: CallContext): Value {
    const x = droppedInputs(given, this.options, context)
    // Keys are made smaller before their bias, as in the paper.
    const isKey = (column: number) => Math.floor(column / this.units) === 1
    const scales = Array.from({ length: 4 * this.units }, (_, column) =>
      isKey(column) ? 1 / Math.sqrt(this.width) : 1,
    )
    const product = matmul(x, mul(this.kernel, scales))
    const gates = matmul(x, this.gateKernel)
    const { bias, gateBias } = this
    return concatenate([
      bias === undefined ? product : add(product, bias),
      gateBias === undefined ? gates : add(gates, gateBias),
    ])
  }

  private partsOf(prepared: Value): Parts {
    const { units, numHeads, width } = this
    const before = prepared.shape.slice(0, -1)
    const part = (from: number, count: number) => slice(prepared, at(prepared, from), upTo(prepared, count))
    const [query, key, value] = [0, 1, 2].map((i) => reshape(part(i * units, units), [...before, numHeads, width]))
    return {
      query,
      key,
      value,
      outputGate: sigmoid(part(3 * units, units)),
      input: part(4 * units, numHeads),
      forget: forgetLogarithm(part(4 * units + numHeads, numHeads), this.forgetGate),
    }
  }

  override step(prepared: Value, [c, n, m]: readonly Value[], context: CallContext) {
    const { query, key, value, outputGate, input, forget } = this.partsOf(prepared)
    const stays = add(forget, m)
    const stabilizer = maximum(stays, input)
    const [inputGate, forgetGate] = [exp(sub(input, stabilizer)), exp(sub(stays, stabilizer))]
    context.note({ inputGate, forgetGate, outputGate })
    const [i, f] = [inputGate, forgetGate].map((gate) => expandDims(gate, -1))
    const normalizer = add(mul(f, n), mul(i, key))
    const written = mul(expandDims(value, -1), expandDims(mul(i, key), -2))
    const cell = add(mul(expandDims(f, -1), c), written)
    const read = sum(mul(cell, expandDims(query, -2)), { axis: -1 })
    const weight = least(sum(mul(normalizer, query), { axis: -1 }), stabilizer)
    const output = mul(outputGate, reshape(div(read, expandDims(weight, -1)), outputGate.shape))
    return [output, [cell, normalizer, stabilizer]] as const
  }

  override get fusesAnyLength(): boolean {
    return false
  }

  override fused(x: Value, states: readonly Value[], mask: Value | undefined, context: CallContext): Sweep | undefined {
    if (x.shape[0] < fewSteps) return undefined
    const parts = this.partsOf(this.prepare(x, context))
    const kept = mask === undefined ? undefined : expandDims(mask, -1)
    const input = kept === undefined ? parts.input : where(kept, parts.input, farBelow)
    const forget = kept === undefined ? parts.forget : where(kept, parts.forget, 0)
    const values = [parts.query, parts.key, parts.value, input, forget]
    const found = inStretches(values, states, stretchLength, attended)
    const outputs = heldWhereMasked(mul(parts.outputGate, reshape(found.outputs, parts.outputGate.shape)), mask)
    return { outputs, last: lastStep(outputs), states: found.states }
  }

  override copy(): MLstmCell {
    return new MLstmCell(this.units, this.options)
  }

  override config(): Record<string, unknown> {
    return { units: this.units, ...this.options }
  }
}

/** Where a part along the last axis begins. */
function at({ shape }: Value, from: number): readonly number[] {
  return [...shape.slice(1).map(() => 0), from]
}

function upTo({ shape }: Value, count: number): readonly number[] {
  return [...shape.slice(0, -1), count]
}

/** max(|n q|, 1) of states that were divided by exp(m). */
function least(product: Value, stabilizer: Value): Value {
  return maximum(abs(product), exp(minimum(neg(stabilizer), largestExponent)))
}

/**
 * A stretch of steps at once: with b the running sum of ln f, what step s adds to step t is weighed by exp(b[t] - b[s] + i~[s]), what was
 * there before the stretch by exp(b[t] + m); the largest of these exponents is the stabilizer of step t, as it is step by step.
 *
 * Parts `[time, batch, heads, width]` and gates `[time, batch, heads]`.
 */
function attended([q, k, v, i, f]: readonly Value[], [c, n, m]: readonly Value[]): Stretch {
  const [query, key, value] = [q, k, v].map((part) => transpose(part, [1, 2, 0, 3]))
  const [input, forget] = [i, f].map((gate) => transpose(gate, [1, 2, 0]))
  const [steps] = q.shape
  const sums = cumSum(forget, { axis: -1 })
  const exponents = where(
    greaterEqual(reshape(iota(steps), [steps, 1]), iota(steps)),
    add(sub(expandDims(sums, -1), expandDims(sums, -2)), expandDims(input, -2)),
    farBelow,
  )
  const before = add(sums, expandDims(m, -1))
  const stabilizer = maximum(before, max(exponents, { axis: -1 }))
  const weights = exp(sub(exponents, expandDims(stabilizer, -1)))
  const stayed = exp(sub(before, stabilizer))
  const scores = mul(matmul(query, key, { transposeB: true }), weights)
  const read = add(matmul(scores, value), mul(expandDims(stayed, -1), matmul(query, c, { transposeB: true })))
  const product = add(sum(scores, { axis: -1 }), mul(stayed, sum(mul(query, expandDims(n, -2)), { axis: -1 })))
  const outputs = div(read, expandDims(least(product, stabilizer), -1))
  // What the last step sees of all others is what the states after it are made of.
  const added = expandDims(squeeze(slice(weights, [0, 0, steps - 1], [-1, -1, 1]), 2), -1)
  const kept = slice(stayed, [0, 0, steps - 1])
  return {
    outputs: transpose(outputs, [2, 0, 1, 3]),
    states: [
      add(mul(expandDims(kept, -1), c), matmul(mul(value, added), key, { transposeA: true })),
      add(mul(kept, n), sum(mul(added, key), { axis: 2 })),
      squeeze(slice(stabilizer, [0, 0, steps - 1]), 2),
    ],
  }
}

/**
 * The matrix LSTM of xLSTM (Beck and others, 2024, "xLSTM: extended long short-term memory", section 2.3): its cell is a matrix in which it
 * stores values by keys and looks them up by queries, with exponential gates. Nothing in a step looks at the state, so that stretches of
 * steps are computed at once, as in attention.
 *
 * With x the input, C, n, m the states of the step before, σ the sigmoid, d = units / numHeads, and for each head:
 *
 * ```
 * q = x Wq + bq,  k = x Wk / sqrt(d) + bk,  v = x Wv + bv       query, key and value
 * o = σ(x Wo + bo)                                             the output gate
 * i~ = x wi + bi,  f = σ(x wf + bf)                            a number for each head; exp in the place of σ with forgetGate 'exponential'
 * m' = max(ln f + m, i~)                                       the stabilizer
 * i = exp(i~ - m'),  f' = exp(ln f + m - m')
 * C' = f' C + i v kᵀ                                           the cell
 * n' = f' n + i k                                              the normalizer
 * h = o * (C' q) / max(|n' · q|, exp(-m'))                     the output
 * ```
 *
 * The paper's block normalizes the output of each head behind it: `groupNormalization(numHeads)`.
 *
 * Input `[batch, time, features]`; output `[batch, units]`, or `[batch, time, units]` with `returnSequences`; states `[C, n, m]`:
 * `[batch, numHeads, d, d]`, `[batch, numHeads, d]` and `[batch, numHeads]`. Weights, in this order: kernel `[features, 4 * units]` and bias
 * `[4 * units]` in the order q, k, v, o; gateKernel `[features, 2 * numHeads]` (zeros at the start) and gateBias `[2 * numHeads]` in the
 * order i, f, where the forget gates begin with 3 to 6, head by head.
 *
 * Memory grows with the length, not with its square. A step whose mask is false is skipped: the states stay, and the output is that of the
 * step before.
 *
 * @param units - the number of units of the output.
 * @throws OptionError for an unknown option, or one with a value it cannot have.
 *
 * @example
 * ```ts
 * const y = await mLSTM(8, { numHeads: 2, returnSequences: true }).run(randomNormal([2, 50, 3]))
 * y.shape // [2, 50, 8]
 * ```
 */
export const mLSTM = /* @__PURE__ */ layerFactory(
  'mLSTM',
  ['units'],
  (units: number, options: MLstmOptions = {}): RecurrentLayer =>
    sequenceLayer('mLSTM', units, options, mLstmCellOptions, (own) => new MLstmCell(units, own)),
)
