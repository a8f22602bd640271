// Matrix products, four rows by four columns at a time so that most operands stay in registers.
import { broadcastStrides, sizeOf } from '../../../tensor'
import { type Kernel, output, scratch } from '../kernel'
import type { View } from '../memory'

/** A matrix in memory: where it starts, and the strides of its rows and columns. */
export interface Matrix {
  readonly data: View
  readonly offset: number
  readonly row: number
  readonly column: number
}

/**
 * c = a b + beta c for a of m by k and b of k by n. Rows of b and c must be contiguous (`column` 1).
 */
export function multiply(a: Matrix, b: Matrix, c: Matrix, m: number, n: number, k: number, beta: 0 | 1): void {
  const { data: x, row: ar, column: ac } = a
  const { data: y, row: br } = b
  const { data: z, row: cr } = c
  let i = 0
  for (; i + 4 <= m; i += 4) {
    const a0 = a.offset + i * ar
    const c0 = c.offset + i * cr
    let j = 0
    for (; j + 4 <= n; j += 4) {
      let s00 = 0,
        s01 = 0,
        s02 = 0,
        s03 = 0
      let s10 = 0,
        s11 = 0,
        s12 = 0,
        s13 = 0
      let s20 = 0,
        s21 = 0,
        s22 = 0,
        s23 = 0
      let s30 = 0,
        s31 = 0,
        s32 = 0,
        s33 = 0
      let p = a0
      let q = b.offset + j
      for (let l = 0; l < k; l++, p += ac, q += br) {
        const y0 = y[q],
          y1 = y[q + 1],
          y2 = y[q + 2],
          y3 = y[q + 3]
        const x0 = x[p],
          x1 = x[p + ar],
          x2 = x[p + 2 * ar],
          x3 = x[p + 3 * ar]
        s00 += x0 * y0
        s01 += x0 * y1
        s02 += x0 * y2
        s03 += x0 * y3
        s10 += x1 * y0
        s11 += x1 * y1
        s12 += x1 * y2
        s13 += x1 * y3
        s20 += x2 * y0
        s21 += x2 * y1
        s22 += x2 * y2
        s23 += x2 * y3
        s30 += x3 * y0
        s31 += x3 * y1
        s32 += x3 * y2
        s33 += x3 * y3
      }
      store(z, c0 + j, s00, s01, s02, s03, beta)
      store(z, c0 + cr + j, s10, s11, s12, s13, beta)
      store(z, c0 + 2 * cr + j, s20, s21, s22, s23, beta)
      store(z, c0 + 3 * cr + j, s30, s31, s32, s33, beta)
    }
    for (let row = i; row < i + 4; row++) edge(a, b, c, row, j, n, k, beta)
  }
  for (; i < m; i++) edge(a, b, c, i, 0, n, k, beta)
}

function store(z: View, at: number, s0: number, s1: number, s2: number, s3: number, beta: number): void {
  if (beta === 0) {
    z[at] = s0
    z[at + 1] = s1
    z[at + 2] = s2
    z[at + 3] = s3
  } else {
    z[at] += s0
    z[at + 1] += s1
    z[at + 2] += s2
    z[at + 3] += s3
  }
}

/** One row, from column `from` on. */
function edge(a: Matrix, b: Matrix, c: Matrix, i: number, from: number, n: number, k: number, beta: number): void {
  const { data: x } = a
  const { data: y } = b
  for (let j = from; j < n; j++) {
    let sum = 0
    let p = a.offset + i * a.row
    let q = b.offset + j * b.column
    for (let l = 0; l < k; l++, p += a.column, q += b.row) sum += x[p] * y[q]
    const at = c.offset + i * c.row + j
    c.data[at] = beta === 0 ? sum : c.data[at] + sum
  }
}

/** Writes the transpose of a row-major matrix of `rows` by `columns`. */
export function transposeInto(source: View, offset: number, rows: number, columns: number, target: View): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) target[j * rows + i] = source[offset + i * columns + j]
  }
}

export const matmul: Kernel<'matmul'> = (bound) => {
  const [a, b] = bound.inputs
  const c = output(bound)
  const { transposeA, transposeB } = bound.attributes
  const [m, n] = c.shape.slice(-2)
  const k = a.shape[a.shape.length - (transposeA ? 2 : 1)]
  const batchShape = c.shape.slice(0, -2)
  const offsetsA = batchOffsets(a.shape.slice(0, -2), batchShape, m * k)
  const offsetsB = batchOffsets(b.shape.slice(0, -2), batchShape, k * n)
  const packed = transposeB ? scratch(b.dtype, k * n) : undefined
  const [row, column] = transposeA ? [1, m] : [k, 1]
  return () => {
    for (let i = 0; i < offsetsA.length; i++) {
      if (packed !== undefined) transposeInto(b.data, offsetsB[i], n, k, packed)
      const right = { data: packed ?? b.data, offset: packed === undefined ? offsetsB[i] : 0, row: n, column: 1 }
      const left = { data: a.data, offset: offsetsA[i], row, column }
      multiply(left, right, { data: c.data, offset: i * m * n, row: n, column: 1 }, m, n, k, 0)
    }
  }
}

/** Where each batch of a broadcast operand begins. */
function batchOffsets(from: readonly number[], to: readonly number[], size: number): number[] {
  const strides = broadcastStrides(from, to)
  return Array.from({ length: sizeOf(to) }, (_, flat) => {
    let rest = flat
    let offset = 0
    for (let axis = to.length - 1; axis >= 0; axis--) {
      offset += (rest % to[axis]) * strides[axis]
      rest = Math.floor(rest / to[axis])
    }
    return offset * size
  })
}
