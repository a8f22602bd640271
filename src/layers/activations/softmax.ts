// Softmax as a layer, which leaves out what is masked.

import type { Value } from '../../graph'
import { cast, reshape, softmax as softmaxOf, where } from '../../ops'
import type { Layer, LayerOptions } from '../base/layer'
import { alongAxesOverTime } from '../base/overTime'
import { plainLayer } from '../base/plain'
import { layerFactory } from '../base/registry'
import { alongAxes } from '../normalization/alongAxes'
import { checkAxes, requireAxes } from '../options/checks'

/** Options of {@link softmax}. */
export interface SoftmaxOptions extends LayerOptions {
  /** The axis or axes along which the results add up to 1, the batch being axis 0; the last by default. */
  readonly axis?: number | readonly number[]
}

/**
 * exp(x) / sum(exp(x)) along an axis; the shape stays. Masked places get 0 and count for nothing.
 *
 * @example
 * ```ts
 * const y = await softmax().run([[0, Math.log(3)]])
 * y.toArray() // [[0.25, 0.75]]
 * ```
 */
export const softmax = /* @__PURE__ */ layerFactory('softmax', [], (options: SoftmaxOptions = {}): Layer => {
  const axis = checkAxes('softmax', 'axis', options.axis ?? -1)
  return plainLayer({
    kind: 'softmax',
    overTime: (rank, where) => alongAxesOverTime(axis, rank, where),
    options,
    own: { defaults: { axis: -1 }, rules: { axis: { otherTypes: true } } },
    minRank: 2,
    call: (x, { mask }) => {
      const axes = requireAxes('softmax', 'axis', axis, x.rank)
      if (mask === undefined) return alongAxes(x, axes, (flat) => softmaxOf(flat))
      const kept = stretched(mask, x)
      // As in Keras: far below what counts, yet no infinity, so that a row that is masked as a whole makes no NaN.
      return where(
        kept,
        alongAxes(where(kept, x, -1e9), axes, (flat) => softmaxOf(flat)),
        0,
      )
    },
    outputShape: (shape, name) => {
      requireAxes(name, 'axis', axis, shape.length + 1)
      return shape
    },
  })
})

/** A mask with axes of length 1 behind its own, as many as the value has more. */
export function stretched(mask: Value, x: Value): Value {
  return cast(reshape(mask, [...mask.shape, ...x.shape.slice(mask.rank).map(() => 1)]), 'bool')
}
