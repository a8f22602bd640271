// Operations on the bits of whole numbers, made of arithmetic: int32 in two's complement. Where an op means something for booleans, they are
// taken as such.
import { OptionError } from '../../errors'
import { constant, type Operand, toValue, type Value } from '../../graph'
import { broadcastShapes } from '../../tensor'
import { numbers } from '../declaration/kinds'
import { op } from '../declaration/signature'
import { broadcastTo } from '../elementwise/broadcast'
import {
  abs,
  add,
  cast,
  div,
  equal,
  greaterEqual,
  less,
  logicalAnd,
  logicalNot,
  logicalOr,
  maximum,
  minimum,
  mod,
  mul,
  notEqual,
  round,
  sub,
  where,
} from '../elementwise/elementwise'
import { gather, iota, takeAlongAxis } from '../indexing'
import { sum } from '../reduce'
import { scan } from '../scan'
import { concatenate, expandDims, reshape, slice } from '../shape'

/** What each bit counts, the lowest first; the last is that of the sign. */
function powers(): Int32Array {
  return Int32Array.from({ length: 32 }, (_, i) => (i < 31 ? 2 ** i : -(2 ** 31)))
}

/** Whole numbers or booleans. @throws OptionError for others. */
function whole(operand: Operand): Value {
  const x = toValue(operand, 'int32')
  if (x.dtype === 'int32' || x.dtype === 'bool') return x
  throw new OptionError(`expected int32 or bool, got ${x.dtype}; cast makes whole numbers of others`)
}

/**
 * The bits of whole numbers along a new last axis, as booleans. Those of negative ones are the others of `-1 - x`, so that no number on the way is
 * larger than x: where whole numbers are floats, small ones are exact.
 */
function bitsOf(given: Value): Value {
  const x = expandDims(cast(given, 'int32'), -1)
  const isNegative = less(x, 0)
  const rest = where(isNegative, sub(-1, x), x)
  const [each, twice] = [powers().slice(0, 30), powers().slice(1, 31)]
  const bits = [greaterEqual(mod(rest, constant(twice)), constant(each)), greaterEqual(rest, 2 ** 30)]
  return concatenate([...bits.map((bit) => notEqual(bit, isNegative)), isNegative], { axis: -1 })
}

/** The numbers that have such bits. */
function ofBits(bits: Value): Value {
  const begin = bits.shape.map(() => 0)
  const lead = bits.shape.slice(0, -1)
  const [rest, last] = [slice(bits, begin, [...lead, 31]), slice(bits, [...begin.slice(1), 31], [...lead, 1])]
  const size = sum(where(notEqual(rest, last), constant(powers().slice(0, 31)), constant(0, 'int32')), { axis: -1 })
  return where(reshape(last, lead), sub(-1, size), size)
}

type Logic = (left: Value, right: Value) => Value

/** Bit by bit, or on booleans as they are. */
function bitwise(left: Operand, right: Operand, logic: Logic): Value {
  const [a, b] = [whole(left), whole(right)]
  return a.dtype === 'bool' && b.dtype === 'bool' ? logic(a, b) : ofBits(logic(bitsOf(a), bitsOf(b)))
}

const two = { x: numbers, y: numbers }

/**
 * The bits that both numbers have, as `keras.ops.bitwise_and`.
 *
 * @throws OptionError for numbers that are neither `int32` nor `bool`, as of all operations on bits.
 *
 * @example
 * ```ts
 * ops.bitwiseAnd([6, -1], [3, 5]) // [2, 5]
 * ```
 */
export const bitwiseAnd = /* @__PURE__ */ op('bitwiseAnd', two, (x: Operand, y: Operand): Value => {
  return bitwise(x, y, logicalAnd)
})

/** The bits that at least one of two numbers has, as `keras.ops.bitwise_or`. */
export const bitwiseOr = /* @__PURE__ */ op('bitwiseOr', two, (x: Operand, y: Operand): Value => {
  return bitwise(x, y, logicalOr)
})

