// Sequences and images made longer: each place repeated, or what lies between worked out.

import { requireOneOf } from '../../errors'
import { constant, type Value } from '../../graph'
import { broadcastTo, expandDims, matmul, reshape } from '../../ops'
import { allocate, floatOf, Tensor } from '../../tensor'
import type { Layer, LayerOptions } from '../base/layer'
import { plainLayer } from '../base/plain'
import { layerFactory } from '../base/registry'
import { axesOf } from '../convolution/windows'
import { type Pair, positiveSizes, withLeading } from '../options/checks'
import type { OwnOptions } from '../options/ownOptions'

/** Options of {@link upSampling1d}. */
export interface UpSampling1dOptions extends LayerOptions {
  /** How often each step is repeated; 2 by default. */
  readonly size?: number
}

/** Options of {@link upSampling2d}. */
export interface UpSampling2dOptions extends LayerOptions {
  /** How many rows and columns come of each: one number for both, or `[rows, columns]`; 2 by default. */
  readonly size?: number | Pair
  /** `'nearest'` (default) repeats pixels, `'bilinear'` draws lines between them. */
  readonly interpolation?: 'nearest' | 'bilinear'
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
    const known = ['nearest', 'bilinear'] as const
    const interpolation = requireOneOf('upSampling2d', 'interpolation', given.interpolation ?? 'nearest', known)
    const stretch = interpolation === 'nearest' ? repeated : interpolated
    return upSampling(
      'upSampling2d',
      given,
      { defaults: { size: undefined, interpolation: 'nearest' } },
      times,
      stretch,
    )
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
    axes: axesOf[times.length === 1 ? 1 : 2],
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

/** The same places, on lines between the given ones: a product with the weights of each. */
function interpolated(x: Value, axis: number, times: number): Value {
  const { shape, dtype } = x
  const length = shape[axis]
  const behind = shape.slice(axis + 1)
  const rows = reshape(x, [-1, length, behind.reduce((product, n) => product * n, 1)])
  const weights = constant(lineWeights(length, times), floatOf(dtype))
  return reshape(matmul(weights, rows), [...shape.slice(0, axis), length * times, ...behind])
}

/**
 * How much of each given place is in each new one, `[length * times, length]`. New place i lies at
 * (i + 1/2) / times - 1/2, between the places next to it; beyond the ends it is the end.
 */
function lineWeights(length: number, times: number): Tensor {
  const weights = allocate('float64', length * times * length)
  for (let i = 0; i < length * times; i++) {
    const at = Math.min(Math.max((i + 0.5) / times - 0.5, 0), length - 1)
    const before = Math.floor(at)
    const after = Math.min(before + 1, length - 1)
    weights[i * length + before] += 1 - (at - before)
    weights[i * length + after] += at - before
  }
  return new Tensor(weights, [length * times, length])
}
