// Closeness of tensors: shape, NaN and infinities exactly, other numbers within a tolerance.
import { asTensor, formatShape, type Tensor, type TensorLike } from '../../src/tensor'

/** |actual - expected| may be `absolute + relative * |expected|`. */
export interface Tolerance {
  readonly relative?: number
  readonly absolute?: number
}

/**
 * Throws unless the shapes are equal and every number is close: NaN where NaN is expected, the same infinity where one
 * is expected.
 */
export function expectClose(actual: Tensor, expected: TensorLike, tolerance: Tolerance = {}, what = 'result'): void {
  const { relative = 1e-5, absolute = 1e-6 } = tolerance
  const wanted = asTensor(expected)
  if (formatShape(actual.shape) !== formatShape(wanted.shape)) {
    throw new Error(`${what}: expected shape ${formatShape(wanted.shape)}, got ${formatShape(actual.shape)}`)
  }
  for (let i = 0; i < wanted.size; i++) {
    const [got, want] = [actual.data[i], wanted.data[i]]
    const isClose = Number.isFinite(want) && Math.abs(got - want) <= absolute + relative * Math.abs(want)
    if (isClose || Object.is(got, want)) continue
    throw new Error(`${what}: expected ${want} at element ${i} of ${formatShape(wanted.shape)}, got ${got}`)
  }
}
