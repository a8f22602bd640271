// Zeros around sequences and images.

import { OptionError } from '../../errors'
import { pad } from '../../ops'
import type { Layer } from '../base/layer'
import { plainLayer } from '../base/plain'
import { layerFactory } from '../base/registry'
import { axesOf, rankOf } from '../convolution/windows'
import { type Pair, type Triple, wholePair, withLeading } from '../options/checks'
import { type DataFormatOptions, dataFormatOptions } from '../options/dataFormat'

/** Options of {@link zeroPadding1d}. */
export interface ZeroPadding1dOptions extends DataFormatOptions {
  /** How many steps before and after, or `[before, after]`; 1 by default. */
  readonly padding?: number | Pair
}

/** How much at each side of an image: all the same, `[vertical, horizontal]`, or `[[top, bottom], [left, right]]`. */
export type ImageSides = number | Pair | readonly [Pair, Pair]

/** Options of {@link zeroPadding2d}. */
export interface ZeroPadding2dOptions extends DataFormatOptions {
  /** How many rows and columns: all the same, `[vertical, horizontal]`, or `[[top, bottom], [left, right]]`; 1 by default. */
  readonly padding?: ImageSides
}

/** How much at each side of a volume: all the same, one number for each axis, or a pair for each. */
export type VolumeSides = number | Triple | readonly [Pair, Pair, Pair]

/** Options of {@link zeroPadding3d}. */
export interface ZeroPadding3dOptions extends DataFormatOptions {
  /** How many layers, rows and columns: all the same, one number for each axis, or a pair for each; 1 by default. */
  readonly padding?: VolumeSides
}

/**
 * Puts steps of zeros before and after a sequence: `[batch, time, channels]` becomes
 * `[batch, before + time + after, channels]`. A mask ends here.
 *
 * @param padding - how many steps on both sides, or `[before, after]`; it may stand among the options too.
 *
 * @example
 * ```ts
 * const y = await zeroPadding1d([1, 0]).run([[[5], [6]]])
 * y.toArray() // [[[0], [5], [6]]]
 * ```
 */
export const zeroPadding1d = /* @__PURE__ */ layerFactory(
  'zeroPadding1d',
  [],
  (padding?: number | Pair | ZeroPadding1dOptions, options?: ZeroPadding1dOptions): Layer => {
    const given = withLeading<ZeroPadding1dOptions, 'padding'>('padding', padding, options)
    const sides = wholePair('zeroPadding1d', 'padding', given.padding ?? 1)
    return zeroPadding('zeroPadding1d', given, [sides])
  },
)

/**
 * Puts rows and columns of zeros around images: `[batch, height, width, channels]` becomes
 * `[batch, top + height + bottom, left + width + right, channels]`.
 *
 * @param padding - how many, on all sides, as `[vertical, horizontal]` or as `[[top, bottom], [left, right]]`; it may
 *   stand among the options too.
 *
 * @example
 * ```ts
 * const y = await zeroPadding2d([1, 2]).run(ones([1, 4, 4, 3]))
 * y.shape // [1, 6, 8, 3]
 * ```
 */
export const zeroPadding2d = /* @__PURE__ */ layerFactory(
  'zeroPadding2d',
  [],
  (padding?: ImageSides | ZeroPadding2dOptions, options?: ZeroPadding2dOptions): Layer => {
    const given = withLeading<ZeroPadding2dOptions, 'padding'>('padding', padding, options)
    return zeroPadding('zeroPadding2d', given, imageSides('zeroPadding2d', 'padding', given.padding ?? 1))
  },
)

/**
 * Puts layers, rows and columns of zeros around volumes: `[batch, depth, height, width, channels]`, each length between batch and channels
 * with what stands before and behind it.
 *
 * @param padding - how many, on all sides, as one number for each axis or as a pair for each; it may stand among the options too.
 *
 * @example
 * ```ts
 * const y = await zeroPadding3d([0, 1, 2]).run(ones([1, 2, 4, 4, 3]))
 * y.shape // [1, 2, 6, 8, 3]
 * ```
 */
export const zeroPadding3d = /* @__PURE__ */ layerFactory(
  'zeroPadding3d',
  [],
  (padding?: VolumeSides | ZeroPadding3dOptions, options?: ZeroPadding3dOptions): Layer => {
    const given = withLeading<ZeroPadding3dOptions, 'padding'>('padding', padding, options)
    return zeroPadding('zeroPadding3d', given, volumeSides('zeroPadding3d', 'padding', given.padding ?? 1))
  },
)

function zeroPadding(
  kind: string,
  options: ZeroPadding1dOptions | ZeroPadding2dOptions | ZeroPadding3dOptions,
  sides: readonly Pair[],
): Layer {
  return plainLayer({
    kind,
    overTime: { mixed: 'it adds steps of its own' },
    options,
    own: {
      defaults: { padding: 1, ...dataFormatOptions.defaults },
      rules: { padding: { otherTypes: true }, ...dataFormatOptions.rules },
    },
    axes: axesOf[rankOf(sides)],
    supportsMasking: false,
    call: (x) => pad(x, [[0, 0], ...sides, [0, 0]]),
    outputShape: (shape) =>
      shape.map((length, axis) => (length === null || axis === sides.length ? length : grown(length, sides[axis]))),
  })
}

function grown(length: number, [before, after]: Pair): number {
  return before + length + after
}

/** What is given for the sides of an image, as `[[top, bottom], [left, right]]`. */
export function imageSides(where: string, option: string, given: unknown): readonly [Pair, Pair] {
  if (!Array.isArray(given)) return [wholePair(where, option, given), wholePair(where, option, given)]
  if (given.length === 2) return [wholePair(where, option, given[0]), wholePair(where, option, given[1])]
  throw new OptionError(`${where}: ${option}: expected one number, or two numbers or pairs, got ${given.length}`)
}

/** What is given for the sides of a volume, as a pair for each axis. */
export function volumeSides(where: string, option: string, given: unknown): readonly Pair[] {
  const list = Array.isArray(given) ? given : [given, given, given]
  if (list.length === 3) return list.map((each) => wholePair(where, option, each))
  throw new OptionError(`${where}: ${option}: expected one number, or three numbers or pairs, got ${list.length}`)
}
