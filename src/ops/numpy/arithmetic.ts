// Functions of each element, composed of the primitives: what NumPy has beside the usual ones.
import { type Operand, toValue, type Value } from '../../graph'
import { isFloat } from '../../tensor'
import { element, flag, number, numbers, options } from '../declaration/kinds'
import { op } from '../declaration/signature'
import { isFinite as isFiniteNumber } from '../derived'
import {
  abs,
  add,
  cast,
  ceil,
  cos,
  div,
  equal,
  erf,
  exp,
  floor,
  greater,
  isNan,
  less,
  lessEqual,
  log,
  log1p,
  logicalAnd,
  logicalOr,
  maximum,
  minimum,
  mul,
  neg,
  notEqual,
  pow,
  sign,
  sin,
  sqrt,
  stopGradient,
  sub,
  where,
} from '../elementwise/elementwise'
import { floats } from './floats'

const one = { x: numbers }
const two = { a: numbers, b: numbers }

/** 0 for what is not negative, π for what is: the angle of a real number. */
export const angle = /* @__PURE__ */ op('angle', one, (operand: Operand): Value => {
  const x = floats(operand)
  return where(isNan(x), x, mul(cast(less(x, 0), x.dtype), Math.PI))
})

/** The imaginary part of real numbers: zeros. */
export const imag = /* @__PURE__ */ op('imag', one, (operand: Operand): Value => {
  const x = toValue(operand)
  return cast(mul(where(equal(x, x), 0, 0), 1), x.dtype)
})

/** Inverse hyperbolic cosine, of numbers from 1 on. */
export const arccosh = /* @__PURE__ */ op('arccosh', one, (operand: Operand): Value => {
  const x = floats(operand)
  return log(add(x, mul(sqrt(sub(x, 1)), sqrt(add(x, 1)))))
})
export { arccosh as acosh }

/** Inverse hyperbolic sine, exact near 0. */
export const arcsinh = /* @__PURE__ */ op('arcsinh', one, (operand: Operand): Value => {
  const x = floats(operand)
  const size = abs(x)
  // log(|x| + sqrt(x² + 1)), with the root as 1 + x² / (1 + sqrt(x² + 1)).
  const squares = mul(size, size)
  return mul(sign(x), log1p(add(size, div(squares, add(1, sqrt(add(squares, 1)))))))
})
export { arcsinh as asinh }

/** Inverse hyperbolic tangent, of numbers from -1 to 1. */
export const arctanh = /* @__PURE__ */ op('arctanh', one, (operand: Operand): Value => {
  const x = floats(operand)
  return mul(sub(log1p(x), log1p(neg(x))), 0.5)
})
export { arctanh as atanh }

/** The cube root, of negative numbers too. */
export const cbrt = /* @__PURE__ */ op('cbrt', one, (operand: Operand): Value => {
  const x = floats(operand)
  const isZero = equal(x, 0)
  const size = where(isZero, 1, abs(x))
  const guess = exp(div(log(size), 3))
  // One step of Newton's brings back what the logarithm rounds off.
  const root = sub(guess, div(sub(guess, div(size, mul(guess, guess))), 3))
  return where(isZero, x, mul(sign(x), root))
})

/** Degrees as radians. */
export const deg2rad = /* @__PURE__ */ op('deg2rad', one, (x: Operand): Value => mul(floats(x), Math.PI / 180))

/** Radians as degrees. */
export const rad2deg = /* @__PURE__ */ op('rad2deg', one, (x: Operand): Value => mul(floats(x), 180 / Math.PI))

/** a / b, and 0 where b is 0; the gradient is 0 there too. */
export const divideNoNan = /* @__PURE__ */ op('divideNoNan', two, (a: Operand, b: Operand): Value => {
  const by = floats(b)
  const isZero = equal(by, 0)
  return where(isZero, 0, div(a, where(isZero, 1, by)))
})

/** 1 - erf(x), exact where erf is next to 1. */
export const erfc = /* @__PURE__ */ op('erfc', one, (operand: Operand): Value => {
  const x = floats(operand)
  // Far out exp(-x²) / sqrt(π) / (x + 1/2 / (x + 2/2 / (x + 3/2 / ...))).
  const size = maximum(abs(x), 1.5)
  let fraction = size
  for (let k = 50; k > 0; k--) fraction = add(size, div(k / 2, fraction))
  const far = div(exp(neg(mul(size, size))), mul(fraction, Math.sqrt(Math.PI)))
  return where(lessEqual(abs(x), 1.5), sub(1, erf(x)), where(greater(x, 0), far, sub(2, far)))
})

