// Vectors brought to length 1.

import type { Value } from '../../graph'
import { maximum, mul, rsqrt, square, sum } from '../../ops'
import type { Layer, LayerOptions } from '../base/layer'
import { alongAxesOverTime } from '../base/overTime'
import { plainLayer } from '../base/plain'
import { layerFactory } from '../base/registry'
import { checkAxes, requireAxes } from '../options/checks'

/** Options of {@link unitNormalization}. */
export interface UnitNormalizationOptions extends LayerOptions {
  /** The axis or axes over which the squares add up to 1, the batch being axis 0; the last by default. */
  readonly axis?: number | readonly number[]
}

/**
 * x / sqrt(sum(x^2)) along an axis; the shape stays. Zeros stay zeros.
 *
 * @example
 * ```ts
 * const y = await unitNormalization().run([[3, 4]])
 * y.toArray() // [[0.6, 0.8]]
 * ```
 */
export const unitNormalization = /* @__PURE__ */ layerFactory(
  'unitNormalization',
  [],
  (options: UnitNormalizationOptions = {}): Layer => {
    const axis = checkAxes('unitNormalization', 'axis', options.axis ?? -1)
    return plainLayer({
      kind: 'unitNormalization',
      overTime: (rank, where) => alongAxesOverTime(axis, rank, where),
      options,
      own: { defaults: { axis: -1 }, rules: { axis: { otherTypes: true } } },
      minRank: 2,
      call: (x) => normalizeLength(x, requireAxes('unitNormalization', 'axis', axis, x.rank), 1e-12),
      outputShape: (shape, name) => {
        requireAxes(name, 'axis', axis, shape.length + 1)
        return shape
      },
    })
  },
)

/** x divided by its length along the axes, or by `least` where it is shorter. */
export function normalizeLength(x: Value, axis: number | readonly number[], least: number): Value {
  return mul(x, rsqrt(maximum(sum(square(x), { axis, keepDims: true }), least * least)))
}
