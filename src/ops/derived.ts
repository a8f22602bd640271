// Element-wise functions composed of the primitives.
import { type Operand, toValue, type Value } from '../graph'
import { isFloat } from '../tensor'
import { abs, cast, div, equal, floor, greater, less, log, mul, sqrt, where } from './elementwise'

/** x times itself. */
export function square(operand: Operand): Value {
  const x = toValue(operand)
  return mul(x, x)
}

/** 1 / x. */
export const reciprocal = (x: Operand): Value => div(1, x)

/** 1 / sqrt(x). */
export const rsqrt = (x: Operand): Value => div(1, sqrt(x))

/** The logarithm to base 2. */
export const log2 = (x: Operand): Value => mul(log(x), Math.LOG2E)

/** The logarithm to base 10. */
export const log10 = (x: Operand): Value => mul(log(x), Math.LOG10E)

/** The largest whole number not above a / b. */
export const floorDivide = (a: Operand, b: Operand): Value => floor(div(a, b))

/** x, but at least `low` and at most `high`; at the bounds the gradient still flows to x. NaN stays NaN. */
export function clip(operand: Operand, low: Operand, high: Operand): Value {
  const x = toValue(operand)
  return where(less(x, low), low, where(greater(x, high), high, x))
}

/** True where the element is neither infinite nor NaN. */
function isFiniteNumber(operand: Operand): Value {
  return less(abs(asFloat(operand)), Infinity)
}

export { isFiniteNumber as isFinite }

/** True where the element is infinite. */
export function isInf(operand: Operand): Value {
  return equal(abs(asFloat(operand)), Infinity)
}

function asFloat(operand: Operand): Value {
  const x = toValue(operand)
  return isFloat(x.dtype) ? x : cast(x, 'float32')
}