/** The number whose erf is x, from -1 to 1: Giles' approximation (2010), and two steps of Newton's. */
export const erfinv = /* @__PURE__ */ op('erfinv', one, (operand: Operand): Value => {
  const x = floats(operand)
  const inside = where(less(abs(x), 1), x, 0)
  const w = neg(log(mul(sub(1, inside), add(1, inside))))
  const polynomial = (v: Value, coefficients: readonly number[]): Value =>
    coefficients.reduce<Value>((sum, c) => add(mul(sum, v), c), mul(v, 0))
  const near = polynomial(sub(w, 2.5), central)
  const far = polynomial(sub(sqrt(maximum(w, 5)), 3), tail)
  const refined = (y: Value): Value => {
    // Newton's step: erf'(y) = 2 / sqrt(π) exp(-y²).
    return sub(y, mul(sub(erf(y), inside), mul(exp(mul(y, y)), Math.sqrt(Math.PI) / 2)))
  }
  const start = stopGradient(mul(where(less(w, 5), near, far), inside))
  const found = refined(refined(start))
  return where(
    equal(abs(x), 1),
    where(greater(x, 0), Infinity, -Infinity),
    where(greater(abs(x), 1), Number.NaN, found),
  )
})

const central = [
  2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087, -0.00125372503, -0.00417768164,
  0.246640727, 1.50140941,
]
const tail = [
  -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047,
  1.00167406, 2.83297682,
]

/** 2 to the power of each element. */
export const exp2 = /* @__PURE__ */ op('exp2', one, (x: Operand): Value => pow(2, floats(x)))

/** The remainder of a / b with the sign of a, as in C. */
export const fmod = /* @__PURE__ */ op('fmod', two, (left: Operand, right: Operand): Value => {
  const [a, b] = [floats(left), floats(right)]
  return sub(a, mul(b, trunc(div(a, b))))
})

/** The larger of two, where only one is a number that one. */
export const fmax = /* @__PURE__ */ op('fmax', two, (left: Operand, right: Operand): Value => {
  const [a, b] = [floats(left), floats(right)]
  return where(isNan(a), b, where(isNan(b), a, maximum(a, b)))
})

/** The smaller of two, where only one is a number that one. */
export const fmin = /* @__PURE__ */ op('fmin', two, (left: Operand, right: Operand): Value => {
  const [a, b] = [floats(left), floats(right)]
  return where(isNan(a), b, where(isNan(b), a, minimum(a, b)))
})

/** 0 for negative x, 1 for positive x, and `atZero` for 0. */
export const heaviside = /* @__PURE__ */ op(
  'heaviside',
  { x: numbers, atZero: numbers },
  (operand: Operand, atZero: Operand): Value => {
    const x = floats(operand)
    return where(less(x, 0), 0, where(equal(x, 0), atZero, where(isNan(x), x, 1)))
  },
)

/** sqrt(a² + b²), without overflow; the gradient at 0 is 0. */
export const hypot = /* @__PURE__ */ op('hypot', two, (left: Operand, right: Operand): Value => {
  const [a, b] = [abs(floats(left)), abs(floats(right))]
  const [longer, shorter] = [maximum(a, b), minimum(a, b)]
  const isZero = equal(longer, 0)
  const ratio = div(shorter, where(isZero, 1, longer))
  return where(isZero, 0, mul(longer, sqrt(add(1, mul(ratio, ratio)))))
})

/** a times 2 to the power of b. */
export const ldexp = /* @__PURE__ */ op(
  'ldexp',
  two,
  (a: Operand, b: Operand): Value => mul(floats(a), pow(2, floats(b))),
)

function logSumOf(left: Operand, right: Operand, unit: number): Value {
  const [a, b] = [floats(left), floats(right)]
  const top = maximum(a, b)
  const isEndless = equal(abs(top), Infinity)
  const apart = where(isEndless, 0, neg(abs(sub(a, b))))
  return where(isEndless, top, add(top, mul(log1p(exp(mul(apart, unit))), 1 / unit)))
}

/** log(exp(a) + exp(b)), safe for large numbers. */
export const logAddExp = /* @__PURE__ */ op('logAddExp', two, (a: Operand, b: Operand): Value => logSumOf(a, b, 1))

/** The same to the base 2. */
export const logAddExp2 = /* @__PURE__ */ op(
  'logAddExp2',
  two,
  (a: Operand, b: Operand): Value => logSumOf(a, b, Math.LN2),
)

/** Whether one of two is true, and the other is not. */
export const logicalXor = /* @__PURE__ */ op('logicalXor', two, (a: Operand, b: Operand): Value => {
  return notEqual(cast(a, 'bool'), cast(b, 'bool'))
})

/** Options of `nanToNum`. */
export interface NanToNumOptions {
  /** What stands for what is not a number; 0 by default. */
  readonly nan?: number
  /** What stands for infinity; the largest number of the type by default. */
  readonly posInf?: number
  /** What stands for minus infinity; the smallest number of the type by default. */
  readonly negInf?: number
}

