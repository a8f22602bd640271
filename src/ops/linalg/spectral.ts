// Eigenvalues of symmetric matrices and singular values, and what follows from these. Values come from Jacobi's method; gradients do not go
// through its turns, but are those of the result (Giles, 2008, "Collected matrix derivative results"; Townsend, 2016, "Differentiating the
// singular value decomposition").
import { type Operand, toValue, type Value } from '../../graph'
import { customGradient } from '../control/customGradient'
import { element, flag, numbers, optional, options } from '../declaration/kinds'
import { op } from '../declaration/signature'
import { broadcastTo } from '../elementwise/broadcast'
import { abs, add, cast, div, equal, greater, less, mul, sqrt, sub, where } from '../elementwise/elementwise'
import { eye, takeAlongAxis } from '../indexing'
import { matmul } from '../matmul'
import { argMax, max, sum } from '../reduce'
import { concatenate, expandDims, reshape, slice } from '../shape'
import { argSort } from '../sort'
import { diagonalized, orthogonalized } from './jacobi'
import { matricesOf, squares, swapped } from './matrices'
import { reflected } from './orthogonal'

/** Matrices divided by their largest element, and that: squares of what is left neither overflow nor vanish. */
function scaled(a: Value): { readonly matrices: Value; readonly scale: Value } {
  const largest = max(abs(a), { axis: [1, 2], keepDims: true })
  const scale = where(equal(largest, 0), 1, largest)
  return { matrices: div(a, scale), scale: reshape(scale, [-1, 1]) }
}

/** Columns in an order, [batch, n]. */
function inOrder(columns: Value, order: Value): Value {
  return takeAlongAxis(columns, broadcastTo(expandDims(order, 1), columns.shape), 2)
}

/** -1 for columns whose largest element is below 0, 1 for the others: [batch, n]. */
function directionOf(columns: Value): Value {
  const at = expandDims(argMax(abs(columns), { axis: 1 }), 1)
  const largest = reshape(takeAlongAxis(columns, at, 1), [columns.shape[0], columns.shape[2]])
  return where(less(largest, 0), cast(-1, columns.dtype), 1)
}

/** One by each difference `of[j] - of[i]`, 0 where they are equal: [batch, n, n]. */
function oneByDifferences(of: Value): Value {
  const differences = sub(expandDims(of, 1), expandDims(of, 2))
  const areEqual = equal(differences, 0)
  return where(areEqual, 0, div(1, where(areEqual, 1, differences)))
}

/** Each column multiplied by its number. */
function withFactors(columns: Value, factors: Value): Value {
  return mul(columns, expandDims(factors, 1))
}

const transposedLeft = (a: Value, b: Value): Value => matmul(a, b, { transposeA: true })
const transposedRight = (a: Value, b: Value): Value => matmul(a, b, { transposeB: true })

/** Eigenvalues, the smallest first, [batch, n], and eigenvectors as columns. */
function eigenOf(a: Value): readonly [Value, Value] {
  const [values, vectors] = customGradient((x) => {
    const { matrices, scale } = scaled(x)
    const { values: found, vectors: raw } = diagonalized(matrices)
    const order = argSort(found, { axis: -1 })
    const sorted = inOrder(raw, order)
    const w = mul(takeAlongAxis(found, order, 1), scale)
    const v = withFactors(sorted, directionOf(sorted))
    const backward = (ofValues: Value, ofVectors: Value): Value => {
      const turn = mul(transposedLeft(v, ofVectors), oneByDifferences(w))
      return transposedRight(matmul(v, add(turn, withFactors(eye(w.shape[1], w.shape[1], 0, w.dtype), ofValues))), v)
    }
    return [[w, v], backward]
  })(mul(add(a, swapped(a)), 0.5))
  return [values, vectors]
}

/**
 * Eigenvalues and eigenvectors of symmetric matrices, as `keras.ops.eigh`: `x v = v diag(w)`. The half of `x` below its diagonal and that above
 * count alike. It takes time with the third power of n, in some 10 sweeps over all pairs of columns; made for up to a hundred.
 *
 * The largest element of each vector is positive: vectors are determined but for their sign, which other libraries leave to chance. Where two
 * values are equal, their vectors are any of a plane, and gradients of these vectors count as 0 between them.
 *
 * @param x - symmetric, `[..., n, n]`.
 * @returns the values `[..., n]`, the smallest first, and the vectors as columns, `[..., n, n]`.
 * @throws ShapeError for matrices that are not square.
 *
 * @example
 * ```ts
 * const [w, v] = ops.eigh([[2, 1], [1, 2]]) // [1, 3], columns [0.71, -0.71] and [0.71, 0.71]
 * ```
 */
export const eigh = /* @__PURE__ */ op('eigh', { x: numbers }, (x: Operand): [Value, Value] => {
  const { matrices, shape, lead } = squares(toValue(x))
  const [w, v] = eigenOf(matrices)
  return [reshape(w, [...lead, shape[shape.length - 1]]), reshape(v, shape)]
})

