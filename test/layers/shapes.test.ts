// Layers that move numbers without changing them: flatten, reshape, permute, repeatVector.
import { expect, test } from 'vitest'
import { OptionError, ShapeError } from '../../src/errors'
import { flatten, permute, repeatVector, reshape } from '../../src/layers'
import { ones, type PartialShape } from '../../src/tensor'
import { callLayer, expectClose } from '../support'

const pairs = [
  [
    [1, 2],
    [3, 4],
    [5, 6],
  ],
]

test('flatten lays out a sample in one axis', async () => {
  expectClose(await flatten().run(pairs), [[1, 2, 3, 4, 5, 6]])
  expectClose(await flatten().run([1, 2]), [[1], [2]])
  expect(flatten().outputShape([null, 3])).toEqual([null])
})

test('reshape works out one length, or leaves it open where the input’s is', async () => {
  expectClose(await reshape([2, 3]).run(pairs), [
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
  ])
  expectClose(await reshape([-1, 3]).run(pairs), [
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
  ])
  expect(reshape([-1, 3]).outputShape([4, 6])).toEqual([8, 3])
  expect(reshape([-1, 3]).outputShape([null, 6])).toEqual([null, 3])
})

test('permute counts axes from 1', async () => {
  expectClose(await permute([2, 1]).run(pairs), [
    [
      [1, 3, 5],
      [2, 4, 6],
    ],
  ])
  expect(permute([3, 1, 2]).outputShape([5, null, 7])).toEqual([7, 5, null])
})

test('repeatVector repeats a vector over time', async () => {
  expectClose(await repeatVector(2).run([[1, 2]]), [
    [
      [1, 2],
      [1, 2],
    ],
  ])
})

test('a mask of steps ends where the steps do', async () => {
  for (const layer of [flatten(), reshape([6]), permute([2, 1])]) {
    const { masks } = await callLayer(layer, [pairs], { masks: [[[true, true, false]]] })
    expect(masks).toEqual([undefined])
  }
})

test.each([
  ['reshape', () => reshape([-1, -1])],
  ['reshape', () => reshape([0, 2])],
  ['reshape', () => reshape(6 as never)],
  ['permute', () => permute([0, 1])],
  ['permute', () => permute([1, 1])],
  ['permute', () => permute([])],
  ['repeatVector', () => repeatVector(0)],
  ['repeatVector', () => repeatVector(1.5)],
])('%s checks its first argument', (kind, make) => {
  expect(make).toThrow(OptionError)
  expect(make).toThrow(kind)
})

test.each<[string, () => unknown]>([
  ['other numbers of elements', () => reshape([4]).run(pairs)],
  ['other numbers of elements', () => reshape([-1, 4]).run(pairs)],
  ['another rank than dims', () => permute([2, 1]).run(ones([1, 2, 3, 4]))],
  ['a sequence to repeat', () => repeatVector(2).run(pairs)],
])('%s are refused', async (_, run) => {
  await expect(run()).rejects.toThrow(ShapeError)
})

test('a shape rule refuses what a call would', () => {
  const refuse = (shape: PartialShape) => () => reshape([4]).outputShape(shape)
  expect(refuse([3, 2])).toThrow(/reshape: expected as many numbers as targetShape \[4\] holds, .* \[3, 2\]/)
})
