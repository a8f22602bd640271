// Where windows lie, for convolution and pooling of every kind: what no user calls.
import { ShapeError } from '../../errors'
import type { Value } from '../../graph'
import { formatShape, type Shape } from '../../tensor'

type Pair = readonly [number, number]

/** Padding as top, bottom, left, right; of an odd number the larger half comes behind, as in TensorFlow. */
export function paddingAround(
  shape: Shape,
  kernel: Pair,
  strides: Pair,
  dilation: Pair,
  padding: 'valid' | 'same' | 'causal',
): readonly [number, number, number, number] {
  const [vertical, horizontal] = [0, 1].map((axis) =>
    paddingAlong(shape[axis + 1], kernel[axis], strides[axis], dilation[axis], padding),
  )
  return [vertical[0], vertical[1], horizontal[0], horizontal[1]]
}

/** The same along one axis: before and behind. */
export function paddingAlong(
  length: number,
  kernel: number,
  stride: number,
  dilation: number,
  padding: 'valid' | 'same' | 'causal',
): Pair {
  const span = (kernel - 1) * dilation
  if (padding === 'valid') return [0, 0]
  if (padding === 'causal') return [span, 0]
  const total = Math.max(0, (Math.ceil(length / stride) - 1) * stride + span + 1 - length)
  return [Math.floor(total / 2), Math.ceil(total / 2)]
}

/** One number for both axes, or two. */
export function pair(size: number | Pair): Pair {
  return typeof size === 'number' ? [size, size] : size
}

/** Throws a ShapeError unless there are so many axes. */
export function requireRank(x: Value, rank: number, where: string, expected: string): void {
  if (x.rank !== rank) throw new ShapeError(`${where}: expected ${expected}, got ${formatShape(x.shape)}`)
}

export type Triple = readonly [number, number, number]

/** One number for all three axes, or three. */
export function triple(size: number | Triple): Triple {
  return typeof size === 'number' ? [size, size, size] : size
}
