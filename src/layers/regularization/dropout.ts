// Dropout: parts of the input are set to 0 while the model trains, so that it leans on none of them.

import { isList, OptionError, requireNumber } from '../../errors'
import type { Value } from '../../graph'
import { dropoutMask, mul, zerosLike } from '../../ops'
import { floatOf, type Shape } from '../../tensor'
import type { CallContext } from '../base/context'
import type { Layer, LayerOptions } from '../base/layer'
import { plainLayer } from '../base/plain'
import { layerFactory } from '../base/registry'
import { type DataFormatOptions, dataFormatOptions } from '../options/dataFormat'
import { type AnyOptions, aSeed, type OwnOptions } from '../options/ownOptions'
import type { Ranked } from '../options/ranks'

/** Options of {@link dropout}. */
export interface DropoutOptions extends LayerOptions {
  /**
   * The shape in which is drawn, the batch first: along an axis of length 1 all places are dropped together; `null`
   * stands for the input's own length. By default every number is drawn for itself.
   */
  readonly noiseShape?: readonly (number | null)[]
  /** Fixes the numbers that are drawn; by default they follow `setSeed`. */
  readonly seed?: number
}

/** Options of {@link spatialDropout1d}. */
export interface SpatialDropoutOptions extends LayerOptions {
  /** Fixes the numbers that are drawn; by default they follow `setSeed`. */
  readonly seed?: number
}

/** Options of {@link spatialDropout2d}. */
export interface SpatialDropout2dOptions extends SpatialDropoutOptions, DataFormatOptions {}

/** Options of {@link spatialDropout3d}. */
export interface SpatialDropout3dOptions extends SpatialDropoutOptions, DataFormatOptions {}

/**
 * In training, sets numbers to 0 with the probability `rate` and multiplies the others by 1 / (1 - rate), so that the
 * sum stays about the same (Srivastava et al., 2014). Otherwise it does nothing. The shape stays.
 *
 * @param rate - from 0 to 1.
 * @throws OptionError for a rate outside that range.
 *
 * @example
 * ```ts
 * const y = await dropout(0.5).run([[1, 1, 1, 1]], { training: true })
 * y.toArray() // each number is 0 or 2
 * ```
 */
export const dropout = /* @__PURE__ */ layerFactory(
  'dropout',
  ['rate'],
  (rate: number, options: DropoutOptions = {}): Ranked<'dropout', number, 'same'> => {
    requireNumber('dropout', 'rate', rate, 0, 1)
    const { noiseShape, seed } = options
    checkNoiseShape('dropout', noiseShape)
    return plainLayer({
      kind: 'dropout',
      overTime: 'apart',
      options: { ...options, rate },
      own: { defaults: { rate: undefined, noiseShape: undefined, seed: undefined }, rules: { seed: aSeed } },
      call: (x, context) => dropped(x, rate, noiseShapeFor(x, noiseShape), context, seed),
      outputShape: (shape, name) => {
        checkNoiseFits(name, noiseShape, shape.length + 1)
        return shape
      },
    })
  },
)

/**
 * Dropout of whole channels: a channel is 0 for all steps of a sample, or for none (Tompson et al., 2015).
 *
 * Input and output `[batch, time, channels]`.
 *
 * @param rate - from 0 to 1.
 *
 * @example
 * ```ts
 * const y = await spatialDropout1d(0.5).run([[[1, 1], [1, 1]]], { training: true })
 * y.toArray() // each of the two columns is all 0 or all 2
 * ```
 */
export const spatialDropout1d = /* @__PURE__ */ layerFactory(
  'spatialDropout1d',
  ['rate'],
  (rate: number, options?: SpatialDropoutOptions): Layer => {
    return spatialDropout('spatialDropout1d', ['batch', 'time', 'channels'], rate, options, seeded)
  },
)

