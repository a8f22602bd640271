// Embedding and masking: where sequences begin and what of them is skipped.
import { expect, test } from 'vitest'
import { DataError, OptionError } from '../../src/errors'
import { dense, einsumDense, embedding, masking, rmsNormalization, spectralNormalization } from '../../src/layers'
import { tensor } from '../../src/tensor'
import { callLayer, expectClose } from '../support'

const words = [
  [0, 10],
  [1, 11],
  [2, 12],
]

test('embedding gives each index its vector', async () => {
  const layer = embedding(3, 2)
  layer.buildFor([[null]])
  await layer.setWeights([words])
  expectClose(
    await layer.run([
      [2, 0],
      [1, 1],
    ]),
    [
      [
        [2, 12],
        [0, 10],
      ],
      [
        [1, 11],
        [1, 11],
      ],
    ],
  )
  expectClose(await layer.run([[[2]], [[0]]]), [[[[2, 12]]], [[[0, 10]]]])
  expectClose(await layer.run(tensor([2, 1], [2], 'int32')), [
    [2, 12],
    [1, 11],
  ])
})

test('embedding begins with small numbers', async () => {
  const layer = embedding(50, 20)
  const { data } = await layer.run(Array.from({ length: 50 }, (_, i) => i))
  expect(Math.max(...data.map(Math.abs))).toBeLessThanOrEqual(0.05)
  expect(new Set(data).size).toBeGreaterThan(900)
})

test('embedding masks index 0 when asked to', async () => {
  const x = [
    tensor(
      [
        [0, 2],
        [1, 0],
      ],
      undefined,
      'int32',
    ),
  ]
  expect((await callLayer(embedding(3, 2), x)).masks).toEqual([undefined])
  const { masks } = await callLayer(embedding(3, 2, { maskZero: true }), x)
  expect(masks[0]?.toArray()).toEqual([
    [false, true],
    [true, false],
  ])
})

test.each([
  [3, /embedding: expected whole numbers from 0 to 2, got 3 at \[1, 0\]/],
  [-1, /got -1 at \[1, 0\]/],
  [1.5, /got 1.5 at \[1, 0\]/],
  [Number.NaN, /got NaN at \[1, 0\]/],
])('embedding refuses %s as the index of a vocabulary of 3', async (index, message) => {
  const run = embedding(3, 2).run([
    [0, 1],
    [index, 2],
  ])
  await expect(run).rejects.toThrow(DataError)
  await expect(run).rejects.toThrow(message)
})

test('embedding checks its sizes', () => {
  expect(() => embedding(0, 2)).toThrow(OptionError)
  expect(() => embedding(3, -2)).toThrow(/embedding: units/)
})

test('masking marks steps in which all features have its value, and sets them to 0', async () => {
  const x = [
    [
      [1, 2],
      [-1, -1],
      [-1, 3],
    ],
  ]
  const { outputs, masks } = await callLayer(masking({ maskValue: -1 }), [x])
  expectClose(outputs[0], [
    [
      [1, 2],
      [0, 0],
      [-1, 3],
    ],
  ])
  expect(masks[0]?.toArray()).toEqual([[true, false, true]])
})

test('masking takes 0 for missing by default', async () => {
  const { masks } = await callLayer(masking(), [
    [
      [
        [0, 0],
        [0, 1],
      ],
    ],
  ])
  expect(masks[0]?.toArray()).toEqual([[false, true]])
  expect(() => masking({ maskValue: 'none' as never })).toThrow(/masking: maskValue/)
})

test.each([
  ['einsumDense', () => einsumDense('abc,cd->abd', [null, 2]), undefined],
  ['rmsNormalization', () => rmsNormalization(), undefined],
  ['spectralNormalization', () => spectralNormalization(dense(2)), undefined],
  ['dense', () => dense(2), [[true, false]]],
] as const)('a mask goes through %s where it does in Keras', async (_, make, expected) => {
  const { masks } = await callLayer(make(), [tensor([1, 2, 3, 4], [1, 2, 2])], { masks: [[[true, false]]] })
  expect(masks[0]?.toArray()).toEqual(expected)
})
