// Orthonormal vectors: the compiled module and JavaScript make the same, to the bit.
import { describe, expect, test } from 'vitest'
import { orthogonal } from '../../src/initializers/factories'
import { fasterVectors, orthonormalVectors } from '../../src/initializers/orthonormal'
import { compiledVectors } from '../../src/initializers/orthonormal/compiled'
import { binary } from '../../src/initializers/orthonormal/generated/orthonormal'
import { slowVectors } from '../../src/initializers/orthonormal/slowly'
import { orthonormalize, type Vectors } from '../../src/initializers/orthonormal/vectors'
import { fillNormal } from '../../src/tensor'

const random = { seed: 11, stream: 5 }

const rowsOf = ({ data, stride }: Pick<Vectors, 'data' | 'stride'>, count: number, length: number): number[][] =>
  Array.from({ length: count }, (_, row) => [...data.subarray(row * stride, row * stride + length)])

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, i) => sum + value * b[i], 0)

function made(vectors: Vectors | undefined, count: number, length: number): number[][] {
  if (vectors === undefined) throw new Error('this engine does not run the module')
  for (let row = 0; row < count; row++) vectors.draw(row, row * length)
  orthonormalize(vectors, 0, count)
  return rowsOf(vectors, count, length)
}

describe.each([true, false])('with float32: %s', (single) => {
  test.each([
    [1, 1],
    [3, 7],
    [4, 4],
    [9, 33],
    [66, 130],
    [150, 150],
    [131, 512], // rows of 4096 bytes in float64, of 2048 in float32
    [70, 1024],
  ])('%d vectors of length %d are the same compiled and in JavaScript', (count, length) => {
    const compiled = made(compiledVectors(count, length, random, single), count, length)
    expect(compiled).toEqual(made(slowVectors(count, length, random, single), count, length))
  })
})

test('the module is loaded once, and where there are many vectors', async () => {
  expect(fasterVectors(4, 9)).toBeUndefined()
  const before = orthogonal().initialize([64, 256], 'float32', random).data
  const loading = fasterVectors(64, 256)?.()
  expect(loading).toBeInstanceOf(Promise)
  expect(fasterVectors(64, 256)?.()).toBe(loading)
  await loading
  expect(fasterVectors(64, 256)).toBeUndefined()
  expect(orthogonal().initialize([64, 256], 'float32', random).data).toEqual(before)
})

test('a matrix after a larger one finds nothing of it', () => {
  made(compiledVectors(40, 90, random, false), 40, 90)
  expect(made(compiledVectors(5, 9, random, false), 5, 9)).toEqual(made(slowVectors(5, 9, random, false), 5, 9))
})

test('what is drawn is what fillNormal draws, to within its last bits', () => {
  const expected = new Float64Array(20_000)
  fillNormal(expected, random.seed, random.stream)
  for (const vectors of [compiledVectors(2, 10_000, random, false), slowVectors(2, 10_000, random, false)]) {
    for (const row of [0, 1]) vectors?.draw(row, row * 10_000)
    const drawn = vectors === undefined ? [] : rowsOf(vectors, 2, 10_000).flat()
    // A cosine near zero keeps the error of its angle, and so do numbers near zero.
    expect(Math.max(...drawn.map((value, i) => Math.abs(value - expected[i])))).toBeLessThan(5e-15)
  }
})

test('blocks above 2^31 are those of threefry', () => {
  const compiled = compiledVectors(1, 8, random, false)
  const slow = slowVectors(1, 8, random, false)
  for (const vectors of [compiled, slow]) vectors?.draw(0, 2 ** 31 - 4)
  expect([...(compiled?.data.subarray(0, 8) ?? [])]).toEqual([...slow.data])
})

test('Q of what is drawn: each vector is a sum of the drawn ones up to it, with a positive factor', () => {
  const [count, length] = [30, 50]
  const drawn = new Float64Array(count * length)
  fillNormal(drawn, random.seed, random.stream)
  const q = rowsOf(orthonormalVectors(count, length, random, false), count, length)
  for (let row = 0; row < count; row++) {
    const given = [...drawn.subarray(row * length, (row + 1) * length)]
    const parts = q.map((vector) => dot(given, vector))
    expect(parts[row]).toBeGreaterThan(0)
    for (const part of parts.slice(row + 1)) expect(Math.abs(part)).toBeLessThan(1e-12)
  }
})

test('a large float32 matrix is orthonormal to what float32 tells apart, a float64 one to more', () => {
  const stream = { seed: 3, stream: 1 }
  const single = orthogonal().initialize([512, 2048], 'float32', stream).data
  const double = orthogonal().initialize([512, 2048], 'float64', stream).data
  const worst = (values: ArrayLike<number>): number => {
    const rows = [0, 200, 511].map((row) => Array.from({ length: 2048 }, (_, i) => values[row * 2048 + i]))
    return Math.max(...rows.flatMap((a, i) => rows.map((b, j) => Math.abs(dot(a, b) - (i === j ? 1 : 0)))))
  }
  expect(worst(single)).toBeLessThan(1e-6)
  expect(worst(double)).toBeLessThan(1e-14)
  // The same numbers, but for what float32 leaves off.
  expect(Array.from(single).reduce((most, value, i) => Math.max(most, Math.abs(value - double[i])), 0)).toBeLessThan(
    1e-6,
  )
})

test('the module is small enough for any page to compile it without waiting', () => {
  expect(binary.length / 2).toBeLessThanOrEqual(4096)
})
