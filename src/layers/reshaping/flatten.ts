// All axes but the batch as one.

import { reshape } from '../../ops'
import { type PartialShape, sizeOf } from '../../tensor'
import { plainLayer } from '../base/plain'
import { layerFactory } from '../base/registry'
import { type DataFormatOptions, dataFormatOptions } from '../options/dataFormat'
import type { Ranked } from '../options/ranks'

/** Options of {@link flatten}. */
export interface FlattenOptions extends DataFormatOptions {}

/**
 * Lays out each sample in one axis: `[batch, ...]` becomes `[batch, product of the lengths]`. A mask ends here.
 *
 * @example
 * ```ts
 * const y = await flatten().run([[[1, 2], [3, 4]]])
 * y.toArray() // [[1, 2, 3, 4]]
 * ```
 */
export const flatten = /* @__PURE__ */ layerFactory(
  'flatten',
  [],
  (options: FlattenOptions = {}): Ranked<'flatten', number, 2> => {
    return plainLayer({
      kind: 'flatten',
      overTime: { mixed: 'it takes all steps together' },
      options,
      own: dataFormatOptions,
      supportsMasking: false,
      call: (x) => reshape(x, [x.shape[0], sizeOf(x.shape.slice(1))]),
      outputShape: (shape) => [productOf(shape)],
    })
  },
)

/** The product of lengths; null if one is unknown. */
export function productOf(shape: PartialShape): number | null {
  return shape.reduce<number | null>(
    (product, length) => (product === null || length === null ? null : product * length),
    1,
  )
}
