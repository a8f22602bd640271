// Functions of the last axis, applied along others.

import type { Value } from '../../graph'
import { reshape, transpose } from '../../ops'
import { sizeOf } from '../../tensor'

/** Brings axes to the end as one axis, applies a function that keeps the shape, and brings them back. */
export function alongAxes(x: Value, axes: readonly number[], apply: (x: Value) => Value): Value {
  const others = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis))
  const order = [...others, ...axes]
  const moved = transpose(x, order)
  const split = others.length
  const flat = reshape(moved, [...moved.shape.slice(0, split), sizeOf(moved.shape.slice(split))])
  const inverse = order.map((_, axis) => order.indexOf(axis))
  return transpose(reshape(apply(flat), moved.shape), inverse)
}
