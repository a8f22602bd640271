// Where a graph begins: inputs, constants and variables; and how plain data becomes a value.
import { asTensor, castTensor, type DType, isFloat, type Shape, Tensor, type TensorLike } from '../tensor'
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
    return constant(operand, isFloat(like) || (like === 'int32' && Number.isInteger(operand)) ? like : 'float32')
  }
  const tensor = asTensor(operand)
  return constant(isFloat(tensor.dtype) && isFloat(like) ? castTensor(tensor, like) : tensor)
}
