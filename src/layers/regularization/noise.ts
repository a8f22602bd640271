// Noise while the model trains: gaussianNoise, gaussianDropout and alphaDropout.

import { OptionError, requireNumber, textOf } from '../../errors'
import type { Value } from '../../graph'
import { add, bernoulli, mul, randomNormal, where } from '../../ops'
import { floatOf } from '../../tensor'
import type { CallContext } from '../base/context'
import type { Layer, LayerOptions } from '../base/layer'
import { plainLayer } from '../base/plain'
import { layerFactory } from '../base/registry'
import { aSeed } from '../options/ownOptions'
import { checkNoiseFits, checkNoiseShape, noiseShapeFor } from './dropout'

/** Options of {@link gaussianNoise} and {@link gaussianDropout}. */
export interface NoiseOptions extends LayerOptions {
  /** Fixes the numbers that are drawn; by default they follow `setSeed`. */
  readonly seed?: number
}

/** Options of {@link alphaDropout}. */
export interface AlphaDropoutOptions extends NoiseOptions {
  /** As of `dropout`: along an axis of length 1 all places are dropped together. */
  readonly noiseShape?: readonly (number | null)[]
}

/**
 * In training, adds normal noise with mean 0; otherwise it does nothing. The shape stays.
 *
 * @param stddev - the standard deviation of the noise, at least 0.
 *
 * @example
 * ```ts
 * const y = await gaussianNoise(0.1).run([[1, 2]], { training: true })
 * y.toArray() // near [[1, 2]]
 * ```
 */
export const gaussianNoise = /* @__PURE__ */ layerFactory(
  'gaussianNoise',
  ['stddev'],
  (stddev: number, options: NoiseOptions = {}): Layer => {
    requireNumber('gaussianNoise', 'stddev', stddev, 0)
    return plainLayer({
      kind: 'gaussianNoise',
      overTime: 'apart',
      options: { ...options, stddev },
      own: { defaults: { stddev: undefined, seed: undefined }, rules: { seed: aSeed } },
      call: (x, context) => (context.training && stddev > 0 ? add(x, normal(x, 0, stddev, context, options.seed)) : x),
    })
  },
)

/**
 * In training, multiplies by normal noise with mean 1 and the standard deviation sqrt(rate / (1 - rate)), which has the
 * variance of dropout (Srivastava et al., 2014, section 10); otherwise it does nothing. The shape stays.
 *
 * @param rate - at least 0, below 1.
 *
 * @example
 * ```ts
 * const y = await gaussianDropout(0.2).run([[1, 2]], { training: true })
 * y.shape // [1, 2]
 * ```
 */
export const gaussianDropout = /* @__PURE__ */ layerFactory(
  'gaussianDropout',
  ['rate'],
  (rate: number, options: NoiseOptions = {}): Layer => {
    requireRateBelowOne('gaussianDropout', rate)
    const deviation = Math.sqrt(rate / (1 - rate))
    return plainLayer({
      kind: 'gaussianDropout',
      overTime: 'apart',
      options: { ...options, rate },
      own: { defaults: { rate: undefined, seed: undefined }, rules: { seed: aSeed } },
      call: (x, context) => (context.training && rate > 0 ? mul(x, normal(x, 1, deviation, context, options.seed)) : x),
    })
  },
)

function requireRateBelowOne(where: string, rate: unknown): void {
  if (typeof rate === 'number' && rate >= 0 && rate < 1) return
  throw new OptionError(`${where}: rate: expected a number from 0 to below 1, got ${textOf(rate)}`)
}

function normal(x: Value, mean: number, deviation: number, context: CallContext, seed: number | undefined): Value {
  const { state, stream } = context.random(seed)
  return randomNormal(state, x.shape, { stream, dtype: floatOf(x.dtype), mean, deviation })
}

/** What `selu` gives for large negative inputs. */
const saturation = -1.7580993408473766

/**
 * In training, sets numbers to what `selu` gives for large negative inputs, with the probability `rate`, and shifts and
 * scales all so that mean 0 and variance 1 stay (Klambauer et al., 2017, section 3); otherwise it does nothing. The
 * shape stays.
 *
 * With s = -1.7581, a = 1 / sqrt((1 - rate) (1 + rate s^2)) and b = -a s rate: the result is a x + b, or a s + b.
 *
 * @param rate - at least 0, below 1.
 *
 * @example
 * ```ts
 * const y = await alphaDropout(0.1).run([[1, 2]], { training: true })
 * y.shape // [1, 2]
 * ```
 */
export const alphaDropout = /* @__PURE__ */ layerFactory(
  'alphaDropout',
  ['rate'],
  (rate: number, options: AlphaDropoutOptions = {}): Layer => {
    requireRateBelowOne('alphaDropout', rate)
    const { noiseShape, seed } = options
    checkNoiseShape('alphaDropout', noiseShape)
    const a = 1 / Math.sqrt((1 - rate) * (1 + rate * saturation ** 2))
    const b = -a * saturation * rate
    return plainLayer({
      kind: 'alphaDropout',
      overTime: 'apart',
      options: { ...options, rate },
      own: { defaults: { rate: undefined, noiseShape: undefined, seed: undefined }, rules: { seed: aSeed } },
      call: (x, context) => {
        if (!context.training || rate === 0) return x
        const { state, stream } = context.random(seed)
        const isDropped = bernoulli(state, noiseShapeFor(x, noiseShape), rate, { stream, dtype: floatOf(x.dtype) })
        return add(mul(where(isDropped, saturation, x), a), b)
      },
      outputShape: (shape, name) => {
        checkNoiseFits(name, noiseShape, shape.length + 1)
        return shape
      },
    })
  },
)
