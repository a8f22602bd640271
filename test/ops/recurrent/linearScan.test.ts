// Linear recurrences and associative scans: what they refuse, no steps at all, any number of threads, and memory.
import { describe, expect, test } from 'vitest'
import { constant, placeholder } from '../../../src/graph'
import * as ops from '../../../src/ops'
import { grad, jit } from '../../../src/runtime'
import { randomNormal, randomUniform, type Shape, zeros } from '../../../src/tensor'

describe('linearScan', () => {
  test('of no steps is nothing, and nothing flows back', async () => {
    const sums = grad((a, b, h) => ops.sum(ops.linearScan(a, b, { initial: h })), { argnums: [0, 1, 2] })
    for (const backend of ['cpu', 'wasm'] as const) {
      const [da, db, dh] = await jit(sums, { backend })(zeros([0, 2]), zeros([0, 2]), zeros([2]))
      expect([da.shape, db.shape, [...dh.data]]).toEqual([
        [0, 2],
        [0, 2],
        [0, 0],
      ])
    }
  })

  test.each<readonly [Shape, Shape, Shape]>([
    [[3, 2], [4, 2], [2]],
    [[4, 2], [4, 2], [3]],
    [[], [], []],
  ])('refuses a %j, b %j with a state %j', (a, b, h) => {
    const [factors, sums, initial] = [a, b, h].map((shape) => placeholder(shape, 'float32'))
    expect(() => ops.linearScan(factors, sums, { initial })).toThrow(/^linearScan: /)
  })

  test('of complex numbers wants pairs', () => {
    expect(() => ops.complexLinearScan([constant([1])], [constant([1]), constant([1])])).toThrow(
      'complexLinearScan: a: expected a real and an imaginary part, got 1 values',
    )
  })

  // Wide, and so narrow and long that time is shared out.
  test.each([
    [
      [60, 5, 37],
      [60, 5, 37],
    ],
    [
      [60, 5, 37],
      [5, 37],
    ],
    [
      [4099, 7],
      [4099, 7],
    ],
    [[4099, 7], [7]],
  ] as const)('of %j by %j is the same to the last bit on any number of threads', async (shape, factors) => {
    const a = randomUniform(factors, { seed: 1 })
    const b = randomNormal(shape, { seed: 2 })
    const h = randomNormal(shape.slice(1), { seed: 3 })
    const real = grad((x, y, z) => ops.sum(ops.square(ops.linearScan(x, y, { initial: z }))), { argnums: [0, 1, 2] })
    const complex = grad(
      (x, y, z) =>
        ops.add(
          ...(ops
            .complexLinearScan([ops.mul(x, 0.8), ops.mul(x, 0.5)], [y, ops.neg(y)], { initial: [z, z] })
            .map((part) => ops.sum(ops.square(part))) as [never, never]), // two parts
        ),
      { argnums: [0, 1, 2] },
    )
    for (const fn of [real, complex]) {
      const results = (threads: number) => jit(fn, { backend: { name: 'wasm', threads } })(a, b, h)
      const expected = await results(1)
      for (const threads of [2, 3, 8]) expect(await results(threads)).toEqual(expected)
    }
  })
})

describe('associativeScan', () => {
  test('refuses lists of other lengths, from outside and from the function', () => {
    const [x, y] = [constant([1, 2]), constant([1, 2, 3])]
    expect(() => ops.associativeScan((a) => a, [x, y])).toThrow(
      'associativeScan: expected values of one length along axis 0, got [2], [3]',
    )
    expect(() => ops.associativeScan(([a]) => [a], [x, x])).toThrow(
      'associativeScan: f: expected a list of 2 values from it, got 1',
    )
  })
})
