// Pooling over all of time, or all of an image.

import type { Value } from '../../graph'
import { cast, div, max, maximum, mean, sum, where } from '../../ops'
import { stretched } from '../activations/softmax'
import type { Layer } from '../base/layer'
import { plainLayer } from '../base/plain'
import { layerFactory } from '../base/registry'
import { axesOf, type SpaceRank } from '../convolution/windows'
import { type DataFormatOptions, dataFormatOptions } from '../options/dataFormat'
import type { Ranked } from '../options/ranks'

/** Options of global pooling. */
export interface GlobalPoolingOptions extends DataFormatOptions {
  /** Whether the axes that are pooled over stay, with length 1; `false` by default. */
  readonly keepdims?: boolean
}

type Pool = (x: Value, over: { readonly axis: readonly number[]; readonly keepDims: boolean }, mask?: Value) => Value

function globalPooling(kind: string, rank: SpaceRank, options: GlobalPoolingOptions, pool: Pool): Layer {
  const axis = Array.from({ length: rank }, (_, i) => i + 1)
  const keepDims = options.keepdims ?? false
  return plainLayer({
    kind,
    overTime: { mixed: 'it takes all steps together' },
    options,
    own: { defaults: { keepdims: false, ...dataFormatOptions.defaults }, rules: dataFormatOptions.rules },
    axes: axesOf[rank],
    supportsMasking: false,
    call: (x, { mask }) => pool(x, { axis, keepDims }, mask),
    outputShape: (shape) => [...(keepDims ? axis.map(() => 1) : []), shape[rank]],
  })
}

/**
 * The largest number of each channel over time.
 *
 * Input `[batch, time, channels]`, output `[batch, channels]`. As in Keras it does not look at a mask.
 *
 * @example
 * ```ts
 * const y = await globalMaxPooling1d().run([[[1, 5], [3, 2]]])
 * y.toArray() // [[3, 5]]
 * ```
 */
export const globalMaxPooling1d = /* @__PURE__ */ layerFactory(
  'globalMaxPooling1d',
  [],
  <Keep extends boolean = false>(
    options: GlobalPoolingOptions & { readonly keepdims?: Keep } = {},
  ): Ranked<'globalMaxPooling1d', 3, boolean extends Keep ? number : Keep extends true ? 3 : 2> => {
    return globalPooling('globalMaxPooling1d', 1, options, (x, over) => max(x, over))
  },
)

/**
 * The mean of each channel over time; masked steps are left out.
 *
 * Input `[batch, time, channels]`, output `[batch, channels]`.
 *
 * @example
 * ```ts
 * const y = await globalAveragePooling1d().run([[[1, 5], [3, 2]]])
 * y.toArray() // [[2, 3.5]]
 * ```
 */
export const globalAveragePooling1d = /* @__PURE__ */ layerFactory(
  'globalAveragePooling1d',
  [],
  <Keep extends boolean = false>(
    options: GlobalPoolingOptions & { readonly keepdims?: Keep } = {},
  ): Ranked<'globalAveragePooling1d', 3, boolean extends Keep ? number : Keep extends true ? 3 : 2> => {
    return globalPooling('globalAveragePooling1d', 1, options, (x, over, mask) => {
      if (mask === undefined) return mean(x, over)
      const kept = stretched(mask, x)
      // A row that is masked as a whole has the mean 0, where Keras has NaN.
      return div(sum(where(kept, x, 0), over), maximum(sum(cast(kept, x.dtype), over), 1))
    })
  },
)

/**
 * The largest number of each channel over an image.
 *
 * Input `[batch, height, width, channels]`, output `[batch, channels]`.
 *
 * @example
 * ```ts
 * const y = await globalMaxPooling2d().run(ones([1, 4, 6, 3]))
 * y.toArray() // [[1, 1, 1]]
 * ```
 */
export const globalMaxPooling2d = /* @__PURE__ */ layerFactory(
  'globalMaxPooling2d',
  [],
  <Keep extends boolean = false>(
    options: GlobalPoolingOptions & { readonly keepdims?: Keep } = {},
  ): Ranked<'globalMaxPooling2d', 4, boolean extends Keep ? number : Keep extends true ? 4 : 2> => {
    return globalPooling('globalMaxPooling2d', 2, options, (x, over) => max(x, over))
  },
)

/**
 * The mean of each channel over an image.
 *
 * Input `[batch, height, width, channels]`, output `[batch, channels]`.
 *
 * @example
 * ```ts
 * const y = await globalAveragePooling2d({ keepdims: true }).run(ones([1, 4, 6, 3]))
 * y.shape // [1, 1, 1, 3]
 * ```
 */
export const globalAveragePooling2d = /* @__PURE__ */ layerFactory(
  'globalAveragePooling2d',
  [],
  <Keep extends boolean = false>(
    options: GlobalPoolingOptions & { readonly keepdims?: Keep } = {},
  ): Ranked<'globalAveragePooling2d', 4, boolean extends Keep ? number : Keep extends true ? 4 : 2> => {
    return globalPooling('globalAveragePooling2d', 2, options, (x, over) => mean(x, over))
  },
)

/**
 * The largest number of each channel over a volume.
 *
 * Input `[batch, depth, height, width, channels]`, output `[batch, channels]`.
 *
 * @example
 * ```ts
 * const y = await globalMaxPooling3d().run(ones([1, 2, 4, 6, 3]))
 * y.toArray() // [[1, 1, 1]]
 * ```
 */
export const globalMaxPooling3d = /* @__PURE__ */ layerFactory(
  'globalMaxPooling3d',
  [],
  (options: GlobalPoolingOptions = {}): Layer => {
    return globalPooling('globalMaxPooling3d', 3, options, (x, over) => max(x, over))
  },
)

/**
 * The mean of each channel over a volume.
 *
 * Input `[batch, depth, height, width, channels]`, output `[batch, channels]`.
 *
 * @example
 * ```ts
 * const y = await globalAveragePooling3d().run(ones([1, 2, 4, 6, 3]))
 * y.toArray() // [[1, 1, 1]]
 * ```
 */
export const globalAveragePooling3d = /* @__PURE__ */ layerFactory(
  'globalAveragePooling3d',
  [],
  (options: GlobalPoolingOptions = {}): Layer => {
    return globalPooling('globalAveragePooling3d', 3, options, (x, over) => mean(x, over))
  },
)
