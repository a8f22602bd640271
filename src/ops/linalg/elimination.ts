// Gaussian elimination with partial pivoting, and what follows from it: solutions, inverses, determinants.
import { type Operand, toValue, type Value } from '../../graph'
import { numbers } from '../declaration/kinds'
import { op } from '../declaration/signature'
import { broadcastTo } from '../elementwise/broadcast'
import { abs, cast, div, equal, greater, greaterEqual, log, mul, sign, sub, where } from '../elementwise/elementwise'
import { eye, iota, oneHot, takeAlongAxis } from '../indexing'
import { argMax, prod, sum } from '../reduce'
import { scan } from '../scan'
import { expandDims, reshape, transpose } from '../shape'
import { batched, rightSide, squares } from './matrices'
import { substituted } from './triangular'

/** `[batch, n, n]`: L below the diagonal (ones on it are left out), U from it on; the rows that change places; the sign of that. */
interface Factors {
  readonly packed: Value
  /** `[batch, n]`: step k changes row k and this one. */
  readonly pivots: Value
  /** `[batch, n]`: which row stands where in the end. */
  readonly order: Value
  /** `[batch]` */
  readonly sign: Value
}

function factored(a: Value): Factors {
  const [count, n] = a.shape
  const rows = iota(n)
  const places = oneHot(rows, n, { dtype: a.dtype })
  const start = broadcastTo(reshape(rows, [1, n]), [count, n])
  const [[packed, order, signs], [pivots]] = scan(
    ([matrix, before, parity], [place, k]) => {
      const column = sum(mul(matrix, place), { axis: -1 })
      const pivot = argMax(where(greaterEqual(rows, k), abs(column), -1), { axis: -1 })
      const chosen = expandDims(pivot, 1)
      const from = where(equal(rows, k), chosen, where(equal(rows, chosen), k, start))
      const exchange = (x: Value): Value =>
        x.rank === 2 ? takeAlongAxis(x, from, 1) : takeAlongAxis(x, broadcastTo(expandDims(from, 2), x.shape), 1)
      const moved = exchange(matrix)
      const below = exchange(column)
      const row = sum(mul(moved, reshape(place, [1, n, 1])), { axis: 1 })
      const diagonal = sum(mul(below, place), { axis: -1, keepDims: true })
      const isBelow = greater(rows, k)
      // A pivot of 0 has zeros alone below it.
      const factors = where(isBelow, div(below, where(equal(diagonal, 0), 1, diagonal)), 0)
      const right = where(isBelow, row, 0)
      const left = sub(moved, mul(expandDims(factors, 2), expandDims(right, 1)))
      const isColumn = reshape(equal(rows, k), [1, 1, n])
      const next = where(isColumn, expandDims(where(isBelow, factors, below), 2), left)
      return [[next, exchange(before), where(equal(pivot, k), parity, mul(parity, -1))], [pivot]]
    },
    [a, start, broadcastTo(cast(1, a.dtype), [count])],
    [places, rows],
  )
  return { packed, order, pivots: transpose(pivots), sign: signs }
}

/** The diagonals of matrices: `[batch, n]`. */
function diagonalOf(matrices: Value): Value {
  const n = matrices.shape[1]
  return sum(mul(matrices, eye(n, n, 0, matrices.dtype)), { axis: -1 })
}

/**
 * The factors of `p a = l u` in one matrix, and which rows changed places, as `keras.ops.lu_factor`.
 *
 * @param x - `[..., n, n]`
 * @returns `[..., n, n]`, with u from the diagonal on and l below it, and the rows, `[..., n]`: in step k row k and that one.
 * @throws ShapeError for matrices that are not square.
 *
 * @example
 * ```ts
 * const [packed, pivots] = ops.luFactor([[1, 2], [4, 4]]) // [[4, 4], [0.25, 1]], [1, 1]
 * ```
 */
