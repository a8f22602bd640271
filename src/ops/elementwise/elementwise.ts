// Element-wise primitives: arithmetic, comparisons, functions of one number, selection. Operands broadcast as in NumPy; those whose
// shapes do not are a ShapeError. Two operands meet in the wider of their types; functions of one number that are not whole for
// whole numbers make float32 of them.
import {
  addPrimitive,
  identityPrimitive,
  type Operand,
  primitive,
  type Spec,
  sumTo,
  toValue,
  type Value,
} from '../../graph'
import { broadcastShapes, isFloat } from '../../tensor'
import { numbers } from '../declaration/kinds'
import { op } from '../declaration/signature'
import { type BinaryRule, binary, cast, type Name, ofTwo, promote, unary } from './elementwiseRules'
import { erfScalar, remainder, roundHalfToEven } from './scalars'

export { cast }

// ---- arithmetic -----------------------------------------------------------------------------------------------

/**
 * a + b.
 *
 * @example
 * ```ts
 * ops.add([[1], [2]], [10, 20]) // [[11, 21], [12, 22]]
 * ```
 */
export const add = /* @__PURE__ */ ofTwo(addPrimitive)
/** a - b. */
export const sub = /* @__PURE__ */ binary('sub', {
  scalar: (a, b) => a - b,
  unit: { right: 0 },
  gradient: (g) => [() => g, () => neg(g)],
})
/** a * b. */
export const mul = /* @__PURE__ */ binary('mul', {
  scalar: (a, b) => a * b,
  unit: { left: 1, right: 1 },
  gradient: (g, a, b) => [() => mul(g, b), () => mul(g, a)],
})

const divide = /* @__PURE__ */ binary('div', {
  scalar: (a, b) => a / b,
  unit: { right: 1 },
  gradient: (g, _, b, output) => [() => div(g, b), () => neg(div(mul(g, output), b))],
})

/** a / b, in floats: whole numbers become float32 first. */
export const div = /* @__PURE__ */ op(
  'div',
  { a: numbers, b: numbers },
  (a: Operand, b: Operand): Value => divide(...asFloats(a, b)),
)

function asFloats(a: Operand, b: Operand): [Value, Value] {
  const [x, y] = promote(a, b)
  return isFloat(x.dtype) ? [x, y] : [cast(x, 'float32'), cast(y, 'float32')]
}

/** a to the power b. The derivative by a is 0 where b is 0; that by b is taken as 0 where a is not positive. */
export const pow = /* @__PURE__ */ binary('pow', {
  scalar: Math.pow,
  gradient: (g, a, b, output) => [
    () => mul(g, mul(b, pow(a, where(equal(b, 0), 1, sub(b, 1))))),
    () => mul(g, where(greater(a, 0), mul(output, log(where(greater(a, 0), a, 1))), 0)),
  ],
})

/** The larger of two; where they are equal each gets half the gradient. NaN if one is NaN. */
export const maximum = /* @__PURE__ */ binary('maximum', {
  scalar: Math.max,
  gradient: (g, a, b) => [() => mul(g, preference(a, b)), () => mul(g, preference(b, a))],
})
/** The smaller of two; where they are equal each gets half the gradient. NaN if one is NaN. */
export const minimum = /* @__PURE__ */ binary('minimum', {
  scalar: Math.min,
  gradient: (g, a, b) => [() => mul(g, preference(b, a)), () => mul(g, preference(a, b))],
})

/** 1 where a > b, 1/2 where they are equal, else 0. */
function preference(a: Value, b: Value): Value {
  return mul(0.5, add(cast(greater(a, b), a.dtype), cast(greaterEqual(a, b), a.dtype)))
}

/** The remainder of a / b with the sign of b, as in Python; NaN (0 for whole numbers) where b is 0. */
export const mod = /* @__PURE__ */ binary('mod', {
  scalar: remainder,
  // What was taken away is a whole number of times b: how often, the rounding of a quotient cannot tell.
  gradient: (g, a, b, output) => [() => g, () => neg(mul(g, round(div(sub(a, output), b))))],
})

const angle = /* @__PURE__ */ binary('atan2', {
  scalar: Math.atan2,
  gradient: (g, y, x) => {
    const norm = (): Value => add(mul(x, x), mul(y, y))
    return [() => div(mul(g, x), norm()), () => neg(div(mul(g, y), norm()))]
  },
})

/** The angle of the point (x, y), given as atan2(y, x), in floats: whole numbers become float32 first. */
export const atan2 = (y: Operand, x: Operand): Value => angle(...asFloats(y, x))

