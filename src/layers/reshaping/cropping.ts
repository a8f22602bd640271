// Ends of sequences and edges of images cut off.

import { ShapeError } from '../../errors'
import { slice } from '../../ops'
import { formatShape, type PartialShape } from '../../tensor'
import type { Layer, LayerOptions } from '../base/layer'
import { plainLayer } from '../base/plain'
import { layerFactory } from '../base/registry'
import { axesOf, rankOf } from '../convolution/windows'
import { type Pair, wholePair, withLeading } from '../options/checks'
import { type DataFormatOptions, dataFormatOptions } from '../options/dataFormat'
import type { OwnOptions } from '../options/ownOptions'
import { type ImageSides, imageSides, type VolumeSides, volumeSides } from './zeroPadding'

/** Options of {@link cropping1d}. */
export interface Cropping1dOptions extends LayerOptions {
  /** How many steps at both ends, or `[begin, end]`; 1 by default. */
  readonly cropping?: number | Pair
}

/** Options of {@link cropping2d}. */
export interface Cropping2dOptions extends DataFormatOptions {
  /** How many rows and columns: all the same, `[vertical, horizontal]`, or `[[top, bottom], [left, right]]`; 0 by default. */
  readonly cropping?: ImageSides
}

/** Options of {@link cropping3d}. */
export interface Cropping3dOptions extends DataFormatOptions {
  /** How many layers, rows and columns: all the same, one number for each axis, or a pair for each; 1 by default. */
  readonly cropping?: VolumeSides
}

/**
 * Cuts steps off the ends of a sequence: `[batch, time, channels]` becomes `[batch, time - begin - end, channels]`. A
 * mask ends here.
 *
 * @param cropping - how many at both ends, or `[begin, end]`; it may stand among the options too.
 * @throws ShapeError when nothing would be left.
 *
 * @example
 * ```ts
 * const y = await cropping1d([1, 0]).run([[[5], [6]]])
 * y.toArray() // [[[6]]]
 * ```
 */
export const cropping1d = /* @__PURE__ */ layerFactory(
  'cropping1d',
  [],
  (cropping?: number | Pair | Cropping1dOptions, options?: Cropping1dOptions): Layer => {
    const given = withLeading<Cropping1dOptions, 'cropping'>('cropping', cropping, options)
    const sides = [wholePair('cropping1d', 'cropping', given.cropping ?? 1)]
    return croppingLayer('cropping1d', given, { defaults: { cropping: undefined } }, sides)
  },
)

/**
 * Cuts rows and columns off images: `[batch, height, width, channels]` becomes
 * `[batch, height - top - bottom, width - left - right, channels]`.
 *
 * @param cropping - how many, on all sides, as `[vertical, horizontal]` or as `[[top, bottom], [left, right]]`; it may
 *   stand among the options too.
 * @throws ShapeError when nothing would be left.
 *
 * @example
 * ```ts
 * const y = await cropping2d(1).run(ones([1, 4, 5, 3]))
 * y.shape // [1, 2, 3, 3]
 * ```
 */
export const cropping2d = /* @__PURE__ */ layerFactory(
  'cropping2d',
  [],
  (cropping?: ImageSides | Cropping2dOptions, options?: Cropping2dOptions): Layer => {
    const given = withLeading<Cropping2dOptions, 'cropping'>('cropping', cropping, options)
    const own = { defaults: { cropping: undefined, ...dataFormatOptions.defaults }, rules: dataFormatOptions.rules }
    return croppingLayer('cropping2d', given, own, imageSides('cropping2d', 'cropping', given.cropping ?? 0))
  },
)

/**
 * Cuts layers, rows and columns off volumes `[batch, depth, height, width, channels]`.
 *
 * @param cropping - how many, on all sides, as one number for each axis or as a pair for each; it may stand among the options too.
 * @throws ShapeError when nothing would be left.
 *
 * @example
 * ```ts
 * const y = await cropping3d([0, 1, 1]).run(ones([1, 2, 4, 5, 3]))
 * y.shape // [1, 2, 2, 3, 3]
 * ```
 */
export const cropping3d = /* @__PURE__ */ layerFactory(
  'cropping3d',
  [],
  (cropping?: VolumeSides | Cropping3dOptions, options?: Cropping3dOptions): Layer => {
    const given = withLeading<Cropping3dOptions, 'cropping'>('cropping', cropping, options)
    const own = { defaults: { cropping: undefined, ...dataFormatOptions.defaults }, rules: dataFormatOptions.rules }
    return croppingLayer('cropping3d', given, own, volumeSides('cropping3d', 'cropping', given.cropping ?? 1))
  },
)

function croppingLayer<O extends LayerOptions>(
  kind: string,
  options: O,
  own: OwnOptions<O>,
  sides: readonly Pair[],
): Layer {
  return plainLayer({
    kind,
    overTime: { mixed: 'it leaves steps out' },
    options,
    own,
    axes: axesOf[rankOf(sides)],
    supportsMasking: false,
    call: (x) => {
      const begin = [0, ...sides.map(([before]) => before), 0]
      const size = x.shape.map((length, axis) => length - begin[axis] - (sides[axis - 1]?.[1] ?? 0))
      return slice(x, begin, size)
    },
    outputShape: (shape, name) => cropped(shape, sides, name),
  })
}

function cropped(shape: PartialShape, sides: readonly Pair[], name: string): PartialShape {
  return shape.map((length, axis) => {
    if (length === null || axis === sides.length) return length
    const left = length - sides[axis][0] - sides[axis][1]
    if (left > 0) return left
    throw new ShapeError(
      `${name}: cropping: expected less than there is, got [${sides.join('], [')}] for shape ${formatShape([null, ...shape])}`,
    )
  })
}
