// The matrix product against plain loops in double precision.
import { describe, expect, it } from 'vitest'
import { Opcode } from '../../../../src/backends/wasm/assembly/opcodes'
import { builds, expectClose, KernelBench, numbers } from './bench'

interface Product {
  readonly batch?: number
  readonly m: number
  readonly n: number
  readonly k: number
  readonly transposeA: boolean
  readonly transposeB: boolean
  /** 0: C is overwritten, 1: added to, 2: starts from a row of bias. */
  readonly start: 0 | 1 | 2
}

const gap = 3

function check(bench: KernelBench, { batch = 1, m, n, k, transposeA, transposeB, start }: Product): void {
  const [rowA, rowB, rowC] = [(transposeA ? m : k) + gap, (transposeB ? k : n) + gap, n + gap]
  const [sizeA, sizeB, sizeC] = [(transposeA ? k : m) * rowA, (transposeB ? n : k) * rowB, m * rowC]
  const a = numbers(batch * sizeA, 1, 1)
  const b = numbers(batch * sizeB, 1, 2)
  const c = numbers(batch * sizeC, 1, 3)
  const bias = numbers(n, 1, 4)
  const expected = Float64Array.from(c)
  for (let p = 0; p < batch; p++) {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        const at = p * sizeC + i * rowC + j
        let sum = start === 0 ? 0 : start === 1 ? c[at] : bias[j]
        for (let l = 0; l < k; l++) {
          const left = a[p * sizeA + (transposeA ? l * rowA + i : i * rowA + l)]
          sum += left * b[p * sizeB + (transposeB ? j * rowB + l : l * rowB + j)]
        }
        expected[at] = sum
      }
    }
  }
  const to = bench.floats(c)
  const left = [bench.floats(a), rowA * 4, Number(transposeA)]
  const right = [bench.floats(b), rowB * 4, Number(transposeB)]
  const words = [
    batch,
    sizeA * 4,
    sizeB * 4,
    sizeC * 4,
    m,
    n,
    k,
    ...left,
    ...right,
    to,
    rowC * 4,
    start,
    bench.floats(bias),
  ]
  bench.run(Opcode.multiply, words)
  expectClose(bench.readFloats(to, expected.length), expected, 1e-5)
}

const sizes = [
  [1, 1, 1],
  [1, 7, 5],
  [5, 1, 9],
  [3, 5, 7],
  [6, 8, 4],
  [7, 9, 11],
  [13, 17, 19],
  [13, 3, 600],
  [14, 20, 1030],
  [1, 70, 33],
  [70, 1, 33],
  [33, 65, 1],
  [25, 300, 700],
  [130, 20, 520],
] as const

describe.each(builds)('the matrix product, %s build', (build) => {
  it.each(sizes)('multiplies %i by %i over %i, in every transposition and from every start', async (m, n, k) => {
    const bench = await KernelBench.make(build)
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        for (const start of [0, 1, 2] as const) check(bench, { m, n, k, transposeA, transposeB, start })
      }
    }
  })

  it('multiplies a batch', async () => {
    const bench = await KernelBench.make(build)
    check(bench, { batch: 5, m: 7, n: 10, k: 6, transposeA: false, transposeB: true, start: 0 })
  })

  it('gives the start alone where there is nothing to sum', async () => {
    const bench = await KernelBench.make(build)
    for (const start of [0, 1, 2] as const)
      check(bench, { m: 5, n: 9, k: 0, transposeA: false, transposeB: false, start })
  })

  it('lets NaN and infinities through', async () => {
    const bench = await KernelBench.make(build)
    const [a, b] = [bench.floats([1, 2, Number.NaN, 1, 1, Infinity]), bench.floats([1, 1, 1, 1])]
    const c = bench.take(6 * 4)
    bench.run(Opcode.multiply, [1, 0, 0, 0, 3, 2, 2, a, 8, 0, b, 8, 0, c, 8, 0, 0])
    expect([...bench.readFloats(c, 6)]).toEqual([3, 3, Number.NaN, Number.NaN, Infinity, Infinity])
  })
})