// ---- comparisons and logic ------------------------------------------------------------------------------------

const comparison = (name: Name, test: (a: number, b: number) => boolean, decompose?: BinaryRule['decompose']) =>
  binary(name, {
    scalar: (a, b) => (test(a, b) ? 1 : 0),
    dtype: 'bool',
    keepsBooleans: true,
    ...(decompose && { decompose }),
  })

/** a = b, element by element, as `bool`; NaN equals nothing. */
export const equal = /* @__PURE__ */ comparison('equal', (a, b) => a === b)
/** True where a and b differ; NaN differs from everything, itself included. */
export const notEqual = /* @__PURE__ */ comparison('notEqual', (a, b) => a !== b)
/** True where a < b. */
export const less = /* @__PURE__ */ comparison('less', (a, b) => a < b)
/** True where a <= b. */
export const lessEqual = /* @__PURE__ */ comparison('lessEqual', (a, b) => a <= b)
/** True where a > b. */
export const greater = /* @__PURE__ */ comparison(
  'greater',
  (a, b) => a > b,
  (a, b) => less(b, a),
)
/** True where a >= b. */
export const greaterEqual = /* @__PURE__ */ comparison(
  'greaterEqual',
  (a, b) => a >= b,
  (a, b) => lessEqual(b, a),
)

const and = /* @__PURE__ */ comparison('logicalAnd', (a, b) => a !== 0 && b !== 0)
const or = /* @__PURE__ */ comparison('logicalOr', (a, b) => a !== 0 || b !== 0)
/** Both are true (not 0). */
export const logicalAnd = /* @__PURE__ */ op(
  'logicalAnd',
  { a: numbers, b: numbers },
  (a: Operand, b: Operand): Value => and(cast(a, 'bool'), cast(b, 'bool')),
)
/** One is true (not 0). */
export const logicalOr = /* @__PURE__ */ op(
  'logicalOr',
  { a: numbers, b: numbers },
  (a: Operand, b: Operand): Value => or(cast(a, 'bool'), cast(b, 'bool')),
)
/** True where the operand is false (0). */
export const logicalNot = /* @__PURE__ */ op(
  'logicalNot',
  { x: numbers },
  (x: Operand): Value => equal(cast(x, 'bool'), cast(0, 'bool')),
)

const wherePrimitive = /* @__PURE__ */ primitive('where', {
  infer: ([condition, a, b]): readonly Spec[] => [
    { shape: broadcastShapes(condition.shape, broadcastShapes(a.shape, b.shape, 'where'), 'where'), dtype: a.dtype },
  ],
  scalar: (condition, a, b) => (condition !== 0 ? a : b),
  gradient: ({ inputs: [condition, a, b], upstream, wanted }) => [
    undefined,
    wanted[1] ? sumTo(where(condition, upstream, 0), a.shape) : undefined,
    wanted[2] ? sumTo(where(condition, 0, upstream), b.shape) : undefined,
  ],
})

/**
 * a where the condition holds (is not 0), else b; all three broadcast. What is not chosen has no influence, not even as NaN.
 *
 * @example
 * ```ts
 * ops.where([true, false], [1, 2], 0) // [1, 0]
 * ```
 */
export const where = /* @__PURE__ */ op(
  'where',
  { condition: numbers, a: numbers, b: numbers },
  (condition: Operand, a: Operand, b: Operand): Value => {
    const [x, y] = promote(a, b, true)
    return wherePrimitive.one([cast(condition, 'bool'), x, y], {})
  },
)

// ---- functions of one number ----------------------------------------------------------------------------------

