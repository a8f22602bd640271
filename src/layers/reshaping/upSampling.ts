// Sequences and images made longer: each place repeated, or what lies between worked out.

import { requireOneOf } from '../../errors'
import type { Value } from '../../graph'
import { broadcastTo, expandDims, reshape } from '../../ops'
import { allocate, Tensor } from '../../tensor'
import type { Layer, LayerOptions } from '../base/layer'
import { plainLayer } from '../base/plain'
import { layerFactory } from '../base/registry'
import { axesOf, rankOf } from '../convolution/windows'
import { type Pair, positiveSizes, type Triple, withLeading } from '../options/checks'
import { type DataFormatOptions, dataFormatOptions } from '../options/dataFormat'
import type { OwnOptions } from '../options/ownOptions'
import { weighedAlong } from './weighedAlong'

/** Options of {@link upSampling1d}. */
export interface UpSampling1dOptions extends LayerOptions {
  /** How often each step is repeated; 2 by default. */
  readonly size?: number
}

/** Options of {@link upSampling2d}. */
export interface UpSampling2dOptions extends DataFormatOptions {
  /** How many rows and columns come of each: one number for both, or `[rows, columns]`; 2 by default. */
  readonly size?: number | Pair
  /**
   * `'nearest'` (default) repeats pixels, `'bilinear'` draws lines between them, `'bicubic'` curves (Keys, 1981); `'lanczos3'` and
   * `'lanczos5'` weigh three or five pixels on either side (Duchon, 1979).
   */
  readonly interpolation?: 'nearest' | keyof typeof kernels
}

/** Options of {@link upSampling3d}. */
export interface UpSampling3dOptions extends DataFormatOptions {
  /** How many layers, rows and columns come of each: one number for all, or one for each; 2 by default. */
  readonly size?: number | Triple
}

/**
 * Repeats each step of a sequence: `[batch, time, channels]` becomes `[batch, size * time, channels]`. A mask ends
 * here.
 *
 * @param size - how often, 2 by default; it may stand among the options too.
 *
 * @example
 * ```ts
 * const y = await upSampling1d(2).run([[[1], [2]]])
 * y.toArray() // [[[1], [1], [2], [2]]]
 * ```
 */
export const upSampling1d = /* @__PURE__ */ layerFactory(
  'upSampling1d',
  [],
  (size?: number | UpSampling1dOptions, options?: UpSampling1dOptions): Layer => {
    const given = withLeading<UpSampling1dOptions, 'size'>('size', size, options)
    const [times] = positiveSizes('upSampling1d', 'size', given.size ?? 2, 1)
    return upSampling('upSampling1d', given, { defaults: { size: undefined } }, [times], repeated)
  },
)

/**
 * Makes images larger: `[batch, height, width, channels]` becomes `[batch, rows * height, columns * width, channels]`.
 *
 * @param size - how many times, 2 by default: one number for both, or `[rows, columns]`; it may stand among the options
 *   too.
 *
 * @example
 * ```ts
 * const y = await upSampling2d(2, { interpolation: 'bilinear' }).run([[[[0], [4]]]])
 * y.toArray() // twice the row [[0], [1], [3], [4]]
 * ```
 */
export const upSampling2d = /* @__PURE__ */ layerFactory(
  'upSampling2d',
  [],
  (size?: number | Pair | UpSampling2dOptions, options?: UpSampling2dOptions): Layer => {
    const given = withLeading<UpSampling2dOptions, 'size'>('size', size, options)
    const times = positiveSizes('upSampling2d', 'size', given.size ?? 2, 2)
    const known = ['nearest', 'bilinear', 'bicubic', 'lanczos3', 'lanczos5'] as const
    const interpolation = requireOneOf('upSampling2d', 'interpolation', given.interpolation ?? 'nearest', known)
    const stretch = interpolation === 'nearest' ? repeated : interpolatedBy(kernels[interpolation])
    return upSampling(
      'upSampling2d',
      given,
      {
        defaults: { size: undefined, interpolation: 'nearest', ...dataFormatOptions.defaults },
        rules: dataFormatOptions.rules,
      },
      times,
      stretch,
    )
  },
)

