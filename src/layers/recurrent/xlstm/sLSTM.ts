// The LSTM with exponential gates and a state that normalizes.

import { type Activation, type ActivationOption, resolveActivation, tanh } from '../../../activations'
import { OptionError, requirePositiveInteger } from '../../../errors'
import type { Value, Variable } from '../../../graph'
import { resolveInitializer } from '../../../initializers'
import {
  add,
  div,
  equal,
  exp,
  logSigmoid,
  matmul,
  maximum,
  minimum,
  mul,
  reshape,
  sigmoid,
  split,
  sub,
  transpose,
  where,
} from '../../../ops'
import type { PartialShape } from '../../../tensor'
import type { CallContext } from '../../base/context'
import { layerFactory } from '../../base/registry'
import { knownLength } from '../../options/checks'
import { addBias, addKernel } from '../../options/kernelOptions'
import type { OwnOptions } from '../../options/ownOptions'
import { RecurrentCell } from '../cells/cell'
import { withOnes } from '../cells/gateBias'
import { gateMasks } from '../cells/gates'
import { type StandardOptions, standardLayer } from '../cells/standard'
import { droppedInputs } from '../diagonal'
import { type CellOptions, cellOptions } from '../options'
import type { RecurrentLayer } from '../recurrentLayer'

/** How the forget gates of {@link sLSTM} and {@link mLSTM} are made of their sums. */
export type ForgetGate = 'sigmoid' | 'exponential'

/** Options of {@link sLSTM} that are about one step. */
export interface SLstmCellOptions extends CellOptions {
  /** Of what is written to the cell; `'tanh'` by default. */
  readonly activation?: ActivationOption
  /** `'sigmoid'` by default; the paper has both. */
  readonly forgetGate?: ForgetGate
  /** Into how many parts the units are cut, each of which sees of the state its own alone; 1 by default. */
  readonly numHeads?: number
  /** Adds 1 to the bias of the forget gate at the start, so that much is kept at first; `true` by default. */
  readonly unitForgetBias?: boolean
}

/** Options of {@link sLSTM}. */
export interface SLstmOptions extends StandardOptions, SLstmCellOptions {}

/** The logarithm of a forget gate. */
export function forgetLogarithm(sum: Value, gate: ForgetGate): Value {
  return gate === 'sigmoid' ? logSigmoid(sum) : sum
}

const sLstmCellOptions = /* @__PURE__ */ (() =>
  ({
    defaults: { ...cellOptions.defaults, activation: tanh, forgetGate: 'sigmoid', numHeads: 1, unitForgetBias: true },
    rules: {
      ...cellOptions.rules,
      forgetGate: { oneOf: ['sigmoid', 'exponential'] },
      numHeads: { integer: true, from: 1 },
    },
  }) satisfies OwnOptions<SLstmCellOptions>)()

class SLstmCell extends RecurrentCell {
  readonly stateSize: readonly number[]
  private readonly units: number
  private readonly numHeads: number
  private readonly options: SLstmCellOptions
  private readonly activation: Activation
  private readonly forgetGate: ForgetGate
  declare private kernel: Variable
  declare private recurrentKernel: Variable
  declare private bias: Variable | undefined

  constructor(units: number, options: SLstmCellOptions) {
    super(options, 'sLSTMCell', sLstmCellOptions)
    this.units = requirePositiveInteger('sLSTM', 'units', units)
    this.stateSize = [units, units, units, units]
    this.options = options
    const { numHeads, activation, forgetGate } = { ...sLstmCellOptions.defaults, ...options }
    this.numHeads = requireHeads('sLSTM', numHeads, units)
    this.activation = resolveActivation(activation)
    this.forgetGate = forgetGate as ForgetGate // as the rules have it
  }

  override get stateNames(): readonly string[] {
    return ['hidden', 'cell', 'normalizer', 'stabilizer']
  }

  override build(inputShape: PartialShape): void {
    const { units, numHeads, options } = this
    this.kernel = addKernel(this, [knownLength(this.name, 'features', inputShape, -1), 4 * units], options)
    const width = units / numHeads
    this.recurrentKernel = this.addWeight(
      'recurrentKernel',
      numHeads === 1 ? [units, 4 * units] : [numHeads, width, 4 * width],
      {
        initializer: options.recurrentInitializer ?? cellOptions.defaults.recurrentInitializer,
        regularizer: options.recurrentRegularizer,
        constraint: options.recurrentConstraint,
      },
    )
    const initial = resolveInitializer(options.biasInitializer ?? sLstmCellOptions.defaults.biasInitializer)
    const biasInitializer = options.unitForgetBias === false ? initial : withOnes(initial, units, 2 * units)
    this.bias = options.useBias === false ? undefined : addBias(this, [4 * units], { ...options, biasInitializer })
  }

