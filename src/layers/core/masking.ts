// Steps of a sequence that later layers skip.

import { requireNumber } from '../../errors'
import type { Value } from '../../graph'
import { any, expandDims, notEqual, where } from '../../ops'
import type { LayerOptions } from '../base/layer'
import { plainLayer } from '../base/plain'
import { layerFactory } from '../base/registry'
import type { Ranked } from '../options/ranks'

/** Options of {@link masking}. */
export interface MaskingOptions extends LayerOptions {
  /** The number that marks a step as missing; 0 by default. */
  readonly maskValue?: number
}

/**
 * Masks the steps in which all features are `maskValue`: they become 0, and later layers that know of masks (all
 * recurrent ones) skip them.
 *
 * Input and output `[batch, time, ..., features]`.
 *
 * @example
 * ```ts
 * const model = sequential([masking({ maskValue: -1 }), lstm(8), dense(1)])
 * ```
 */
export const masking = /* @__PURE__ */ layerFactory(
  'masking',
  [],
  (options: MaskingOptions = {}): Ranked<'masking', number, 'same'> => {
    const maskValue = requireNumber('masking', 'maskValue', options.maskValue ?? 0)
    const isPresent = (x: Value): Value => any(notEqual(x, maskValue), { axis: -1 })
    return plainLayer({
      kind: 'masking',
      overTime: 'apart',
      options,
      own: { defaults: { maskValue: 0 } },
      minRank: 2,
      call: (x) => where(expandDims(isPresent(x), -1), x, 0),
      computeMask: isPresent,
    })
  },
)
