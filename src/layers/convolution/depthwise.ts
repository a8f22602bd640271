// Convolution of each channel by itself, and the same with the channels mixed after it.

import { type Activation, type ActivationOption, linear, resolveActivation } from '../../activations'
import type { ConstraintOption } from '../../constraints'
import { requireOneOf, requirePositiveInteger } from '../../errors'
import type { Value, Variable } from '../../graph'
import { glorotUniform, type InitializerOption, zeros } from '../../initializers'
import {
  add,
  depthwiseConv2d as apartInImages,
  depthwiseConv1d as apartInTime,
  conv2d,
  expandDims,
  squeeze,
} from '../../ops'
import type { RegularizerOption } from '../../regularizers'
import type { PartialShape } from '../../tensor'
import { activatedShape } from '../activations/activatedShape'
import type { CallContext } from '../base/context'
import { Layer } from '../base/layer'
import type { OverTime } from '../base/overTime'
import { layerFactory } from '../base/registry'
import { knownLength, type Pair, positiveSizes } from '../options/checks'
import { type DataFormatOptions, dataFormatOptions } from '../options/dataFormat'
import type { Expected } from '../options/expected'
import { addBias } from '../options/kernelOptions'
import { aConstraint, anActivation, anInitializer, aRegularizer, type OwnOptions } from '../options/ownOptions'
import { continued, overTimeOf } from './continued'
import { axesOf, movedOver, type Padding, pairOf, type SpaceRank, type Windows } from './windows'

/** What the options of depthwise and separable convolutions have in common; `Size` is a number, or one for each axis. */
export interface ChannelwiseOptions<Size> extends DataFormatOptions {
  /** How far the window moves; 1 by default. */
  readonly strides?: Size
  /** `'valid'` (default), `'same'`, or, over time, `'causal'`: see `conv1d`. */
  readonly padding?: Padding
  /** How far apart the elements of one window are; 1 by default. */
  readonly dilationRate?: Size
  /** How many filters each channel has; 1 by default. */
  readonly depthMultiplier?: number
  /** Applied to the result; `'linear'` by default. */
  readonly activation?: ActivationOption
  /** `true` by default. */
  readonly useBias?: boolean
  /** Of the filters of each channel; `'glorotUniform'` by default. */
  readonly depthwiseInitializer?: InitializerOption
  /** `'zeros'` by default. */
  readonly biasInitializer?: InitializerOption
  /** A penalty on the filters of each channel, added to the loss. */
  readonly depthwiseRegularizer?: RegularizerOption
  /** A penalty on the bias. */
  readonly biasRegularizer?: RegularizerOption
  /** Applied to the filters of each channel after each update. */
  readonly depthwiseConstraint?: ConstraintOption
  /** Applied to the bias after each update. */
  readonly biasConstraint?: ConstraintOption
}

/** Options of {@link depthwiseConv1d}. */
export interface DepthwiseConv1dOptions extends ChannelwiseOptions<number> {}
/** Options of {@link depthwiseConv2d}. */
export interface DepthwiseConv2dOptions extends ChannelwiseOptions<number | Pair> {
  readonly padding?: 'valid' | 'same'
}

/** What separable convolutions take beside. */
interface PointwiseOptions {
  /** Of what mixes the channels; `'glorotUniform'` by default. */
  readonly pointwiseInitializer?: InitializerOption
  /** A penalty on what mixes the channels. */
  readonly pointwiseRegularizer?: RegularizerOption
  /** Applied to what mixes the channels after each update. */
  readonly pointwiseConstraint?: ConstraintOption
}

/** Options of {@link separableConv1d}. */
export interface SeparableConv1dOptions extends ChannelwiseOptions<number>, PointwiseOptions {}
/** Options of {@link separableConv2d}. */
export interface SeparableConv2dOptions extends ChannelwiseOptions<number | Pair>, PointwiseOptions {
  readonly padding?: 'valid' | 'same'
}

type AnyOptions = ChannelwiseOptions<number | readonly number[]> & PointwiseOptions

const own = /* @__PURE__ */ (() =>
  ({
    defaults: {
      strides: 1,
      padding: 'valid',
      dilationRate: 1,
      depthMultiplier: 1,
      ...dataFormatOptions.defaults,
      activation: linear,
      useBias: true,
      depthwiseInitializer: /* @__PURE__ */ glorotUniform(),
      biasInitializer: /* @__PURE__ */ zeros(),
      depthwiseRegularizer: undefined,
      biasRegularizer: undefined,
      depthwiseConstraint: undefined,
      biasConstraint: undefined,
    },
    rules: {
      // One number or two, by the axes: checked by whoever counts them.
      strides: { otherTypes: true },
      dilationRate: { otherTypes: true },
      depthMultiplier: { from: 1, integer: true },
      ...dataFormatOptions.rules,
      activation: anActivation,
      depthwiseInitializer: anInitializer,
      biasInitializer: anInitializer,
      depthwiseRegularizer: aRegularizer,
      biasRegularizer: aRegularizer,
      depthwiseConstraint: aConstraint,
      biasConstraint: aConstraint,
    },
  }) satisfies OwnOptions<ChannelwiseOptions<number | readonly number[]>>)()

