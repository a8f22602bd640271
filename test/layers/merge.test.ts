// Layers of several inputs: values by hand, broadcasting, masks, and inputs that do not fit.
import { expect, test } from 'vitest'
import { OptionError, ShapeError } from '../../src/errors'
import {
  add,
  average,
  concatenate,
  dot,
  input,
  type Layer,
  maximum,
  minimum,
  multiply,
  subtract,
} from '../../src/layers'
import { tensor } from '../../src/tensor'
import { callLayer, expectClose, floats } from '../support'

const [a, b, c] = [[[1, 8]], [[3, 2]], [[5, 6]]]

test.each<[string, Layer, number[]]>([
  ['add', add(), [9, 16]],
  ['multiply', multiply(), [15, 96]],
  ['average', average(), [3, 16 / 3]],
  ['maximum', maximum(), [5, 8]],
  ['minimum', minimum(), [1, 2]],
])('%s joins any number of inputs', async (_, layer, expected) => {
  expectClose(await layer.run([a, b, c]), [expected])
})

test('subtract takes two inputs', async () => {
  expectClose(await subtract().run([a, b]), [[-2, 6]])
  await expect(subtract().run([a, b, c])).rejects.toThrow(/subtract: expected 2 inputs, got 3/)
})

test('lengths of 1 and missing axes stretch', async () => {
  const series = [
    [
      [1, 2],
      [3, 4],
    ],
  ]
  expectClose(await add().run([series, [[[10], [20]]]]), [
    [
      [11, 12],
      [23, 24],
    ],
  ])
  expectClose(await add().run([series, [[10, 20]]]), [
    [
      [11, 22],
      [13, 24],
    ],
  ])
  expect(
    add().outputShapes([
      [null, 2],
      [1, 2],
    ]),
  ).toEqual([[null, 2]])
  expect(add().outputShapes([[null, 1], [5, 2], [2]])).toEqual([[5, 2]])
})

test('inputs whose shapes do not meet are refused', () => {
  const inputs = [input({ shape: [4, 3] }), input({ shape: [4, 2] })]
  expect(() => add().apply(inputs)).toThrow(ShapeError)
  expect(() => add().apply(inputs)).toThrow(/add: expected inputs of one shape, .* \[null, 4, 3\], \[null, 4, 2\]/)
})

test('a step counts where it counts in any input; without a mask it counts everywhere', async () => {
  const x = floats([1, 3, 2])
  const joined = await callLayer(add(), [x, x], { masks: [[[true, false, false]], [[false, false, true]]] })
  expect(joined.masks[0]?.toArray()).toEqual([[true, false, true]])
  const half = await callLayer(add(), [x, x], { masks: [[[true, false, false]], undefined] })
  expect(half.masks).toEqual([undefined])
})

test.each<[string, Layer, number[]]>([
  ['maximum', maximum(), [3, 5, -1, 3]],
  ['minimum', minimum(), [-1, 5, -1, 3]],
  ['multiply', multiply(), [-3, 5, -1, 0]],
  ['add', add(), [2, 8, 2, 2]],
])('%s takes masked places as Keras does', async (_, layer, expected) => {
  const x = tensor([[[3], [3], [3], [3]]])
  const y = tensor([[[-1], [5], [-1], [-1]]])
  const masks = [[[true, false, false, false]], [[true, true, true, false]]]
  expectClose((await callLayer(layer, [x, y], { masks })).outputs[0], [expected.map((value) => [value])])
})

test('concatenate joins features, or steps', async () => {
  expectClose(await concatenate().run([a, b, [[0]]]), [[1, 8, 3, 2, 0]])
  expectClose(
    await concatenate({ axis: 1 }).run([
      [[[1, 2]]],
      [
        [
          [3, 4],
          [5, 6],
        ],
      ],
    ]),
    [
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    ],
  )
  expect(
    concatenate().outputShapes([
      [null, 2],
      [7, 3],
    ]),
  ).toEqual([[7, 5]])
  expect(
    concatenate({ axis: 1 }).outputShapes([
      [null, 2],
      [7, 2],
    ]),
  ).toEqual([[null, 2]])
})

test('concatenate joins masks as it joins inputs', async () => {
  const x = floats([1, 2, 2])
  const [first, second] = [[[true, false]], [[false, false]]]
  const features = await callLayer(concatenate(), [x, x], { masks: [first, second] })
  expect(features.masks[0]?.toArray()).toEqual([[true, false]])
  const steps = await callLayer(concatenate({ axis: 1 }), [x, x], { masks: [first, undefined] })
  expect(steps.masks[0]?.toArray()).toEqual([[true, false, true, true]])
  const partly = await callLayer(concatenate(), [x, x], { masks: [first, undefined] })
  expect(partly.masks).toEqual([undefined])
})

test('concatenate refuses inputs that differ elsewhere, and the axis of the batch', () => {
  const inputs = [input({ shape: [4, 3] }), input({ shape: [5, 3] })]
  expect(() => concatenate().apply(inputs)).toThrow(/concatenate: expected inputs of one shape but along axis 2/)
  expect(() => concatenate({ axis: 0 })).toThrow(OptionError)
  expect(() => concatenate({ axis: 3 }).apply(inputs)).toThrow(ShapeError)
})

test('dot sums products over an axis of each', async () => {
  expectClose(await dot(1).run([a, b]), [[19]])
  expectClose(await dot({ axes: -1 }).run([a, b]), [[19]])
  const series = [
    [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
  ]
  expectClose(await dot([2, 1]).run([series, a]), [[17, 35, 53]])
  expectClose(await dot(2).run([series, [[[1, 1]]]]), [[[3], [7], [11]]])
  expect(
    dot([2, 1]).outputShapes([
      [null, 2, 5],
      [2, 7],
    ]),
  ).toEqual([[null, 5, 7]])
})

test('dot of normalized vectors is their cosine', async () => {
  expectClose(await dot(1, { normalize: true }).run([[[3, 0]], [[2, 2]]]), [[Math.SQRT1_2]])
  expectClose(await dot(1, { normalize: true }).run([[[0, 0]], [[2, 2]]]), [[0]])
})

test('dot refuses axes that differ in length, the batch, and other than two inputs', async () => {
  await expect(dot(1).run([a, [[1, 2, 3]]])).rejects.toThrow(
    /dot: expected the same length along axes 1 and 1, got \[null, 2\] and \[null, 3\]/,
  )
  await expect(dot(1).run([a, b, c])).rejects.toThrow(/dot: expected 2 inputs, got 3/)
  expect(() => dot(0)).toThrow(OptionError)
  expect(() => dot([1, 2, 3] as never)).toThrow(OptionError)
  expect(() => dot({})).toThrow(OptionError)
})
