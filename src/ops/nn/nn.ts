// The activation functions of Keras 3, with its formulas and defaults. Where a formula has a corner, the value keeps NaN
// and the derivative is the one Keras' torch backend takes there.
import { OptionError } from '../../errors'
import { type Operand, primitive, toValue, type Value } from '../../graph'
import { isFloat, normalizeAxis } from '../../tensor'
import { cumSum } from '../cumulative'
import { axisOption, element, flag, number, numbers, options } from '../declaration/kinds'
import { op } from '../declaration/signature'
import { square } from '../derived'
import {
  abs,
  add,
  cast,
  div,
  erf,
  exp,
  expm1,
  greater,
  greaterEqual,
  less,
  lessEqual,
  log1p,
  maximum,
  mul,
  neg,
  sigmoid,
  sign,
  sqrt,
  sub,
  tanh,
  where,
} from '../elementwise/elementwise'
import { type AxisOption, type Shorthand, settingOf } from '../elementwise/shorthand'
import { arange } from '../indexing'
import { sum } from '../reduce'
import { split, swapAxes } from '../shape'
import { sort } from '../sort'

/** A function with a derivative of its own, that no backend needs a kernel for. */
function composite(
  name: 'relu' | 'softplus',
  forward: (x: Value) => Value,
  derivative: (g: Value, x: Value, y: Value) => Value,
) {
  const made = primitive(name, {
    infer: ([x]) => [{ shape: x.shape, dtype: x.dtype }],
    decompose: ([x]) => [forward(x)],
    gradient: ({ inputs: [x], output, upstream }) => [derivative(upstream, x, output)],
  })
  return op(name, { x: numbers }, (operand: Operand): Value => made.one([asFloat(operand)], {}))
}

function asFloat(operand: Operand): Value {
  const x = toValue(operand)
  return isFloat(x.dtype) ? x : cast(x, 'float32')
}

// ---- rectifiers -----------------------------------------------------------------------------------------------

const plainRelu = /* @__PURE__ */ composite(
  'relu',
  (x) => maximum(x, 0),
  (g, _, y) => where(greater(y, 0), g, 0),
)

/** Options of `relu`. */
export interface ReluOptions {
  /** The slope below the threshold; 0 by default. */
  readonly negativeSlope?: number
  /** The largest value; unbounded by default. */
  readonly maxValue?: number | undefined
  /** Where the function leaves its lower branch; 0 by default. */
  readonly threshold?: number
}

/**
 * The rectifier, max(x, 0). With options: `maxValue` where x >= maxValue; x where threshold <= x < maxValue; and
 * negativeSlope * (x - threshold) below.
 */
export const relu = /* @__PURE__ */ op(
  'relu',
  {
    x: numbers,
    options: /* @__PURE__ */ options({
      negativeSlope: /* @__PURE__ */ number(),
      maxValue: /* @__PURE__ */ number(),
      threshold: /* @__PURE__ */ number(),
    }),
  },
  (operand: Operand, options: ReluOptions = {}): Value => {
    const { negativeSlope = 0, maxValue, threshold: bend = 0 } = options
    const x = asFloat(operand)
    const above = bend === 0 ? plainRelu(x) : where(lessEqual(x, bend), 0, x)
    const bounded = maxValue === undefined ? above : where(greaterEqual(above, maxValue), maxValue, above)
    return negativeSlope === 0 ? bounded : sub(bounded, mul(negativeSlope, plainRelu(sub(bend, x))))
  },
)

/** min(max(x, 0), 6). */
export const relu6 = /* @__PURE__ */ op('relu6', { x: numbers }, (x: Operand): Value => between(asFloat(x), 0, 6))

/** x where x > 0, else negativeSlope * x. */
export const leakyRelu = /* @__PURE__ */ op(
  'leakyRelu',
  { x: numbers, options: /* @__PURE__ */ options({ negativeSlope: /* @__PURE__ */ number() }, 'negativeSlope') },
  (operand: Operand, options?: Shorthand<'negativeSlope', number>): Value => {
    const negativeSlope = settingOf(options, 'negativeSlope', 0.2)
    const x = asFloat(operand)
    return where(lessEqual(x, 0), mul(x, negativeSlope), x)
  },
)

/** x, but at least `low` and at most `high`; the derivative at the bounds is 0. */
function between(x: Value, low: number, high: number): Value {
  return where(lessEqual(x, low), low, where(greaterEqual(x, high), high, x))
}

// ---- exponential units ----------------------------------------------------------------------------------------

