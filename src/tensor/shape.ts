// Shapes and the arithmetic on them: sizes, strides, axes, broadcasting as in NumPy.
import { describeValue, isList, ShapeError, textOf } from '../errors'

/** The lengths of a tensor's axes; `[]` is a scalar. */
export type Shape = readonly number[]

/** A shape in which lengths that are not known yet are `null`. */
export type PartialShape = readonly (number | null)[]

/** The shape, if it is one. @throws ShapeError otherwise. */
export function requireShape(where: string, shape: unknown): Shape {
  const isShape = isList(shape) && shape.every((length) => Number.isInteger(length) && length >= 0)
  if (isShape) return shape
  const got = Array.isArray(shape) ? `[${textOf(shape).replaceAll(',', ', ')}]` : describeValue(shape)
  throw new ShapeError(`${where}: expected a shape, a list of whole numbers such as [2, 3], got ${got}`)
}

/** The number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  let size = 1
  for (const length of shape) size *= length
  return size
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length)
  let stride = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride
    stride *= shape[axis]
  }
  return strides
}

export function sameShape(a: PartialShape, b: PartialShape): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis])
}

/** A shape as people read it: `[null, 30, 2]`. */
export function formatShape(shape: PartialShape): string {
  return `[${shape.map((length) => length ?? 'null').join(', ')}]`
}

/** Turns an axis counted from either end into one counted from the front. */
export function normalizeAxis(axis: number, rank: number, where = 'axis'): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new ShapeError(`${where}: expected an axis from ${-rank} to ${rank - 1}, got ${axis}`)
  }
  return axis < 0 ? axis + rank : axis
}

/** The same for several axes, sorted, each once; undefined stands for all of them. */
export function normalizeAxes(axes: number | readonly number[] | undefined, rank: number, where = 'axis'): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis)
  const list = typeof axes === 'number' ? [axes] : axes
  const normal = [...new Set(list.map((axis) => normalizeAxis(axis, rank, where)))]
  if (normal.length !== list.length) throw new ShapeError(`${where}: an axis is named twice in [${list.join(', ')}]`)
  return normal.sort((a, b) => a - b)
}

/** The shape two operands broadcast to, aligned at the last axis; a length of 1 stretches. */
export function broadcastShapes(a: Shape, b: Shape, where = 'broadcast'): Shape {
  if (sameShape(a, b)) return a
  const rank = Math.max(a.length, b.length)
  const out = new Array<number>(rank)
  for (let i = 0; i < rank; i++) {
    const p = i < rank - a.length ? 1 : a[i - (rank - a.length)]
    const q = i < rank - b.length ? 1 : b[i - (rank - b.length)]
    if (p !== q && p !== 1 && q !== 1) {
      throw new ShapeError(`${where}: shapes ${formatShape(a)} and ${formatShape(b)} do not broadcast`)
    }
    out[i] = p === 1 ? q : p
  }
  return out
}

/**
 * Strides with which a tensor of shape `from` is read as if it had the shape `to`: 0 along stretched axes.
 * `from` must broadcast to `to`.
 */
export function broadcastStrides(from: Shape, to: Shape): number[] {
  const strides = stridesOf(from)
  const lead = to.length - from.length
  return to.map((_, axis) => (axis < lead || from[axis - lead] === 1 ? 0 : strides[axis - lead]))
}
