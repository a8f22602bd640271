// Deterministic data for tests. All numbers are exact in float32, so that a test means the same in both float types.
import { permutation, randomUniform, type Shape, sizeOf, Tensor } from '../../src/tensor'

/** Floats spread evenly at random over a range. */
export function floats(shape: Shape, { from = -2, to = 2, seed = 1 } = {}): Tensor {
  const unit = randomUniform(shape, { seed })
  return new Tensor(
    Float32Array.from(unit.data, (x) => from + (to - from) * x),
    shape,
  )
}

/** Floats in random order that all differ by at least `gap`: no ties, also not after small steps. */
export function distinct(shape: Shape, { gap = 0.25, seed = 1 } = {}): Tensor {
  const size = sizeOf(shape)
  const order = permutation(size, seed)
  return new Tensor(
    Float32Array.from(order, (place) => (place - (size - 1) / 2) * gap),
    shape,
  )
}

/** Whole numbers (`int32`) from `from` to below `to`. */
export function integers(shape: Shape, { from = 0, to = 10, seed = 1 } = {}): Tensor {
  const unit = randomUniform(shape, { seed })
  return new Tensor(
    Int32Array.from(unit.data, (x) => Math.floor(from + (to - from) * x)),
    shape,
  )
}
