// What the two ways of making vectors orthonormal have in common: what is done with them, and in which order.

/** Vectors of one length as rows of an array, with the three operations from which `orthonormalize` is made. */
export interface Vectors {
  readonly data: Float32Array | Float64Array
  /** How many elements lie between the beginnings of two rows. */
  readonly stride: number
  /** Fills a row with normal numbers: those of the blocks from `block` on. */
  draw(row: number, block: number): void
  /** Makes at most four rows from `row` on orthonormal. */
  few(row: number, count: number): void
  /** Takes from `rows` rows from `row` on their parts along `count` orthonormal ones from `onto` on, a power of two and at least 4. */
  project(row: number, rows: number, onto: number, count: number): void
}

/** Rows of Q that are taken from others at once. */
export const chunk = 64

/**
 * Makes `count` rows orthonormal, each a sum of those before it and itself with a positive factor: Q of A = Q R, by the modified
 * Gram-Schmidt method (Golub and Van Loan, 2013, algorithm 5.2.6) in blocks. What it loses of orthogonality grows with the condition of
 * A. By halves, so that nearly all work is in projections of many rows onto many.
 */
export function orthonormalize(vectors: Vectors, row: number, count: number): void {
  if (count <= 4) {
    vectors.few(row, count)
    return
  }
  let half = 4
  while (2 * half < count) half *= 2
  orthonormalize(vectors, row, half)
  vectors.project(row + half, count - half, row, half)
  orthonormalize(vectors, row + half, count - half)
}
