// From values to one number: weights, masks, reductions.

import { describe, expect, test } from 'vitest'
import { ShapeError } from '../../src/errors'
import { placeholder, type Value } from '../../src/graph'
import { lossOf, type Reduction, reduceLoss, resolveLoss } from '../../src/losses'
import { sparseCategoricalCrossentropy } from '../../src/losses/factories'
import { jit } from '../../src/runtime'
import { type TensorLike, tensor } from '../../src/tensor'
import { fc } from '../support/random'

interface Given {
  readonly sampleWeight?: TensorLike
  readonly mask?: TensorLike
  readonly reduction?: Reduction
}

async function reduced(values: TensorLike, { sampleWeight, mask, reduction = 'sumOverBatchSize' }: Given = {}) {
  const run = jit((v: Value) => reduceLoss(v, { sampleWeight, mask, reduction }), { backend: 'cpu' })
  return (await run(values)).toArray()
}

describe('reduceLoss', () => {
  test('averages over all values', async () => {
    expect(await reduced([1, 2, 6])).toBe(3)
    expect(
      await reduced([
        [1, 2],
        [3, 6],
      ]),
    ).toBe(3)
  })

  test('divides the weighted sum by the number of values, not by the weights', async () => {
    expect(await reduced([1, 2, 6], { sampleWeight: [1, 0, 0.5] })).toBeCloseTo(4 / 3)
  })

  test('takes a single value for all places', async () => {
    expect(await reduced(6)).toBe(6)
    expect(await reduced(6, { mask: [[true, false, true]] })).toBeCloseTo(6)
    expect(await reduced(6, { sampleWeight: [1, 2] })).toBe(9)
    expect(await reduced(6, { sampleWeight: [1, 2], mask: [[true], [false]] })).toBeCloseTo(6)
    expect(await reduced(6, { sampleWeight: [1, 2], reduction: 'meanWithSampleWeight' })).toBe(6)
  })

  test('divides by the weights where that is asked for', async () => {
    expect(await reduced([1, 2, 6], { sampleWeight: [1, 0, 0.5], reduction: 'meanWithSampleWeight' })).toBeCloseTo(
      4 / 1.5,
    )
  })

  test('sums, or leaves the values as they are', async () => {
    expect(await reduced([1, 2], { sampleWeight: [1, 3], reduction: 'sum' })).toBe(7)
    expect(await reduced([1, 2], { sampleWeight: [1, 3], reduction: 'none' })).toEqual([1, 6])
  })

  test('averages over the values that a mask leaves', async () => {
    const values = [
      [1, 2],
      [3, 6],
    ]
    expect(
      await reduced(values, {
        mask: [
          [true, false],
          [true, true],
        ],
      }),
    ).toBeCloseTo(10 / 3)
    expect(
      await reduced(values, {
        mask: [
          [true, false],
          [true, true],
        ],
        reduction: 'sum',
      }),
    ).toBe(10)
  })

  test('applies weights of samples to every step that is not masked', async () => {
    const values = [
      [1, 2],
      [3, 6],
    ]
    const given = {
      mask: [
        [true, false],
        [true, true],
      ],
      sampleWeight: [2, 1],
    }
    expect(await reduced(values, given)).toBeCloseTo((2 + 3 + 6) / 3)
  })

  test('is 0 where nothing counts', async () => {
    expect(await reduced([1, 2], { mask: [false, false] })).toBe(0)
    expect(await reduced([1, 2], { sampleWeight: [0, 0], reduction: 'meanWithSampleWeight' })).toBe(0)
  })

  test('leaves one number as it is', async () => {
    expect(await reduced(5)).toBe(5)
  })

  test('takes weights with an axis of length 1 more or less', async () => {
    expect(await reduced([1, 2], { sampleWeight: [[1], [3]] })).toBe(3.5)
    expect(await reduced([[1], [2]], { sampleWeight: [1, 3] })).toBe(3.5)
  })

  test('refuses weights that do not fit', () => {
    const values = placeholder([4, 3])
    expect(() => reduceLoss(values, { sampleWeight: [1, 2, 3] })).toThrow(ShapeError)
    expect(() => reduceLoss(values, { sampleWeight: [1, 2, 3] })).toThrow(
      'sampleWeight: weights or mask of shape [3] do not fit loss values of shape [4, 3].',
    )
  })

  test('a mask of zeros and ones is the mean over the values it keeps', async () => {
    const run = jit((v: Value, m: Value) => reduceLoss(v, { mask: m }), { backend: 'cpu' })
    const entry = fc.tuple(fc.integer({ min: -50, max: 50 }), fc.boolean())
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { minLength: 5, maxLength: 5 }), async (entries) => {
        const kept = entries.filter(([, counts]) => counts).map(([value]) => value)
        const expected = kept.length === 0 ? 0 : kept.reduce((sum, value) => sum + value, 0) / kept.length
        const got = await run(
          entries.map(([value]) => value),
          tensor(entries.map(([, counts]) => counts)),
        )
        expect(got.item()).toBeCloseTo(expected, 4)
      }),
      { numRuns: 50 },
    )
  })
})

describe('lossOf', () => {
  const loss = sparseCategoricalCrossentropy({ ignoreClass: 0 })
  const yPred = [
    [0.5, 0.5],
    [0.5, 0.5],
    [0.25, 0.75],
  ]

  test('does not count what the loss itself leaves out', async () => {
    const run = jit((y: Value, p: Value) => lossOf(loss, y, p), { backend: 'cpu' })
    expect((await run([0, 1, 1], yPred)).item()).toBeCloseTo(-(Math.log(0.5) + Math.log(0.75)) / 2)
  })

  test('counts only what neither the loss nor the mask leaves out', async () => {
    const run = jit((y: Value, p: Value) => lossOf(loss, y, p, { mask: [true, true, false] }), { backend: 'cpu' })
    expect((await run([0, 1, 1], yPred)).item()).toBeCloseTo(-Math.log(0.5))
  })

  test('takes the reduction of the loss', async () => {
    const sum = sparseCategoricalCrossentropy({ reduction: 'sum' })
    const run = jit((y: Value, p: Value) => lossOf(sum, y, p), { backend: 'cpu' })
    expect((await run([1, 1, 0], yPred)).item()).toBeCloseTo(-2 * Math.log(0.5) - Math.log(0.25))
  })

  test('takes a function of one number as it takes one of a number for each sample', async () => {
    const mean = resolveLoss((_, p) => p)
    const run = jit((y: Value, p: Value) => lossOf(mean, y, p), { backend: 'cpu' })
    expect((await run([0, 0], [1, 3])).item()).toBe(2)
    const one = resolveLoss(() => 7)
    const runOne = jit((y: Value, p: Value) => lossOf(one, y, p), { backend: 'cpu' })
    expect((await runOne([0, 0], [1, 3])).item()).toBe(7)
  })
})
