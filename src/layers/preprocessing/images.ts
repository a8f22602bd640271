// Images of one size: resized, or cut from the middle.

import { requireOneOf, requirePositiveInteger, ShapeError } from '../../errors'
import type { Value } from '../../graph'
import { gather, slice } from '../../ops'
import { allocate, formatShape, type PartialShape, Tensor } from '../../tensor'
import type { Layer } from '../base/layer'
import { plainLayer } from '../base/plain'
import { layerFactory } from '../base/registry'
import { axesOf } from '../convolution/windows'
import { type DataFormatOptions, dataFormatOptions } from '../options/dataFormat'
import { weighedAlong } from '../reshaping/weighedAlong'

/** How pixels between others are found. */
export type ResizeInterpolation = 'bilinear' | 'nearest'

/** Options of {@link resizing}. */
export interface ResizingOptions extends DataFormatOptions {
  /** `'bilinear'` (default) draws lines between pixels, `'nearest'` takes the nearest one. */
  readonly interpolation?: ResizeInterpolation
  /** Whether to cut off what would be squeezed, so that shapes in the image stay; `false` by default. */
  readonly cropToAspectRatio?: boolean
}

/** An image at another size. */
export function resized(x: Value, height: number, width: number, interpolation: ResizeInterpolation): Value {
  return resizedAlong(resizedAlong(x, 1, height, interpolation), 2, width, interpolation)
}

function resizedAlong(x: Value, axis: number, places: number, interpolation: ResizeInterpolation): Value {
  const length = x.shape[axis]
  if (length === places) return x
  if (interpolation === 'nearest') {
    const nearest = Array.from({ length: places }, (_, i) =>
      Math.min(Math.floor(((i + 0.5) * length) / places), length - 1),
    )
    return gather(x, Int32Array.from(nearest), axis)
  }
  return weighedAlong(x, axis, lineWeights(length, places))
}

/** How much of each given place is in each new one: place i lies at (i + 1/2) length / places - 1/2, beyond the ends at the end. */
function lineWeights(length: number, places: number): Tensor {
  const weights = allocate('float64', places * length)
  for (let i = 0; i < places; i++) {
    const at = Math.min(Math.max(((i + 0.5) * length) / places - 0.5, 0), length - 1)
    const before = Math.floor(at)
    weights[i * length + before] += 1 - (at - before)
    weights[i * length + Math.min(before + 1, length - 1)] += at - before
  }
  return new Tensor(weights, [places, length])
}

/** The largest part in the middle whose sides are as `height` to `width`. */
function ofAspect(x: Value, height: number, width: number): Value {
  const [, rows, columns] = x.shape
  const cropRows = Math.max(Math.min(rows, Math.trunc((columns * height) / width)), 1)
  const cropColumns = Math.max(Math.min(columns, Math.trunc((rows * width) / height)), 1)
  return cut(x, Math.trunc((rows - cropRows) / 2), Math.trunc((columns - cropColumns) / 2), cropRows, cropColumns)
}

/** Rows and columns of every image. */
export function cut(x: Value, top: number, left: number, height: number, width: number): Value {
  return slice(x, [0, top, left, 0], [x.shape[0], height, width, x.shape[3]])
}

/** Cut to the shape of the new size, and resized. */
export function smartlyResized(x: Value, height: number, width: number, interpolation: ResizeInterpolation): Value {
  return resized(ofAspect(x, height, width), height, width, interpolation)
}

function sizeOf(kind: string, height: number, width: number): readonly [number, number] {
  return [requirePositiveInteger(kind, 'height', height), requirePositiveInteger(kind, 'width', width)]
}

/** The shape of images of a size. @throws ShapeError for lengths that are not known. */
export function shapeAt(where: string, shape: PartialShape, height: number, width: number): PartialShape {
  if (shape[0] === 0 || shape[1] === 0) throw new ShapeError(`${where}: expected an image, got ${formatShape(shape)}`)
  return [height, width, shape[2]]
}

/**
 * Images at another size, in training and prediction alike.
 *
 * Input `[batch, any height, any width, channels]`, output `[batch, height, width, channels]`.
 *
 * @throws OptionError for sizes that are not positive whole numbers.
 *
 * @example
 * ```ts
 * const y = await resizing(2, 3).run(ones([1, 4, 4, 3]))
 * y.shape // [1, 2, 3, 3]
 * ```
 */
export const resizing = /* @__PURE__ */ layerFactory(
  'resizing',
  ['height', 'width'],
  (height: number, width: number, options: ResizingOptions = {}): Layer => {
    const [rows, columns] = sizeOf('resizing', height, width)
    const known = ['bilinear', 'nearest'] as const
    const interpolation = requireOneOf('resizing', 'interpolation', options.interpolation ?? 'bilinear', known)
    return plainLayer({
      kind: 'resizing',
      overTime: { mixed: 'it mixes rows' },
      options: { ...options, height, width },
      own: {
        defaults: {
          height: undefined,
          width: undefined,
          interpolation: 'bilinear',
          cropToAspectRatio: false,
          ...dataFormatOptions.defaults,
        },
        rules: dataFormatOptions.rules,
      },
      axes: axesOf[2],
      supportsMasking: false,
      call: (x) =>
        options.cropToAspectRatio === true
          ? smartlyResized(x, rows, columns, interpolation)
          : resized(x, rows, columns, interpolation),
      outputShape: (shape, name) => shapeAt(name, shape, rows, columns),
    })
  },
)

/** Options of {@link centerCrop}. */
export interface CenterCropOptions extends DataFormatOptions {}

/**
 * The middle of images; images that are smaller on a side are resized to cover it, and cut.
 *
 * Input `[batch, any height, any width, channels]`, output `[batch, height, width, channels]`.
 *
 * @throws OptionError for sizes that are not positive whole numbers.
 *
 * @example
 * ```ts
 * const y = await centerCrop(2, 2).run(ones([1, 4, 5, 3]))
 * y.shape // [1, 2, 2, 3]
 * ```
 */
export const centerCrop = /* @__PURE__ */ layerFactory(
  'centerCrop',
  ['height', 'width'],
  (height: number, width: number, options: CenterCropOptions = {}): Layer => {
    const [rows, columns] = sizeOf('centerCrop', height, width)
    return plainLayer({
      kind: 'centerCrop',
      overTime: { mixed: 'it leaves rows out' },
      options: { ...options, height, width },
      own: {
        defaults: { height: undefined, width: undefined, ...dataFormatOptions.defaults },
        rules: dataFormatOptions.rules,
      },
      axes: axesOf[2],
      supportsMasking: false,
      call: (x) => {
        const [, tall, wide] = x.shape
        if (tall < rows || wide < columns) return smartlyResized(x, rows, columns, 'bilinear')
        return cut(x, Math.floor((tall - rows) / 2), Math.floor((wide - columns) / 2), rows, columns)
      },
      outputShape: (shape, name) => shapeAt(name, shape, rows, columns),
    })
  },
)