const ownMixed = /* @__PURE__ */ (() =>
  ({
    defaults: {
      ...own.defaults,
      pointwiseInitializer: /* @__PURE__ */ glorotUniform(),
      pointwiseRegularizer: undefined,
      pointwiseConstraint: undefined,
    },
    rules: {
      ...own.rules,
      pointwiseInitializer: anInitializer,
      pointwiseRegularizer: aRegularizer,
      pointwiseConstraint: aConstraint,
    },
  }) satisfies OwnOptions<AnyOptions>)()

/** Both kinds: with `filters` the channels are mixed, without they stay apart. */
class Channelwise extends Layer {
  override readonly expects: Expected
  override readonly supportsMasking = false
  private readonly filters: number | undefined
  private readonly kernelSize: number | readonly number[]
  private readonly options: AnyOptions
  private readonly windows: Windows
  private readonly multiplier: number
  private readonly activation: Activation
  declare private kernel: Variable
  declare private mixing: Variable | undefined
  declare private bias: Variable | undefined

  constructor(
    rank: SpaceRank,
    filters: number | undefined,
    kernelSize: number | readonly number[],
    options: AnyOptions = {},
  ) {
    const kind = `${filters === undefined ? 'depthwise' : 'separable'}Conv${rank}d`
    super(options, kind, filters === undefined ? own : ownMixed)
    this.expects = { inputs: 'one', axes: axesOf[rank] }
    this.filters = filters === undefined ? undefined : requirePositiveInteger(kind, 'filters', filters)
    this.kernelSize = kernelSize
    const paddings: readonly Padding[] = rank === 1 ? ['valid', 'same', 'causal'] : ['valid', 'same']
    this.windows = {
      size: positiveSizes(kind, 'kernelSize', kernelSize, rank),
      strides: positiveSizes(kind, 'strides', options.strides ?? own.defaults.strides, rank),
      dilation: positiveSizes(kind, 'dilationRate', options.dilationRate ?? own.defaults.dilationRate, rank),
      padding: requireOneOf(kind, 'padding', options.padding ?? own.defaults.padding, paddings),
    }
    this.multiplier = options.depthMultiplier ?? own.defaults.depthMultiplier
    this.activation = resolveActivation(options.activation ?? own.defaults.activation)
    this.options = options
  }

  protected override checkShape(inputShape: PartialShape): void {
    this.outputShape(inputShape)
  }

  override build(inputShape: PartialShape): void {
    const { filters, options, windows, multiplier } = this
    const channels = knownLength(this.name, 'channels', inputShape, -1)
    const results = channels * multiplier
    this.kernel = this.addWeight(
      filters === undefined ? 'kernel' : 'depthwiseKernel',
      [...windows.size, channels, multiplier],
      {
        initializer: options.depthwiseInitializer ?? own.defaults.depthwiseInitializer,
        regularizer: options.depthwiseRegularizer,
        constraint: options.depthwiseConstraint,
      },
    )
    this.mixing =
      filters === undefined
        ? undefined
        : this.addWeight('pointwiseKernel', [...windows.size.map(() => 1), results, filters], {
            initializer: options.pointwiseInitializer ?? ownMixed.defaults.pointwiseInitializer,
            regularizer: options.pointwiseRegularizer,
            constraint: options.pointwiseConstraint,
          })
    this.bias = options.useBias === false ? undefined : addBias(this, [filters ?? results], options)
  }

  override call(given: Value, context: CallContext): Value {
    const [x, padding] = continued(this, this.windows, given, context)
    const mixed = this.mixed(this.apart(x, padding))
    return this.activation.call(this.bias === undefined ? mixed : add(mixed, this.bias))
  }

  private apart(x: Value, padding: Padding): Value {
    const { size, strides, dilation } = this.windows
    if (size.length > 1) {
      return apartInImages(x, this.kernel, { strides: pairOf(strides), dilation: pairOf(dilation), padding })
    }
    return apartInTime(x, this.kernel, { strides: strides[0], dilation: dilation[0], padding })
  }

  private mixed(x: Value): Value {
    if (this.mixing === undefined) return x
    if (this.windows.size.length > 1) return conv2d(x, this.mixing)
    return squeeze(conv2d(expandDims(x, 1), expandDims(this.mixing, 0)), 1)
  }

