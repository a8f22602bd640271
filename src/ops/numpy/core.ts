// What Keras' core has: what a value is, making values of data, and types.
import { type Operand, toValue, Value } from '../../graph'
import { type DType, isFloat, type Shape, sizeOf, Tensor } from '../../tensor'
import { dtype, numbers, optional } from '../declaration/kinds'
import { op } from '../declaration/signature'
import { cast, maximum, minimum } from '../elementwise/elementwise'

const one = { x: numbers }

/** A symbolic value of data: numbers, arrays, tensors, variables; of a type, if one is given. */
export const convertToTensor = /* @__PURE__ */ op(
  'convertToTensor',
  { x: numbers, dtype: /* @__PURE__ */ optional(dtype) },
  (x: Operand, type?: DType): Value => (type === undefined ? toValue(x) : cast(toValue(x, type), type)),
)
export { convertToTensor as array }

/** Whether it is a value or a tensor, not a number or an array. */
export function isTensor(x: unknown): boolean {
  return x instanceof Value || x instanceof Tensor
}

/** The lengths of the axes. */
const shapeOf = /* @__PURE__ */ op('shape', one, (x: Operand): Shape => toValue(x).shape)
/** The number of axes. */
export const ndim = /* @__PURE__ */ op('ndim', one, (x: Operand): number => toValue(x).rank)
/** The number of elements. */
export const size = /* @__PURE__ */ op('size', one, (x: Operand): number => sizeOf(toValue(x).shape))
/** The type of the elements. */
const dtypeOf = /* @__PURE__ */ op('dtype', one, (x: Operand): DType => toValue(x).dtype)

export { dtypeOf as dtype, shapeOf as shape }

/** As `cast`, but what does not fit into the new type becomes the nearest number that does. */
export const saturateCast = /* @__PURE__ */ op(
  'saturateCast',
  { x: numbers, dtype },
  (operand: Operand, type: DType): Value => {
    const x = toValue(operand)
    if (!isFloat(x.dtype) || type !== 'int32') return cast(x, type)
    // The largest float32 below 2^31.
    return cast(minimum(maximum(x, -(2 ** 31)), x.dtype === 'float64' ? 2 ** 31 - 1 : 2 ** 31 - 128), type)
  },
)
