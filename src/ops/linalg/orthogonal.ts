// Matrices with columns at right angles: QR by Householder's reflections (Golub and Van Loan, "Matrix computations", section 5.2), and least
// squares.

import { type Operand, toValue, type Value } from '../../graph'
import { numbers, oneOf, optional } from '../declaration/kinds'
import { op } from '../declaration/signature'
import { broadcastTo } from '../elementwise/broadcast'
import { add, div, equal, greater, greaterEqual, mul, sqrt, sub, where } from '../elementwise/elementwise'
import { eye, iota, oneHot } from '../indexing'
import { matmul } from '../matmul'
import { sum } from '../reduce'
import { scan } from '../scan'
import { expandDims, reshape, slice } from '../shape'
import { matricesOf, rightSide, swapped } from './matrices'
import { substituted } from './triangular'

/** `a = q r` with all columns of q: `[batch, rows, rows]` and `[batch, rows, columns]`. */
export function reflected(a: Value): { readonly q: Value; readonly r: Value } {
  const [count, rows, columns] = a.shape
  const steps = Math.min(rows, columns)
  const row = iota(rows)
  const [[r, q]] = scan(
    ([left, before], [k, place, at]) => {
      const column = sum(mul(left, place), { axis: -1 })
      const head = sum(mul(column, at), { axis: -1, keepDims: true })
      const tail = where(greater(row, k), column, 0)
      const rest = sum(mul(tail, tail), { axis: -1, keepDims: true })
      // Nothing to do where zeros stand below already, as in LAPACK.
      const isDone = equal(rest, 0)
      const norm = sqrt(where(isDone, 1, add(mul(head, head), rest)))
      const beta = where(greaterEqual(head, 0), sub(0, norm), norm)
      const v = add(tail, mul(sub(head, beta), at))
      const size = sum(mul(v, v), { axis: -1, keepDims: true })
      const factor = where(isDone, 0, div(2, where(isDone, 1, size)))
      const across = expandDims(v, 1)
      const scaled = expandDims(mul(v, factor), 2)
      const turn = (x: Value): Value => sub(x, matmul(scaled, matmul(across, x)))
      return [[turn(left), turn(before)], []]
    },
    [a, broadcastTo(eye(rows, rows, 0, a.dtype), [count, rows, rows])],
    [iota(steps), oneHot(iota(steps), columns, { dtype: a.dtype }), oneHot(iota(steps), rows, { dtype: a.dtype })],
  )
  const isUpper = greaterEqual(iota(columns), reshape(row, [rows, 1]))
  return { q: swapped(q), r: where(isUpper, r, 0) }
}

/**
 * The factors of `x = q r`: columns at right angles and of length 1, and an upper triangle, as `keras.ops.qr`.
 *
 * @param x - `[..., rows, columns]`
 * @param mode - with `'reduced'` (the default) q has as many columns as are needed, with `'complete'` all there are.
 * @throws ShapeError for fewer than two axes.
 *
 * @example
 * ```ts
 * const [q, r] = ops.qr(randomNormal([4, 2]))
 * q.shape // [4, 2]
 * ```
 */
export const qr = /* @__PURE__ */ op(
  'qr',
  { x: numbers, mode: /* @__PURE__ */ optional(/* @__PURE__ */ oneOf(['reduced', 'complete'])) },
  (x: Operand, mode: 'reduced' | 'complete' = 'reduced'): [Value, Value] => {
    const { matrices, lead } = matricesOf(toValue(x))
    const [count, rows, columns] = matrices.shape
    const { q, r } = reflected(matrices)
    const kept = mode === 'complete' ? rows : Math.min(rows, columns)
    const [left, right] = [slice(q, [0, 0, 0], [count, rows, kept]), slice(r, [0, 0, 0], [count, kept, columns])]
    return [reshape(left, [...lead, rows, kept]), reshape(right, [...lead, kept, columns])]
  },
)

/**
 * The x for which `a x` is nearest to `b`, and, where there are several, the shortest, as `keras.ops.lstsq`, for matrices of full rank.
 *
 * @param a - `[rows, columns]`, with axes before these where there are several.
 * @param b - `[..., rows]` or `[..., rows, columns of b]`
 * @throws ShapeError where they do not fit together.
 *
 * @example
 * ```ts
 * ops.lstsq([[1, 0], [1, 1], [1, 2]], [1, 3, 5]) // [1, 2]
 * ```
 */
export const lstsq = /* @__PURE__ */ op('lstsq', { a: numbers, b: numbers }, (a: Operand, b: Operand): Value => {
  const { matrices, lead } = matricesOf(toValue(a))
  const { columns, restore } = rightSide(toValue(b), matrices, lead)
  return restore(leastSquares(matrices, columns))
})

function leastSquares(a: Value, b: Value): Value {
  const [count, rows, columns] = a.shape
  if (rows >= columns) {
    const { q, r } = reflected(a)
    const turned = matmul(q, b, { transposeA: true })
    const square = slice(r, [0, 0, 0], [count, columns, columns])
    return substituted(square, slice(turned, [0, 0, 0], [count, columns, b.shape[2]]), false)
  }
  const { q, r } = reflected(swapped(a))
  const lower = swapped(slice(r, [0, 0, 0], [count, rows, rows]))
  return matmul(slice(q, [0, 0, 0], [count, columns, rows]), substituted(lower, b, true))
}
