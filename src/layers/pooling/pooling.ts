// Pooling: one number for each window, its largest or its mean.

import { requireOneOf } from '../../errors'
import type { Value } from '../../graph'
import { averagePool1d, averagePool2d, averagePool3d, maxPool1d, maxPool2d, maxPool3d } from '../../ops'
import type { Layer } from '../base/layer'
import { plainLayer } from '../base/plain'
import { layerFactory } from '../base/registry'
import { axesOf, movedOver, pairOf, type SpaceRank, tripleOf, type Windows } from '../convolution/windows'
import { type Pair, positiveSizes, type Triple, withLeading } from '../options/checks'
import { type DataFormatOptions, dataFormatOptions } from '../options/dataFormat'
import type { Ranked } from '../options/ranks'

/** Options of {@link maxPooling1d} and {@link averagePooling1d}. */
export interface Pooling1dOptions extends DataFormatOptions {
  /** The number of steps in a window; 2 by default. */
  readonly poolSize?: number
  /** How far the window moves; by its own size by default. */
  readonly strides?: number
  /** `'valid'` (default) or `'same'`; what pads counts neither as a maximum nor in an average. */
  readonly padding?: 'valid' | 'same'
}

/** Options of {@link maxPooling2d} and {@link averagePooling2d}. */
export interface Pooling2dOptions extends DataFormatOptions {
  /** The rows and columns of a window: one number for both, or `[rows, columns]`; 2 by default. */
  readonly poolSize?: number | Pair
  /** How far the window moves, in both directions or `[down, right]`; by its own size by default. */
  readonly strides?: number | Pair
  /** `'valid'` (default) or `'same'`; what pads counts neither as a maximum nor in an average. */
  readonly padding?: 'valid' | 'same'
}

/** Options of {@link maxPooling3d} and {@link averagePooling3d}. */
export interface Pooling3dOptions extends DataFormatOptions {
  /** The layers, rows and columns of a window: one number for all, or one for each; 2 by default. */
  readonly poolSize?: number | Triple
  /** How far the window moves, in all directions or one by one; by its own size by default. */
  readonly strides?: number | Triple
  /** `'valid'` (default) or `'same'`; what pads counts neither as a maximum nor in an average. */
  readonly padding?: 'valid' | 'same'
}

function pooling(
  kind: string,
  rank: SpaceRank,
  options: Pooling1dOptions | Pooling2dOptions | Pooling3dOptions,
  pool: (x: Value, windows: Windows & { readonly padding: 'valid' | 'same' }) => Value,
): Layer {
  const size = positiveSizes(kind, 'poolSize', options.poolSize ?? 2, rank)
  const windows = {
    size,
    strides: options.strides == null ? size : positiveSizes(kind, 'strides', options.strides, rank),
    dilation: size.map(() => 1),
    padding: requireOneOf(kind, 'padding', options.padding ?? 'valid', ['valid', 'same']),
  }
  return plainLayer({
    kind,
    overTime: { mixed: 'it joins neighbouring steps' },
    options,
    own: {
      defaults: { poolSize: undefined, strides: undefined, padding: 'valid', ...dataFormatOptions.defaults },
      rules: dataFormatOptions.rules,
    },
    axes: axesOf[rank],
    supportsMasking: false,
    call: (x) => pool(x, windows),
    outputShape: (shape, name) => movedOver(shape, windows, shape[rank], name),
  })
}

function pooling1d(kind: string, options: Pooling1dOptions, pool: typeof maxPool1d): Layer {
  return pooling(kind, 1, options, (x, { size, strides, padding }) =>
    pool(x, size[0], { strides: strides[0], padding }),
  )
}

function pooling2d(kind: string, options: Pooling2dOptions, pool: typeof maxPool2d): Layer {
  return pooling(kind, 2, options, (x, { size, strides, padding }) =>
    pool(x, pairOf(size), { strides: pairOf(strides), padding }),
  )
}

function pooling3d(kind: string, options: Pooling3dOptions, pool: typeof maxPool3d): Layer {
  return pooling(kind, 3, options, (x, { size, strides, padding }) =>
    pool(x, tripleOf(size), { strides: tripleOf(strides), padding }),
  )
}

/**
 * The largest number of each window over time, channel by channel.
 *
 * Input `[batch, time, channels]`, output `[batch, new time, channels]`. A mask ends here.
 *
 * @param poolSize - the number of steps in a window, 2 by default; it may stand among the options too.
 *
 * @example
 * ```ts
 * const y = await maxPooling1d(2).run([[[1], [3], [2], [0]]])
 * y.toArray() // [[[3], [2]]]
 * ```
 */
