// Layers that look at windows, or change how long sequences and how large images are.
import { describe, expect, test } from 'vitest'
import { OptionError, ShapeError } from '../../src/errors'
import {
  averagePooling1d,
  averagePooling2d,
  conv1d,
  conv2d,
  cropping1d,
  cropping2d,
  globalAveragePooling1d,
  globalAveragePooling2d,
  globalMaxPooling1d,
  globalMaxPooling2d,
  maxPooling1d,
  maxPooling2d,
  upSampling1d,
  upSampling2d,
  zeroPadding1d,
  zeroPadding2d,
} from '../../src/layers'
import { arange, ones, type Tensor, tensor } from '../../src/tensor'
import { callLayer, expectClose } from '../support'

/** A sequence of one channel. */
const series = (...numbers: readonly number[]): Tensor => tensor(numbers, [1, numbers.length, 1])
/** An image of one channel. */
const image = (...rows: readonly (readonly number[])[]): Tensor => tensor(rows, [1, rows.length, rows[0].length, 1])
const plain = { kernelInitializer: 'ones', useBias: false } as const

describe('conv1d', () => {
  const x = series(1, 2, 3, 4)

  test('sums products over a window', async () => {
    const layer = conv1d(1, 2)
    await layer.run(x)
    await layer.setWeights([[[[1]], [[10]]], [100]])
    expectClose(await layer.run(x), series(121, 132, 143))
  })

  test('pads with zeros around or before', async () => {
    expectClose(await conv1d(1, 3, { ...plain, padding: 'same' }).run(x), series(3, 6, 9, 7))
    expectClose(await conv1d(1, 3, { ...plain, padding: 'causal' }).run(x), series(1, 3, 6, 9))
  })

  test('strides and dilates', async () => {
    expectClose(await conv1d(1, 2, { ...plain, strides: 2 }).run(x), series(3, 7))
    expectClose(await conv1d(1, 2, { ...plain, dilationRate: 2 }).run(x), series(4, 6))
  })

  test('gives each group its own filters', async () => {
    const layer = conv1d(2, 1, { groups: 2, useBias: false })
    const pairs = [
      [
        [1, 2],
        [3, 4],
      ],
    ]
    await layer.run(pairs)
    await layer.setWeights([[[[10, 100]]]])
    expectClose(await layer.run(pairs), [
      [
        [10, 200],
        [30, 400],
      ],
    ])
  })

  test('ends a mask', async () => {
    const { masks } = await callLayer(conv1d(1, 2), [x], { masks: [[[true, true, true, false]]] })
    expect(masks).toEqual([undefined])
  })

  test('knows its output’s length, as far as it can be known', () => {
    expect(conv1d(5, 3).outputShape([10, 2])).toEqual([8, 5])
    expect(conv1d(5, 3, { strides: 3, padding: 'same' }).outputShape([10, 2])).toEqual([4, 5])
    expect(conv1d(5, 3).outputShape([null, 2])).toEqual([null, 5])
  })

  test('refuses a sequence shorter than a window, and channels its groups do not divide', async () => {
    await expect(conv1d(1, 3, { dilationRate: 2 }).run(x)).rejects.toThrow(
      /conv1d: expected a time of at least 5, which one window takes, got 4/,
    )
    const layer = conv1d(2, 1, { groups: 2 })
    await expect(layer.run(x)).rejects.toThrow(/conv1d: expected channels divisible by groups, 2, got 1/)
    expect(layer.weights).toEqual([])
  })
})

test('conv2d sums products over windows of images', async () => {
  const x = image([1, 2, 3], [4, 5, 6])
  expectClose(await conv2d(1, 2, plain).run(x), image([12, 16]))
  expectClose(await conv2d(1, [1, 2], { ...plain, padding: 'same', strides: [2, 1] }).run(x), image([3, 5, 3]))
  const layer = conv2d(4, [2, 3])
  expect(layer.outputShape([null, 9, 2])).toEqual([null, 7, 4])
  layer.buildFor([[null, 9, 2]])
  expect(layer.weights.map(({ variable }) => variable.shape)).toEqual([[2, 3, 2, 4], [4]])
  await expect(conv2d(1, 3).run(x)).rejects.toThrow(/expected a height of at least 3/)
})

test.each([
  ['conv1d: filters', () => conv1d(0, 3)],
  ['conv1d: kernelSize', () => conv1d(1, 0)],
  ['conv1d: kernelSize', () => conv1d(1, [3, 3] as never)],
  ['conv1d: strides', () => conv1d(1, 3, { strides: -1 })],
  ['conv1d: dilationRate', () => conv1d(1, 3, { dilationRate: 1.5 })],
  ['conv1d: groups', () => conv1d(3, 3, { groups: 2 })],
  ['conv1d: padding', () => conv1d(3, 3, { padding: 'full' as never })],
  ['conv2d: padding', () => conv2d(3, 3, { padding: 'causal' as never })],
  ['conv2d: kernelSize', () => conv2d(3, [3] as never)],
  ['maxPooling1d: poolSize', () => maxPooling1d(0)],
  ['averagePooling2d: strides', () => averagePooling2d(2, { strides: [1, 0] })],
  ['maxPooling2d: padding', () => maxPooling2d(2, { padding: 'causal' as never })],
  ['zeroPadding1d: padding', () => zeroPadding1d(-1)],
  ['zeroPadding2d: padding', () => zeroPadding2d([1, 2, 3] as never)],
  ['cropping1d: cropping', () => cropping1d([1, 2, 3] as never)],
  ['upSampling1d: size', () => upSampling1d(0)],
  ['upSampling2d: interpolation', () => upSampling2d(2, { interpolation: 'cubic' as never })],
])('%s is checked when the layer is made', (start, make) => {
  expect(make).toThrow(OptionError)
  expect(make).toThrow(start)
})

