// The linear recurrent unit: a state of complex numbers, each turned and made smaller by a number of its own.

import { OptionError, requirePositiveInteger } from '../../../errors'
import type { Value, Variable } from '../../../graph'
import { type InitializerOption, type RandomStream, randomNormal, varianceScaling } from '../../../initializers'
import { add, broadcastTo, complexLinearScan, cos, exp, matmul, mul, neg, sin, sub } from '../../../ops'
import { fillUniform, getSeed, nextStream, type PartialShape, tensor } from '../../../tensor'
import type { CallContext } from '../../base/context'
import { layerFactory } from '../../base/registry'
import { knownLength } from '../../options/checks'
import { anInitializer, type OwnOptions } from '../../options/ownOptions'
import { RecurrentCell, type Sweep } from '../cells/cell'
import type { SequenceOptions } from '../options'
import type { RecurrentLayer } from '../recurrentLayer'
import { droppedInputs, heldWhereMasked, keptWhereMasked, lastStep, nothingWhereMasked } from './linearCell'
import { type InputDropoutOptions, inputDropoutOptions } from './options'
import { sequenceLayer } from './sequenceLayer'

/** Options of {@link lru} that are about one step. */
export interface LruCellOptions extends InputDropoutOptions {
  /** How many complex numbers the state holds; as many as `units` by default. */
  readonly stateUnits?: number
  /**
   * What the real and imaginary parts of the matrices B and C begin with; by default normal numbers, with a variance of 1 / (2 features)
   * in B and 1 / stateUnits in C.
   */
  readonly kernelInitializer?: InitializerOption
  /** The smallest modulus of λ at the start; 0 by default. */
  readonly minRadius?: number
  /** The largest modulus of λ at the start; 1 by default. With long sequences the paper has both near 1. */
  readonly maxRadius?: number
  /** The largest phase of λ at the start; 2π by default. With long sequences the paper has it small. */
  readonly maxPhase?: number
}

/** Options of {@link lru}. */
export interface LruOptions extends SequenceOptions, LruCellOptions {}

const lruCellOptions = /* @__PURE__ */ (() =>
  ({
    defaults: {
      ...inputDropoutOptions.defaults,
      stateUnits: undefined,
      kernelInitializer: undefined,
      minRadius: 0,
      maxRadius: 1,
      maxPhase: 2 * Math.PI,
    },
    rules: {
      ...inputDropoutOptions.rules,
      stateUnits: { integer: true, from: 1 },
      kernelInitializer: anInitializer,
      minRadius: { from: 0, to: 1 },
      maxRadius: { from: 0, to: 1 },
      maxPhase: { from: 0 },
    },
  }) satisfies OwnOptions<LruCellOptions>)()

interface LruWeights {
  readonly nuLog: Variable
  readonly thetaLog: Variable
  readonly gammaLog: Variable
  readonly inputReal: Variable
  readonly inputImaginary: Variable
  readonly outputReal: Variable
  readonly outputImaginary: Variable
  readonly skip: Variable
}

class LruCell extends RecurrentCell {
  readonly stateSize: readonly [number, number]
  private readonly units: number
  private readonly stateUnits: number
  private readonly options: LruCellOptions
  declare private parts: LruWeights

  constructor(units: number, options: LruCellOptions) {
    super(options, 'lruCell', lruCellOptions)
    this.units = requirePositiveInteger('lru', 'units', units)
    this.stateUnits = options.stateUnits ?? units
    this.stateSize = [this.stateUnits, this.stateUnits]
    this.options = options
    const { minRadius, maxRadius } = { ...lruCellOptions.defaults, ...options }
    if (minRadius >= maxRadius) {
      throw new OptionError(`lru: minRadius: expected less than maxRadius, which is ${maxRadius}, got ${minRadius}`)
    }
  }

  override get outputSize(): number {
    return this.units
  }

  override get stateNames(): readonly string[] {
    return ['real', 'imaginary']
  }

  override build(inputShape: PartialShape): void {
    const { units, stateUnits, options } = this
    const features = knownLength(this.name, 'features', inputShape, -1)
    const { minRadius, maxRadius, maxPhase } = { ...lruCellOptions.defaults, ...options }
    const kernel = (name: string, scale: number, ...shape: [number, number]) =>
      this.addWeight(name, shape, {
        initializer:
          options.kernelInitializer ?? varianceScaling({ scale, mode: 'fanIn', distribution: 'untruncatedNormal' }),
        adapts: true,
      })
    // The moduli are drawn once: γ begins with what makes up for them.
    const key = { seed: getSeed(), stream: nextStream() }
    const moduli = () =>
      drawn(stateUnits, key).map((u) => Math.sqrt(u * (maxRadius ** 2 - minRadius ** 2) + minRadius ** 2))
    const vector = (name: string, values: (context: RandomStream) => Float64Array) =>
      this.addWeight(name, [stateUnits], {
        initializer: (shape, { dtype, ...random }) => tensor(Array.from(values(random)), shape, dtype),
      })
    this.parts = {
      nuLog: vector('nuLog', () => moduli().map((modulus) => Math.log(-Math.log(modulus)))),
      thetaLog: vector('thetaLog', (random) => drawn(stateUnits, random).map((u) => Math.log(u * maxPhase))),
      gammaLog: vector('gammaLog', () => moduli().map((modulus) => Math.log(1 - modulus ** 2) / 2)),
      inputReal: kernel('inputReal', 0.5, features, stateUnits),
      inputImaginary: kernel('inputImaginary', 0.5, features, stateUnits),
      outputReal: kernel('outputReal', 1, stateUnits, units),
      outputImaginary: kernel('outputImaginary', 1, stateUnits, units),
      skip:
        features === units
          ? this.addWeight('skip', [units], { initializer: randomNormal({ stddev: 1 }) })
          : kernel('skip', 1, features, units),
    }
  }

