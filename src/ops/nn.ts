// The activation functions of Keras 3, with its formulas and defaults. Where a formula has a corner, the value keeps NaN
// and the derivative is the one Keras' torch backend takes there.
import { OptionError } from '../errors'
import { type Operand, primitive, toValue, type Value } from '../graph'
import { isFloat, normalizeAxis } from '../tensor'
import { cumSum } from './cumulative'
import { square } from './derived'
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
} from './elementwise'
import { arange } from './indexing'
import { sum } from './reduce'
import { split, swapAxes } from './shape'
import { sort } from './sort'

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
  return (operand: Operand): Value => made.one([asFloat(operand)], {})
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
export function relu(operand: Operand, options: ReluOptions = {}): Value {
  const { negativeSlope = 0, maxValue, threshold: bend = 0 } = options
  const x = asFloat(operand)
  const above = bend === 0 ? plainRelu(x) : where(lessEqual(x, bend), 0, x)
  const bounded = maxValue === undefined ? above : where(greaterEqual(above, maxValue), maxValue, above)
  return negativeSlope === 0 ? bounded : sub(bounded, mul(negativeSlope, plainRelu(sub(bend, x))))
}

/** min(max(x, 0), 6). */
export const relu6 = (x: Operand): Value => between(asFloat(x), 0, 6)

/** x where x > 0, else negativeSlope * x. */
export function leakyRelu(operand: Operand, negativeSlope = 0.2): Value {
  const x = asFloat(operand)
  return where(lessEqual(x, 0), mul(x, negativeSlope), x)
}

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
export const elu = (x: Operand, alpha = 1): Value => exponentialUnit(asFloat(x), alpha)

/** x where x >= 0, else alpha * (exp(x / alpha) - 1). */
export const celu = (x: Operand, alpha = 1): Value => exponentialUnit(asFloat(x), alpha, alpha)

/** 1.0507009873554805 * elu(x, 1.6732632423543772) (Klambauer et al., 2017). */
export const selu = (x: Operand): Value => mul(1.0507009873554805, elu(x, 1.6732632423543772))

/** exp(x). */
export const exponential = (x: Operand): Value => exp(x)

// ---- sigmoids and their likes ---------------------------------------------------------------------------------

/** log(1 + exp(x)). */
export const softplus = /* @__PURE__ */ composite(
  'softplus',
  (x) => add(maximum(x, 0), log1p(exp(neg(abs(x))))),
  (g, x) => mul(g, sigmoid(x)),
)

/** log(sigmoid(x)). */
export const logSigmoid = (x: Operand): Value => neg(softplus(neg(asFloat(x))))

/** x / (1 + |x|). */
export function softsign(operand: Operand): Value {
  const x = asFloat(operand)
  return div(x, add(1, abs(x)))
}

/** min(max(slope * x + 1/2, 0), 1), the slope being 1/6 by default; Keras 2 and TensorFlow.js have 0.2. */
export function hardSigmoid(x: Operand, slope?: number): Value {
  if (slope === undefined) return div(relu6(add(asFloat(x), 3)), 6)
  return between(add(mul(slope, asFloat(x)), 0.5), 0, 1)
}

/** 0 up to -1, 1 from 1 on, (x + 1) / 2 between. */
export const sparseSigmoid = (x: Operand): Value => mul(0.5, add(between(asFloat(x), -1, 1), 1))

/** min(max(x, -1), 1). */
export const hardTanh = (x: Operand): Value => between(asFloat(x), -1, 1)

/** x * sigmoid(x). */
export function silu(operand: Operand): Value {
  const x = asFloat(operand)
  return mul(x, sigmoid(x))
}

/** x * hardSigmoid(x). */
export function hardSilu(operand: Operand): Value {
  const x = asFloat(operand)
  return mul(x, hardSigmoid(x))
}

/** x * tanh(softplus(x)) (Misra, 2019). */
export function mish(operand: Operand): Value {
  const x = asFloat(operand)
  return mul(x, tanh(softplus(x)))
}

/**
 * x * P(X <= x) for a standard normal X (Hendrycks and Gimpel, 2016): x / 2 * (1 + erf(x / sqrt(2))), or approximately
 * x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))).
 */
export function gelu(operand: Operand, approximate = false): Value {
  const x = asFloat(operand)
  const inner = approximate
    ? tanh(mul(Math.sqrt(2 / Math.PI), add(x, mul(0.044715, mul(x, square(x))))))
    : erf(mul(x, Math.SQRT1_2))
  return mul(mul(0.5, x), add(1, inner))
}

/** (x + sqrt(x^2 + b)) / 2. */
export function squareplus(operand: Operand, b = 4): Value {
  const x = asFloat(operand)
  return mul(0.5, add(x, sqrt(add(square(x), b))))
}

/** 0 up to -1, (x + 1)^2 / 4 up to 1, x beyond. */
export function sparsePlus(operand: Operand): Value {
  const x = asFloat(operand)
  const curve = mul(0.25, square(add(x, 1)))
  return where(lessEqual(x, -1), 0, where(less(x, 1), curve, x))
}

// ---- shrinking ------------------------------------------------------------------------------------------------

/** x drawn towards 0 by `threshold`; 0 within it. */
export function softShrink(operand: Operand, threshold = 0.5): Value {
  const x = asFloat(operand)
  return where(lessEqual(abs(x), threshold), 0, sub(x, mul(threshold, sign(x))))
}

/** x where |x| > threshold, else 0. */
export function hardShrink(operand: Operand, threshold = 0.5): Value {
  const x = asFloat(operand)
  return where(lessEqual(abs(x), threshold), 0, x)
}

/** x - tanh(x). */
export function tanhShrink(operand: Operand): Value {
  const x = asFloat(operand)
  return sub(x, tanh(x))
}

/** x where x > bound, else `otherwise`. */
export function threshold(operand: Operand, bound: number, otherwise: number): Value {
  const x = asFloat(operand)
  return where(lessEqual(x, bound), otherwise, x)
}

// ---- along an axis --------------------------------------------------------------------------------------------

/** The gated linear unit: the first half of an axis (the last by default) times the sigmoid of the second. */
export function glu(operand: Operand, axis = -1): Value {
  const x = asFloat(operand)
  const at = normalizeAxis(axis, x.rank, 'glu')
  if (x.shape[at] % 2 !== 0) {
    throw new OptionError(`glu: expected an even length along axis ${at}, got ${x.shape[at]}`)
  }
  const [value, gate] = split(x, 2, at)
  return mul(value, sigmoid(gate))
}

/**
 * The point of the probability simplex nearest to x (Martins and Astudillo, 2016, algorithm 1): max(x - tau, 0), along
 * an axis (the last by default).
 */
export function sparsemax(operand: Operand, axis = -1): Value {
  const x = swapAxes(asFloat(operand), axis, -1)
  const ordered = sort(x, { descending: true })
  const rank = cast(arange(1, x.shape[x.rank - 1] + 1), x.dtype)
  const sums = cumSum(ordered)
  const isInSupport = greater(add(mul(rank, ordered), 1), sums)
  const count = sum(cast(isInSupport, x.dtype), { axis: -1, keepDims: true })
  const total = sum(where(isInSupport, ordered, 0), { axis: -1, keepDims: true })
  return swapAxes(plainRelu(sub(x, div(sub(total, 1), count))), axis, -1)
}
