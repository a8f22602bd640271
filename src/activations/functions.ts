// The activation functions as functions of a value, under the names of Keras in camelCase, declared with their options.

/**
 * The activation functions as functions of a value, under the names of Keras in camelCase; an option takes the name as a string.
 *
 * @example
 * ```ts
 * dense(8, { activation: 'gelu' })
 * lambda((x) => activations.leakyRelu(x, 0.1))
 * ```
 *
 * @module
 */

import { OptionError } from '../errors'
import * as ops from '../ops'
import { normalizeAxis } from '../tensor'
import { activation } from './activation'

interface ReluOptions {
  readonly negativeSlope: number
  readonly maxValue: number | undefined
  readonly threshold: number
}
interface OfAxis {
  readonly axis: number
}
interface OfAlpha {
  readonly alpha: number
}
interface OfThreshold {
  readonly threshold: number
}

/** The value itself, under a name of its own in the graph. */
export const linear = /* @__PURE__ */ activation('linear', ops.identity)

/**
 * The rectifier, max(x, 0). With options: `maxValue` where x >= maxValue; x where threshold <= x < maxValue; and
 * negativeSlope * (x - threshold) below.
 */
export const relu = /* @__PURE__ */ activation<ReluOptions, typeof ops.relu>('relu', ops.relu, {
  defaults: { negativeSlope: 0, maxValue: undefined, threshold: 0 },
  call: (x, options) => ops.relu(x, options),
})

/** min(max(x, 0), 6). */
export const relu6 = /* @__PURE__ */ activation('relu6', ops.relu6)

/** x where x > 0, else negativeSlope * x. */
export const leakyRelu = /* @__PURE__ */ activation<{ readonly negativeSlope: number }, typeof ops.leakyRelu>(
  'leakyRelu',
  ops.leakyRelu,
  { defaults: { negativeSlope: 0.2 }, call: (x, { negativeSlope }) => ops.leakyRelu(x, negativeSlope) },
)

/** x where x >= 0, else alpha * (exp(x) - 1). */
export const elu = /* @__PURE__ */ activation<OfAlpha, typeof ops.elu>('elu', ops.elu, {
  defaults: { alpha: 1 },
  call: (x, { alpha }) => ops.elu(x, alpha),
})

/** 1.0507009873554805 * elu(x, 1.6732632423543772) (Klambauer et al., 2017). */
export const selu = /* @__PURE__ */ activation('selu', ops.selu)

/** x where x >= 0, else alpha * (exp(x / alpha) - 1). */
export const celu = /* @__PURE__ */ activation<OfAlpha, typeof ops.celu>('celu', ops.celu, {
  defaults: { alpha: 1 },
  call: (x, { alpha }) => ops.celu(x, alpha),
})

/**
 * x * P(X <= x) for a standard normal X (Hendrycks and Gimpel, 2016): x / 2 * (1 + erf(x / sqrt(2))), or approximately
 * x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))).
 */
export const gelu = /* @__PURE__ */ activation<{ readonly approximate: boolean }, typeof ops.gelu>('gelu', ops.gelu, {
  defaults: { approximate: false },
  call: (x, { approximate }) => ops.gelu(x, approximate),
})

/** x * sigmoid(x). */
export const silu = /* @__PURE__ */ activation('silu', ops.silu, { aliases: ['swish'], defaults: {} })

/** x * hardSigmoid(x). */
export const hardSilu = /* @__PURE__ */ activation('hardSilu', ops.hardSilu, { aliases: ['hardSwish'], defaults: {} })

/** x * tanh(softplus(x)) (Misra, 2019). */
export const mish = /* @__PURE__ */ activation('mish', ops.mish)

function halved(length: number): number {
  if (length % 2 === 0) return length / 2
  throw new OptionError(`glu: expected an even length to take the halves of, got ${length}`)
}

/** The gated linear unit: the first half of an axis (the last by default) times the sigmoid of the second. */
export const glu = /* @__PURE__ */ activation<OfAxis, typeof ops.glu>('glu', ops.glu, {
  defaults: { axis: -1 },
  call: (x, { axis }) => ops.glu(x, axis),
  outputShape: (shape, { axis }) => {
    const at = normalizeAxis(axis, shape.length, 'glu')
    return shape.map((length, i) => (i === at && length !== null ? halved(length) : length))
  },
})

/** Hyperbolic tangent. */
export const tanh = /* @__PURE__ */ activation('tanh', ops.tanh)

