// Reductions, running sums and sorting against plain loops.
import { describe, expect, it } from 'vitest'
import { Opcode } from '../../../../src/backends/wasm/assembly/opcodes'
import { Reduction } from '../../../../src/backends/wasm/assembly/reduce/operations'
import { builds, expectClose, KernelBench, numbers } from './bench'

type Box = readonly [outer: number, length: number, inner: number]

/** The elements along the middle axis, for each place of the others. */
function lines<T>(x: ArrayLike<number>, [outer, length, inner]: Box, visit: (line: number[]) => T): T[] {
  return Array.from({ length: outer * inner }, (_, item) => {
    const first = Math.floor(item / inner) * length * inner + (item % inner)
    return visit(Array.from({ length }, (_, k) => x[first + k * inner]))
  })
}

const boxes: readonly Box[] = [
  [1, 1, 1],
  [3, 5, 1],
  [7, 67, 1],
  [2, 9001, 1],
  [1, 20000, 1],
  [2, 5, 3],
  [3, 7, 21],
  [1, 600, 37],
  [2, 1000, 2],
  [4, 0, 3],
  [4, 0, 1],
]

const floatRules: readonly (readonly [string, Reduction, number, (a: number, x: number) => number])[] = [
  ['sum', Reduction.sum, 0, (a, x) => a + x],
  ['product', Reduction.product, 1, (a, x) => a * x],
  ['maximum', Reduction.maximum, -Infinity, Math.max],
  ['minimum', Reduction.minimum, Infinity, Math.min],
]
const integerRules: readonly (readonly [string, Reduction, number, (a: number, x: number) => number])[] = [
  ['sum', Reduction.sumInt, 0, (a, x) => (a + x) | 0],
  ['product', Reduction.productInt, 1, Math.imul],
  ['maximum', Reduction.maximumInt, -(2 ** 31), Math.max],
  ['minimum', Reduction.minimumInt, 2 ** 31 - 1, Math.min],
]

function reduce(bench: KernelBench, kind: Reduction, box: Box, from: number): number {
  const to = bench.take(box[0] * box[2] * 4)
  bench.run(Opcode.reduce, [kind, ...box, from, to, bench.take(bench.kernels.reduceWorkspace(...box))])
  return to
}

describe.each(builds)('reductions, %s build', (build) => {
  it.each(floatRules)('%s of floats, along rows and down columns', async (_, kind, start, rule) => {
    for (const box of boxes) {
      const bench = await KernelBench.make(build)
      // Products of thousands of factors would leave the floats' range.
      const x = numbers(box[0] * box[1] * box[2]).map((value) =>
        kind === Reduction.product ? 1 + value / 5000 : value,
      )
      const to = reduce(bench, kind, box, bench.floats(x))
      const expected = lines(x, box, (line) => line.reduce((a, value) => rule(a, value), start))
      if (Number.isFinite(expected[0])) expectClose(bench.readFloats(to, expected.length), expected, 1e-4)
      else expect([...bench.readFloats(to, expected.length)]).toEqual(expected)
    }
  })

  it.each(integerRules)('%s of whole numbers', async (_, kind, start, rule) => {
    for (const box of boxes) {
      const bench = await KernelBench.make(build)
      const x = numbers(box[0] * box[1] * box[2], 1000).map(Math.round)
      const to = reduce(bench, kind, box, bench.integers(x))
      expect([...bench.readIntegers(to, box[0] * box[2])]).toEqual(
        lines(x, box, (line) => line.reduce((a, value) => rule(a, value), start)),
      )
    }
  })

  it('a NaN shows in every reduction of its line, wherever it stands', async () => {
    for (const at of [0, 3, 17, 66]) {
      const bench = await KernelBench.make(build)
      const x = numbers(2 * 67)
      x[at] = Number.NaN
      for (const [, kind] of floatRules) {
        const result = bench.readFloats(reduce(bench, kind, [2, 67, 1], bench.floats(x)), 2)
        expect(result[0]).toBeNaN()
        expect(result[1]).not.toBeNaN()
      }
    }
  })

  it('places of extremes are the first of equal ones, and NaN wins', async () => {
    const bench = await KernelBench.make(build)
    const x = bench.floats([3, 1, 3, 1, 0, Number.NaN, 9, Number.NaN, 5, 5, 5, 5])
    const to = bench.take(12)
    bench.run(Opcode.extremePlaces, [0, 0, 3, 4, 1, x, to])
    expect([...bench.readIntegers(to, 3)]).toEqual([0, 1, 0])
    bench.run(Opcode.extremePlaces, [1, 0, 3, 4, 1, x, to])
    expect([...bench.readIntegers(to, 3)]).toEqual([1, 1, 0])
    const y = bench.integers([1, 9, 2, 8, 3, 9])
    bench.run(Opcode.extremePlaces, [0, 1, 1, 3, 2, y, to])
    expect([...bench.readIntegers(to, 2)]).toEqual([2, 0])
  })

  it('running sums go both ways, with and without the element itself', async () => {
    const bench = await KernelBench.make(build)
    const x = numbers(2 * 5 * 3)
    const whole = x.map((value) => Math.round(value * 9))
    const [from, integers, to] = [bench.floats(x), bench.integers(whole), bench.take(x.length * 4)]
    for (const reverse of [0, 1]) {
      for (const exclusive of [0, 1]) {
        bench.run(Opcode.cumulativeSum, [2, 5, 3, from, to, reverse, exclusive, 0])
        const actual = lines(bench.readFloats(to, x.length), [2, 5, 3], (line) => line).flat()
        const sums = (line: number[]): number[] =>
          line.map((own, k) => {
            const part = reverse === 1 ? line.slice(k) : line.slice(0, k + 1)
            return part.reduce((a, b) => a + b, 0) - (exclusive === 1 ? own : 0)
          })
        expectClose(actual, lines(x, [2, 5, 3], sums).flat())
        bench.run(Opcode.cumulativeSum, [2, 5, 3, integers, to, reverse, exclusive, 1])
        const counted = lines(bench.readIntegers(to, x.length), [2, 5, 3], (line) => line).flat()
        expect(counted).toEqual(lines(whole, [2, 5, 3], sums).flat())
      }
    }
  })

  it('sorting keeps equal elements in their order and puts NaN last', async () => {
    const bench = await KernelBench.make(build)
    const x = [3, 1, 2, 1, Number.NaN, 3, 0, ...numbers(7)]
    const [from, values, places] = [bench.floats(x), bench.take(56), bench.take(56)]
    const workspace = bench.take(bench.kernels.sortWorkspace(2, 7))
    for (const descending of [0, 1]) {
      bench.run(Opcode.sort, [2, 7, from, values, places, descending, 0, workspace])
      const order = [0, 7].flatMap((row) => {
        const line = Array.from({ length: 7 }, (_, i) => i)
        const key = (i: number): number => {
          const value = Math.fround(x[row + i])
          return Number.isNaN(value) ? Infinity : descending === 1 ? -value : value
        }
        return line.sort((a, b) => key(a) - key(b) || a - b)
      })
      expect([...bench.readIntegers(places, 14)]).toEqual(order)
      expect([...bench.readFloats(values, 14)]).toEqual(
        order.map((place, i) => Math.fround(x[(i < 7 ? 0 : 7) + place])),
      )
    }
    const whole = bench.integers([5, -7, 5])
    bench.run(Opcode.sort, [1, 3, whole, values, places, 1, 1, workspace])
    expect([...bench.readIntegers(values, 3), ...bench.readIntegers(places, 3)]).toEqual([5, 5, -7, 0, 2, 1])
  })
})
