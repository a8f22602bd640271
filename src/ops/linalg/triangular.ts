// Systems that are solved row by row, and the factor of a matrix that is positive.
import { type Operand, toValue, type Value } from '../../graph'
import { flag, numbers, optional, options } from '../declaration/kinds'
import { op } from '../declaration/signature'
import { add, div, greaterEqual, mul, sqrt, sub, where } from '../elementwise/elementwise'
import { iota, oneHot } from '../indexing'
import { matmul } from '../matmul'
import { sum } from '../reduce'
import { scan } from '../scan'
import { expandDims, reshape, transpose } from '../shape'
import { batched, rightSide, squares, swapped } from './matrices'

/** Options of `solveTriangular`. */
export interface SolveTriangularOptions {
  /** Whether the lower triangle counts; `false` by default. */
  readonly lower?: boolean
}

/**
 * x of `a x = b`, where the upper triangle of `a` counts, or the lower one, as `keras.ops.solve_triangular`.
 *
 * @param a - `[..., n, n]`
 * @param b - `[..., n]` or `[..., n, columns]`
 * @throws ShapeError where they do not fit together.
 *
 * @example
 * ```ts
 * ops.solveTriangular([[2, 1], [0, 4]], [4, 8]) // [1, 2]
 * ```
 */
export const solveTriangular = /* @__PURE__ */ op(
  'solveTriangular',
  { a: numbers, b: numbers, options: /* @__PURE__ */ options({ lower: flag }, 'lower') },
  (a: Operand, b: Operand, options: SolveTriangularOptions | boolean = {}): Value => {
    const lower = typeof options === 'boolean' ? options : (options.lower ?? false)
    const { matrices, lead } = squares(toValue(a))
    const { columns, restore } = rightSide(toValue(b), matrices, lead)
    return restore(substituted(matrices, columns, lower))
  },
)

/** Substitution: `[batch, n, n]` and `[batch, n, columns]`. Rows that are not solved yet are 0, so the other triangle does not count. */
export function substituted(a: Value, b: Value, lower: boolean): Value {
  const n = a.shape[1]
  const rows = transpose(a, [1, 0, 2])
  const given = transpose(b, [1, 0, 2])
  const places = oneHot(iota(n), n, { dtype: b.dtype })
  const [, [solved]] = scan(
    ([x], [row, right, place]) => {
      const known = reshape(matmul(expandDims(row, 1), x), right.shape)
      const diagonal = sum(mul(row, place), { axis: -1, keepDims: true })
      const found = div(sub(right, known), diagonal)
      const spread = mul(reshape(place, [1, n, 1]), expandDims(found, 1))
      return [[add(x, spread)], [found]]
    },
    [mul(b, 0)],
    [rows, given, places],
    { reverse: !lower },
  )
  return transpose(solved, [1, 0, 2])
}

/**
 * The lower triangle L of `x = L Lᵀ`, as `keras.ops.cholesky`; NaN where `x` is not positive definite. The half of `x` below its diagonal
 * and that above count alike.
 *
 * @param x - symmetric, `[..., n, n]`.
 * @param upper - whether the result is Lᵀ; `false` by default.
 * @throws ShapeError for matrices that are not square.
 *
 * @example
 * ```ts
 * ops.cholesky([[4, 2], [2, 5]]) // [[2, 0], [1, 2]]
 * ```
 */
export const cholesky = /* @__PURE__ */ op(
  'cholesky',
  { x: numbers, upper: /* @__PURE__ */ optional(flag) },
  (operand: Operand, upper: boolean = false): Value => {
    const x = toValue(operand)
    const { matrices, shape } = squares(x)
    const n = matrices.shape[1]
    const places = oneHot(iota(n), n, { dtype: matrices.dtype })
    const [, [columns]] = scan(
      ([left], [place, k]) => {
        const column = sum(mul(left, place), { axis: -1 })
        const pivot = sum(mul(column, place), { axis: -1, keepDims: true })
        const own = where(greaterEqual(iota(n), k), div(column, sqrt(pivot)), 0)
        return [[sub(left, mul(expandDims(own, 2), expandDims(own, 1)))], [own]]
      },
      [mul(add(matrices, swapped(matrices)), 0.5)],
      [places, iota(n)],
    )
    return reshape(transpose(columns, upper ? [1, 0, 2] : [1, 2, 0]), shape)
  },
)

/**
 * The inverse of the matrix whose factor `cholesky` gave, as `keras.ops.cholesky_inverse`.
 *
 * @param x - the factor, `[..., n, n]`.
 * @param upper - whether it is the upper one; `false` by default.
 * @throws ShapeError for matrices that are not square.
 *
 * @example
 * ```ts
 * ops.choleskyInverse(ops.cholesky([[4, 0], [0, 2]])) // [[0.25, 0], [0, 0.5]]
 * ```
 */
export const choleskyInverse = /* @__PURE__ */ op(
  'choleskyInverse',
  { x: numbers, upper: /* @__PURE__ */ optional(flag) },
  (x: Operand, upper: boolean = false): Value => {
    const { matrices, shape } = squares(toValue(x))
    const inverse = substituted(matrices, batched(matrices), !upper)
    return reshape(matmul(inverse, inverse, upper ? { transposeB: true } : { transposeA: true }), shape)
  },
)