/** x where x > 0, else alpha * (exp(x / scale) - 1). */
function exponentialUnit(x: Value, alpha: number, scale = 1): Value {
  const isNegative = less(x, 0)
  // The branch not taken is kept at 0: exp of a large x would make its derivative NaN.
  const below = where(isNegative, x, 0)
  return where(isNegative, mul(alpha, expm1(scale === 1 ? below : div(below, scale))), x)
}

/** x where x >= 0, else alpha * (exp(x) - 1). */
export const elu = /* @__PURE__ */ op(
  'elu',
  { x: numbers, options: /* @__PURE__ */ options({ alpha: /* @__PURE__ */ number() }, 'alpha') },
  (x: Operand, options?: Shorthand<'alpha', number>): Value =>
    exponentialUnit(asFloat(x), settingOf(options, 'alpha', 1)),
)

/** x where x >= 0, else alpha * (exp(x / alpha) - 1). */
export const celu = /* @__PURE__ */ op(
  'celu',
  { x: numbers, options: /* @__PURE__ */ options({ alpha: /* @__PURE__ */ number() }, 'alpha') },
  (x: Operand, options?: Shorthand<'alpha', number>): Value => {
    const alpha = settingOf(options, 'alpha', 1)
    return exponentialUnit(asFloat(x), alpha, alpha)
  },
)

/** 1.0507009873554805 * elu(x, 1.6732632423543772) (Klambauer et al., 2017). */
export const selu = /* @__PURE__ */ op(
  'selu',
  { x: numbers },
  (x: Operand): Value => mul(1.0507009873554805, elu(x, 1.6732632423543772)),
)

/** exp(x). */
export const exponential = /* @__PURE__ */ op('exponential', { x: numbers }, (x: Operand): Value => exp(x))

// ---- sigmoids and their likes ---------------------------------------------------------------------------------

/** log(1 + exp(x)). */
export const softplus = /* @__PURE__ */ composite(
  'softplus',
  (x) => add(maximum(x, 0), log1p(exp(neg(abs(x))))),
  (g, x) => mul(g, sigmoid(x)),
)

/** log(sigmoid(x)). */
export const logSigmoid = /* @__PURE__ */ op(
  'logSigmoid',
  { x: numbers },
  (x: Operand): Value => neg(softplus(neg(asFloat(x)))),
)

/** x / (1 + |x|). */
export const softsign = /* @__PURE__ */ op('softsign', { x: numbers }, (operand: Operand): Value => {
  const x = asFloat(operand)
  return div(x, add(1, abs(x)))
})

/** min(max(slope * x + 1/2, 0), 1), the slope being 1/6 by default; Keras 2 and TensorFlow.js have 0.2. */
export const hardSigmoid = /* @__PURE__ */ op(
  'hardSigmoid',
  { x: numbers, options: /* @__PURE__ */ options({ slope: /* @__PURE__ */ number() }, 'slope') },
  (operand: Operand, options?: Shorthand<'slope', number>): Value => {
    const slope = settingOf<'slope', number | undefined>(options, 'slope', undefined)
    const x = asFloat(operand)
    return slope === undefined ? div(relu6(add(x, 3)), 6) : between(add(mul(slope, x), 0.5), 0, 1)
  },
)

/** 0 up to -1, 1 from 1 on, (x + 1) / 2 between. */
export const sparseSigmoid = /* @__PURE__ */ op(
  'sparseSigmoid',
  { x: numbers },
  (x: Operand): Value => mul(0.5, add(between(asFloat(x), -1, 1), 1)),
)

/** min(max(x, -1), 1). */
export const hardTanh = /* @__PURE__ */ op(
  'hardTanh',
  { x: numbers },
  (x: Operand): Value => between(asFloat(x), -1, 1),
)

/** x * sigmoid(x). */
export const silu = /* @__PURE__ */ op('silu', { x: numbers }, (operand: Operand): Value => {
  const x = asFloat(operand)
  return mul(x, sigmoid(x))
})

/** x * hardSigmoid(x). */
export const hardSilu = /* @__PURE__ */ op('hardSilu', { x: numbers }, (operand: Operand): Value => {
  const x = asFloat(operand)
  return mul(x, hardSigmoid(x))
})

/** x * tanh(softplus(x)) (Misra, 2019). */
export const mish = /* @__PURE__ */ op('mish', { x: numbers }, (operand: Operand): Value => {
  const x = asFloat(operand)
  return mul(x, tanh(softplus(x)))
})

/**
 * x * P(X <= x) for a standard normal X (Hendrycks and Gimpel, 2016): x / 2 * (1 + erf(x / sqrt(2))), or approximately
 * x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))).
 */
