// Matrices in batches: one axis for all that stand before the last two.
import { ShapeError } from '../../errors'
import type { Value } from '../../graph'
import { formatShape, isFloat, type Shape, sameShape } from '../../tensor'
import { broadcastTo } from '../elementwise/broadcast'
import { cast } from '../elementwise/elementwise'
import { eye } from '../indexing'
import { reshape, transpose } from '../shape'

/** `[batch, rows, columns]`, and the shape before. */
export interface Matrices {
  readonly matrices: Value
  readonly shape: Shape
  /** The axes before the last two. */
  readonly lead: Shape
}

/** @throws ShapeError for fewer than two axes. */
export function matricesOf(value: Value): Matrices {
  const x = isFloat(value.dtype) ? value : cast(value, 'float32')
  const { shape } = x
  if (shape.length < 2) throw new ShapeError(`expected matrices [..., rows, columns], got ${formatShape(shape)}`)
  const [rows, columns] = shape.slice(-2)
  return { matrices: reshape(x, [-1, rows, columns]), shape, lead: shape.slice(0, -2) }
}

/** @throws ShapeError for matrices that are not square. */
export function squares(value: Value): Matrices {
  const [rows, columns] = value.shape.slice(-2)
  if (value.rank < 2 || rows !== columns) {
    throw new ShapeError(`expected square matrices [..., n, n], got ${formatShape(value.shape)}`)
  }
  return matricesOf(value)
}

/**
 * What stands on the right side of systems, as columns `[batch, n, columns]`, and how the solution gets the axes that it had.
 *
 * @throws ShapeError where it does not fit the matrices.
 */
export function rightSide(value: Value, { shape: [count, n], dtype }: Value, lead: Shape) {
  const b = cast(value, dtype)
  const isVector = b.rank === lead.length + 1
  const whole = isVector ? [...b.shape, 1] : b.shape
  if (!sameShape(whole.slice(0, -2), lead) || whole[whole.length - 2] !== n) {
    throw new ShapeError(
      `b: expected ${formatShape([...lead, n])} or ${formatShape([...lead, n, null])}, got ${formatShape(b.shape)}`,
    )
  }
  const width = whole[whole.length - 1]
  const columns = reshape(b, [count, n, width])
  const restore = (x: Value): Value => {
    const rows = x.shape[1]
    return reshape(x, isVector ? [...lead, rows] : [...lead, rows, width])
  }
  return { columns, restore }
}

/** The last two axes the other way round. */
export function swapped(x: Value): Value {
  return transpose(x, [0, 2, 1])
}

/** So many identity matrices as there are matrices. */
export function batched({ shape: [count, n], dtype }: Value): Value {
  return broadcastTo(eye(n, n, 0, dtype), [count, n, n])
}