  override outputShape(inputShape: PartialShape): PartialShape {
    const channels = inputShape[inputShape.length - 1]
    const results = this.filters ?? (channels === null ? null : channels * this.multiplier)
    const moved = movedOver(inputShape, this.windows, results, this.name)
    return activatedShape(this.activation, moved, this.dtype)
  }

  override overTime(): OverTime {
    return overTimeOf(this.windows)
  }

  override config(): Record<string, unknown> {
    const { filters, kernelSize, options } = this
    return { ...(filters !== undefined && { filters }), kernelSize, ...options }
  }
}

/**
 * Convolution over time of each channel by itself.
 *
 * Input `[batch, time, channels]`, output `[batch, new time, channels * depthMultiplier]`, the results of a channel side by side.
 * Weights: kernel `[kernelSize, channels, depthMultiplier]`, bias `[channels * depthMultiplier]`. A mask ends here.
 *
 * @param kernelSize - the number of steps in a window.
 * @throws OptionError for sizes that are not positive whole numbers; ShapeError for another rank, or too few steps.
 *
 * @example
 * ```ts
 * const y = await depthwiseConv1d(3, { padding: 'causal' }).run(ones([2, 10, 4]))
 * y.shape // [2, 10, 4]
 * ```
 */
export const depthwiseConv1d = /* @__PURE__ */ layerFactory(
  'depthwiseConv1d',
  ['kernelSize'],
  (kernelSize: number, options?: DepthwiseConv1dOptions): Layer => new Channelwise(1, undefined, kernelSize, options),
)

/**
 * Convolution over images of each channel by itself, which takes a fraction of the products of `conv2d` (Howard and others, 2017,
 * "MobileNets").
 *
 * Input `[batch, height, width, channels]`, output `[batch, new height, new width, channels * depthMultiplier]`. Weights: kernel
 * `[rows, columns, channels, depthMultiplier]`, bias `[channels * depthMultiplier]`.
 *
 * @param kernelSize - the rows and columns of a window: one number for both, or `[rows, columns]`.
 * @throws OptionError for sizes that are not positive whole numbers; ShapeError for another rank, or too small images.
 *
 * @example
 * ```ts
 * const y = await depthwiseConv2d(3, { padding: 'same', depthMultiplier: 2 }).run(ones([1, 6, 6, 4]))
 * y.shape // [1, 6, 6, 8]
 * ```
 */
export const depthwiseConv2d = /* @__PURE__ */ layerFactory(
  'depthwiseConv2d',
  ['kernelSize'],
  (kernelSize: number | Pair, options?: DepthwiseConv2dOptions): Layer => {
    return new Channelwise(2, undefined, kernelSize, options)
  },
)

/**
 * Convolution over time of each channel by itself, and then of all channels at each step (Chollet, 2017, "Xception").
 *
 * Input `[batch, time, channels]`, output `[batch, new time, filters]`. Weights: depthwiseKernel
 * `[kernelSize, channels, depthMultiplier]`, pointwiseKernel `[1, channels * depthMultiplier, filters]`, bias `[filters]`.
 *
 * @param filters - the number of channels it gives.
 * @param kernelSize - the number of steps in a window.
 * @throws OptionError for sizes that are not positive whole numbers; ShapeError for another rank, or too few steps.
 *
 * @example
 * ```ts
 * const y = await separableConv1d(8, 3).run(ones([2, 10, 4]))
 * y.shape // [2, 8, 8]
 * ```
 */
export const separableConv1d = /* @__PURE__ */ layerFactory(
  'separableConv1d',
  ['filters', 'kernelSize'],
  (filters: number, kernelSize: number, options?: SeparableConv1dOptions): Layer => {
    return new Channelwise(1, filters, kernelSize, options)
  },
)

/**
 * Convolution over images of each channel by itself, and then of all channels at each place (Chollet, 2017, "Xception").
 *
 * Input `[batch, height, width, channels]`, output `[batch, new height, new width, filters]`. Weights: depthwiseKernel
 * `[rows, columns, channels, depthMultiplier]`, pointwiseKernel `[1, 1, channels * depthMultiplier, filters]`, bias `[filters]`.
 *
 * @param filters - the number of channels it gives.
 * @param kernelSize - the rows and columns of a window: one number for both, or `[rows, columns]`.
 * @throws OptionError for sizes that are not positive whole numbers; ShapeError for another rank, or too small images.
 *
 * @example
 * ```ts
 * const y = await separableConv2d(8, 3, { padding: 'same' }).run(ones([1, 6, 6, 4]))
 * y.shape // [1, 6, 6, 8]
 * ```
 */
export const separableConv2d = /* @__PURE__ */ layerFactory(
  'separableConv2d',
  ['filters', 'kernelSize'],
  (filters: number, kernelSize: number | Pair, options?: SeparableConv2dOptions): Layer => {
    return new Channelwise(2, filters, kernelSize, options)
  },
)