export const gelu = /* @__PURE__ */ op(
  'gelu',
  { x: numbers, options: /* @__PURE__ */ options({ approximate: flag }, 'approximate') },
  (operand: Operand, options?: Shorthand<'approximate', boolean>): Value => {
    const approximate = settingOf(options, 'approximate', false)
    const x = asFloat(operand)
    const inner = approximate
      ? tanh(mul(Math.sqrt(2 / Math.PI), add(x, mul(0.044715, mul(x, square(x))))))
      : erf(mul(x, Math.SQRT1_2))
    return mul(mul(0.5, x), add(1, inner))
  },
)

/** (x + sqrt(x^2 + b)) / 2. */
export const squareplus = /* @__PURE__ */ op(
  'squareplus',
  { x: numbers, options: /* @__PURE__ */ options({ b: /* @__PURE__ */ number() }, 'b') },
  (operand: Operand, options?: Shorthand<'b', number>): Value => {
    const b = settingOf(options, 'b', 4)
    const x = asFloat(operand)
    return mul(0.5, add(x, sqrt(add(square(x), b))))
  },
)

/** 0 up to -1, (x + 1)^2 / 4 up to 1, x beyond. */
export const sparsePlus = /* @__PURE__ */ op('sparsePlus', { x: numbers }, (operand: Operand): Value => {
  const x = asFloat(operand)
  const curve = mul(0.25, square(add(x, 1)))
  return where(lessEqual(x, -1), 0, where(less(x, 1), curve, x))
})

// ---- shrinking ------------------------------------------------------------------------------------------------

/** x drawn towards 0 by `threshold`; 0 within it. */
export const softShrink = /* @__PURE__ */ op(
  'softShrink',
  { x: numbers, options: /* @__PURE__ */ options({ threshold: /* @__PURE__ */ number() }, 'threshold') },
  (operand: Operand, options?: Shorthand<'threshold', number>): Value => {
    const threshold = settingOf(options, 'threshold', 0.5)
    const x = asFloat(operand)
    return where(lessEqual(abs(x), threshold), 0, sub(x, mul(threshold, sign(x))))
  },
)

/** x where |x| > threshold, else 0. */
export const hardShrink = /* @__PURE__ */ op(
  'hardShrink',
  { x: numbers, options: /* @__PURE__ */ options({ threshold: /* @__PURE__ */ number() }, 'threshold') },
  (operand: Operand, options?: Shorthand<'threshold', number>): Value => {
    const threshold = settingOf(options, 'threshold', 0.5)
    const x = asFloat(operand)
    return where(lessEqual(abs(x), threshold), 0, x)
  },
)

/** x - tanh(x). */
export const tanhShrink = /* @__PURE__ */ op('tanhShrink', { x: numbers }, (operand: Operand): Value => {
  const x = asFloat(operand)
  return sub(x, tanh(x))
})

/** x where x > bound, else `otherwise`. */
export const threshold = /* @__PURE__ */ op(
  'threshold',
  { x: numbers, bound: /* @__PURE__ */ number(), otherwise: element },
  (operand: Operand, bound: number, otherwise: number): Value => {
    const x = asFloat(operand)
    return where(lessEqual(x, bound), otherwise, x)
  },
)

// ---- along an axis --------------------------------------------------------------------------------------------

/** The gated linear unit: the first half of an axis (the last by default) times the sigmoid of the second. */
export const glu = /* @__PURE__ */ op(
  'glu',
  { x: numbers, options: axisOption },
  (operand: Operand, axis?: AxisOption): Value => {
    const x = asFloat(operand)
    const at = normalizeAxis(settingOf(axis, 'axis', -1), x.rank, 'glu')
    if (x.shape[at] % 2 !== 0) {
      throw new OptionError(`glu: expected an even length along axis ${at}, got ${x.shape[at]}`)
    }
    const [value, gate] = split(x, 2, at)
    return mul(value, sigmoid(gate))
  },
)

/**
 * The point of the probability simplex nearest to x (Martins and Astudillo, 2016, algorithm 1): max(x - tau, 0), along
 * an axis (the last by default).
 */
export const sparsemax = /* @__PURE__ */ op(
  'sparsemax',
  { x: numbers, options: axisOption },
  (operand: Operand, axis?: AxisOption): Value => {
    const at = settingOf(axis, 'axis', -1)
    const x = swapAxes(asFloat(operand), at, -1)
    const ordered = sort(x, { descending: true })
    const rank = cast(arange(1, x.shape[x.rank - 1] + 1), x.dtype)
    const sums = cumSum(ordered)
    const isInSupport = greater(add(mul(rank, ordered), 1), sums)
    const count = sum(cast(isInSupport, x.dtype), { axis: -1, keepDims: true })
    const total = sum(where(isInSupport, ordered, 0), { axis: -1, keepDims: true })
    return swapAxes(plainRelu(sub(x, div(sub(total, 1), count))), at, -1)
  },
)
