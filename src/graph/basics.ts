// The few primitives that the graph itself makes use of: differentiation adds gradients up, sums them over stretched axes
// and reshapes them; passes leave stretches out. What users call stands in src/ops, as for all others.
import { ShapeError } from '../errors'
import { broadcastShapes, formatShape, type Shape, sameShape } from '../tensor'
import { onceEach, type PrimitiveNamed, primitive } from './primitive'
import { constantNumber } from './sources'
import type { Value } from './value'

/** a + b; operands broadcast. */
export const addPrimitive: PrimitiveNamed<'add'> = /* @__PURE__ */ primitive('add', {
  infer: ([a, b]) => [{ shape: broadcastShapes(a.shape, b.shape, 'add'), dtype: a.dtype }],
  scalar: (a, b) => a + b,
  gradient: ({ inputs, upstream, wanted }) =>
    inputs.map(({ shape }, i) => (wanted[i] ? sumTo(upstream, shape) : undefined)),
  simplify: ({ inputs: [a, b] }) => (constantNumber(b) === 0 ? a : constantNumber(a) === 0 ? b : undefined),
})

/** The sum over axes, which are removed. */
export const sumPrimitive: PrimitiveNamed<'sum'> = /* @__PURE__ */ primitive('sum', {
  infer: ([x], { axes }) => [{ shape: x.shape.filter((_, axis) => !axes.includes(axis)), dtype: x.dtype }],
  gradient: ({ inputs: [{ shape }], upstream, attributes: { axes } }) => [
    stretched(
      reshaped(
        upstream,
        shape.map((length, axis) => (axes.includes(axis) ? 1 : length)),
      ),
      shape,
    ),
  ],
  work: onceEach,
})

/** The same elements in the same order under another shape. */
export const reshapePrimitive: PrimitiveNamed<'reshape'> = /* @__PURE__ */ primitive('reshape', {
  view: true,
  infer: ([x], { shape }) => [{ shape, dtype: x.dtype }],
  gradient: ({ inputs: [x], upstream }) => [reshaped(upstream, x.shape)],
  simplify: ({ inputs: [x], attributes }) => {
    const first = reshapePrimitive.useIn(x)
    return sameShape(x.shape, attributes.shape) ? x : first && reshapePrimitive.one(first.inputs, attributes)
  },
})

/** Axes of length 1, and new leading axes, stretched to a shape. */
export const broadcastPrimitive: PrimitiveNamed<'broadcastTo'> = /* @__PURE__ */ primitive('broadcastTo', {
  infer: ([x], { shape }) => {
    if (!sameShape(broadcastShapes(x.shape, shape, 'broadcastTo'), shape)) {
      throw new ShapeError(`broadcastTo: ${formatShape(x.shape)} does not stretch to ${formatShape(shape)}`)
    }
    return [{ shape, dtype: x.dtype }]
  },
  gradient: ({ inputs: [x], upstream }) => [sumTo(upstream, x.shape)],
  simplify: ({ inputs: [x], attributes }) => {
    const first = broadcastPrimitive.useIn(x)
    return sameShape(x.shape, attributes.shape) ? x : first && broadcastPrimitive.one(first.inputs, attributes)
  },
  work: onceEach,
})

/** A value itself, as a value of its own. */
export const identityPrimitive: PrimitiveNamed<'identity'> = /* @__PURE__ */ primitive('identity', {
  infer: ([x]) => [{ shape: x.shape, dtype: x.dtype }],
  scalar: (x) => x,
  gradient: ({ upstream }) => [upstream],
  simplify: ({ inputs: [x] }) => x,
})

/**
 * Sums over the axes along which `shape` was stretched to the value's shape: the transpose of broadcasting, which the
 * rules of all primitives that broadcast need.
 */
export function sumTo(value: Value, shape: Shape): Value {
  if (sameShape(value.shape, shape)) return value
  const lead = value.rank - shape.length
  const axes = value.shape.flatMap((length, axis) =>
    axis < lead || (shape[axis - lead] === 1 && length !== 1) ? [axis] : [],
  )
  return reshaped(axes.length === 0 ? value : sumPrimitive.one([value], { axes }), shape)
}

function reshaped(value: Value, shape: Shape): Value {
  return sameShape(value.shape, shape) ? value : reshapePrimitive.one([value], { shape })
}

function stretched(value: Value, shape: Shape): Value {
  return sameShape(value.shape, shape) ? value : broadcastPrimitive.one([value], { shape })
}
