// Jacobi's method: turning pairs of columns until all are at right angles, or a symmetric matrix is diagonal (Golub and Van Loan, "Matrix
// computations", sections 8.5 and 8.6). Half of all columns are turned at once, in rounds in which each meets another (a tournament).
import { constant, type Value } from '../../graph'
import { broadcastTo } from '../elementwise/broadcast'
import { abs, add, div, equal, greater, less, mul, sqrt, sub, where } from '../elementwise/elementwise'
import { eye, gather, iota, oneHot } from '../indexing'
import { matmul } from '../matmul'
import { sum } from '../reduce'
import { scan } from '../scan'
import { expandDims } from '../shape'
import { batched } from './matrices'

/** With whom each of n meets in each round: all pairs in n - 1 rounds, or n where one waits in each. */
function rounds(n: number): number[][] {
  const even = n + (n % 2)
  const circle = Array.from({ length: even }, (_, i) => i)
  return Array.from({ length: even - 1 }, () => {
    const partner = Array.from({ length: n }, (_, i) => i)
    for (let i = 0; i < even / 2; i++) {
      const [one, other] = [circle[i], circle[even - 1 - i]]
      if (one >= n || other >= n) continue
      partner[one] = other
      partner[other] = one
    }
    circle.splice(1, 0, circle[even - 1])
    circle.pop()
    return partner
  })
}

/** The rounds of as many sweeps over all pairs as are needed: errors shrink quadratically once they are small. */
function tournament(n: number, dtype: Value['dtype']): Value {
  const sweeps = 5 + Math.ceil(Math.log2(Math.max(2, n))) + (dtype === 'float64' ? 2 : 0)
  const all = rounds(n)
  return constant(Array.from({ length: sweeps }, () => all).flat(), 'int32')
}

/**
 * The cosine and sine by which each of a pair is turned, [batch, n]; those of the other have the opposite sine.
 *
 * @param difference - of the other's number on the diagonal and its own.
 * @param shared - twice the number that the pair shares, which is to become 0.
 * @param partner - [n]
 */
function turning(difference: Value, shared: Value, partner: Value): { readonly cosine: Value; readonly sine: Value } {
  const n = partner.shape[0]
  const rests = where(equal(shared, 0), true, equal(partner, iota(n)))
  const ratio = div(difference, where(rests, 1, shared))
  const isUpward = where(equal(ratio, 0), less(iota(n), partner), greater(ratio, 0))
  const size = div(1, add(abs(ratio), sqrt(add(1, mul(ratio, ratio)))))
  const tangent = where(rests, 0, mul(size, where(isUpward, 1, -1)))
  const cosine = div(1, sqrt(add(1, mul(tangent, tangent))))
  return { cosine, sine: mul(tangent, cosine) }
}

/** Columns of matrices, each turned with its partner. */
function turned(x: Value, { cosine, sine }: ReturnType<typeof turning>, partner: Value): Value {
  return sub(mul(x, expandDims(cosine, 1)), mul(gather(x, partner, 2), expandDims(sine, 1)))
}

/** Symmetric matrices [batch, n, n] as `v diag(values) vᵀ`: the values, [batch, n], in no order, and v. */
export function diagonalized(a: Value): { readonly values: Value; readonly vectors: Value } {
  const n = a.shape[1]
  const first = straightened(turnedDiagonal(a, tournament(n, a.dtype)))
  // Once more from what they make of the matrix itself, which many turns have blurred.
  const again = matmul(first, matmul(a, first), { transposeA: true })
  const vectors = straightened(matmul(first, turnedDiagonal(again, constant(rounds(n), 'int32'))))
  return { values: sum(mul(vectors, matmul(a, vectors)), { axis: 1 }), vectors }
}

/** What symmetric matrices are turned by, [batch, n, n], to become diagonal in these rounds. */
function turnedDiagonal(a: Value, partners: Value): Value {
  const n = a.shape[1]
  const identity = eye(n, n, 0, a.dtype)
  const [[, vectors]] = scan(
    ([matrix, before], [partner]) => {
      const own = sum(mul(matrix, identity), { axis: -1 })
      const shared = sum(mul(matrix, oneHot(partner, n, { dtype: a.dtype })), { axis: -1 })
      const angle = turning(sub(gather(own, partner, 1), own), mul(shared, 2), partner)
      const { cosine, sine } = angle
      const rows = sub(mul(matrix, expandDims(cosine, 2)), mul(gather(matrix, partner, 1), expandDims(sine, 2)))
      return [[turned(rows, angle, partner), turned(before, angle, partner)], []]
    },
    [a, batched(a)],
    [partners],
  )
  return vectors
}

/** Columns at right angles again: many turns have let roundings add up (a step of Newton and Schulz). */
function straightened(v: Value): Value {
  return sub(mul(v, 1.5), mul(matmul(v, matmul(v, v, { transposeA: true })), 0.5))
}

/** Matrices [batch, rows, n] with `a v = columns` at right angles: the columns, and v, [batch, n, n]. */
export function orthogonalized(a: Value): { readonly columns: Value; readonly vectors: Value } {
  const n = a.shape[2]
  const [[, vectors]] = scan(
    ([matrix, before], [partner]) => {
      const others = gather(matrix, partner, 2)
      const squares = sum(mul(matrix, matrix), { axis: 1 })
      const shared = sum(mul(matrix, others), { axis: 1 })
      const angle = turning(sub(gather(squares, partner, 1), squares), mul(shared, 2), partner)
      return [[turned(matrix, angle, partner), turned(before, angle, partner)], []]
    },
    [a, broadcastTo(eye(n, n, 0, a.dtype), [a.shape[0], n, n])],
    [tournament(n, a.dtype)],
  )
  const straight = straightened(vectors)
  return { columns: matmul(a, straight), vectors: straight }
}
