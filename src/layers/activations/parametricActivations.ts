// Activation functions with numbers to choose, as layers: reLU, leakyReLU and elu.

import { requireNumber } from '../../errors'
import { elu as exponentialUnit, leakyRelu, type ReluOptions, relu } from '../../ops'
import type { Layer, LayerOptions } from '../base/layer'
import { plainLayer } from '../base/plain'
import { layerFactory } from '../base/registry'
import { withLeading } from '../options/checks'

/** Options of {@link reLU}. */
export interface ReLUOptions extends LayerOptions, ReluOptions {}

/**
 * The rectifier max(x, 0) as a layer, with a slope below its threshold and a largest value if they are given; the
 * shape stays.
 *
 * @throws OptionError for a negative `maxValue`, `negativeSlope` or `threshold`.
 *
 * @example
 * ```ts
 * const y = await reLU({ maxValue: 6 }).run([[-1, 2, 9]])
 * y.toArray() // [[0, 2, 6]]
 * ```
 */
export const reLU = /* @__PURE__ */ layerFactory('reLU', [], (options: ReLUOptions = {}): Layer => {
  const { maxValue, negativeSlope = 0, threshold = 0 } = options
  if (maxValue !== undefined) requireNumber('reLU', 'maxValue', maxValue, 0)
  requireNumber('reLU', 'negativeSlope', negativeSlope, 0)
  requireNumber('reLU', 'threshold', threshold, 0)
  return plainLayer({
    kind: 'reLU',
    overTime: 'apart',
    options,
    own: { defaults: { maxValue: undefined, negativeSlope: 0, threshold: 0 } },
    call: (x) => relu(x, { maxValue, negativeSlope, threshold }),
  })
})

/** Options of {@link leakyReLU}. */
export interface LeakyReLUOptions extends LayerOptions {
  /** The slope where x < 0; 0.3 by default. */
  readonly negativeSlope?: number
}

/**
 * x where x > 0, else negativeSlope * x; the shape stays.
 *
 * @param negativeSlope - the slope where x < 0; it may stand among the options too.
 * @throws OptionError for a negative slope.
 *
 * @example
 * ```ts
 * const y = await leakyReLU(0.1).run([[-10, 2]])
 * y.toArray() // [[-1, 2]]
 * ```
 */
export const leakyReLU = /* @__PURE__ */ layerFactory(
  'leakyReLU',
  [],
  (negativeSlope?: number | LeakyReLUOptions, options?: LeakyReLUOptions): Layer => {
    const given = withLeading<LeakyReLUOptions, 'negativeSlope'>('negativeSlope', negativeSlope, options)
    const slope = requireNumber('leakyReLU', 'negativeSlope', given.negativeSlope ?? 0.3, 0)
    return plainLayer({
      kind: 'leakyReLU',
      overTime: 'apart',
      options: given,
      own: { defaults: { negativeSlope: 0.3 } },
      call: (x) => leakyRelu(x, slope),
    })
  },
)

/** Options of {@link elu}. */
export interface EluOptions extends LayerOptions {
  /** What large negative inputs tend to, negated; 1 by default. */
  readonly alpha?: number
}

/**
 * x where x > 0, else alpha * (exp(x) - 1); the shape stays.
 *
 * @param alpha - may stand among the options too.
 *
 * @example
 * ```ts
 * const y = await elu().run([[-1, 2]])
 * y.toArray() // [[-0.632, 2]], rounded
 * ```
 */
export const elu = /* @__PURE__ */ layerFactory(
  'elu',
  [],
  (alpha?: number | EluOptions, options?: EluOptions): Layer => {
    const given = withLeading<EluOptions, 'alpha'>('alpha', alpha, options)
    const limit = requireNumber('elu', 'alpha', given.alpha ?? 1)
    return plainLayer({
      kind: 'elu',
      overTime: 'apart',
      options: given,
      own: { defaults: { alpha: 1 } },
      call: (x) => exponentialUnit(x, limit),
    })
  },
)