  override prepare(x: Value, context: CallContext): Value {
    const product = matmul(droppedInputs(x, this.options, context), this.kernel)
    return this.bias === undefined ? product : add(product, this.bias)
  }

  /** h R, head by head, with the gates side by side as in the kernel. */
  private ofState(h: Value): Value {
    const { units, numHeads } = this
    if (numHeads === 1) return matmul(h, this.recurrentKernel)
    const [batch, width] = [h.shape[0], units / numHeads]
    const heads = transpose(reshape(h, [batch, numHeads, width]), [1, 0, 2])
    const products = reshape(matmul(heads, this.recurrentKernel), [numHeads, batch, 4, width])
    return reshape(transpose(products, [1, 2, 0, 3]), [batch, 4 * units])
  }

  override step(prepared: Value, [h, c, n, m]: readonly Value[], context: CallContext) {
    const [mask] = gateMasks(context, 'recurrentDropout', this.options, 1, h.shape[0], this.units, h.dtype)
    const sums = split(add(prepared, this.ofState(mask === undefined ? h : mul(h, mask))), 4)
    const stays = add(forgetLogarithm(sums[1], this.forgetGate), m)
    // Before the first step there is nothing that could stay, and m says nothing.
    const stabilizer = where(equal(n, 0), sums[0], maximum(stays, sums[0]))
    const inputGate = exp(sub(sums[0], stabilizer))
    const forgetGate = exp(minimum(sub(stays, stabilizer), 0))
    const [candidate, outputGate] = [this.activation.call(sums[2]), sigmoid(sums[3])]
    context.note({ inputGate, forgetGate, candidate, outputGate })
    const cell = add(mul(forgetGate, c), mul(inputGate, candidate))
    const normalizer = add(mul(forgetGate, n), inputGate)
    const hidden = mul(outputGate, div(cell, normalizer))
    return [hidden, [hidden, cell, normalizer, stabilizer]] as const
  }

  override copy(): SLstmCell {
    return new SLstmCell(this.units, this.options)
  }

  override config(): Record<string, unknown> {
    return { units: this.units, ...this.options }
  }
}

/** @throws OptionError for a number of heads that does not divide the units. */
export function requireHeads(where: string, numHeads: number, units: number): number {
  if (units % numHeads === 0) return numHeads
  throw new OptionError(`${where}: numHeads: expected a divisor of units, which is ${units}, got ${numHeads}`)
}

/**
 * The scalar LSTM of xLSTM (Beck and others, 2024, "xLSTM: extended long short-term memory", section 2.2): an LSTM whose gates are
 * exponential, so that it can revise what it has stored, with a state that normalizes and one that keeps the exponentials in bounds.
 *
 * With x the input, h, c, n, m the states of the step before, σ the sigmoid, φ the `activation`, and `*` element by element:
 *
 * ```
 * i~ = x Wi + h Ri + bi,  f~ = x Wf + h Rf + bf
 * z = φ(x Wz + h Rz + bz)                    what is written
 * o = σ(x Wo + h Ro + bo)                    the output gate
 * m' = max(ln f + m, i~)                     the stabilizer: f = σ(f~), or exp(f~) with forgetGate 'exponential'
 * i = exp(i~ - m'),  f' = exp(ln f + m - m')
 * c' = f' * c + i * z                        the cell
 * n' = f' * n + i                            the normalizer
 * h' = o * c' / n'                           the hidden state, which is the output
 * ```
 *
 * Input `[batch, time, features]`; output `[batch, units]`, or `[batch, time, units]` with `returnSequences`; states `[h, c, n, m]`, each
 * `[batch, units]`, or `[numLayers, batch, units]` where `numLayers` is given. Where n is 0 (at the start) m' is i~.
 *
 * Weights: kernel W `[features, 4 * units]`, recurrentKernel R `[units, 4 * units]`, bias b `[4 * units]`, in the order i, f, z, o. With
 * `numHeads` each head has a matrix of its own, and R is `[numHeads, units / numHeads, 4 * units / numHeads]`; `recurrentDropout` drops
 * the same of the state for all gates. As the state goes through a matrix, steps are computed one after the other. Masks, states and directions
 * are those of `lstm`.
 *
 * @param units - the number of units of output and states.
 * @throws OptionError for an unknown option, or one with a value it cannot have.
 *
 * @example
 * ```ts
 * const y = await sLSTM(8, { numHeads: 2 }).run(randomNormal([2, 5, 3]))
 * y.shape // [2, 8]
 * ```
 */
export const sLSTM = /* @__PURE__ */ layerFactory(
  'sLSTM',
  ['units'],
  (units: number, options: SLstmOptions = {}): RecurrentLayer =>
    standardLayer('sLSTM', units, options, sLstmCellOptions, (n, own) => new SLstmCell(n, own)),
)
