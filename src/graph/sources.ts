// Where a graph begins: inputs, constants and variables; and how plain data becomes a value.
import {
  asTensor,
  castTensor,
  type DType,
  isFloat,
  type NestedArray,
  type Shape,
  Tensor,
  type TensorLike,
  type TypedArray,
} from '../tensor'
import { primitive } from './primitive'
import { Value } from './value'
import { Variable } from './variable'

const inputPrimitive = /* @__PURE__ */ primitive('input', {
  source: true,
  infer: (_, { shape, dtype }) => [{ shape, dtype }],
})

const constantPrimitive = /* @__PURE__ */ primitive('constant', {
  source: true,
  infer: (_, { tensor }) => [{ shape: tensor.shape, dtype: tensor.dtype }],
})

/** A value that is given when the graph runs. */
export function placeholder(shape: Shape, dtype: DType = 'float32', name = 'input'): Value {
  return inputPrimitive.one([], { name, shape, dtype })
}

/** A value known now. */
export function constant(data: TensorLike, dtype?: DType): Value {
  return constantPrimitive.one([], { tensor: asTensor(data, dtype) })
}

/** The data of a constant; undefined for any other value. */
export function constantData(value: Value): Tensor | undefined {
  const { tensor } = value.node.attributes
  return value.node.primitive.name === 'constant' && tensor instanceof Tensor ? tensor : undefined
}

/** The number of a constant with one element; undefined for any other value. */
export function constantNumber(value: Value): number | undefined {
  const data = constantData(value)
  return data?.size === 1 ? data.item() : undefined
}

/** Whatever an op takes: a symbolic value, a variable (its present content), a tensor, an array or a number. */
export type Operand = Value | Variable | TensorLike

/**
 * The value an operand stands for. A plain number takes the type of its peer `like`, if it can be held in it; other
 * floats take the peer's float type.
 */
export function toValue(operand: Operand, like?: DType): Value {
  if (operand instanceof Value) return operand
  if (operand instanceof Variable) return operand.value
  if (like === undefined) return constant(operand)
  if (typeof operand === 'number') {
    return constant(operand, isHeld([operand], like) ? like : 'float32')
  }
  return constant(Array.isArray(operand) ? peerOf(operand, like) : inFloatsOf(asTensor(operand), like))
}

/** The numbers of an array in the type of their peer if it can hold them: read in full, so that none is rounded before. */
function peerOf(numbers: NestedArray | readonly TypedArray[], like: DType): Tensor {
  const read = asTensor(numbers)
  if (read.dtype === 'bool') return read
  const full = asTensor(numbers, 'float64')
  return castTensor(full, isHeld(full.data, like) ? like : 'float32')
}

/** Whether numbers can be elements of this type: any in floats, whole ones of 32 bits in `int32`. */
function isHeld(numbers: readonly number[] | TypedArray, dtype: DType): boolean {
  return isFloat(dtype) || (dtype === 'int32' && numbers.every((x) => (x | 0) === x))
}

function inFloatsOf(tensor: Tensor, like: DType): Tensor {
  return isFloat(tensor.dtype) && isFloat(like) ? castTensor(tensor, like) : tensor
}
