// Images changed at random in training, each in its own way, so that a model sees no image twice; in prediction they stay.

import { describeValue, OptionError, requireOneOf, requirePositiveInteger } from '../../errors'
import type { Value } from '../../graph'
import {
  add,
  cast,
  clip,
  cos,
  floor,
  gather,
  iota,
  lessEqual,
  mean,
  mul,
  neg,
  randomUniform,
  reshape,
  reverse,
  sin,
  sub,
  where,
} from '../../ops'
import { floatOf } from '../../tensor'
import type { CallContext } from '../base/context'
import type { Layer } from '../base/layer'
import { plainLayer } from '../base/plain'
import { layerFactory } from '../base/registry'
import { axesOf } from '../convolution/windows'
import { type DataFormatOptions, dataFormatOptions } from '../options/dataFormat'
import { aSeed } from '../options/ownOptions'
import { type FillMode, type Interpolation, type Matrix, type Sampling, transformed } from './affine'
import { shapeAt, smartlyResized } from './images'

/** Options that all of them take. */
export interface RandomImageOptions extends DataFormatOptions {
  /** Fixes what is drawn; by default it follows `setSeed`. */
  readonly seed?: number
}

/** A number for both directions (from minus it to it), or the least and the most. */
export type Factor = number | readonly [number, number]

type Draw = (least: number, most: number, one?: boolean) => Value

/** A layer that does something to images in training. */
function randomLayer<O extends RandomImageOptions>(
  kind: string,
  options: O,
  own: Readonly<Record<string, unknown>>,
  change: (x: Value, draw: Draw) => Value,
): Layer {
  return plainLayer({
    kind,
    overTime: { mixed: 'it changes an image as a whole' },
    options,
    own: {
      // Of O: its own and those of all.
      defaults: { ...own, seed: undefined, ...dataFormatOptions.defaults } as never,
      rules: {
        ...Object.fromEntries(Object.keys(own).map((name) => [name, { otherTypes: true }])),
        seed: aSeed,
        ...dataFormatOptions.rules,
      } as never,
    },
    axes: axesOf[2],
    supportsMasking: false,
    call: (x, context) => (context.training ? change(x, drawer(x, context, options.seed)) : x),
  })
}

/** Draws a number for each image, or one for all. */
function drawer(x: Value, context: CallContext, seed: number | undefined): Draw {
  return (minimum, maximum, one = false) => {
    const { state, stream } = context.random(seed)
    return randomUniform(state, [one ? 1 : x.shape[0]], { stream, dtype: floatOf(x.dtype), minimum, maximum })
  }
}

/** The least and the most of a factor, within bounds. */
function bounds(kind: string, option: string, given: unknown, from: number, to: number): readonly [number, number] {
  const list = Array.isArray(given) ? given : typeof given === 'number' ? [-Math.abs(given), Math.abs(given)] : []
  const fits = list.length === 2 && list.every((each) => typeof each === 'number' && each >= from && each <= to)
  if (!fits) {
    throw new OptionError(
      `${kind}: ${option}: expected a number or a pair of them, from ${from} to ${to}, got ${describeValue(given)}`,
    )
  }
  return [Math.min(list[0], list[1]), Math.max(list[0], list[1])]
}

/** Options of {@link randomFlip}. */
export interface RandomFlipOptions extends RandomImageOptions {
  /** Which way: `'horizontalAndVertical'` by default. */
  readonly mode?: 'horizontal' | 'vertical' | 'horizontalAndVertical'
}

/**
 * Turns images round, every second one on average: left and right, top and bottom, or (by chances of their own) both.
 *
 * Input and output `[batch, height, width, channels]`.
 *
 * @param mode - `'horizontalAndVertical'` by default; it may stand among the options too.
 *
 * @example
 * ```ts
 * const y = await randomFlip('horizontal').run(ones([2, 4, 4, 3]), { training: true })
 * ```
 */
export const randomFlip = /* @__PURE__ */ layerFactory(
  'randomFlip',
  ['mode'],
  (mode: RandomFlipOptions['mode'] = 'horizontalAndVertical', options: RandomFlipOptions = {}): Layer => {
    const modes = ['horizontal', 'vertical', 'horizontalAndVertical'] as const
    const way = requireOneOf('randomFlip', 'mode', options.mode ?? mode, modes)
    const flipped = (x: Value, draw: Draw, axis: number): Value =>
      where(reshape(lessEqual(draw(0, 1), 0.5), [-1, 1, 1, 1]), reverse(x, axis), x)
    return randomLayer('randomFlip', { ...options, mode: way }, { mode: 'horizontalAndVertical' }, (x, draw) => {
      const across = way === 'vertical' ? x : flipped(x, draw, 2)
      return way === 'horizontal' ? across : flipped(across, draw, 1)
    })
  },
)

/** Options of {@link randomBrightness} and {@link randomContrast}. */
export interface RandomLightOptions extends RandomImageOptions {
  /** The least and the most that pixels may be; `[0, 255]` by default. */
  readonly valueRange?: readonly [number, number]
}