/** Singular values, the largest first, [batch, n], and the vectors of both sides as columns, of [batch, m, n] with m >= n. */
function tallSingularOf(a: Value): readonly [Value, Value, Value] {
  const [count, rows, n] = a.shape
  const { matrices, scale } = scaled(a)
  // First to as many rows as there are columns.
  const { q, r } = reflected(matrices)
  const { columns, vectors } = orthogonalized(slice(r, [0, 0, 0], [count, n, n]))
  const sizes = sqrt(sum(mul(columns, columns), { axis: 1 }))
  const order = argSort(sizes, { axis: -1, descending: true })
  // Columns at right angles but for rounding, some perhaps 0: reflections give each a length of 1, at right angles to all before.
  const { q: sides, r: lengths } = reflected(inOrder(columns, order))
  const sorted = inOrder(vectors, order)
  const diagonal = sum(mul(lengths, eye(n, n, 0, a.dtype)), { axis: -1 })
  const signed = withFactors(sides, where(less(diagonal, 0), cast(-1, a.dtype), 1))
  const left = matmul(slice(q, [0, 0, 0], [count, rows, n]), signed)
  const rest = slice(q, [0, 0, n], [count, rows, rows - n])
  const all = rows === n ? left : concatenate([left, rest], { axis: 2 })
  return [mul(takeAlongAxis(sizes, order, 1), scale), all, sorted]
}

/** The first columns multiplied by numbers, the others as they are. */
function firstWithFactors(columns: Value, factors: Value): Value {
  const [count, k] = factors.shape
  const others = broadcastTo(cast(1, factors.dtype), [count, columns.shape[2] - k])
  return withFactors(columns, concatenate([factors, others], { axis: 1 }))
}

/** `u diag(s) vᵀ`: u [batch, m, m], s [batch, min(m, n)], v [batch, n, n]; gradients come from the first min(m, n) columns alone. */
function singularOf(a: Value): readonly [Value, Value, Value] {
  const [count, m, n] = a.shape
  const k = Math.min(m, n)
  const [s, u, v] = customGradient((x) => {
    const isTall = m >= n
    const [values, long, short] = tallSingularOf(isTall ? x : swapped(x))
    const first = (columns: Value): Value => slice(columns, [0, 0, 0], [count, columns.shape[1], k])
    const direction = directionOf(first(isTall ? short : long))
    const [left, right] = (isTall ? [long, short] : [short, long]).map((each) => firstWithFactors(each, direction))
    const backward = (ofValues: Value, ofLeft: Value, ofRight: Value): Value =>
      singularGradient(first(left), values, first(right), first(ofLeft), ofValues, first(ofRight))
    return [[values, left, right], backward]
  })(a)
  return [u, s, v]
}

function singularGradient(u: Value, s: Value, v: Value, ofU: Value, ofS: Value, ofV: Value): Value {
  const k = s.shape[1]
  const between = oneByDifferences(mul(s, s))
  const skew = (x: Value): Value => mul(sub(x, swapped(x)), between)
  const isZero = equal(s, 0)
  const inverse = where(isZero, 0, div(1, where(isZero, 1, s)))
  const onDiagonal = withFactors(eye(k, k, 0, s.dtype), ofS)
  const turnU = withFactors(skew(transposedLeft(u, ofU)), s)
  const turnV = mul(skew(transposedLeft(v, ofV)), expandDims(s, 2))
  /** What of vectors does not lie among those that are there. */
  const outside = (all: Value, of: Value): Value => sub(of, matmul(all, transposedLeft(all, of)))
  const core = transposedRight(matmul(u, add(add(turnU, turnV), onDiagonal)), v)
  const left = transposedRight(withFactors(outside(u, ofU), inverse), v)
  const right = transposedRight(withFactors(u, inverse), outside(v, ofV))
  return add(core, add(left, right))
}

/** Options of `svd`. */
export interface SvdOptions {
  /** Whether u and v have all columns there are, rather than as many as there are values; `true` by default. */
  readonly fullMatrices?: boolean
}

/**
 * The singular value decomposition `x = u diag(s) vᵀ`, as `keras.ops.svd`. It takes time with the third power of the smaller side, in some 10
 * sweeps over all pairs of columns; made for up to a hundred.
 *
 * The largest element of each vector of v is positive: pairs of vectors are determined but for their sign, which other libraries leave to chance.
 * Columns beyond the values have no gradient, and where two values are equal gradients of their vectors count as 0 between them.
 *
 * @param x - `[..., rows, columns]`
 * @returns u `[..., rows, rows]`, s `[..., k]` with the largest first and k the smaller side, and vᵀ `[..., columns, columns]`; with
 *   `fullMatrices: false` u `[..., rows, k]` and vᵀ `[..., k, columns]`. The values alone are `svdvals(x)`.
 * @throws ShapeError for fewer than two axes.
 *
 * @example
 * ```ts
 * const [u, s, vt] = ops.svd([[3, 0], [0, -2]]) // s: [3, 2]
 * ```
 */
