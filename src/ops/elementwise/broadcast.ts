// Stretching a value over new or longer axes.
import { broadcastPrimitive, constant, type Operand, toValue, type Value } from '../../graph'
import { type Shape, sameShape } from '../../tensor'
import { element, numbers, shape } from '../declaration/kinds'
import { op } from '../declaration/signature'

/** Stretches axes of length 1, and new leading axes, to the given shape. */
export const broadcastTo = /* @__PURE__ */ op(
  'broadcastTo',
  { x: numbers, shape },
  (operand: Operand, shape: Shape): Value => {
    const x = toValue(operand)
    return sameShape(x.shape, shape) ? x : broadcastPrimitive.one([x], { shape })
  },
)

/** A value in which every element is `number`, with the shape and type of another. */
export const fullLike = /* @__PURE__ */ op(
  'fullLike',
  { like: numbers, number: element },
  (like: Value, number: number): Value => {
    return broadcastTo(constant(number, like.dtype), like.shape)
  },
)

/** Zeros with the shape and type of another value. */
export const zerosLike = /* @__PURE__ */ op('zerosLike', { like: numbers }, (like: Value): Value => fullLike(like, 0))

/** Ones with the shape and type of another value. */
export const onesLike = /* @__PURE__ */ op('onesLike', { like: numbers }, (like: Value): Value => fullLike(like, 1))
