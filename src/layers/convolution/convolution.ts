// Convolution over time and over images, channels last.

import { type Activation, resolveActivation } from '../../activations'
import { OptionError, requireOneOf, requirePositiveInteger, ShapeError } from '../../errors'
import type { Value, Variable } from '../../graph'
import { add, conv2d as convolveImage, conv1d as convolveTime, conv3d as convolveVolume } from '../../ops'
import type { PartialShape } from '../../tensor'
import { activatedShape } from '../activations/activatedShape'
import type { CallContext } from '../base/context'
import { Layer } from '../base/layer'
import type { OverTime } from '../base/overTime'
import { layerFactory } from '../base/registry'
import { knownLength, positiveSizes, type Triple } from '../options/checks'
import { type DataFormatOptions, dataFormatOptions } from '../options/dataFormat'
import type { Expected } from '../options/expected'
import { addBias, addKernel, type KernelOptions, kernelOptions } from '../options/kernelOptions'
import type { OwnOptions } from '../options/ownOptions'
import type { Ranked } from '../options/ranks'
import { continued, overTimeOf } from './continued'
import { axesOf, movedOver, type Padding, pairOf, type SpaceRank, tripleOf, type Windows } from './windows'

/** Options of {@link conv1d}. */
export interface Conv1dOptions extends KernelOptions, DataFormatOptions {
  /** How far the window moves; 1 by default. */
  readonly strides?: number
  /**
   * `'valid'` (default): windows inside the data only. `'same'`: zeros around it, so that stride 1 keeps the length.
   * `'causal'`: zeros before it, so that no result depends on what comes later.
   */
  readonly padding?: Padding
  /** How far apart the steps of one window are; 1 by default. */
  readonly dilationRate?: number
  /** Into how many parts the channels are cut, each with filters of its own; 1 by default. */
  readonly groups?: number
}

/** Options of {@link conv2d}. */
export interface Conv2dOptions extends KernelOptions, DataFormatOptions {
  /** How far the window moves, in both directions or `[down, right]`; 1 by default. */
  readonly strides?: number | readonly [number, number]
  /** `'valid'` (default): windows inside the image only. `'same'`: zeros around it, so that stride 1 keeps the size. */
  readonly padding?: 'valid' | 'same'
  /** How far apart the pixels of one window are; 1 by default. */
  readonly dilationRate?: number | readonly [number, number]
  /** Into how many parts the channels are cut, each with filters of its own; 1 by default. */
  readonly groups?: number
}

/** Options of {@link conv3d}. */
export interface Conv3dOptions extends KernelOptions, DataFormatOptions {
  /** How far the window moves, in all directions or one by one; 1 by default. */
  readonly strides?: number | Triple
  /** `'valid'` (default): windows inside the volume only. `'same'`: zeros around it, so that stride 1 keeps the size. */
  readonly padding?: 'valid' | 'same'
  /** How far apart the elements of one window are; 1 by default. */
  readonly dilationRate?: number | Triple
  /** Into how many parts the channels are cut, each with filters of its own; 1 by default. */
  readonly groups?: number
}

type ConvolutionOptions = Conv1dOptions | Conv2dOptions | Conv3dOptions

const own = /* @__PURE__ */ (() =>
  ({
    defaults: {
      strides: 1,
      padding: 'valid',
      dilationRate: 1,
      groups: 1,
      ...dataFormatOptions.defaults,
      ...kernelOptions.defaults,
    },
    rules: {
      // One number or two, by the axes: checked by whoever counts them.
      strides: { otherTypes: true },
      dilationRate: { otherTypes: true },
      ...dataFormatOptions.rules,
      ...kernelOptions.rules,
    },
  }) satisfies OwnOptions<Conv1dOptions>)()

class Convolution extends Layer {
  override readonly expects: Expected
  override readonly supportsMasking = false
  private readonly filters: number
  private readonly kernelSize: number | readonly number[]
  private readonly options: ConvolutionOptions
  private readonly windows: Windows
  private readonly groups: number
  private readonly activation: Activation
  declare private kernel: Variable
  declare private bias: Variable | undefined

  constructor(
    rank: SpaceRank,
    filters: number,
    kernelSize: number | readonly number[],
    options: ConvolutionOptions = {},
  ) {
    const kind = `conv${rank}d`
    super(options, kind, own)
    this.expects = { inputs: 'one', axes: axesOf[rank] }
    this.filters = requirePositiveInteger(kind, 'filters', filters)
    this.kernelSize = kernelSize
    this.groups = requirePositiveInteger(kind, 'groups', options.groups ?? own.defaults.groups)
    if (filters % this.groups !== 0) {
      throw new OptionError(`${kind}: groups: expected a divisor of filters, which is ${filters}, got ${this.groups}`)
    }
    const paddings: readonly Padding[] = rank === 1 ? ['valid', 'same', 'causal'] : ['valid', 'same']
    this.windows = {
      size: positiveSizes(kind, 'kernelSize', kernelSize, rank),
      strides: positiveSizes(kind, 'strides', options.strides ?? own.defaults.strides, rank),
      dilation: positiveSizes(kind, 'dilationRate', options.dilationRate ?? own.defaults.dilationRate, rank),
      padding: requireOneOf(kind, 'padding', options.padding ?? own.defaults.padding, paddings),
    }
    this.activation = resolveActivation(options.activation ?? own.defaults.activation)
    this.options = options
  }