/** -x. */
export const neg = /* @__PURE__ */ unary('neg', {
  scalar: (x) => -x,
  gradient: (g) => neg(g),
  undoesItself: true,
  keepsIntegers: true,
})
/** |x|. The derivative at 0 is 0. */
export const abs = /* @__PURE__ */ unary('abs', {
  scalar: Math.abs,
  gradient: (g, x) => mul(g, sign(x)),
  keepsIntegers: true,
})
/** -1, 0 or 1; NaN stays. Its derivative is 0 everywhere. */
export const sign = /* @__PURE__ */ unary('sign', { scalar: Math.sign, keepsIntegers: true })
/** The largest whole number not above x. */
export const floor = /* @__PURE__ */ unary('floor', { scalar: Math.floor, keepsIntegers: true })
/** The smallest whole number not below x. */
export const ceil = /* @__PURE__ */ unary('ceil', { scalar: Math.ceil, keepsIntegers: true })
/** To the nearest whole number, halves to the even one, as in NumPy. */
export const round = /* @__PURE__ */ unary('round', { scalar: roundHalfToEven, keepsIntegers: true })
/** e to the power x. */
export const exp = /* @__PURE__ */ unary('exp', { scalar: Math.exp, gradient: (g, _, output) => mul(g, output) })
/** exp(x) - 1, accurate near 0. */
export const expm1 = /* @__PURE__ */ unary('expm1', {
  scalar: Math.expm1,
  gradient: (g, _, output) => mul(g, add(output, 1)),
})
/** The natural logarithm: -Infinity at 0, NaN below. */
export const log = /* @__PURE__ */ unary('log', { scalar: Math.log, gradient: (g, x) => div(g, x) })
/** log(1 + x), accurate near 0. */
export const log1p = /* @__PURE__ */ unary('log1p', { scalar: Math.log1p, gradient: (g, x) => div(g, add(x, 1)) })
/** The square root: NaN below 0. The derivative at 0 is infinite. */
export const sqrt = /* @__PURE__ */ unary('sqrt', {
  scalar: Math.sqrt,
  gradient: (g, _, output) => div(mul(g, 0.5), output),
})
/** The sine of an angle in radians. */
export const sin = /* @__PURE__ */ unary('sin', { scalar: Math.sin, gradient: (g, x) => mul(g, cos(x)) })
/** The cosine of an angle in radians. */
export const cos = /* @__PURE__ */ unary('cos', { scalar: Math.cos, gradient: (g, x) => neg(mul(g, sin(x))) })
/** The tangent of an angle in radians. */
export const tan = /* @__PURE__ */ unary('tan', { scalar: Math.tan, gradient: (g, _, y) => mul(g, add(1, mul(y, y))) })
/** The angle from -pi/2 to pi/2 whose sine is x; NaN where |x| > 1. */
export const asin = /* @__PURE__ */ unary('asin', {
  scalar: Math.asin,
  gradient: (g, x) => div(g, sqrt(sub(1, mul(x, x)))),
})
/** The angle from 0 to pi whose cosine is x; NaN where |x| > 1. */
export const acos = /* @__PURE__ */ unary('acos', {
  scalar: Math.acos,
  gradient: (g, x) => neg(div(g, sqrt(sub(1, mul(x, x))))),
})
/** The angle from -pi/2 to pi/2 whose tangent is x. */
export const atan = /* @__PURE__ */ unary('atan', { scalar: Math.atan, gradient: (g, x) => div(g, add(1, mul(x, x))) })
/** Hyperbolic sine, (e^x - e^-x) / 2. */
export const sinh = /* @__PURE__ */ unary('sinh', { scalar: Math.sinh, gradient: (g, x) => mul(g, cosh(x)) })
/** Hyperbolic cosine, (e^x + e^-x) / 2. */
export const cosh = /* @__PURE__ */ unary('cosh', { scalar: Math.cosh, gradient: (g, x) => mul(g, sinh(x)) })
/** Hyperbolic tangent. */
export const tanh = /* @__PURE__ */ unary('tanh', {
  scalar: Math.tanh,
  gradient: (g, _, y) => mul(g, sub(1, mul(y, y))),
})
/** 1 / (1 + exp(-x)). */
export const sigmoid = /* @__PURE__ */ unary('sigmoid', {
  scalar: (x) => 1 / (1 + Math.exp(-x)),
  gradient: (g, _, y) => mul(g, mul(y, sub(1, y))),
})
/** The error function. */
export const erf = /* @__PURE__ */ unary('erf', {
  scalar: erfScalar,
  gradient: (g, x) => mul(g, mul(2 / Math.sqrt(Math.PI), exp(neg(mul(x, x))))),
})

/** True where the element is NaN. */
export const isNan = /* @__PURE__ */ op('isNan', { x: numbers }, (x: Operand): Value => {
  const value = toValue(x)
  return notEqual(value, value)
})

/** The value itself, under a name of its own in the graph. */
export const identity = /* @__PURE__ */ op(
  'identity',
  { x: numbers },
  (x: Operand): Value => identityPrimitive.one([toValue(x)], {}),
)

const stopPrimitive = /* @__PURE__ */ primitive('stopGradient', {
  infer: ([x]) => [{ shape: x.shape, dtype: x.dtype }],
  scalar: (x) => x,
  gradient: () => [undefined],
  simplify: ({ inputs: [x] }) => x,
})

/** The value, as a constant to differentiation. */
export const stopGradient = /* @__PURE__ */ op(
  'stopGradient',
  { x: numbers },
  (x: Operand): Value => stopPrimitive.one([toValue(x)], {}),
)
