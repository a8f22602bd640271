// Putting the numbers of a tensor into another order: transposes, and blocks of rows exchanged.
import { allocate, type Shape, sizeOf, stridesOf, Tensor } from '../../tensor'

/** The tensor with its axes in another order: axis i of the result is axis `axes[i]`. */
export function transposed(tensor: Tensor, axes: readonly number[]): Tensor {
  const strides = stridesOf(tensor.shape)
  const shape = axes.map((axis) => tensor.shape[axis])
  const steps = axes.map((axis) => strides[axis])
  const out = allocate(tensor.dtype, tensor.size)
  const index = shape.map(() => 0)
  let from = 0
  for (let to = 0; to < out.length; to++) {
    out[to] = tensor.data[from]
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += steps[axis]
      if (++index[axis] < shape[axis]) break
      from -= steps[axis] * shape[axis]
      index[axis] = 0
    }
  }
  return new Tensor(out, shape, tensor.dtype)
}

/** The order of axes that undoes another. */
export function inverse(axes: readonly number[]): number[] {
  const back = axes.map(() => 0)
  axes.forEach((axis, i) => {
    back[axis] = i
  })
  return back
}

/** The tensor's first axis cut into equal blocks, in another order. */
export function blocks(tensor: Tensor, order: readonly number[]): Tensor {
  const length = tensor.size / order.length
  const out = allocate(tensor.dtype, tensor.size)
  order.forEach((block, i) => {
    out.set(tensor.data.subarray(block * length, (block + 1) * length), i * length)
  })
  return new Tensor(out, tensor.shape, tensor.dtype)
}

/** The sum of two tensors of one shape. */
export function sum(a: Tensor, b: Tensor): Tensor {
  const out = allocate(a.dtype, a.size)
  for (let i = 0; i < out.length; i++) out[i] = a.data[i] + b.data[i]
  return new Tensor(out, a.shape, a.dtype)
}

/** Two tensors of one shape, as the two places of a new first axis. */
export function stacked(a: Tensor, b: Tensor): Tensor {
  const out = allocate(a.dtype, 2 * a.size)
  out.set(a.data)
  out.set(b.data, a.size)
  return new Tensor(out, [2, ...a.shape], a.dtype)
}

/** The places of the first axis, each a tensor of its own. */
export function unstacked(tensor: Tensor): Tensor[] {
  const [count, ...shape] = tensor.shape
  const size = sizeOf(shape)
  return Array.from(
    { length: count },
    (_, i) => new Tensor(tensor.data.slice(i * size, (i + 1) * size), shape, tensor.dtype),
  )
}

/** Some rows of the first axis. */
export function rowsOf({ data, shape, dtype }: Tensor, from: number, count: number): Tensor {
  const [, ...rest] = shape
  const size = sizeOf(rest)
  return new Tensor(data.slice(from * size, (from + count) * size), [count, ...rest], dtype)
}

/** One tensor below the other, along the first axis. */
export function below(a: Tensor, b: Tensor): Tensor {
  const out = allocate(a.dtype, a.size + b.size)
  out.set(a.data)
  out.set(b.data, a.size)
  return new Tensor(out, [a.shape[0] + b.shape[0], ...a.shape.slice(1)], a.dtype)
}

/** The tensor under another shape of as many elements. */
export function reshaped(tensor: Tensor, shape: Shape): Tensor {
  return new Tensor(tensor.data, shape, tensor.dtype)
}
