// The step of an LSTM whose products are convolutions.

import { type Activation, resolveActivation } from '../../../activations'
import { OptionError, requireOneOf, requirePositiveInteger, ShapeError, textOf } from '../../../errors'
import type { Value, Variable } from '../../../graph'
import { resolveInitializer } from '../../../initializers'
import {
  add,
  broadcastTo,
  cast,
  concatenate,
  conv1d,
  conv2d,
  conv3d,
  dropoutMask,
  mul,
  reshape,
  split,
} from '../../../ops'
import { floatOf, formatShape, type PartialShape, type Shape, streamOf } from '../../../tensor'
import type { CallContext } from '../../base/context'
import { movedOver, pairOf, type SpaceRank, tripleOf, type Windows } from '../../convolution/windows'
import { knownLength, positiveSizes } from '../../options/checks'
import { type DataFormatOptions, dataFormatOptions } from '../../options/dataFormat'
import { addBias, addKernel } from '../../options/kernelOptions'
import type { OwnOptions } from '../../options/ownOptions'
import { cellOptions } from '../options'
import { RecurrentCell } from './cell'
import { withOnes } from './gateBias'
import { type LstmCellOptions, lstmCellOptions } from './lstmCell'

/** Options of the layers that are about one step; `Size` is a number, or one for each axis. */
export interface ConvLSTMCellOptions<Size> extends Omit<LstmCellOptions, 'chrono'>, DataFormatOptions {
  /** How far the window moves over the input; 1 by default. */
  readonly strides?: Size
  /** `'valid'` (default): windows inside the input only. `'same'`: zeros around it. The states are always convolved with zeros around. */
  readonly padding?: 'valid' | 'same'
  /** How far apart the elements of a window of the input are; 1 by default, and the only one with strides. */
  readonly dilationRate?: Size
}

type AnyOptions = ConvLSTMCellOptions<number | readonly number[]>

/** The options in {@link ConvLSTMCellOptions}. */
export const convLSTMCellOptions = /* @__PURE__ */ (() => {
  const { chrono: _, ...defaults } = lstmCellOptions.defaults
  return {
    defaults: { ...defaults, strides: 1, padding: 'valid', dilationRate: 1, ...dataFormatOptions.defaults },
    rules: {
      ...lstmCellOptions.rules,
      // One number or several, by the axes: checked by whoever counts them.
      strides: { otherTypes: true },
      dilationRate: { otherTypes: true },
      ...dataFormatOptions.rules,
    },
  } satisfies OwnOptions<AnyOptions>
})()

/** What is dropped: the inputs or the state. */
type Dropped = 'dropout' | 'recurrentDropout'

/** A cell over images (or series, or volumes): the states are images of `filters` channels. */
export class ConvLSTMCell extends RecurrentCell {
  readonly stateSize: readonly [number, number]
  private readonly rank: SpaceRank
  private readonly filters: number
  private readonly options: AnyOptions
  private readonly windows: Windows
  private readonly activation: Activation
  private readonly recurrentActivation: Activation
  private space: Shape | undefined
  declare private kernel: Variable
  declare private recurrentKernel: Variable
  declare private bias: Variable | undefined

  constructor(
    kind: string,
    rank: SpaceRank,
    filters: number,
    kernelSize: number | readonly number[],
    options: AnyOptions,
  ) {
    super(options, `${kind}Cell`, convLSTMCellOptions)
    requirePositiveInteger(kind, 'filters', filters)
    this.rank = rank
    this.filters = filters
    this.stateSize = [filters, filters]
    this.options = options
    const { strides, dilationRate, padding } = { ...convLSTMCellOptions.defaults, ...options }
    this.windows = {
      size: positiveSizes(kind, 'kernelSize', kernelSize, rank),
      strides: positiveSizes(kind, 'strides', strides, rank),
      dilation: positiveSizes(kind, 'dilationRate', dilationRate, rank),
      padding: requireOneOf(kind, 'padding', padding, ['valid', 'same']),
    }
    if (Math.max(...this.windows.strides) > 1 && Math.max(...this.windows.dilation) > 1) {
      throw new OptionError(
        `${kind}: dilationRate: expected 1 where strides are more than 1, got ${textOf(dilationRate)}`,
      )
    }
    this.activation = resolveActivation(options.activation ?? convLSTMCellOptions.defaults.activation)
    this.recurrentActivation = resolveActivation(
      options.recurrentActivation ?? convLSTMCellOptions.defaults.recurrentActivation,
    )
  }

  override get stateNames(): readonly string[] {
    return ['hidden', 'cell']
  }

  override get stateShapes(): readonly Shape[] {
    return [this.stepShape, this.stepShape]
  }

  override get stepShape(): Shape {
    if (this.space === undefined) throw new Error(`${this.name}: its shapes are known once it is built`)
    return [...this.space, this.filters]
  }

