// Element-wise functions composed of the primitives.
import { type Operand, toValue, type Value } from '../graph'
import { isFloat } from '../tensor'
import { numbers } from './declaration/kinds'
import { op } from './declaration/signature'
import { abs, cast, div, equal, floor, greater, less, log, mul, sqrt, where } from './elementwise/elementwise'

/** x times itself. */
export const square = /* @__PURE__ */ op('square', { x: numbers }, (operand: Operand): Value => {
  const x = toValue(operand)
  return mul(x, x)
})

/** 1 / x. */
export const reciprocal = /* @__PURE__ */ op('reciprocal', { x: numbers }, (x: Operand): Value => div(1, x))

/** 1 / sqrt(x). */
export const rsqrt = /* @__PURE__ */ op('rsqrt', { x: numbers }, (x: Operand): Value => div(1, sqrt(x)))

/** The logarithm to base 2. */
export const log2 = /* @__PURE__ */ op('log2', { x: numbers }, (x: Operand): Value => mul(log(x), Math.LOG2E))

/** The logarithm to base 10. */
export const log10 = /* @__PURE__ */ op('log10', { x: numbers }, (x: Operand): Value => mul(log(x), Math.LOG10E))

/** The largest whole number not above a / b. */
export const floorDivide = /* @__PURE__ */ op(
  'floorDivide',
  { a: numbers, b: numbers },
  (a: Operand, b: Operand): Value => floor(div(a, b)),
)

/** x, but at least `low` and at most `high`; at the bounds the gradient still flows to x. NaN stays NaN. */
export const clip = /* @__PURE__ */ op(
  'clip',
  { x: numbers, low: numbers, high: numbers },
  (operand: Operand, low: Operand, high: Operand): Value => {
    const x = toValue(operand)
    return where(less(x, low), low, where(greater(x, high), high, x))
  },
)

/** True where the element is neither infinite nor NaN. */
const isFiniteNumber = /* @__PURE__ */ op('isFinite', { x: numbers }, (operand: Operand): Value => {
  return less(abs(asFloat(operand)), Infinity)
})

export { isFiniteNumber as isFinite }

/** True where the element is infinite. */
export const isInf = /* @__PURE__ */ op('isInf', { x: numbers }, (operand: Operand): Value => {
  return equal(abs(asFloat(operand)), Infinity)
})

function asFloat(operand: Operand): Value {
  const x = toValue(operand)
  return isFloat(x.dtype) ? x : cast(x, 'float32')
}