export const luFactor = /* @__PURE__ */ op('luFactor', { x: numbers }, (x: Operand): [Value, Value] => {
  const { matrices, shape, lead } = squares(toValue(x))
  const { packed, pivots } = factored(matrices)
  return [reshape(packed, shape), reshape(pivots, [...lead, shape[shape.length - 1]])]
})

function solved(a: Value, b: Value): Value {
  const n = a.shape[1]
  const { packed, order } = factored(a)
  const sorted = takeAlongAxis(b, broadcastTo(expandDims(order, 2), b.shape), 1)
  const unit = where(eye(n, n, 0, 'bool'), 1, packed)
  return substituted(packed, substituted(unit, sorted, true), false)
}

/**
 * x of `a x = b`, as `keras.ops.solve`; infinite or NaN where there is none.
 *
 * @param a - `[..., n, n]`
 * @param b - `[..., n]` or `[..., n, columns]`
 * @throws ShapeError where they do not fit together.
 *
 * @example
 * ```ts
 * ops.solve([[2, 1], [1, 3]], [3, 4]) // [1, 1]
 * ```
 */
export const solve = /* @__PURE__ */ op('solve', { a: numbers, b: numbers }, (a: Operand, b: Operand): Value => {
  const { matrices, lead } = squares(toValue(a))
  const { columns, restore } = rightSide(toValue(b), matrices, lead)
  return restore(solved(matrices, columns))
})

/**
 * The inverse of square matrices `[..., n, n]`, as `keras.ops.inv`; infinite or NaN where there is none.
 *
 * @throws ShapeError for matrices that are not square.
 *
 * @example
 * ```ts
 * ops.inv([[2, 0], [0, 4]]) // [[0.5, 0], [0, 0.25]]
 * ```
 */
export const inv = /* @__PURE__ */ op('inv', { x: numbers }, (x: Operand): Value => {
  const { matrices, shape } = squares(toValue(x))
  return reshape(solved(matrices, batched(matrices)), shape)
})

/**
 * The determinant of square matrices `[..., n, n]`: `[...]`, as `keras.ops.det`.
 *
 * @throws ShapeError for matrices that are not square.
 *
 * @example
 * ```ts
 * ops.det([[1, 2], [3, 4]]) // -2
 * ```
 */
export const det = /* @__PURE__ */ op('det', { x: numbers }, (x: Operand): Value => {
  const { matrices, lead } = squares(toValue(x))
  const { packed, sign: parity } = factored(matrices)
  return reshape(mul(parity, prod(diagonalOf(packed), { axis: -1 })), lead)
})

/**
 * The sign of the determinant of square matrices `[..., n, n]` and the logarithm of its size, as `keras.ops.slogdet`: it does not overflow
 * where the determinant would.
 *
 * @throws ShapeError for matrices that are not square.
 *
 * @example
 * ```ts
 * const [sign, logarithm] = ops.slogdet([[1, 0], [0, -1]]) // -1, 0
 * ```
 */
export const slogdet = /* @__PURE__ */ op('slogdet', { x: numbers }, (x: Operand): [Value, Value] => {
  const { matrices, lead } = squares(toValue(x))
  const { packed, sign: parity } = factored(matrices)
  const diagonal = diagonalOf(packed)
  const signs = mul(parity, prod(sign(diagonal), { axis: -1 }))
  return [reshape(signs, lead), reshape(sum(log(abs(diagonal)), { axis: -1 }), lead)]
})

/**
 * The logarithm of the determinant of matrices `[..., n, n]` that are positive definite, as `keras.ops.logdet`.
 *
 * @throws ShapeError for matrices that are not square.
 *
 * @example
 * ```ts
 * ops.logdet([[2, 0], [0, 0.5]]) // 0
 * ```
 */
export const logdet = /* @__PURE__ */ op('logdet', { x: numbers }, (x: Operand): Value => {
  const { matrices, lead } = squares(toValue(x))
  return reshape(sum(log(abs(diagonalOf(factored(matrices).packed))), { axis: -1 }), lead)
})
