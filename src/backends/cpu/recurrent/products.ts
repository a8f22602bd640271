// The matrix products of recurrent kernels: inputs of many steps at once, one step's state, and sums over all steps.
import type { Operand } from '../kernel'
import { type Matrix, multiply, transposeInto } from '../kernels/matmul'
import type { View } from '../memory'

/** The most rows that one accumulation over rows reads at a time: its operands then stay in the nearest cache. */
const rowsAtOnce = 128

/** Contiguous rows. */
export function rows(data: View, columns: number, offset = 0): Matrix {
  return { data, offset, row: columns, column: 1 }
}

/** How many steps' inputs are multiplied at a time where nobody keeps the result: enough rows for a good product. */
export function stepsAtOnce(steps: number, batch: number): number {
  return Math.max(1, Math.min(steps, Math.ceil(64 / Math.max(1, batch))))
}

/** out = x kernel + bias for `count` rows of x from row `first` on; out begins at its own row 0. */
export function project(x: Operand, first: number, count: number, kernel: Operand, bias: View, out: View): void {
  const [features, columns] = kernel.shape
  for (let row = 0; row < count; row++) {
    const at = row * columns
    for (let j = 0; j < columns; j++) out[at + j] = bias[j]
  }
  multiply(
    rows(x.data, features, first * features),
    rows(kernel.data, columns),
    rows(out, columns),
    count,
    columns,
    features,
    1,
  )
}

/** out += left' right, over `count` rows of both: `left` has `m` columns, `right` has `n`; out is m by n. */
export function addTransposed(left: Matrix, right: Matrix, out: Matrix, count: number, m: number, n: number): void {
  for (let first = 0; first < count; first += rowsAtOnce) {
    const turned = { data: left.data, offset: left.offset + first * left.row, row: 1, column: left.row }
    const below = { ...right, offset: right.offset + first * right.row }
    multiply(turned, below, out, m, n, Math.min(rowsAtOnce, count - first), 1)
  }
}

/** The same with the rows of the state before each step on the left: `initial`, then all of `states` but the last. */
export function addStateProduct(
  initial: View,
  states: View,
  right: Matrix,
  out: Matrix,
  steps: number,
  batch: number,
  units: number,
  n: number,
): void {
  if (steps === 0) return
  addTransposed(rows(initial, units), right, out, batch, units, n)
  const later = { ...right, offset: right.offset + batch * right.row }
  addTransposed(rows(states, units), later, out, (steps - 1) * batch, units, n)
}

/** out = the sum of `count` rows. */
export function sumRows(source: View, count: number, columns: number, out: View, outOffset = 0): void {
  out.fill(0, outOffset, outOffset + columns)
  for (let row = 0; row < count; row++) {
    const at = row * columns
    for (let j = 0; j < columns; j++) out[outOffset + j] += source[at + j]
  }
}

/** target += as many elements of the source, from `offset` on. */
export function addStep(source: View, offset: number, target: View): void {
  for (let i = 0; i < target.length; i++) target[i] += source[offset + i]
}

/**
 * What x and its kernel get from the gradients of the steps' sums, dz (a row for each row of x): dx = dz kernel',
 * dkernel = x' dz. Those nobody wants are left out; `turned` is room for the kernel's transpose if dx is wanted.
 */
export function inputGradients(
  x: Operand,
  kernel: Operand,
  dz: View,
  dx: Operand | undefined,
  dkernel: Operand | undefined,
  turned: View,
): void {
  const [features, width] = kernel.shape
  const count = x.shape[0] * x.shape[1]
  if (dx !== undefined) {
    transposeInto(kernel.data, 0, features, width, turned)
    multiply(rows(dz, width), rows(turned, features), rows(dx.data, features), count, features, width, 0)
  }
  if (dkernel !== undefined) {
    dkernel.data.fill(0)
    addTransposed(rows(x.data, features), rows(dz, width), rows(dkernel.data, width), count, features, width)
  }
}