  override get stateRank(): number {
    return this.rank + 2
  }

  override shapesFor(step: PartialShape) {
    const output = movedOver(step, this.windows, this.filters, this.name)
    return { output, states: [output, output] }
  }

  /** States have the size of the image. */
  protected override fixedAxes(rank: number): readonly number[] {
    return Array.from({ length: rank - 1 }, (_, i) => i + 1)
  }

  override build(inputShape: PartialShape): void {
    const { filters, options } = this
    const { size } = this.windows
    const channels = knownLength(this.name, 'channels', inputShape, -1)
    const space = this.shapesFor(inputShape).output.slice(0, -1)
    if (space.includes(null)) {
      throw new ShapeError(
        `${this.name}: expected known lengths but of time, got ${formatShape([null, null, ...inputShape])}`,
      )
    }
    this.kernel = addKernel(this, [...size, channels, 4 * filters], options)
    this.recurrentKernel = this.addWeight('recurrentKernel', [...size, filters, 4 * filters], {
      initializer: options.recurrentInitializer ?? cellOptions.defaults.recurrentInitializer,
      regularizer: options.recurrentRegularizer,
      constraint: options.recurrentConstraint,
    })
    const initial = resolveInitializer(options.biasInitializer ?? convLSTMCellOptions.defaults.biasInitializer)
    const biasInitializer = options.unitForgetBias === false ? initial : withOnes(initial, filters, 2 * filters)
    this.bias = options.useBias === false ? undefined : addBias(this, [4 * filters], { ...options, biasInitializer })
    this.space = space.map(Number)
  }

  /** The input convolved, gate by gate: one step `[batch, ...]` or all of them `[time, batch, ...]`. */
  override prepare(x: Value, context: CallContext): Value {
    const step = x.shape.slice(-this.rank - 2)
    const masks = this.masks(context, 'dropout', step, x)
    const convolved = this.convolved(x, this.kernel.value, masks, this.windows)
    return this.bias === undefined ? convolved : add(convolved, this.bias)
  }

  override step(projected: Value, [h, c]: readonly Value[], context: CallContext) {
    const { activation, recurrentActivation } = this
    const ones = this.windows.size.map(() => 1)
    const around: Windows = { size: this.windows.size, strides: ones, dilation: ones, padding: 'same' }
    const masks = this.masks(context, 'recurrentDropout', h.shape, h)
    const sums = split(add(projected, this.convolved(h, this.recurrentKernel.value, masks, around)), 4)
    const [i, f, o] = [sums[0], sums[1], sums[3]].map((sum) => recurrentActivation.call(sum))
    const g = activation.call(sums[2])
    context.note({ forgetGate: f, inputGate: i, candidate: g, outputGate: o })
    const cell = add(mul(f, c), mul(i, g))
    const hidden = mul(o, activation.call(cell))
    return [hidden, [hidden, cell]] as const
  }

  private convolved(x: Value, kernel: Value, masks: readonly Value[], windows: Windows): Value {
    if (masks.length === 0) return convolve(x, kernel, windows)
    const parts = split(kernel, masks.length)
    return concatenate(masks.map((mask, gate) => convolve(mul(x, mask), parts[gate], windows)))
  }

  /** What dropout multiplies by, one mask a gate as in Keras; nothing outside training. All steps of a sequence drop the same. */
  private masks(context: CallContext, dropped: Dropped, shape: Shape, like: Value): readonly Value[] {
    const { [dropped]: rate = 0, seed } = this.options
    if (!context.training || rate === 0) return []
    const dtype = floatOf(like.dtype)
    return Array.from({ length: 4 }, (_, gate) => {
      if (rate === 1) return broadcastTo(cast(0, dtype), shape)
      const own = seed === undefined ? undefined : streamOf(`${seed} ${dropped} ${gate}`)
      const { state, stream } = context.random(own)
      return dropoutMask(state, shape, rate, { stream, dtype })
    })
  }
}

/** A convolution of `[..., batch, lengths, channels]`: the axes before the batch are samples, too. */
function convolve(x: Value, kernel: Value, { size, strides, dilation, padding }: Windows): Value {
  const samples = x.shape.slice(0, x.rank - size.length - 1)
  const flat = reshape(x, [-1, ...x.shape.slice(samples.length)])
  const result =
    size.length === 1
      ? conv1d(flat, kernel, { strides: strides[0], dilation: dilation[0], padding })
      : size.length === 2
        ? conv2d(flat, kernel, { strides: pairOf(strides), dilation: pairOf(dilation), padding })
        : conv3d(flat, kernel, { strides: tripleOf(strides), dilation: tripleOf(dilation), padding })
  return reshape(result, [...samples, ...result.shape.slice(1)])
}
