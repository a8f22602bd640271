// Sines and cosines of the places in a sequence.

import type { Value } from '../../graph'
import { broadcastTo, cast, cos, expandDims, iota, mul, reshape, sin, where } from '../../ops'
import type { PartialShape } from '../../tensor'
import type { CallContext } from '../base/context'
import { Layer, type LayerOptions } from '../base/layer'
import type { OverTime } from '../base/overTime'
import { layerFactory } from '../base/registry'
import type { CallOptions } from '../options/callOptions'
import type { Expected } from '../options/expected'
import type { OwnOptions } from '../options/ownOptions'
import { placesOf, positionCall } from './positions'

/** Options of {@link sinePositionEncoding}. */
export interface SinePositionEncodingOptions extends LayerOptions {
  /** The longest wave, in steps divided by 2π; 10,000 by default. */
  readonly maxWavelength?: number
}

const own = {
  defaults: { maxWavelength: 10_000 },
  rules: { maxWavelength: { above: 0 } },
} satisfies OwnOptions<SinePositionEncodingOptions>

class SinePositionEncoding extends Layer {
  override readonly expects: Expected = { inputs: 'one', minRank: 3 }
  override readonly supportsMasking = false
  private readonly options: SinePositionEncodingOptions

  constructor(options: SinePositionEncodingOptions = {}) {
    super(options, 'sinePositionEncoding', own)
    this.options = options
  }

  override get callOptions(): CallOptions {
    return positionCall
  }

  override call(x: Value, context: CallContext): Value {
    const [steps, features] = x.shape.slice(-2)
    const { maxWavelength = own.defaults.maxWavelength } = this.options
    const places = placesOf(this, steps, context) ?? reshape(iota(steps), [1, steps])
    const rates = Array.from({ length: features }, (_, i) => maxWavelength ** (-(2 * Math.floor(i / 2)) / features))
    const isSine = Array.from({ length: features }, (_, i) => i % 2 === 0)
    const angles = mul(expandDims(cast(places, x.dtype), -1), rates)
    return broadcastTo(where(isSine, sin(angles), cos(angles)), x.shape)
  }

  override outputShape(inputShape: PartialShape): PartialShape {
    return inputShape
  }

  override overTime([rank]: readonly number[]): OverTime {
    return rank === 3 ? 'carried' : { mixed: 'it counts places along another axis than that of time' }
  }

  override config(): Record<string, unknown> {
    return { ...this.options }
  }
}

/**
 * Sines and cosines of the places in a sequence (Vaswani et al., 2017, section 3.5), as KerasHub's `SinePositionEncoding`: feature 2i
 * is sin(place / maxWavelength^(2i / features)), feature 2i + 1 the cosine of the same. It gives these alone, in the shape of the
 * input, to which they are added.
 *
 * Input and output `[batch, time, features]`. Calls take `startIndex` and `positions`; a stream goes on where it was.
 *
 * @example
 * ```ts
 * const y = await sinePositionEncoding().run(zeros([1, 2, 2]))
 * y.toArray() // [[[0, 1], [sin 1, cos 1]]]
 * ```
 */
export const sinePositionEncoding = /* @__PURE__ */ layerFactory(
  'sinePositionEncoding',
  [],
  (options?: SinePositionEncodingOptions): Layer => {
    return new SinePositionEncoding(options)
  },
)
