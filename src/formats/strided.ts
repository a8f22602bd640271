// Elements that lie apart in a file, brought together in row-major order.

import { sizeOf } from '../tensor'

/**
 * The elements of a tensor, one after the other.
 *
 * @param strides - by axis, in elements.
 * @param width - the bytes of an element.
 * @param offset - the element at which the tensor begins.
 */
export function gathered(
  bytes: Uint8Array,
  shape: readonly number[],
  strides: readonly number[],
  width: number,
  offset = 0,
): Uint8Array {
  const out = new Uint8Array(sizeOf(shape) * width)
  const index = shape.map(() => 0)
  let from = offset
  for (let to = 0; to < out.length; to += width) {
    for (let byte = 0; byte < width; byte++) out[to + byte] = bytes[from * width + byte]
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]
      if (++index[axis] < shape[axis]) break
      from -= strides[axis] * shape[axis]
      index[axis] = 0
    }
  }
  return out
}
