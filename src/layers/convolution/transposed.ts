// Transposed convolution: from small to large, as a convolution's gradient goes.

import { type Activation, resolveActivation } from '../../activations'
import { requireOneOf, requirePositiveInteger } from '../../errors'
import type { Value, Variable } from '../../graph'
import {
  add,
  transposedLength,
  conv2dTranspose as transposeImage,
  conv1dTranspose as transposeTime,
  conv3dTranspose as transposeVolume,
} from '../../ops'
import type { PartialShape } from '../../tensor'
import { activatedShape } from '../activations/activatedShape'
import { Layer } from '../base/layer'
import type { OverTime } from '../base/overTime'
import { layerFactory } from '../base/registry'
import { knownLength, type Pair, positiveSizes, type Triple, wholeSizes } from '../options/checks'
import { type DataFormatOptions, dataFormatOptions } from '../options/dataFormat'
import type { Expected } from '../options/expected'
import { addBias, addKernel, type KernelOptions, kernelOptions } from '../options/kernelOptions'
import type { OwnOptions } from '../options/ownOptions'
import { axesOf, pairOf, type SpaceRank, tripleOf } from './windows'

/** Options of the transposed convolutions; `Size` is a number, or one for each axis. */
export interface TransposedConvolutionOptions<Size> extends KernelOptions, DataFormatOptions {
  /** How far apart the windows lie that are added up, so how many times longer the output is; 1 by default. */
  readonly strides?: Size
  /** `'valid'` (default): all that windows reach. `'same'`: as long as the input, times strides. */
  readonly padding?: 'valid' | 'same'
  /** How much longer the output is than the shortest that a convolution would bring to the input's length; less than strides. */
  readonly outputPadding?: Size | null
  /** How far apart the elements of one window are; 1 by default. */
  readonly dilationRate?: Size
}

/** Options of {@link conv1dTranspose}. */
export interface Conv1dTransposeOptions extends TransposedConvolutionOptions<number> {}
/** Options of {@link conv2dTranspose}. */
export interface Conv2dTransposeOptions extends TransposedConvolutionOptions<number | Pair> {}
/** Options of {@link conv3dTranspose}. */
export interface Conv3dTransposeOptions extends TransposedConvolutionOptions<number | Triple> {}

type AnyOptions = TransposedConvolutionOptions<number | readonly number[]>

const own = /* @__PURE__ */ (() =>
  ({
    defaults: {
      strides: 1,
      padding: 'valid',
      outputPadding: undefined,
      dilationRate: 1,
      ...dataFormatOptions.defaults,
      ...kernelOptions.defaults,
    },
    rules: {
      // One number or several, by the axes: checked by whoever counts them.
      strides: { otherTypes: true },
      outputPadding: { otherTypes: true },
      dilationRate: { otherTypes: true },
      ...dataFormatOptions.rules,
      ...kernelOptions.rules,
    },
  }) satisfies OwnOptions<AnyOptions>)()

class TransposedConvolution extends Layer {
  override readonly expects: Expected
  override readonly supportsMasking = false
  private readonly filters: number
  private readonly kernelSize: number | readonly number[]
  private readonly options: AnyOptions
  private readonly size: readonly number[]
  private readonly strides: readonly number[]
  private readonly dilation: readonly number[]
  private readonly padding: 'valid' | 'same'
  private readonly outputPadding: readonly number[] | undefined
  private readonly activation: Activation
  declare private kernel: Variable
  declare private bias: Variable | undefined

  constructor(rank: SpaceRank, filters: number, kernelSize: number | readonly number[], options: AnyOptions = {}) {
    const kind = `conv${rank}dTranspose`
    super(options, kind, own)
    this.expects = { inputs: 'one', axes: axesOf[rank] }
    this.filters = requirePositiveInteger(kind, 'filters', filters)
    this.kernelSize = kernelSize
    this.size = positiveSizes(kind, 'kernelSize', kernelSize, rank)
    this.strides = positiveSizes(kind, 'strides', options.strides ?? own.defaults.strides, rank)
    this.dilation = positiveSizes(kind, 'dilationRate', options.dilationRate ?? own.defaults.dilationRate, rank)
    this.padding = requireOneOf(kind, 'padding', options.padding ?? own.defaults.padding, ['valid', 'same'])
    this.outputPadding =
      options.outputPadding == null ? undefined : wholeSizes(kind, 'outputPadding', options.outputPadding, rank)
    this.activation = resolveActivation(options.activation ?? own.defaults.activation)
    this.options = options
  }

  override build(inputShape: PartialShape): void {
    const channels = knownLength(this.name, 'channels', inputShape, -1)
    this.kernel = addKernel(this, [...this.size, this.filters, channels], this.options)
    this.bias = this.options.useBias === false ? undefined : addBias(this, [this.filters], this.options)
  }