/**
 * Repeats each element of volumes: `[batch, depth, height, width, channels]`, each length between batch and channels times its size.
 *
 * @param size - how many times, 2 by default: one number for all axes, or one for each; it may stand among the options too.
 *
 * @example
 * ```ts
 * const y = await upSampling3d([1, 2, 3]).run(ones([1, 2, 2, 2, 1]))
 * y.shape // [1, 2, 4, 6, 1]
 * ```
 */
export const upSampling3d = /* @__PURE__ */ layerFactory(
  'upSampling3d',
  [],
  (size?: number | Triple | UpSampling3dOptions, options?: UpSampling3dOptions): Layer => {
    const given = withLeading<UpSampling3dOptions, 'size'>('size', size, options)
    const times = positiveSizes('upSampling3d', 'size', given.size ?? 2, 3)
    const own = { defaults: { size: undefined, ...dataFormatOptions.defaults }, rules: dataFormatOptions.rules }
    return upSampling('upSampling3d', given, own, times, repeated)
  },
)

function upSampling<O extends LayerOptions>(
  kind: string,
  options: O,
  own: OwnOptions<O>,
  times: readonly number[],
  stretch: (x: Value, axis: number, times: number) => Value,
): Layer {
  return plainLayer({
    kind,
    overTime: { mixed: 'it repeats steps' },
    options,
    own,
    axes: axesOf[rankOf(times)],
    supportsMasking: false,
    call: (x) => times.reduce((value, count, i) => stretch(value, i + 1, count), x),
    outputShape: (shape) =>
      shape.map((length, axis) => (length === null || axis === times.length ? length : length * times[axis])),
  })
}

/** Each place of an axis several times. */
function repeated(x: Value, axis: number, times: number): Value {
  const { shape } = x
  const spread = broadcastTo(expandDims(x, axis + 1), [...shape.slice(0, axis + 1), times, ...shape.slice(axis + 1)])
  return reshape(spread, [...shape.slice(0, axis), shape[axis] * times, ...shape.slice(axis + 1)])
}

/** How much a given place counts at a distance, up to a reach beyond which it counts nothing. */
interface Kernel {
  readonly reach: number
  /** Into how many parts the way from one place to the next is cut, where places are rounded to them. */
  readonly parts?: number
  weight(distance: number): number
}

/** The kernels of Keras on TensorFlow, which has a table of the bicubic one. */
const kernels = {
  bilinear: { reach: 1, weight: (d) => 1 - d },
  /** The cubic convolution of Keys, with a = -1/2. */
  bicubic: {
    reach: 2,
    parts: 1024,
    weight: (d) => (d <= 1 ? (1.5 * d - 2.5) * d * d + 1 : ((-0.5 * d + 2.5) * d - 4) * d + 2),
  },
  lanczos3: /* @__PURE__ */ lanczos(3),
  lanczos5: /* @__PURE__ */ lanczos(5),
} as const satisfies Record<string, Kernel>

/** sinc(d) sinc(d / reach). */
function lanczos(reach: number): Kernel {
  const sinc = (d: number): number => (d === 0 ? 1 : Math.sin(Math.PI * d) / (Math.PI * d))
  return { reach, weight: (d) => sinc(d) * sinc(d / reach) }
}

/** The same places, each a mean of the given ones around it by a kernel: a product with the weights of each. */
function interpolatedBy(kernel: Kernel): (x: Value, axis: number, times: number) => Value {
  return (x, axis, times) => weighedAlong(x, axis, weightsBy(kernel, x.shape[axis], times))
}

/**
 * How much of each given place is in each new one, `[length * times, length]`. New place i lies at (i + 1/2) / times - 1/2;
 * what its kernel gives to the places that there are is brought to the sum 1.
 */
function weightsBy({ reach, parts, weight }: Kernel, length: number, times: number): Tensor {
  const weights = allocate('float64', length * times * length)
  for (let i = 0; i < length * times; i++) {
    const exact = (i + 0.5) / times - 0.5
    const at = parts === undefined ? exact : Math.round(exact * parts) / parts
    const row = weights.subarray(i * length, (i + 1) * length)
    const last = Math.min(Math.floor(at + reach), length - 1)
    let sum = 0
    for (let place = Math.max(0, Math.ceil(at - reach)); place <= last; place++) {
      row[place] = weight(Math.abs(place - at))
      sum += row[place]
    }
    for (let place = 0; place < length; place++) row[place] /= sum
  }
  return new Tensor(weights, [length * times, length])
}