export const maxPooling1d = /* @__PURE__ */ layerFactory(
  'maxPooling1d',
  [],
  (poolSize?: number | Pooling1dOptions, options?: Pooling1dOptions): Ranked<'maxPooling1d', 3, 3> => {
    return pooling1d(
      'maxPooling1d',
      withLeading<Pooling1dOptions, 'poolSize'>('poolSize', poolSize, options),
      maxPool1d,
    )
  },
)

/**
 * The mean of each window over time, channel by channel.
 *
 * Input `[batch, time, channels]`, output `[batch, new time, channels]`. A mask ends here.
 *
 * @param poolSize - the number of steps in a window, 2 by default; it may stand among the options too.
 *
 * @example
 * ```ts
 * const y = await averagePooling1d(2).run([[[1], [3], [2], [0]]])
 * y.toArray() // [[[2], [1]]]
 * ```
 */
export const averagePooling1d = /* @__PURE__ */ layerFactory(
  'averagePooling1d',
  [],
  (poolSize?: number | Pooling1dOptions, options?: Pooling1dOptions): Ranked<'averagePooling1d', 3, 3> => {
    const given = withLeading<Pooling1dOptions, 'poolSize'>('poolSize', poolSize, options)
    return pooling1d('averagePooling1d', given, averagePool1d)
  },
)

/**
 * The largest number of each window over images, channel by channel.
 *
 * Input `[batch, height, width, channels]`, output `[batch, new height, new width, channels]`.
 *
 * @param poolSize - the rows and columns of a window, 2 by default; it may stand among the options too.
 *
 * @example
 * ```ts
 * const y = await maxPooling2d(2).run(ones([1, 4, 6, 3]))
 * y.shape // [1, 2, 3, 3]
 * ```
 */
export const maxPooling2d = /* @__PURE__ */ layerFactory(
  'maxPooling2d',
  [],
  (poolSize?: number | Pair | Pooling2dOptions, options?: Pooling2dOptions): Ranked<'maxPooling2d', 4, 4> => {
    return pooling2d(
      'maxPooling2d',
      withLeading<Pooling2dOptions, 'poolSize'>('poolSize', poolSize, options),
      maxPool2d,
    )
  },
)

/**
 * The mean of each window over images, channel by channel.
 *
 * Input `[batch, height, width, channels]`, output `[batch, new height, new width, channels]`.
 *
 * @param poolSize - the rows and columns of a window, 2 by default; it may stand among the options too.
 *
 * @example
 * ```ts
 * const y = await averagePooling2d({ poolSize: [2, 3] }).run(ones([1, 4, 6, 3]))
 * y.shape // [1, 2, 2, 3]
 * ```
 */
export const averagePooling2d = /* @__PURE__ */ layerFactory(
  'averagePooling2d',
  [],
  (poolSize?: number | Pair | Pooling2dOptions, options?: Pooling2dOptions): Ranked<'averagePooling2d', 4, 4> => {
    const given = withLeading<Pooling2dOptions, 'poolSize'>('poolSize', poolSize, options)
    return pooling2d('averagePooling2d', given, averagePool2d)
  },
)

/**
 * The largest number of each window over volumes, channel by channel.
 *
 * Input `[batch, depth, height, width, channels]`, output `[batch, new depth, new height, new width, channels]`.
 *
 * @param poolSize - the layers, rows and columns of a window, 2 by default; it may stand among the options too.
 *
 * @example
 * ```ts
 * const y = await maxPooling3d(2).run(ones([1, 4, 4, 6, 3]))
 * y.shape // [1, 2, 2, 3, 3]
 * ```
 */
export const maxPooling3d = /* @__PURE__ */ layerFactory(
  'maxPooling3d',
  [],
  (poolSize?: number | Triple | Pooling3dOptions, options?: Pooling3dOptions): Layer => {
    const given = withLeading<Pooling3dOptions, 'poolSize'>('poolSize', poolSize, options)
    return pooling3d('maxPooling3d', given, maxPool3d)
  },
)

/**
 * The mean of each window over volumes, channel by channel.
 *
 * Input `[batch, depth, height, width, channels]`, output `[batch, new depth, new height, new width, channels]`.
 *
 * @param poolSize - the layers, rows and columns of a window, 2 by default; it may stand among the options too.
 *
 * @example
 * ```ts
 * const y = await averagePooling3d([1, 2, 2]).run(ones([1, 4, 4, 6, 3]))
 * y.shape // [1, 4, 2, 3, 3]
 * ```
 */
export const averagePooling3d = /* @__PURE__ */ layerFactory(
  'averagePooling3d',
  [],
  (poolSize?: number | Triple | Pooling3dOptions, options?: Pooling3dOptions): Layer => {
    const given = withLeading<Pooling3dOptions, 'poolSize'>('poolSize', poolSize, options)
    return pooling3d('averagePooling3d', given, averagePool3d)
  },
)