/** min(max(x, -1), 1). */
export const hardTanh = /* @__PURE__ */ activation('hardTanh', ops.hardTanh)

/** x - tanh(x). */
export const tanhShrink = /* @__PURE__ */ activation('tanhShrink', ops.tanhShrink)

/** 1 / (1 + exp(-x)). */
export const sigmoid = /* @__PURE__ */ activation('sigmoid', ops.sigmoid)

/** min(max(slope * x + 1/2, 0), 1); the slope is 1/6 as in Keras 3 by default, and 0.2 in Keras 2 and TensorFlow.js. */
export const hardSigmoid = /* @__PURE__ */ activation<{ readonly slope: number | undefined }, typeof ops.hardSigmoid>(
  'hardSigmoid',
  ops.hardSigmoid,
  { defaults: { slope: undefined }, call: (x, { slope }) => ops.hardSigmoid(x, slope) },
)

/** log(sigmoid(x)). */
export const logSigmoid = /* @__PURE__ */ activation('logSigmoid', ops.logSigmoid)

/** 0 up to -1, 1 from 1 on, (x + 1) / 2 between. */
export const sparseSigmoid = /* @__PURE__ */ activation('sparseSigmoid', ops.sparseSigmoid)

/**
 * exp(x) / sum(exp(x)) along an axis (the last by default): positive, with the sum 1. Large numbers are safe.
 *
 * @example
 * ```ts
 * ops.softmax([1000, 1000]) // [0.5, 0.5]
 * ```
 */
export const softmax = /* @__PURE__ */ activation<OfAxis, typeof ops.softmax>('softmax', ops.softmax, {
  defaults: { axis: -1 },
  call: (x, { axis }) => ops.softmax(x, axis),
})

/** The logarithm of softmax along an axis (the last by default). */
export const logSoftmax = /* @__PURE__ */ activation<OfAxis, typeof ops.logSoftmax>('logSoftmax', ops.logSoftmax, {
  defaults: { axis: -1 },
  call: (x, { axis }) => ops.logSoftmax(x, axis),
})

/**
 * The point of the probability simplex nearest to x (Martins and Astudillo, 2016, algorithm 1): max(x - tau, 0), along
 * an axis (the last by default).
 */
export const sparsemax = /* @__PURE__ */ activation<OfAxis, typeof ops.sparsemax>('sparsemax', ops.sparsemax, {
  defaults: { axis: -1 },
  call: (x, { axis }) => ops.sparsemax(x, axis),
})

/** log(1 + exp(x)). */
export const softplus = /* @__PURE__ */ activation('softplus', ops.softplus)

/** x / (1 + |x|). */
export const softsign = /* @__PURE__ */ activation('softsign', ops.softsign)

/** 0 up to -1, (x + 1)^2 / 4 up to 1, x beyond. */
export const sparsePlus = /* @__PURE__ */ activation('sparsePlus', ops.sparsePlus)

/** (x + sqrt(x^2 + b)) / 2. */
export const squareplus = /* @__PURE__ */ activation<{ readonly b: number }, typeof ops.squareplus>(
  'squareplus',
  ops.squareplus,
  { defaults: { b: 4 }, call: (x, { b }) => ops.squareplus(x, b) },
)

/** exp(x). */
export const exponential = /* @__PURE__ */ activation('exponential', ops.exponential)

/** x drawn towards 0 by `threshold`; 0 within it. */
export const softShrink = /* @__PURE__ */ activation<OfThreshold, typeof ops.softShrink>('softShrink', ops.softShrink, {
  defaults: { threshold: 0.5 },
  call: (x, options) => ops.softShrink(x, options.threshold),
})

/** x where |x| > threshold, else 0. */
export const hardShrink = /* @__PURE__ */ activation<OfThreshold, typeof ops.hardShrink>('hardShrink', ops.hardShrink, {
  defaults: { threshold: 0.5 },
  call: (x, options) => ops.hardShrink(x, options.threshold),
})

/** x where x > bound, else `otherwise`. */
export const threshold = /* @__PURE__ */ activation<
  OfThreshold & { readonly defaultValue: number },
  typeof ops.threshold
>('threshold', ops.threshold, {
  defaults: { threshold: undefined, defaultValue: undefined },
  required: ['threshold', 'defaultValue'],
  call: (x, options) => ops.threshold(x, options.threshold, options.defaultValue),
})

/** Another name of `silu`. */
export const swish = silu
/** Another name of `hardSilu`. */
export const hardSwish = hardSilu
