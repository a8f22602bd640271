// How element-wise primitives of one and of two operands are declared: shapes and types follow one rule for each.
import {
  constantNumber,
  type ElementwiseOp,
  type Operand,
  type PrimitiveNamed,
  primitive,
  sumTo,
  toValue,
  type Value,
} from '../../graph'
import { broadcastShapes, commonDType, type DType, isFloat } from '../../tensor'
import { dtype, numbers } from '../declaration/kinds'
import { op } from '../declaration/signature'

/** All but the cast, which has attributes. */
export type Name = Exclude<ElementwiseOp, 'cast'>

interface UnaryRule {
  /** The function of one element. */
  scalar: (x: number) => number
  /** The derivative times the upstream gradient; left out where it is zero almost everywhere. */
  gradient?: (upstream: Value, x: Value, output: Value) => Value
  /** The same in other primitives, for backends that lack it. */
  decompose?: (x: Value) => Value
  /** The type of the result; the operand's own by default. */
  dtype?: DType
  /** Whether applied twice it gives its operand. */
  undoesItself?: boolean
  /** Whether whole numbers stay whole; otherwise they become float32 first. */
  keepsIntegers?: boolean
}

/** Declares a function of one number. */
export function unary(name: Name, rule: UnaryRule): (x: Operand) => Value {
  const { decompose } = rule
  const made: PrimitiveNamed<Name> = primitive(name, {
    infer: ([x]) => [{ shape: x.shape, dtype: rule.dtype ?? x.dtype }],
    scalar: rule.scalar,
    gradient: ({ inputs: [x], output, upstream }) => [rule.gradient?.(upstream, x, output)],
    ...(decompose && { decompose: ([x]) => [decompose(x)] }),
    simplify: ({ inputs: [x] }) => (rule.undoesItself ? made.useIn(x)?.inputs[0] : undefined),
  })
  return op(name, { x: numbers }, (operand: Operand): Value => {
    const x = toValue(operand)
    return made.one([rule.keepsIntegers || isFloat(x.dtype) ? x : cast(x, 'float32')], {})
  })
}

export interface BinaryRule {
  scalar: (a: number, b: number) => number
  /** The two derivatives times the upstream gradient, before they are summed to the operands' shapes. */
  gradient?: (upstream: Value, a: Value, b: Value, output: Value) => readonly [() => Value, () => Value]
  dtype?: DType
  /** The same in other primitives, for backends that lack it. */
  decompose?: (a: Value, b: Value) => Value
  /** The number that leaves the other operand as it is, on the left and on the right. */
  unit?: { readonly left?: number; readonly right: number }
  /** Whether two booleans stay booleans; otherwise they count as whole numbers. */
  keepsBooleans?: boolean
}

/** Declares a function of two numbers. */
export function binary(name: Name, rule: BinaryRule): (a: Operand, b: Operand) => Value {
  const { decompose } = rule
  const { left, right } = rule.unit ?? {}
  const made = primitive(name, {
    infer: ([a, b]) => [{ shape: broadcastShapes(a.shape, b.shape, name), dtype: rule.dtype ?? a.dtype }],
    scalar: rule.scalar,
    gradient: ({ inputs: [a, b], output, upstream, wanted }) => {
      const parts = rule.gradient?.(upstream, a, b, output)
      return [a, b].map((input, i) => (parts && wanted[i] ? sumTo(parts[i](), input.shape) : undefined))
    },
    ...(decompose && { decompose: ([a, b]) => [decompose(a, b)] }),
    simplify: ({ inputs: [a, b] }) => {
      if (right !== undefined && constantNumber(b) === right) return a
      return left !== undefined && constantNumber(a) === left ? b : undefined
    },
  })
  return ofTwo(made, rule.keepsBooleans)
}

/** A primitive of two operands, as users call it. */
export function ofTwo(made: PrimitiveNamed<Name>, keepsBooleans?: boolean): (a: Operand, b: Operand) => Value {
  return op(made.name, { a: numbers, b: numbers }, (left: Operand, right: Operand): Value => {
    const [a, b] = promote(left, right, keepsBooleans)
    return made.one([a, b], {})
  })
}

/** Both operands as values of one type; plain numbers, also those in arrays, follow the other operand. */
export function promote(left: Operand, right: Operand, keepsBooleans = false): [Value, Value] {
  const a = isPlain(left) ? undefined : toValue(left)
  const b = toValue(right, a?.dtype)
  const first = a ?? toValue(left, isPlain(right) ? undefined : b.dtype)
  const common = commonDType(first.dtype, b.dtype)
  const dtype = common === 'bool' && !keepsBooleans ? 'int32' : common
  return [cast(first, dtype), cast(b, dtype)]
}

function isPlain(operand: Operand): boolean {
  return typeof operand === 'number' || Array.isArray(operand)
}

const castPrimitive = /* @__PURE__ */ primitive('cast', {
  infer: ([x], { dtype }) => [{ shape: x.shape, dtype }],
  scalar: (x) => x,
  gradient: ({ inputs: [x], upstream }) => [isFloat(x.dtype) ? cast(upstream, x.dtype) : undefined],
})

/** Converts the elements; to `int32` towards zero, to `bool` by "is not 0". */
export const cast = /* @__PURE__ */ op('cast', { x: numbers, dtype }, (operand: Operand, dtype: DType): Value => {
  const x = toValue(operand, dtype)
  return x.dtype === dtype ? x : castPrimitive.one([x], { dtype })
})