  /** λ, as its real and imaginary part. */
  private factors(): readonly [real: Value, imaginary: Value] {
    const { nuLog, thetaLog } = this.parts
    const [modulus, phase] = [exp(neg(exp(nuLog))), exp(thetaLog)]
    return [mul(modulus, cos(phase)), mul(modulus, sin(phase))]
  }

  /** γ * (B x), as its real and imaginary part. */
  private driven(x: Value): readonly Value[] {
    const { gammaLog, inputReal, inputImaginary } = this.parts
    return [inputReal, inputImaginary].map((kernel) => mul(matmul(x, kernel), exp(gammaLog)))
  }

  /** Re(C h) + D x. */
  private read([re, im]: readonly Value[], x: Value): Value {
    const { outputReal, outputImaginary, skip } = this.parts
    const direct = skip.shape.length === 1 ? mul(x, skip) : matmul(x, skip)
    return add(sub(matmul(re, outputReal), matmul(im, outputImaginary)), direct)
  }

  override prepare(x: Value, context: CallContext): Value {
    return droppedInputs(x, this.options, context)
  }

  override step(x: Value, [re, im]: readonly Value[]) {
    const [real, imaginary] = this.factors()
    const [bRe, bIm] = this.driven(x)
    const next = [
      add(sub(mul(real, re), mul(imaginary, im)), bRe),
      add(add(mul(real, im), mul(imaginary, re)), bIm),
    ] as const
    return [this.read(next, x), next] as const
  }

  override get fusesAnyLength(): boolean {
    return false
  }

  override fused(given: Value, initial: readonly Value[], mask: Value | undefined, context: CallContext): Sweep {
    const x = this.prepare(given, context)
    const b = this.driven(x).map((part) => nothingWhereMasked(part, mask))
    const [real, imaginary] = this.factors()
    const a =
      mask === undefined
        ? [real, imaginary]
        : [
            keptWhereMasked(broadcastTo(real, b[0].shape), mask),
            nothingWhereMasked(broadcastTo(imaginary, b[0].shape), mask),
          ]
    const states = complexLinearScan(a, b, { initial })
    const outputs = heldWhereMasked(this.read(states, x), mask)
    return { outputs, last: lastStep(outputs), states: states.map(lastStep) }
  }

  override copy(): LruCell {
    return new LruCell(this.units, this.options)
  }

  override config(): Record<string, unknown> {
    return { units: this.units, ...this.options }
  }
}

/** Numbers between 0 and 1, both left out. */
function drawn(count: number, { seed, stream }: RandomStream): Float64Array {
  const numbers = new Float64Array(count)
  fillUniform(numbers, seed, stream)
  return numbers.map((u) => Math.min(Math.max(u, 1e-6), 1 - 1e-6))
}

/**
 * The linear recurrent unit (Orvieto and others, 2023, "Resurrecting recurrent neural networks for long sequences"): a state of complex
 * numbers, each turned and made smaller by a number of its own, read by a matrix. It is linear over time: put layers that are not (`dense`
 * with an activation, a gate) between several of them.
 *
 * With x the input, h the state of the step before, `*` element by element, i the imaginary unit:
 *
 * ```
 * λ = exp(-exp(nuLog) + i exp(thetaLog))         inside the unit circle, whatever training does
 * h' = λ * h + exp(gammaLog) * (B x)             the state: B is inputReal + i inputImaginary
 * y = Re(C h') + D x                             the output: C is outputReal + i outputImaginary, D is skip
 * ```
 *
 * At the start λ is drawn uniformly from the ring between `minRadius` and `maxRadius`, with phases up to `maxPhase`, and
 * exp(gammaLog) = sqrt(1 - |λ|²), which gives states the size of the input.
 *
 * Input `[batch, time, features]`; output `[batch, units]`, or `[batch, time, units]` with `returnSequences`; states `[real, imaginary]`,
 * each `[batch, stateUnits]`. Weights, in this order: nuLog, thetaLog, gammaLog `[stateUnits]`; inputReal, inputImaginary
 * `[features, stateUnits]`; outputReal, outputImaginary `[stateUnits, units]`; skip: `[units]`, by which the input is multiplied element by
 * element, as in the paper, where it has as many features, else a matrix `[features, units]`.
 *
 * The whole sequence is one `ops.complexLinearScan`. A step whose mask is false is skipped: the states stay, and the output is that of the
 * step before.
 *
 * @param units - the number of units of the output.
 * @throws OptionError for an unknown option, or one with a value it cannot have.
 *
 * @example
 * ```ts
 * const y = await lru(8, { stateUnits: 16, minRadius: 0.9, maxRadius: 0.999, returnSequences: true }).run(randomNormal([2, 50, 8]))
 * y.shape // [2, 50, 8]
 * ```
 */
export const lru = /* @__PURE__ */ layerFactory(
  'lru',
  ['units'],
  (units: number, options: LruOptions = {}): RecurrentLayer =>
    sequenceLayer('lru', units, options, lruCellOptions, (own) => new LruCell(units, own)),
)
