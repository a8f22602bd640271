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
 */
export const orthogonal = initializer<OrthogonalOptions>('orthogonal', {
  defaults: { gain: 1, seed: undefined },
  rules: { seed: { integer: true } },
  fill(out, shape, { gain }, { seed, stream }) {
    if (shape.length < 2) {
      throw new ShapeError(`orthogonal: expected a shape of at least two axes, given ${formatShape(shape)}.`)
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
 * columns and R a positive diagonal, by Householder's reflections (Golub and Van Loan, 2013, algorithms 5.2.1, 5.1.6).
 */
export function orthonormalize(vectors: Float64Array, length: number, count: number): void {
  const columns = Array.from({ length: count }, (_, j) => vectors.subarray(j * length, (j + 1) * length))
  const scales = new Float64Array(count)
  const signs = new Float64Array(count)
  // Reflection j, H = I - scale v vᵀ, zeroes column j below the diagonal; v replaces the column from j on.
  columns.forEach((column, j) => {
    let norm = 0
    for (let i = j; i < length; i++) norm += column[i] * column[i]
    norm = Math.sqrt(norm)
    const head = column[j]
    // R's diagonal element is -sign(head) norm: Q's column is turned round where that is negative.
    signs[j] = head > 0 ? -1 : 1
    if (norm === 0) return
    column[j] = head - signs[j] * norm
    scales[j] = 1 / (norm * (norm + Math.abs(head)))
    for (let k = j + 1; k < count; k++) reflect(columns[k], column, scales[j], j)
  })
  // Q's columns are H_0 ... H_(n-1) applied to the unit vectors, from the last reflection back.
  for (let j = count - 1; j >= 0; j--) {
    const v = columns[j]
    for (let k = j + 1; k < count; k++) reflect(columns[k], v, scales[j], j)
    // H_j on unit vector j: e_j - scale v v_j, which is 0 above j.
    const factor = scales[j] * v[j]
    for (let i = 0; i < length; i++) v[i] = i < j ? 0 : -factor * v[i]
    v[j] += 1
  }
  columns.forEach((column, j) => {
    if (signs[j] < 0) for (let i = 0; i < length; i++) column[i] = -column[i]
  })
}

/** x becomes (I - scale v vᵀ) x, where v is 0 before `from`. */
function reflect(x: Float64Array, v: Float64Array, scale: number, from: number): void {
  let dot = 0
  for (let i = from; i < x.length; i++) dot += v[i] * x[i]
  const factor = scale * dot
  for (let i = from; i < x.length; i++) x[i] -= factor * v[i]
}