/**
 * The same for images: a channel is 0 for all pixels of a sample, or for none.
 *
 * Input and output `[batch, height, width, channels]`.
 *
 * @param rate - from 0 to 1.
 *
 * @example
 * ```ts
 * const y = await spatialDropout2d(0.5).run(ones([1, 4, 4, 3]), { training: true })
 * y.shape // [1, 4, 4, 3]
 * ```
 */
export const spatialDropout2d = /* @__PURE__ */ layerFactory(
  'spatialDropout2d',
  ['rate'],
  (rate: number, options?: SpatialDropout2dOptions): Layer => {
    const own = {
      defaults: { ...seeded.defaults, ...dataFormatOptions.defaults },
      rules: { ...seeded.rules, ...dataFormatOptions.rules },
    }
    return spatialDropout('spatialDropout2d', ['batch', 'height', 'width', 'channels'], rate, options, own)
  },
)

/**
 * The same for volumes: a channel is 0 in all of a sample, or nowhere.
 *
 * Input and output `[batch, depth, height, width, channels]`.
 *
 * @param rate - from 0 to 1.
 *
 * @example
 * ```ts
 * const y = await spatialDropout3d(0.5).run(ones([1, 2, 4, 4, 3]), { training: true })
 * y.shape // [1, 2, 4, 4, 3]
 * ```
 */
export const spatialDropout3d = /* @__PURE__ */ layerFactory(
  'spatialDropout3d',
  ['rate'],
  (rate: number, options?: SpatialDropout3dOptions): Layer => {
    return spatialDropout('spatialDropout3d', ['batch', 'depth', 'height', 'width', 'channels'], rate, options, {
      defaults: { ...seeded.defaults, ...dataFormatOptions.defaults },
      rules: { ...seeded.rules, ...dataFormatOptions.rules },
    })
  },
)

const seeded = { defaults: { seed: undefined }, rules: { seed: aSeed } } satisfies OwnOptions<SpatialDropoutOptions>

function spatialDropout(
  kind: string,
  axes: readonly string[],
  rate: number,
  options: SpatialDropoutOptions = {},
  { defaults, rules }: AnyOptions,
): Layer {
  requireNumber(kind, 'rate', rate, 0, 1)
  return plainLayer({
    kind,
    overTime: 'apart',
    options: { ...options, rate },
    own: { defaults: { rate: undefined, seed: undefined, ...defaults }, rules },
    axes,
    call: (x, context) => {
      const shape = x.shape.map((length, axis) => (axis === 0 || axis === x.rank - 1 ? length : 1))
      return dropped(x, rate, shape, context, options.seed)
    },
  })
}

/** The input, in training with some numbers dropped. @param shape - in which is drawn. */
export function dropped(x: Value, rate: number, shape: Shape, context: CallContext, seed: number | undefined): Value {
  if (!context.training || rate === 0) return x
  if (rate === 1) return zerosLike(x)
  const { state, stream } = context.random(seed)
  return mul(x, dropoutMask(state, shape, rate, { stream, dtype: floatOf(x.dtype) }))
}

/** Throws unless the shape holds positive whole numbers or null. */
export function checkNoiseShape(where: string, shape: readonly (number | null)[] | undefined): void {
  if (shape === undefined) return
  const isShape = isList(shape) && shape.every((length) => length === null || (Number.isInteger(length) && length > 0))
  if (!isShape) {
    throw new OptionError(`${where}: noiseShape: expected a list of positive whole numbers or null, got ${shape}`)
  }
}

/** Throws unless the shape has as many axes as the input. */
export function checkNoiseFits(where: string, shape: readonly (number | null)[] | undefined, rank: number): void {
  if (shape === undefined || shape.length === rank) return
  throw new OptionError(`${where}: noiseShape: expected ${rank} lengths, the batch first, got ${shape.length}`)
}

/** The shape to draw in for this input. */
export function noiseShapeFor(x: Value, shape: readonly (number | null)[] | undefined): Shape {
  return shape === undefined ? x.shape : shape.map((length, axis) => length ?? x.shape[axis])
}
