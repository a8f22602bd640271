// Data brought into another range.

import { isList, jsonOf, OptionError } from '../../errors'
import { add, cast, mul } from '../../ops'
import type { Layer, LayerOptions } from '../base/layer'
import { plainLayer } from '../base/plain'
import { layerFactory } from '../base/registry'

/** Options of {@link rescaling}. */
export interface RescalingOptions extends LayerOptions {
  /** Added after scaling: one number, or one for each feature; 0 by default. */
  readonly offset?: number | readonly number[]
}

/**
 * x * scale + offset; the shape stays.
 *
 * @param scale - one number, or one for each feature.
 *
 * @example
 * ```ts
 * const y = await rescaling(1 / 127.5, { offset: -1 }).run([[0, 255]])
 * y.toArray() // [[-1, 1]]
 * ```
 */
export const rescaling = /* @__PURE__ */ layerFactory(
  'rescaling',
  ['scale'],
  (scale: number | readonly number[], options: RescalingOptions = {}): Layer => {
    const { offset = 0, dtype = 'float32' } = options
    requireNumbers('scale', scale)
    requireNumbers('offset', offset)
    return plainLayer({
      kind: 'rescaling',
      overTime: 'apart',
      options: { ...options, scale },
      own: { defaults: { scale: undefined, offset: 0 }, rules: { offset: { otherTypes: true } } },
      call: (x) => add(mul(cast(x, x.dtype === 'float64' ? x.dtype : dtype), scale), offset),
    })
  },
)

function requireNumbers(option: string, value: unknown): void {
  const list = isList(value) ? value : [value]
  if (list.length > 0 && list.every((item) => typeof item === 'number' && Number.isFinite(item))) return
  throw new OptionError(`rescaling: ${option}: expected a number or a list of numbers, got ${jsonOf(value)}`)
}
