// Places along an axis as sums of others: how images are made larger and smaller.

import { constant, type Value } from '../../graph'
import { matmul, reshape } from '../../ops'
import { floatOf, sizeOf, type Tensor } from '../../tensor'

/** A product along an axis with weights `[new places, places]`. */
export function weighedAlong(x: Value, axis: number, weights: Tensor): Value {
  const { shape, dtype } = x
  const behind = shape.slice(axis + 1)
  const rows = reshape(x, [-1, shape[axis], sizeOf(behind)])
  const mixed = matmul(constant(weights, floatOf(dtype)), rows)
  return reshape(mixed, [...shape.slice(0, axis), weights.shape[0], ...behind])
}
