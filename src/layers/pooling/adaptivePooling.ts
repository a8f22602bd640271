// Pooling to a given number of places, whatever the length.

import type { Value } from '../../graph'
import { adaptiveAveragePool, adaptiveMaxPool } from '../../ops'
import type { Layer } from '../base/layer'
import { plainLayer } from '../base/plain'
import { layerFactory } from '../base/registry'
import { axesOf, type SpaceRank } from '../convolution/windows'
import { type Pair, positiveSizes, type Triple } from '../options/checks'
import { type DataFormatOptions, dataFormatOptions } from '../options/dataFormat'

/** Options of adaptive pooling. */
export interface AdaptivePoolingOptions extends DataFormatOptions {}

function adaptivePooling(
  kind: string,
  rank: SpaceRank,
  outputSize: number | readonly number[],
  options: AdaptivePoolingOptions,
  pool: (x: Value, sizes: readonly number[]) => Value,
): Layer {
  const sizes = positiveSizes(kind, 'outputSize', outputSize, rank)
  return plainLayer({
    kind,
    overTime: { mixed: 'it joins neighbouring steps' },
    options: { ...options, outputSize },
    own: { defaults: { outputSize: undefined, ...dataFormatOptions.defaults }, rules: dataFormatOptions.rules },
    axes: axesOf[rank],
    supportsMasking: false,
    call: (x) => pool(x, sizes),
    outputShape: (shape) => [...sizes, shape[rank]],
  })
}

/**
 * The means of so many windows over time, as even as they can be: from `floor(i * time / outputSize)` up to
 * `ceil((i + 1) * time / outputSize)`.
 *
 * Input `[batch, time, channels]`, output `[batch, outputSize, channels]`. A mask ends here.
 *
 * @example
 * ```ts
 * const y = await adaptiveAveragePooling1d(2).run([[[1], [3], [5], [7]]])
 * y.toArray() // [[[2], [6]]]
 * ```
 */
export const adaptiveAveragePooling1d = /* @__PURE__ */ layerFactory(
  'adaptiveAveragePooling1d',
  ['outputSize'],
  (outputSize: number, options: AdaptivePoolingOptions = {}): Layer =>
    adaptivePooling('adaptiveAveragePooling1d', 1, outputSize, options, adaptiveAveragePool),
)

/**
 * The means of so many windows over images: `outputSize` for both axes, or `[rows, columns]`.
 *
 * Input `[batch, height, width, channels]`, output `[batch, rows, columns, channels]`.
 *
 * @example
 * ```ts
 * const y = await adaptiveAveragePooling2d([2, 3]).run(ones([1, 5, 7, 4]))
 * y.shape // [1, 2, 3, 4]
 * ```
 */
export const adaptiveAveragePooling2d = /* @__PURE__ */ layerFactory(
  'adaptiveAveragePooling2d',
  ['outputSize'],
  (outputSize: number | Pair, options: AdaptivePoolingOptions = {}): Layer =>
    adaptivePooling('adaptiveAveragePooling2d', 2, outputSize, options, adaptiveAveragePool),
)

/**
 * The means of so many windows over volumes: `outputSize` for all three axes, or one for each.
 *
 * Input `[batch, depth, height, width, channels]`, output `[batch, layers, rows, columns, channels]`.
 *
 * @example
 * ```ts
 * const y = await adaptiveAveragePooling3d(2).run(ones([1, 3, 5, 7, 4]))
 * y.shape // [1, 2, 2, 2, 4]
 * ```
 */
export const adaptiveAveragePooling3d = /* @__PURE__ */ layerFactory(
  'adaptiveAveragePooling3d',
  ['outputSize'],
  (outputSize: number | Triple, options: AdaptivePoolingOptions = {}): Layer =>
    adaptivePooling('adaptiveAveragePooling3d', 3, outputSize, options, adaptiveAveragePool),
)

/**
 * The largest numbers of so many windows over time: see {@link adaptiveAveragePooling1d}.
 *
 * @example
 * ```ts
 * const y = await adaptiveMaxPooling1d(2).run([[[1], [3], [5], [7]]])
 * y.toArray() // [[[3], [7]]]
 * ```
 */
export const adaptiveMaxPooling1d = /* @__PURE__ */ layerFactory(
  'adaptiveMaxPooling1d',
  ['outputSize'],
  (outputSize: number, options: AdaptivePoolingOptions = {}): Layer =>
    adaptivePooling('adaptiveMaxPooling1d', 1, outputSize, options, adaptiveMaxPool),
)

/**
 * The largest numbers of so many windows over images: see {@link adaptiveAveragePooling2d}.
 *
 * @example
 * ```ts
 * const y = await adaptiveMaxPooling2d(2).run(ones([1, 5, 7, 4]))
 * y.shape // [1, 2, 2, 4]
 * ```
 */
export const adaptiveMaxPooling2d = /* @__PURE__ */ layerFactory(
  'adaptiveMaxPooling2d',
  ['outputSize'],
  (outputSize: number | Pair, options: AdaptivePoolingOptions = {}): Layer =>
    adaptivePooling('adaptiveMaxPooling2d', 2, outputSize, options, adaptiveMaxPool),
)

/**
 * The largest numbers of so many windows over volumes: see {@link adaptiveAveragePooling3d}.
 *
 * @example
 * ```ts
 * const y = await adaptiveMaxPooling3d([1, 2, 2]).run(ones([1, 3, 5, 7, 4]))
 * y.shape // [1, 1, 2, 2, 4]
 * ```
 */
export const adaptiveMaxPooling3d = /* @__PURE__ */ layerFactory(
  'adaptiveMaxPooling3d',
  ['outputSize'],
  (outputSize: number | Triple, options: AdaptivePoolingOptions = {}): Layer =>
    adaptivePooling('adaptiveMaxPooling3d', 3, outputSize, options, adaptiveMaxPool),
)
