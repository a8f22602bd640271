// Kernels along rows: softmax, cross-entropy, layer normalisation; and random numbers, which are drawn element by element.
import { describe, expect, it } from 'vitest'
import { Opcode } from '../../../../src/backends/wasm/assembly/opcodes'
import { fillNormal, fillUniform } from '../../../../src/tensor'
import { builds, expectClose, KernelBench, numbers } from './bench'

/** The rows of a matrix. */
function rowsOf(x: ArrayLike<number>, length: number): number[][] {
  return Array.from({ length: x.length / length }, (_, r) => Array.from({ length }, (_, i) => x[r * length + i]))
}

function softmax(row: readonly number[]): number[] {
  const top = Math.max(...row)
  const powers = row.map((x) => Math.exp(x - top))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map((power) => power / sum)
}

const mean = (row: readonly number[]): number => row.reduce((a, b) => a + b, 0) / row.length

describe.each(builds)('rows, %s build', (build) => {
  it.each([1, 2, 3, 4, 7, 96, 130])(
    'softmax and its logarithm over %i classes, also of large numbers',
    async (length) => {
      const bench = await KernelBench.make(build)
      for (const size of [3, 200]) {
        const x = numbers(5 * length, size)
        const [from, to] = [bench.floats(x), bench.take(x.length * 4)]
        bench.run(Opcode.softmax, [0, 5, length, from, to])
        const expected = rowsOf(x, length).flatMap(softmax)
        expectClose(bench.readFloats(to, x.length), expected, 1e-6)
        bench.run(Opcode.softmax, [1, 5, length, from, to])
        const logs = rowsOf(x, length).flatMap((row) => {
          const top = Math.max(...row)
          const sum = row.reduce((a, b) => a + Math.exp(b - top), 0)
          return row.map((value) => value - top - Math.log(sum))
        })
        expectClose(bench.readFloats(to, x.length), logs, 1e-6)
      }
    },
  )

  it.each([1, 3, 8, 97])('cross-entropy over %i classes and its gradient', async (length) => {
    const bench = await KernelBench.make(build)
    const x = numbers(6 * length, 4)
    const labels = [0, length - 1, length >> 1, 0, -1, length]
    const upstream = numbers(6, 1, 2)
    const [logits, at, g] = [bench.floats(x), bench.integers(labels), bench.floats(upstream)]
    const [loss, gradient] = [bench.take(24), bench.take(x.length * 4)]
    bench.run(Opcode.crossEntropy, [6, length, logits, at, loss])
    bench.run(Opcode.crossEntropyGradient, [6, length, logits, at, g, gradient])
    const rows = rowsOf(x, length)
    const losses = rows.map((row, r) => Math.log(row.reduce((a, b) => a + Math.exp(b), 0)) - (row[labels[r]] ?? 0))
    expectClose(bench.readFloats(loss, 6), losses)
    const gradients = rows.flatMap((row, r) => softmax(row).map((p, i) => (p - Number(i === labels[r])) * upstream[r]))
    expectClose(bench.readFloats(gradient, x.length), gradients)
  })

  it('cross-entropy with an infinite logit is infinite, or NaN where it is its own', async () => {
    const bench = await KernelBench.make(build)
    const [logits, labels, loss] = [bench.floats([Infinity, 1, Infinity, 1]), bench.integers([1, 0]), bench.take(8)]
    bench.run(Opcode.crossEntropy, [2, 2, logits, labels, loss])
    expect([...bench.readFloats(loss, 2)]).toEqual([Infinity, Number.NaN])
  })

  it.each([1, 2, 5, 8, 67])('layer normalisation of rows of %i and its gradient', async (length) => {
    const bench = await KernelBench.make(build)
    const x = numbers(4 * length, 3).map((value) => value + 5)
    const g = numbers(4 * length, 1, 2)
    const epsilon = 1e-3
    const bits = new Int32Array(Float32Array.of(epsilon).buffer)[0]
    const [y, r, dx] = [bench.take(x.length * 4), bench.take(16), bench.take(x.length * 4)]
    bench.run(Opcode.layerNorm, [4, length, bits, bench.floats(x), y, r])
    bench.run(Opcode.layerNormGradient, [4, length, y, r, bench.floats(g), dx])
    const inverse = rowsOf(x, length).map((row) => 1 / Math.sqrt(mean(row.map((v) => (v - mean(row)) ** 2)) + epsilon))
    const normal = rowsOf(x, length).map((row, i) => row.map((value) => (value - mean(row)) * inverse[i]))
    expectClose(bench.readFloats(r, 4), inverse, 1e-4)
    expectClose(bench.readFloats(y, x.length), normal.flat(), 1e-4)
    const gradient = rowsOf(g, length).flatMap((row, i) => {
      const along = mean(row.map((value, k) => value * normal[i][k]))
      return row.map((value, k) => inverse[i] * (value - mean(row) - normal[i][k] * along))
    })
    expectClose(bench.readFloats(dx, x.length), gradient, 5e-4)
  })

  it('random numbers are those of the host, uniform ones to the last bit', async () => {
    const bench = await KernelBench.make(build)
    for (const [seed, stream, step] of [
      [1, 0, 0],
      [0xffffff, 77, 123456],
      [12345, 0xabcdef, 1],
    ]) {
      const count = 1001
      const [state, to] = [bench.integers([seed, step]), bench.take(count * 4)]
      const expected = new Float32Array(count)
      fillUniform(expected, seed, stream, step)
      bench.run(Opcode.random, [0, count, state, stream, to])
      expect(bench.readFloats(to, count)).toEqual(expected)
      fillNormal(expected, seed, stream, step)
      bench.run(Opcode.random, [1, count, state, stream, to])
      expectClose(bench.readFloats(to, count), expected, 1e-6)
    }
  })
})