  override call(x: Value): Value {
    const { strides, dilation, padding, outputPadding } = this
    const larger =
      this.size.length === 1
        ? transposeTime(x, this.kernel, {
            strides: strides[0],
            dilation: dilation[0],
            padding,
            ...(outputPadding && { outputPadding: outputPadding[0] }),
          })
        : this.size.length === 2
          ? transposeImage(x, this.kernel, {
              strides: pairOf(strides),
              dilation: pairOf(dilation),
              padding,
              ...(outputPadding && { outputPadding: pairOf(outputPadding) }),
            })
          : transposeVolume(x, this.kernel, {
              strides: tripleOf(strides),
              dilation: tripleOf(dilation),
              padding,
              ...(outputPadding && { outputPadding: tripleOf(outputPadding) }),
            })
    return this.activation.call(this.bias === undefined ? larger : add(larger, this.bias))
  }

  override outputShape(inputShape: PartialShape): PartialShape {
    const lengths = this.size.map((kernel, axis) => {
      const length = inputShape[axis]
      if (length === null) return null
      const { strides, dilation, padding, outputPadding } = this
      return transposedLength(length, {
        kernel,
        stride: strides[axis],
        dilation: dilation[axis],
        padding,
        outputPadding: outputPadding?.[axis],
      })
    })
    return activatedShape(this.activation, [...lengths, this.filters], this.dtype)
  }

  override overTime(): OverTime {
    return { mixed: 'it adds up windows of several steps' }
  }

  override config(): Record<string, unknown> {
    return { filters: this.filters, kernelSize: this.kernelSize, ...this.options }
  }
}

/**
 * Transposed convolution over time: each step adds its window to a longer sequence.
 *
 * Input `[batch, time, channels]`, output `[batch, new time, filters]`, where the new time is `(time - 1) * strides + max(kernelSize, strides)`
 * with `'valid'` padding (without dilation), `time * strides` with `'same'`. Weights: kernel `[kernelSize, filters, channels]`, bias `[filters]`. A mask ends here.
 *
 * @param filters - the number of channels it gives.
 * @param kernelSize - the number of steps in a window.
 * @throws OptionError for sizes that are not positive whole numbers, and for an `outputPadding` not below strides.
 *
 * @example
 * ```ts
 * const y = await conv1dTranspose(4, 3, { strides: 2, padding: 'same' }).run(ones([2, 5, 1]))
 * y.shape // [2, 10, 4]
 * ```
 */
export const conv1dTranspose = /* @__PURE__ */ layerFactory(
  'conv1dTranspose',
  ['filters', 'kernelSize'],
  (filters: number, kernelSize: number, options?: Conv1dTransposeOptions): Layer => {
    return new TransposedConvolution(1, filters, kernelSize, options)
  },
)

/**
 * Transposed convolution over images: each pixel adds its window to a larger image, as decoders and generators do.
 *
 * Input `[batch, height, width, channels]`, output `[batch, new height, new width, filters]`, lengths as in {@link conv1dTranspose}.
 * Weights: kernel `[rows, columns, filters, channels]`, bias `[filters]`.
 *
 * @param filters - the number of channels it gives.
 * @param kernelSize - the rows and columns of a window: one number for both, or `[rows, columns]`.
 * @throws OptionError for sizes that are not positive whole numbers, and for an `outputPadding` not below strides.
 *
 * @example
 * ```ts
 * const y = await conv2dTranspose(3, 3, { strides: 2, padding: 'same' }).run(ones([1, 4, 4, 8]))
 * y.shape // [1, 8, 8, 3]
 * ```
 */
export const conv2dTranspose = /* @__PURE__ */ layerFactory(
  'conv2dTranspose',
  ['filters', 'kernelSize'],
  (filters: number, kernelSize: number | Pair, options?: Conv2dTransposeOptions): Layer => {
    return new TransposedConvolution(2, filters, kernelSize, options)
  },
)

/**
 * Transposed convolution over volumes.
 *
 * Input `[batch, depth, height, width, channels]`, output `[batch, new depth, new height, new width, filters]`, lengths as in
 * {@link conv1dTranspose}. Weights: kernel `[layers, rows, columns, filters, channels]`, bias `[filters]`.
 *
 * @param filters - the number of channels it gives.
 * @param kernelSize - the layers, rows and columns of a window: one number for all, or one for each.
 * @throws OptionError for sizes that are not positive whole numbers, and for an `outputPadding` not below strides.
 *
 * @example
 * ```ts
 * const y = await conv3dTranspose(2, 3, { strides: 2, padding: 'same' }).run(ones([1, 2, 3, 3, 4]))
 * y.shape // [1, 4, 6, 6, 2]
 * ```
 */
export const conv3dTranspose = /* @__PURE__ */ layerFactory(
  'conv3dTranspose',
  ['filters', 'kernelSize'],
  (filters: number, kernelSize: number | Triple, options?: Conv3dTransposeOptions): Layer => {
    return new TransposedConvolution(3, filters, kernelSize, options)
  },
)