/** Numbers in the place of NaN and infinities. */
export const nanToNum = /* @__PURE__ */ op(
  'nanToNum',
  { x: numbers, options: /* @__PURE__ */ options({ nan: element, posInf: element, negInf: element }) },
  (operand: Operand, given: NanToNumOptions = {}): Value => {
    const x = toValue(operand)
    if (!isFloat(x.dtype)) return x
    const most = x.dtype === 'float64' ? Number.MAX_VALUE : 3.4028234663852886e38
    const { nan = 0, posInf = most, negInf = -most } = given
    return where(isNan(x), nan, where(equal(x, Infinity), posInf, where(equal(x, -Infinity), negInf, x)))
  },
)

/** sin(πx) / πx, and 1 at 0. */
export const sinc = /* @__PURE__ */ op('sinc', one, (operand: Operand): Value => {
  const x = mul(floats(operand), Math.PI)
  const isZero = equal(x, 0)
  return where(isZero, 1, div(sin(x), where(isZero, 1, x)))
})

/** Whether the number is negative; -0 counts as well. */
export const signBit = /* @__PURE__ */ op('signBit', one, (operand: Operand): Value => {
  const x = floats(operand)
  return logicalOr(less(x, 0), logicalAnd(equal(x, 0), less(div(1, x), 0)))
})

/** The whole number next to it towards 0. */
export const trunc = /* @__PURE__ */ op('trunc', one, (operand: Operand): Value => {
  const x = toValue(operand)
  return isFloat(x.dtype) ? where(less(x, 0), ceil(x), floor(x)) : x
})

/** Tolerances of `isClose` and `allClose`. */
export interface CloseOptions {
  /** How far apart they may be, as a part of the second; 1e-5 by default. */
  readonly rtol?: number
  /** How far apart they may be beside; 1e-8 by default. */
  readonly atol?: number
  /** Whether two NaN are close; `false` by default. */
  readonly equalNan?: boolean
}

const tolerance = /* @__PURE__ */ number({ from: 0 })
const closeOptions = /* @__PURE__ */ options({ rtol: tolerance, atol: tolerance, equalNan: flag })

/** Whether |a - b| is at most atol + rtol |b|, element by element. */
export const isClose = /* @__PURE__ */ op(
  'isClose',
  { a: numbers, b: numbers, options: closeOptions },
  (left: Operand, right: Operand, { rtol = 1e-5, atol = 1e-8, equalNan = false }: CloseOptions = {}): Value => {
    const [a, b] = [floats(left), floats(right)]
    const near = lessEqual(abs(sub(a, b)), add(mul(abs(b), rtol), atol))
    const finite = logicalAnd(isFiniteNumber(a), isFiniteNumber(b))
    const close = logicalOr(logicalAnd(finite, near), equal(a, b))
    return equalNan ? logicalOr(close, logicalAnd(isNan(a), isNan(b))) : close
  },
)

/** Whether it is minus infinity. */
export const isNegInf = /* @__PURE__ */ op('isNegInf', one, (x: Operand): Value => equal(floats(x), -Infinity))

/** Whether it is infinity. */
export const isPosInf = /* @__PURE__ */ op('isPosInf', one, (x: Operand): Value => equal(floats(x), Infinity))

/** True for every element, as all numbers here are real. */
export const isReal = /* @__PURE__ */ op('isReal', one, (x: Operand): Value => {
  const value = toValue(x)
  return logicalOr(equal(value, value), true)
})

/**
 * The modified Bessel function of order 0: its series, and from 15 on exp(x) / sqrt(2πx) times the series of 1 / 8x (Abramowitz and
 * Stegun, 9.6.12 and 9.7.1).
 */
export const i0 = /* @__PURE__ */ op('i0', one, (operand: Operand): Value => {
  const size = abs(floats(operand))
  const quarter = div(mul(minimum(size, 15), minimum(size, 15)), 4)
  let near = add(mul(quarter, 0), 1)
  for (let k = 40; k > 0; k--) near = add(1, mul(div(quarter, k * k), near))
  const large = maximum(size, 15)
  let far = add(mul(large, 0), 1)
  for (let k = 14; k > 0; k--) far = add(1, mul(div((2 * k - 1) ** 2 / k, mul(large, 8)), far))
  return where(lessEqual(size, 15), near, mul(div(exp(large), sqrt(mul(large, 2 * Math.PI))), far))
})

/** The complex number of size `abs` at an angle, as its real and imaginary parts. */
export const polar = /* @__PURE__ */ op(
  'polar',
  { abs: numbers, angle: numbers },
  (size: Operand, angleOf: Operand): readonly [real: Value, imaginary: Value] => {
    const [r, at] = [floats(size), floats(angleOf)]
    return [mul(r, cos(at)), mul(r, sin(at))]
  },
)
