// The real-gated linear recurrent unit of Griffin.

import { requirePositiveInteger } from '../../../errors'
import type { Value, Variable } from '../../../graph'
import { add, concatenate, exp, expm1, matmul, maximum, mul, neg, sigmoid, softplus, split, sqrt } from '../../../ops'
import { fillUniform, type PartialShape, tensor } from '../../../tensor'
import type { CallContext } from '../../base/context'
import { layerFactory } from '../../base/registry'
import { knownLength } from '../../options/checks'
import { addBias, addKernel, type KernelOptions, kernelOptions } from '../../options/kernelOptions'
import type { OwnOptions } from '../../options/ownOptions'
import { type StandardOptions, standardLayer } from '../cells/standard'
import type { RecurrentLayer } from '../recurrentLayer'
import { droppedInputs, LinearCell, type Recurrence } from './linearCell'
import { type InputDropoutOptions, inputDropoutOptions } from './options'

/** Options of {@link rgLRU} that are about one step. */
export interface RgLruCellOptions extends Omit<KernelOptions, 'activation'>, InputDropoutOptions {
  /** The power that gates are raised to, c in the paper; 8 by default. */
  readonly power?: number
}

/** Options of {@link rgLRU}. */
export interface RgLruOptions extends StandardOptions, RgLruCellOptions {}

const rgLruCellOptions = /* @__PURE__ */ (() => {
  const { activation: _, ...defaults } = kernelOptions.defaults
  const { activation: __, ...rules } = kernelOptions.rules
  return {
    defaults: { ...defaults, ...inputDropoutOptions.defaults, power: 8 },
    rules: { ...rules, ...inputDropoutOptions.rules, power: { from: 0 } },
  } satisfies OwnOptions<RgLruCellOptions>
})()

class RgLruCell extends LinearCell {
  readonly stateSize: number
  private readonly units: number
  private readonly options: RgLruCellOptions
  private readonly power: number
  declare private inputKernel: Variable | undefined
  declare private kernel: Variable
  declare private bias: Variable | undefined
  declare private lambda: Variable

  constructor(units: number, options: RgLruCellOptions) {
    super(options, 'rgLRUCell', rgLruCellOptions)
    this.units = requirePositiveInteger('rgLRU', 'units', units)
    this.stateSize = units
    this.options = options
    this.power = options.power ?? rgLruCellOptions.defaults.power
  }

  override build(inputShape: PartialShape): void {
    const { units, options } = this
    const features = knownLength(this.name, 'features', inputShape, -1)
    const initializer = options.kernelInitializer ?? kernelOptions.defaults.kernelInitializer
    this.inputKernel =
      features === units ? undefined : this.addWeight('inputKernel', [features, units], { initializer, adapts: true })
    this.kernel = addKernel(this, [units, 2 * units], options)
    this.bias = options.useBias === false ? undefined : addBias(this, [2 * units], options)
    this.lambda = this.addWeight('lambda', [units], {
      initializer: (shape, { dtype, seed, stream }) => {
        const numbers = new Float64Array(units)
        fillUniform(numbers, seed, stream)
        return tensor(Array.from(numbers, rememberingWell), shape, dtype)
      },
    })
  }

  override prepare(given: Value, context: CallContext): Value {
    const dropped = droppedInputs(given, this.options, context)
    const x = this.inputKernel === undefined ? dropped : matmul(dropped, this.inputKernel)
    const product = matmul(x, this.kernel)
    return concatenate([x, this.bias === undefined ? product : add(product, this.bias)])
  }

  protected override recurrence(prepared: Value): Recurrence {
    const [x, ...sums] = split(prepared, 3)
    const [recurrenceGate, inputGate] = sums.map((sum) => sigmoid(sum))
    const logarithm = mul(mul(neg(softplus(this.lambda)), this.power), recurrenceGate)
    // 1 - a², without what cancels near 1, and so that its root has a derivative.
    const rest = sqrt(maximum(neg(expm1(mul(2, logarithm))), smallest))
    const a = exp(logarithm)
    return { a, b: mul(rest, mul(inputGate, x)), noted: { recurrenceGate, inputGate, kept: a } }
  }

  override copy(): RgLruCell {
    return new RgLruCell(this.units, this.options)
  }

  override config(): Record<string, unknown> {
    return { units: this.units, ...this.options }
  }
}

const smallest = 1e-12

/** The λ for which exp(-softplus(λ)) is drawn evenly from the ring between 0.9 and 0.999. */
function rememberingWell(u: number): number {
  const logarithm = Math.log(u * (0.999 ** 2 - 0.9 ** 2) + 0.9 ** 2) / 2
  return Math.log(Math.expm1(-logarithm))
}

/**
 * The real-gated linear recurrent unit (De and others, 2024, "Griffin: mixing gated linear recurrences with local attention for efficient
 * language models", section 2.4): a linear recurrence whose factor and input are gated by the input.
 *
 * With x the input, h the state of the step before, σ the sigmoid, c the `power` (8 by default), and `*` element by element:
 *
 * ```
 * r = σ(x Wa + ba)                             the recurrence gate
 * i = σ(x Wx + bx)                             the input gate
 * a = exp(-c softplus(lambda) * r)             what stays of the state; softplus(lambda) = -ln σ(-lambda)
 * h' = a * h + sqrt(1 - a²) * (i * x)          the state, which is the output
 * ```
 *
 * At the start exp(-softplus(lambda)) is drawn from the ring between 0.9 and 0.999.
 *
 * Input `[batch, time, features]`; output `[batch, units]`, or `[batch, time, units]` with `returnSequences`; one state h,
 * `[batch, units]`, or `[numLayers, batch, units]` where `numLayers` is given. In the paper the input has as many features as the state;
 * where it has another number, x is the input times a matrix `inputKernel` `[features, units]`, the first weight then. Weights: kernel
 * `[units, 2 * units]` and bias `[2 * units]`, in the order r, i; lambda `[units]`.
 *
 * The whole sequence is one `ops.linearScan`. Masks, states and directions are those of `gru`.
 *
 * @param units - the number of units of output and state.
 * @throws OptionError for an unknown option, or one with a value it cannot have.
 *
 * @example
 * ```ts
 * const y = await rgLRU(8, { returnSequences: true }).run(randomNormal([2, 5, 8]))
 * y.shape // [2, 5, 8]
 * ```
 */
export const rgLRU = /* @__PURE__ */ layerFactory(
  'rgLRU',
  ['units'],
  (units: number, options: RgLruOptions = {}): RecurrentLayer =>
    standardLayer('rgLRU', units, options, rgLruCellOptions, (n, own) => new RgLruCell(n, own)),
)