  protected override checkShape(inputShape: PartialShape): void {
    this.outputShape(inputShape)
  }

  override build(inputShape: PartialShape): void {
    const channels = knownLength(this.name, 'channels', inputShape, -1)
    if (channels % this.groups !== 0) {
      throw new ShapeError(`${this.name}: expected channels divisible by groups, ${this.groups}, got ${channels}`)
    }
    this.kernel = addKernel(this, [...this.windows.size, channels / this.groups, this.filters], this.options)
    this.bias = this.options.useBias === false ? undefined : addBias(this, [this.filters], this.options)
  }

  override call(given: Value, context: CallContext): Value {
    const { size, strides, dilation } = this.windows
    const [x, padding] = continued(this, this.windows, given, context)
    const common = { padding, groups: this.groups }
    const convolved =
      size.length === 1
        ? convolveTime(x, this.kernel, { ...common, strides: strides[0], dilation: dilation[0] })
        : size.length === 2
          ? convolveImage(x, this.kernel, { ...common, strides: pairOf(strides), dilation: pairOf(dilation) })
          : convolveVolume(x, this.kernel, { ...common, strides: tripleOf(strides), dilation: tripleOf(dilation) })
    return this.activation.call(this.bias === undefined ? convolved : add(convolved, this.bias))
  }

  override outputShape(inputShape: PartialShape): PartialShape {
    const moved = movedOver(inputShape, this.windows, this.filters, this.name)
    return activatedShape(this.activation, moved, this.dtype)
  }

  override overTime(): OverTime {
    return overTimeOf(this.windows)
  }

  override config(): Record<string, unknown> {
    return { filters: this.filters, kernelSize: this.kernelSize, ...this.options }
  }
}

/**
 * Convolution over time: each filter looks at `kernelSize` steps at once, wherever they lie.
 *
 * Input `[batch, time, channels]`, output `[batch, new time, filters]`. Weights: kernel
 * `[kernelSize, channels / groups, filters]`, bias `[filters]`. A mask ends here.
 *
 * @param filters - the number of channels it gives.
 * @param kernelSize - the number of steps in a window.
 * @throws OptionError for sizes that are not positive whole numbers; ShapeError for another rank, or too few steps.
 *
 * @example
 * ```ts
 * const y = await conv1d(4, 3, { padding: 'causal', activation: 'relu' }).run(ones([2, 10, 1]))
 * y.shape // [2, 10, 4]
 * ```
 */
export const conv1d = /* @__PURE__ */ layerFactory(
  'conv1d',
  ['filters', 'kernelSize'],
  (filters: number, kernelSize: number, options?: Conv1dOptions): Ranked<'conv1d', 3, 3> => {
    return new Convolution(1, filters, kernelSize, options)
  },
)

/**
 * Convolution over images: each filter looks at `kernelSize` rows and columns at once, wherever they lie.
 *
 * Input `[batch, height, width, channels]`, output `[batch, new height, new width, filters]`. Weights: kernel
 * `[rows, columns, channels / groups, filters]`, bias `[filters]`.
 *
 * @param filters - the number of channels it gives.
 * @param kernelSize - the rows and columns of a window: one number for both, or `[rows, columns]`.
 * @throws OptionError for sizes that are not positive whole numbers; ShapeError for another rank, or too small images.
 *
 * @example
 * ```ts
 * const y = await conv2d(8, 3, { strides: 2 }).run(ones([1, 9, 9, 3]))
 * y.shape // [1, 4, 4, 8]
 * ```
 */
export const conv2d = /* @__PURE__ */ layerFactory(
  'conv2d',
  ['filters', 'kernelSize'],
  (
    filters: number,
    kernelSize: number | readonly [number, number],
    options?: Conv2dOptions,
  ): Ranked<'conv2d', 4, 4> => {
    return new Convolution(2, filters, kernelSize, options)
  },
)

/**
 * Convolution over volumes, or over images of a film: each filter looks at `kernelSize` layers, rows and columns at once.
 *
 * Input `[batch, depth, height, width, channels]`, output `[batch, new depth, new height, new width, filters]`. Weights: kernel
 * `[layers, rows, columns, channels / groups, filters]`, bias `[filters]`.
 *
 * @param filters - the number of channels it gives.
 * @param kernelSize - the layers, rows and columns of a window: one number for all, or `[layers, rows, columns]`.
 * @throws OptionError for sizes that are not positive whole numbers; ShapeError for another rank, or too small volumes.
 *
 * @example
 * ```ts
 * const y = await conv3d(4, 3, { padding: 'same' }).run(ones([1, 5, 6, 6, 2]))
 * y.shape // [1, 5, 6, 6, 4]
 * ```
 */
export const conv3d = /* @__PURE__ */ layerFactory(
  'conv3d',
  ['filters', 'kernelSize'],
  (filters: number, kernelSize: number | Triple, options?: Conv3dOptions): Layer => {
    return new Convolution(3, filters, kernelSize, options)
  },
)
