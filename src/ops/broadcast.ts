// Stretching a value over new or longer axes.
import { ShapeError } from '../errors'
import { constant, type Operand, primitive, sumTo, toValue, type Value } from '../graph'
import { broadcastShapes, formatShape, type Shape, sameShape } from '../tensor'

const broadcastPrimitive = /* @__PURE__ */ primitive('broadcastTo', {
  infer: ([x], { shape }) => {
    if (!sameShape(broadcastShapes(x.shape, shape, 'broadcastTo'), shape)) {
      throw new ShapeError(`broadcastTo: ${formatShape(x.shape)} does not stretch to ${formatShape(shape)}`)
    }
    return [{ shape, dtype: x.dtype }]
  },
  gradient: ({ inputs: [x], upstream }) => [sumTo(upstream, x.shape)],
})

/** Stretches axes of length 1, and new leading axes, to the given shape. */
export function broadcastTo(operand: Operand, shape: Shape): Value {
  const x = toValue(operand)
  return sameShape(x.shape, shape) ? x : broadcastPrimitive.one([x], { shape })
}

/** A value in which every element is `number`, with the shape and type of another. */
export function fullLike(like: Value, number: number): Value {
  return broadcastTo(constant(number, like.dtype), like.shape)
}

/** Zeros with the shape and type of another value. */
export const zerosLike = (like: Value): Value => fullLike(like, 0)

/** Ones with the shape and type of another value. */
export const onesLike = (like: Value): Value => fullLike(like, 1)