export const svd = /* @__PURE__ */ op(
  'svd',
  { x: numbers, options: /* @__PURE__ */ options({ fullMatrices: flag }, 'fullMatrices') },
  (x: Operand, given: SvdOptions | boolean = {}): [Value, Value, Value] => {
    const fullMatrices = typeof given === 'boolean' ? given : (given.fullMatrices ?? true)
    const { matrices, lead } = matricesOf(toValue(x))
    const [count, m, n] = matrices.shape
    const k = Math.min(m, n)
    const [u, s, v] = singularOf(matrices)
    const [rows, columns] = fullMatrices ? [m, n] : [k, k]
    const left = slice(u, [0, 0, 0], [count, m, rows])
    const right = swapped(slice(v, [0, 0, 0], [count, n, columns]))
    return [reshape(left, [...lead, m, rows]), reshape(s, [...lead, k]), reshape(right, [...lead, columns, n])]
  },
)

/**
 * The singular values of matrices `[..., rows, columns]`, the largest first: `[..., k]`, with k the smaller side.
 *
 * @throws ShapeError for fewer than two axes.
 *
 * @example
 * ```ts
 * ops.svdvals([[3, 0], [0, -2]]) // [3, 2]
 * ```
 */
export const svdvals = /* @__PURE__ */ op('svdvals', { x: numbers }, (x: Operand): Value => {
  const { matrices, lead } = matricesOf(toValue(x))
  const [, s] = singularOf(matrices)
  return reshape(s, [...lead, s.shape[1]])
})

/** What of the largest singular value counts as 0, by default: as NumPy and Keras have it. */
function smallest([m, n]: readonly number[], dtype: Value['dtype']): number {
  return Math.max(m, n) * (dtype === 'float64' ? 2 ** -52 : 2 ** -23)
}

/**
 * The pseudo-inverse of Moore and Penrose of matrices `[..., rows, columns]`, as `keras.ops.pinv`: `[..., columns, rows]`, for matrices of any rank. The gradient is
 * that of a matrix which keeps its rank.
 *
 * @param rcond - singular values below this part of the largest count as 0; by default as many roundings as the longer side has elements.
 * @throws ShapeError for fewer than two axes.
 *
 * @example
 * ```ts
 * ops.pinv([[2, 0], [0, 0]]) // [[0.5, 0], [0, 0]]
 * ```
 */
export const pinv = /* @__PURE__ */ op(
  'pinv',
  { x: numbers, rcond: /* @__PURE__ */ optional(element) },
  (x: Operand, rcond?: number): Value => {
    const { matrices, lead } = matricesOf(toValue(x))
    const [count, m, n] = matrices.shape
    const k = Math.min(m, n)
    const part = rcond ?? smallest([m, n], matrices.dtype)
    const inverse = customGradient((a) => {
      const [u, s, v] = singularOf(a)
      const counts = greater(s, mul(max(s, { axis: -1, keepDims: true }), part))
      const inverted = where(counts, div(1, where(counts, s, 1)), 0)
      const first = (columns: Value): Value => slice(columns, [0, 0, 0], [count, columns.shape[1], k])
      const p = transposedRight(withFactors(first(v), inverted), first(u))
      const backward = (g: Value): Value => {
        const [ofRows, ofColumns] = [matmul(a, p), matmul(p, a)]
        const through = matmul(transposedLeft(p, g), swapped(p))
        // gᵀ p pᵀ, but for what a reaches itself; and likewise on the other side.
        const fromRows = matmul(swapped(g), transposedRight(p, p))
        const fromColumns = matmul(transposedLeft(p, p), swapped(g))
        return add(
          sub(sub(fromRows, matmul(ofRows, fromRows)), through),
          sub(fromColumns, matmul(fromColumns, ofColumns)),
        )
      }
      return [p, backward]
    })(matrices)
    return reshape(inverse, [...lead, n, m])
  },
)

/**
 * How many columns of matrices `[..., rows, columns]` are independent, `int32` `[...]`, as `keras.ops.matrix_rank`.
 *
 * @param tol - singular values from this down count as 0; by default as many roundings of the largest as the longer side has elements.
 * @throws ShapeError for fewer than two axes.
 *
 * @example
 * ```ts
 * ops.matrixRank([[1, 2], [2, 4]]) // 1
 * ```
 */
export const matrixRank = /* @__PURE__ */ op(
  'matrixRank',
  { x: numbers, tol: /* @__PURE__ */ optional(element) },
  (x: Operand, tol?: number): Value => {
    const { matrices, lead } = matricesOf(toValue(x))
    const [, m, n] = matrices.shape
    const [, s] = singularOf(matrices)
    const limit = tol ?? mul(max(s, { axis: -1, keepDims: true }), smallest([m, n], matrices.dtype))
    return reshape(sum(cast(greater(s, limit), 'int32'), { axis: -1 }), lead)
  },
)
