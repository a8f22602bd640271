// The orthogonal initializer, and the QR decomposition it rests on.
import { ShapeError } from '../errors'
import { fillNormal, formatShape } from '../tensor'
import { initializer } from './initializer'
import type { SeedOptions } from './random'

/** Options of {@link orthogonal}. */
export interface OrthogonalOptions extends SeedOptions {
  /** What the matrix is multiplied by; 1 by default. */
  readonly gain: number
}

/**
 * A random matrix with orthonormal rows or columns, whichever are fewer, times `gain`: Q of the QR decomposition of a
 * normal matrix, with signs that make R's diagonal positive, so that all such matrices are equally likely (Saxe,
 * McClelland and Ganguli, 2014; Mezzadri, 2007). All axes but the last count as one.
 *
 * @example
 * ```ts
 * lstm(8, { recurrentInitializer: initializers.orthogonal({ gain: 0.5, seed: 1 }) })
 * ```
 */
export const orthogonal = /* @__PURE__ */ initializer<OrthogonalOptions>('orthogonal', {
  defaults: { gain: 1, seed: undefined },
  rules: { seed: { integer: true } },
  fill(out, shape, { gain }, { seed, stream }) {
    if (shape.length < 2) {
      throw new ShapeError(`orthogonal: expected a shape of at least two axes, got ${formatShape(shape)}`)
    }
    const columns = shape[shape.length - 1]
    const rows = columns === 0 ? 0 : out.length / columns
    const [long, short] = [Math.max(rows, columns), Math.min(rows, columns)]
    const vectors = new Float64Array(long * short)
    fillNormal(vectors, seed, stream)
    orthonormalize(vectors, long, short)
    // `vectors` holds `short` vectors of length `long` one after another: rows of a wide weight, columns of a tall one.
    for (let s = 0; s < short; s++) {
      for (let l = 0; l < long; l++)
        out[rows < columns ? s * columns + l : l * columns + s] = gain * vectors[s * long + l]
    }
  },
})

/**
 * Replaces `count` vectors of the given length, one after another, by the columns of Q in A = Q R, where A has them as
 * columns and R a positive diagonal, by the modified Gram-Schmidt method (Golub and Van Loan, 2013, algorithm 5.2.6). What it
 * loses of orthogonality grows with the condition of A, which for random matrices leaves far more digits than float32 has.
 */
function orthonormalize(vectors: Float64Array, length: number, count: number): void {
  const columns = Array.from({ length: count }, (_, j) => vectors.subarray(j * length, (j + 1) * length))
  columns.forEach((q, j) => {
    const norm = Math.sqrt(q.reduce((sum, value) => sum + value * value, 0))
    for (let i = 0; i < length; i++) q[i] /= norm
    let k = j + 1
    for (; k + 4 <= count; k += 4) removeFromFour(q, columns[k], columns[k + 1], columns[k + 2], columns[k + 3])
    for (; k < count; k++) remove(q, columns[k])
  })
}

/** Takes from x its part along q. */
function remove(q: Float64Array, x: Float64Array): void {
  let dot = 0
  for (let i = 0; i < q.length; i++) dot += q[i] * x[i]
  for (let i = 0; i < q.length; i++) x[i] -= dot * q[i]
}

/** The same for four vectors, whose sums need not wait for each other. */
function removeFromFour(q: Float64Array, a: Float64Array, b: Float64Array, c: Float64Array, d: Float64Array): void {
  let dotA = 0
  let dotB = 0
  let dotC = 0
  let dotD = 0
  for (let i = 0; i < q.length; i++) {
    const value = q[i]
    dotA += value * a[i]
    dotB += value * b[i]
    dotC += value * c[i]
    dotD += value * d[i]
  }
  for (let i = 0; i < q.length; i++) {
    const value = q[i]
    a[i] -= dotA * value
    b[i] -= dotB * value
    c[i] -= dotC * value
    d[i] -= dotD * value
  }
}