describe('pooling', () => {
  const x = series(1, 5, 2, 4, 9)

  test('over time takes the largest or the mean of each window', async () => {
    expectClose(await maxPooling1d().run(x), series(5, 4))
    expectClose(await averagePooling1d().run(x), series(3, 3))
    expectClose(await maxPooling1d(3, { strides: 1 }).run(x), series(5, 5, 9))
    expectClose(await maxPooling1d({ poolSize: 2, padding: 'same' }).run(x), series(5, 4, 9))
    expectClose(await averagePooling1d({ poolSize: 2, padding: 'same' }).run(x), series(3, 3, 9))
  })

  test('of negative numbers never finds the padding', async () => {
    expectClose(await maxPooling1d(2, { padding: 'same' }).run(series(-3, -2, -1)), series(-2, -1))
  })

  test('over images takes the largest or the mean of each window', async () => {
    const y = image([1, 2, 3, 4], [5, 6, 7, 8])
    expectClose(await maxPooling2d().run(y), image([6, 8]))
    expectClose(await averagePooling2d().run(y), image([3.5, 5.5]))
    expectClose(await maxPooling2d([1, 3], { strides: 1 }).run(y), image([3, 4], [7, 8]))
  })

  test('knows its output’s shape', () => {
    expect(maxPooling1d(2).outputShape([7, 3])).toEqual([3, 3])
    expect(maxPooling1d(2, { padding: 'same' }).outputShape([7, 3])).toEqual([4, 3])
    expect(averagePooling2d([2, 3]).outputShape([null, 9, null])).toEqual([null, 3, null])
  })

  test('refuses what is smaller than a window', async () => {
    await expect(maxPooling1d(6).run(x)).rejects.toThrow(ShapeError)
    await expect(averagePooling2d(2).run(ones([1, 3, 1, 2]))).rejects.toThrow(/expected a width of at least 2/)
  })

  test('over all takes the largest or the mean', async () => {
    const pairs = tensor([
      [
        [1, 8],
        [3, 2],
      ],
    ])
    expectClose(await globalMaxPooling1d().run(pairs), [[3, 8]])
    expectClose(await globalAveragePooling1d().run(pairs), [[2, 5]])
    expectClose(await globalAveragePooling1d({ keepdims: true }).run(pairs), [[[2, 5]]])
    expectClose(await globalMaxPooling2d().run(image([1, 2], [3, 4])), [[4]])
    expectClose(await globalAveragePooling2d({ keepdims: true }).run(image([1, 2], [3, 4])), [[[[2.5]]]])
    expect(globalMaxPooling2d({ keepdims: true }).outputShape([null, null, 3])).toEqual([1, 1, 3])
  })

  test('over all of time leaves masked steps out of a mean, and a mask ends there', async () => {
    const { outputs, masks } = await callLayer(
      globalAveragePooling1d(),
      [
        [
          [[1], [9], [3]],
          [[1], [2], [3]],
        ],
      ],
      {
        masks: [
          [
            [true, false, true],
            [false, false, false],
          ],
        ],
      },
    )
    expectClose(outputs[0], [[2], [0]])
    expect(masks).toEqual([undefined])
  })
})

test('zero padding puts zeros on each side', async () => {
  expectClose(await zeroPadding1d().run(series(5, 6)), series(0, 5, 6, 0))
  expectClose(await zeroPadding1d([0, 2]).run(series(5)), series(5, 0, 0))
  expectClose(await zeroPadding2d([1, 0]).run(image([5])), image([0], [5], [0]))
  const sides = [
    [0, 1],
    [2, 0],
  ] as const
  expectClose(await zeroPadding2d({ padding: sides }).run(image([5])), image([0, 0, 5], [0, 0, 0]))
  expect(zeroPadding2d(2).outputShape([null, 5, 3])).toEqual([null, 9, 3])
})

test('cropping undoes zero padding', async () => {
  const x = tensor(arange(24).data, [1, 4, 3, 2])
  const padded = await zeroPadding2d([
    [1, 2],
    [0, 3],
  ]).run(x)
  expectClose(
    await cropping2d([
      [1, 2],
      [0, 3],
    ]).run(padded),
    x,
  )
  expectClose(await cropping2d().run(x), x)
  expectClose(await cropping1d().run(series(1, 2, 3)), series(2))
  await expect(cropping1d(2).run(series(1, 2, 3, 4))).rejects.toThrow(
    /cropping1d: cropping: expected less than there is/,
  )
})

test('up-sampling repeats places', async () => {
  expectClose(await upSampling1d().run(series(1, 2)), series(1, 1, 2, 2))
  expectClose(await upSampling2d([1, 2]).run(image([1, 2], [3, 4])), image([1, 1, 2, 2], [3, 3, 4, 4]))
  expect(upSampling2d(3).outputShape([null, 2, 5])).toEqual([null, 6, 5])
})

test('bilinear up-sampling draws lines between pixels, and keeps the ends', async () => {
  expectClose(await upSampling2d([1, 2], { interpolation: 'bilinear' }).run(image([0, 4])), image([0, 1, 3, 4]))
  expectClose(
    await upSampling2d([3, 1], { interpolation: 'bilinear' }).run(image([0], [3])),
    image([0], [0], [1], [2], [3], [3]),
  )
})