function limits(kind: string, given: unknown = [0, 255]): readonly [number, number] {
  const isPair = Array.isArray(given) && given.length === 2 && given.every((each) => typeof each === 'number')
  if (isPair) return [Math.min(...given), Math.max(...given)]
  throw new OptionError(`${kind}: valueRange: expected a pair of numbers, got ${describeValue(given)}`)
}

/**
 * Makes images lighter or darker: by a part of the range of values.
 *
 * @param factor - from -1 to 1: a number f stands for `[-f, f]`.
 *
 * @example
 * ```ts
 * const y = await randomBrightness(0.2).run(ones([2, 4, 4, 3]), { training: true })
 * ```
 */
export const randomBrightness = /* @__PURE__ */ layerFactory(
  'randomBrightness',
  ['factor'],
  (factor: Factor, options: RandomLightOptions = {}): Layer => {
    const [least, most] = bounds('randomBrightness', 'factor', factor, -1, 1)
    const [low, high] = limits('randomBrightness', options.valueRange)
    const own = { factor: undefined, valueRange: undefined }
    return randomLayer('randomBrightness', { ...options, factor }, own, (x, draw) => {
      const delta = mul(reshape(draw(least, most), [-1, 1, 1, 1]), high - low)
      return clip(add(x, delta), low, high)
    })
  },
)

/**
 * Brings the pixels of each channel nearer to their mean, or farther from it: `(x - mean) * c + mean`, c drawn from `1 - lower` to
 * `1 + upper`.
 *
 * @param factor - from 0 to 1: a number for both, or `[lower, upper]`.
 *
 * @example
 * ```ts
 * const y = await randomContrast(0.2).run(ones([2, 4, 4, 3]), { training: true })
 * ```
 */
export const randomContrast = /* @__PURE__ */ layerFactory(
  'randomContrast',
  ['factor'],
  (factor: Factor, options: RandomLightOptions = {}): Layer => {
    const pair = typeof factor === 'number' ? [factor, factor] : factor
    bounds('randomContrast', 'factor', pair, 0, 1)
    const [low, high] = limits('randomContrast', options.valueRange)
    const own = { factor: undefined, valueRange: undefined }
    return randomLayer('randomContrast', { ...options, factor }, own, (x, draw) => {
      const average = mean(x, { axis: [1, 2], keepDims: true })
      const strength = reshape(draw(1 - pair[0], 1 + pair[1]), [-1, 1, 1, 1])
      return clip(add(mul(sub(x, average), strength), average), low, high)
    })
  },
)

/** Options of {@link randomRotation}, {@link randomTranslation} and {@link randomZoom}. */
export interface RandomAffineOptions extends RandomImageOptions {
  /** What lies beyond the edge: the image mirrored (`'reflect'`, the default), repeated, its edge, or `fillValue`. */
  readonly fillMode?: FillMode
  /** `'bilinear'` by default. */
  readonly interpolation?: Interpolation
  /** With `fillMode: 'constant'`; 0 by default. */
  readonly fillValue?: number
}

const affineOwn = { fillMode: 'reflect', interpolation: 'bilinear', fillValue: 0 }

function samplingOf(kind: string, { fillMode, interpolation, fillValue = 0 }: RandomAffineOptions): Sampling {
  const modes = ['reflect', 'wrap', 'constant', 'nearest'] as const
  return {
    fillMode: requireOneOf(kind, 'fillMode', fillMode ?? 'reflect', modes),
    interpolation: requireOneOf(kind, 'interpolation', interpolation ?? 'bilinear', ['bilinear', 'nearest'] as const),
    fillValue,
  }
}

/**
 * Turns images about their middle.
 *
 * @param factor - in turns, from -1 to 1: a number f stands for `[-f, f]`; what is positive turns against the clock.
 *
 * @example
 * ```ts
 * const y = await randomRotation(0.1).run(ones([2, 8, 8, 3]), { training: true })
 * ```
 */
export const randomRotation = /* @__PURE__ */ layerFactory(
  'randomRotation',
  ['factor'],
  (factor: Factor, options: RandomAffineOptions = {}): Layer => {
    const [least, most] = bounds('randomRotation', 'factor', factor, -1, 1)
    const sampling = samplingOf('randomRotation', options)
    return randomLayer('randomRotation', { ...options, factor }, { factor: undefined, ...affineOwn }, (x, draw) => {
      const [, height, width] = x.shape
      const angle = draw(least * 2 * Math.PI, most * 2 * Math.PI)
      const [c, s] = [cos(angle), sin(angle)]
      const [right, down] = [(width - 1) / 2, (height - 1) / 2]
      const matrix: Matrix = {
        ax: c,
        bx: neg(s),
        cx: sub(right, sub(mul(c, right), mul(s, down))),
        ay: s,
        by: c,
        cy: sub(down, add(mul(s, right), mul(c, down))),
      }
      return transformed(x, matrix, sampling)
    })
  },
)