/** The bits that one of two numbers has and the other has not, as `keras.ops.bitwise_xor`. */
export const bitwiseXor = /* @__PURE__ */ op('bitwiseXor', two, (x: Operand, y: Operand): Value => {
  return bitwise(x, y, notEqual)
})

/** The other bits, as `keras.ops.bitwise_not`: `-1 - x`. */
export const bitwiseNot = /* @__PURE__ */ op('bitwiseNot', { x: numbers }, (operand: Operand): Value => {
  const x = whole(operand)
  return x.dtype === 'bool' ? logicalNot(x) : sub(-1, x)
})

/**
 * Bits moved up by so many places, as `keras.ops.left_shift`; what leaves at the top is lost, and from 32 places on all are.
 *
 * @example
 * ```ts
 * ops.leftShift([1, 3], [4, 1]) // [16, 6]
 * ```
 */
export const leftShift = /* @__PURE__ */ op('leftShift', two, (x: Operand, y: Operand): Value => {
  return mul(cast(whole(x), 'int32'), gather(constant(powers()), cast(whole(y), 'int32')))
})

/**
 * Bits moved down by so many places, as `keras.ops.right_shift`: `floor(x / 2^y)`, of negative numbers too.
 *
 * @example
 * ```ts
 * ops.rightShift([16, -5], [2, 1]) // [4, -3]
 * ```
 */
export const rightShift = /* @__PURE__ */ op('rightShift', two, (x: Operand, y: Operand): Value => {
  const [bits, by] = [cast(bitsOf(whole(x)), 'int32'), maximum(cast(whole(y), 'int32'), 0)]
  // Above the sign there is more of it.
  const from = minimum(add(expandDims(minimum(by, 32), -1), iota(32)), 31)
  const shape = broadcastShapes(bits.shape, from.shape)
  return ofBits(cast(takeAlongAxis(broadcastTo(bits, shape), broadcastTo(from, shape)), 'bool'))
})

export { bitwiseNot as bitwiseInvert, leftShift as bitwiseLeftShift, rightShift as bitwiseRightShift }

/** Euclid's algorithm; the pair that takes most rounds are the largest numbers of Fibonacci with 31 bits. */
function divisor(left: Operand, right: Operand): Value {
  const [a, b] = [left, right].map((operand) => abs(cast(whole(operand), 'int32')))
  const shape = broadcastShapes(a.shape, b.shape)
  const [[found]] = scan(
    ([x, y]) => {
      const isDone = equal(y, 0)
      return [[where(isDone, x, y), where(isDone, 0, mod(x, where(isDone, 1, y)))], []]
    },
    [broadcastTo(a, shape), broadcastTo(b, shape)],
    [],
    { length: 46 },
  )
  return found
}

/**
 * The greatest number that divides two, as `keras.ops.gcd`; that of 0 and 0 is 0.
 *
 * @throws OptionError for numbers that are neither `int32` nor `bool`.
 *
 * @example
 * ```ts
 * ops.gcd([12, -9], [18, 6]) // [6, 3]
 * ```
 */
export const gcd = /* @__PURE__ */ op('gcd', two, (x: Operand, y: Operand): Value => divisor(x, y))

/** The least number that two divide, as `keras.ops.lcm`; 0 where one of them is 0. */
export const lcm = /* @__PURE__ */ op('lcm', two, (x: Operand, y: Operand): Value => {
  const [a, b] = [x, y].map((operand) => abs(cast(whole(operand), 'int32')))
  const common = divisor(x, y)
  const by = where(equal(common, 0), 1, common)
  // Floats round large quotients, which are whole; what is left over tells by how much.
  const near = cast(div(a, by), 'int32')
  const part = add(near, cast(round(div(sub(a, mul(near, by)), by)), 'int32'))
  return mul(part, b)
})