/**
 * Moves images: each by parts of its height and width.
 *
 * @param heightFactor - from -1 to 1: a number f stands for `[-f, f]`; what is positive moves down.
 * @param widthFactor - the same to the right.
 *
 * @example
 * ```ts
 * const y = await randomTranslation(0.1, 0.2).run(ones([2, 8, 8, 3]), { training: true })
 * ```
 */
export const randomTranslation = /* @__PURE__ */ layerFactory(
  'randomTranslation',
  ['heightFactor', 'widthFactor'],
  (heightFactor: Factor, widthFactor: Factor, options: RandomAffineOptions = {}): Layer => {
    const down = bounds('randomTranslation', 'heightFactor', heightFactor, -1, 1)
    const right = bounds('randomTranslation', 'widthFactor', widthFactor, -1, 1)
    const sampling = samplingOf('randomTranslation', options)
    const own = { heightFactor: undefined, widthFactor: undefined, ...affineOwn }
    return randomLayer('randomTranslation', { ...options, heightFactor, widthFactor }, own, (x, draw) => {
      const [, height, width] = x.shape
      const y = mul(draw(...down), height)
      const zero = mul(y, 0)
      const one = add(zero, 1)
      const matrix = { ax: one, bx: zero, cx: neg(mul(draw(...right), width)), ay: zero, by: one, cy: neg(y) }
      return transformed(x, matrix, sampling)
    })
  },
)

/** Options of {@link randomZoom}. */
export interface RandomZoomOptions extends RandomAffineOptions {
  /** The same across; as `heightFactor`, by the same number, by default. */
  readonly widthFactor?: Factor | null
}

/**
 * Shows images from nearer or farther.
 *
 * @param heightFactor - above -1 up to 1: a number f stands for `[-f, f]`; what is positive shows more, and so smaller.
 *
 * @example
 * ```ts
 * const y = await randomZoom(0.2).run(ones([2, 8, 8, 3]), { training: true })
 * ```
 */
export const randomZoom = /* @__PURE__ */ layerFactory(
  'randomZoom',
  ['heightFactor'],
  (heightFactor: Factor, options: RandomZoomOptions = {}): Layer => {
    const tall = bounds('randomZoom', 'heightFactor', heightFactor, -0.999999, 1)
    const { widthFactor } = options
    const wide = widthFactor == null ? undefined : bounds('randomZoom', 'widthFactor', widthFactor, -0.999999, 1)
    const sampling = samplingOf('randomZoom', options)
    const own = { heightFactor: undefined, widthFactor: undefined, ...affineOwn }
    return randomLayer('randomZoom', { ...options, heightFactor }, own, (x, draw) => {
      const [, height, width] = x.shape
      const by = add(draw(...tall), 1)
      const ax = wide === undefined ? by : add(draw(...wide), 1)
      const zero = mul(by, 0)
      const cx = mul(sub(1, ax), (width - 1) / 2)
      const cy = mul(sub(1, by), (height - 1) / 2)
      return transformed(x, { ax, bx: zero, cx, ay: zero, by, cy }, sampling)
    })
  },
)

/**
 * A part of images of a fixed size: in training from a place drawn for the whole batch, else (and of images that are not larger) as much
 * of the middle as has the shape of the part, resized to it.
 *
 * Input `[batch, any height, any width, channels]`, output `[batch, height, width, channels]`.
 *
 * @example
 * ```ts
 * const y = await randomCrop(2, 3).run(ones([2, 8, 8, 3]), { training: true })
 * y.shape // [2, 2, 3, 3]
 * ```
 */
export const randomCrop = /* @__PURE__ */ layerFactory(
  'randomCrop',
  ['height', 'width'],
  (height: number, width: number, options: RandomImageOptions = {}): Layer => {
    requirePositiveInteger('randomCrop', 'height', height)
    requirePositiveInteger('randomCrop', 'width', width)
    return plainLayer({
      kind: 'randomCrop',
      overTime: { mixed: 'it leaves rows out' },
      options: { ...options, height, width },
      own: {
        defaults: { height: undefined, width: undefined, seed: undefined, ...dataFormatOptions.defaults },
        rules: { seed: aSeed, ...dataFormatOptions.rules },
      },
      axes: axesOf[2],
      supportsMasking: false,
      call: (x, context) => {
        const [, rows, columns] = x.shape
        if (!context.training || rows <= height || columns <= width) return smartlyResized(x, height, width, 'bilinear')
        const draw = drawer(x, context, options.seed)
        const from = (more: number): Value => cast(floor(draw(0, more + 1, true)), 'int32')
        const taken = gather(x, add(from(rows - height), iota(height)), 1)
        return gather(taken, add(from(columns - width), iota(width)), 2)
      },
      outputShape: (shape, name) => shapeAt(name, shape, height, width),
    })
  },
)
