// Normalisation layers: values by hand, moving statistics, masks, options.
import { describe, expect, test } from 'vitest'
import { OptionError, ShapeError } from '../../src/errors'
import { decodeModel } from '../../src/formats/formats'
import { constant, placeholder } from '../../src/graph'
import { encodeSafetensors } from '../../src/io'
import {
  batchNormalization,
  beginTrace,
  contextOf,
  input,
  layerNormalization,
  normalization,
  rescaling,
  unitNormalization,
} from '../../src/layers'
import { loadModel, sequential } from '../../src/model'
import { add } from '../../src/ops'
import { compile, selectBackend } from '../../src/runtime'
import { ones, tensor } from '../../src/tensor'
import { callLayer, expectClose, floats } from '../support'
import { backendUnderTest } from '../support/backend'

describe('layerNormalization', () => {
  test('brings each sample to mean 0 and variance 1, then scales and shifts', async () => {
    const layer = layerNormalization({ epsilon: 0 })
    expectClose(
      await layer.run([
        [1, 3],
        [10, 30],
      ]),
      [
        [-1, 1],
        [-1, 1],
      ],
    )
    await layer.setWeights([
      [2, 3],
      [10, 20],
    ])
    expectClose(await layer.run([[1, 3]]), [[8, 23]])
  })

  test('adds epsilon, 0.001 by default, to the variance', async () => {
    expectClose(await layerNormalization().run([[1, 3]]), [[-1 / Math.sqrt(1.001), 1 / Math.sqrt(1.001)]])
  })

  test('normalises several axes together, with a weight for each place', async () => {
    const layer = layerNormalization({ axis: [1, 2], epsilon: 0 })
    expectClose(
      await layer.run([
        [
          [1, 1],
          [3, 3],
        ],
      ]),
      [
        [
          [-1, -1],
          [1, 1],
        ],
      ],
    )
    expect(layer.weights.map(({ name, variable }) => [name, variable.shape])).toEqual([
      ['gamma', [2, 2]],
      ['beta', [2, 2]],
    ])
  })

  test('normalises an axis that is not the last', async () => {
    const layer = layerNormalization({ axis: 1, epsilon: 0 })
    expectClose(
      await layer.run([
        [
          [1, 10],
          [3, 30],
        ],
      ]),
      [
        [
          [-1, -1],
          [1, 1],
        ],
      ],
    )
  })

  test('can do without gamma and beta', async () => {
    const layer = layerNormalization({ center: false, scale: false })
    await layer.run([[1, 3]])
    expect(layer.weights).toEqual([])
  })

  test('refuses axes that are not there, unknown lengths, and a negative epsilon', () => {
    expect(() => layerNormalization({ axis: 0 })).toThrow(OptionError)
    expect(() => layerNormalization({ axis: [1, -1] }).apply(input({ shape: [3] }))).toThrow(OptionError)
    expect(() => layerNormalization({ epsilon: -1 })).toThrow(/layerNormalization: epsilon/)
    expect(() => layerNormalization({ axis: 3 }).apply(input({ shape: [3] }))).toThrow(ShapeError)
    expect(() => layerNormalization().apply(input({ shape: [2, null] }))).toThrow(/known number of places along axis 2/)
  })
})

describe('batchNormalization', () => {
  const x = tensor([
    [1, 10],
    [3, 30],
  ])

  test('takes the batch’s statistics in training, and moves its own by them', async () => {
    const layer = batchNormalization({ epsilon: 0, momentum: 0.9 })
    const { outputs, updates } = await callLayer(layer, [x], { training: true })
    expectClose(outputs[0], [
      [-1, -1],
      [1, 1],
    ])
    expectClose(updates['batchNormalization/movingMean'], [0.2, 2])
    expectClose(updates['batchNormalization/movingVariance'], [0.9 + 0.1, 0.9 + 10])
  })

  test('called twice in one program, moves its statistics twice', async () => {
    const layer = batchNormalization({ momentum: 0.5 })
    const value = placeholder([2, 1])
    const context = contextOf(beginTrace(true, constant([0, 0], 'int32')))
    layer.callWith([value], context)
    layer.callWith([add(value, 2)], context)
    const [{ variable }] = layer.weights.filter(({ name }) => name === 'movingMean')
    const graph = { inputs: [value], outputs: [context.current(variable)], updates: [] }
    const [mean] = await (await compile(graph, await selectBackend(backendUnderTest))).run([tensor([[1], [3]])])
    expectClose(mean, [0.5 * (0.5 * 0 + 0.5 * 2) + 0.5 * 4])
  })

  test('takes its own statistics otherwise, and leaves them', async () => {
    const layer = batchNormalization({ epsilon: 0 })
    layer.buildFor([[2]])
    await layer.setWeights([
      [1, 2],
      [0, 5],
      [3, 10],
      [4, 100],
    ])
    const { outputs, updates } = await callLayer(layer, [x])
    expectClose(outputs[0], [
      [-1, 5],
      [0, 9],
    ])
    expect(updates).toEqual({})
  })

  test('is as at rest while it is frozen', async () => {
    const layer = batchNormalization({ epsilon: 0, trainable: false })
    const { outputs, updates } = await callLayer(layer, [x], { training: true })
    expectClose(outputs[0], x)
    expect(updates).toEqual({})
    expect(layer.trainableWeights).toEqual([])
  })

  test('has two weights to train and two that move', async () => {
    const layer = batchNormalization()
    layer.buildFor([[2]])
    expect(layer.weights.map(({ name, trainable }) => [name, trainable])).toEqual([
      ['gamma', true],
      ['beta', true],
      ['movingMean', false],
      ['movingVariance', false],
    ])
  })

  test('leaves masked steps out of the statistics, though it normalises them too', async () => {
    const { outputs, masks } = await callLayer(batchNormalization({ epsilon: 0 }), [[[[1], [99], [3]]]], {
      training: true,
      masks: [[[true, false, true]]],
    })
    expectClose(outputs[0], [[[-1], [97], [1]]], { relative: 1e-4 })
    expect(masks[0]?.toArray()).toEqual([[true, false, true]])
  })

  test('a batch that is masked as a whole makes no NaN', async () => {
    const { outputs } = await callLayer(batchNormalization(), [floats([1, 2, 3])], {
      training: true,
      masks: [[[false, false]]],
    })
    expect(outputs[0].data.every(Number.isFinite)).toBe(true)
  })

  test('normalises the features of another axis', async () => {
    const { outputs } = await callLayer(
      batchNormalization({ axis: 1, epsilon: 0 }),
      [
        [
          [
            [1, 3],
            [10, 30],
          ],
        ],
      ],
      {
        training: true,
      },
    )
    expectClose(outputs[0], [
      [
        [-1, 1],
        [-1, 1],
      ],
    ])
  })

  test('refuses a momentum outside 0 to 1, the batch as axis, and a vector of no features', async () => {
    expect(() => batchNormalization({ momentum: 1.5 })).toThrow(/batchNormalization: momentum/)
    expect(() => batchNormalization({ axis: 0 })).toThrow(OptionError)
    await expect(batchNormalization().run([1, 2])).rejects.toThrow(ShapeError)
  })
})

test('unitNormalization brings vectors to length 1, and leaves zeros', async () => {
  expectClose(
    await unitNormalization().run([
      [3, 4],
      [0, 0],
    ]),
    [
      [0.6, 0.8],
      [0, 0],
    ],
  )
  expectClose(
    await unitNormalization({ axis: [1, 2] }).run([
      [
        [1, 1],
        [1, 1],
      ],
    ]),
    [
      [
        [0.5, 0.5],
        [0.5, 0.5],
      ],
    ],
  )
  expect(() => unitNormalization({ axis: 2 }).outputShape([3])).toThrow(ShapeError)
})

test('rescaling multiplies, then adds, also whole numbers', async () => {
  expectClose(await rescaling(2, { offset: 1 }).run([[1, 2]]), [[3, 5]])
  expectClose(await rescaling([1, 10]).run([[1, 2]]), [[1, 20]])
  expectClose(await rescaling(0.5).run(tensor([[1, 3]], undefined, 'int32')), [[0.5, 1.5]])
  expect((await rescaling(0.5).run(ones([2, 3]))).dtype).toBe('float32')
  expect(() => rescaling('2' as never)).toThrow(/rescaling: scale/)
  expect(() => rescaling(1, { offset: [] })).toThrow(/rescaling: offset/)
})

describe('layerNormalization without weights', () => {
  test('takes axes of any length, another one each time', async () => {
    const layer = layerNormalization({ axis: [1, 2], scale: false, center: false, epsilon: 0 })
    expect(layer.apply(input({ shape: [null, 2] })).shape).toEqual([null, 2])
    expectClose(await layer.run([[[1, 3]]]), [[[-1, 1]]])
    expectClose(await layer.run([[[0, 0], [2, 2]]]), [[[-1, -1], [1, 1]]]) // biome-ignore format: rows
  })

  test('with one of them, the lengths have to be known', () => {
    const layer = layerNormalization({ axis: 1, scale: false })
    expect(() => layer.apply(input({ shape: [null, 2] }))).toThrow(/known number of places along axis 1/)
  })
})

describe('the weights of normalization', () => {
  const rows = [
    [1, 2],
    [3, 6],
  ]

  test("are Keras' list: mean, variance and count of what was learnt", async () => {
    const layer = normalization()
    await layer.adapt(rows)
    expect(layer.weights.map(({ name, trainable }) => [name, trainable])).toEqual([
      ['mean', false],
      ['variance', false],
      ['count', false],
    ])
    expect((await layer.getWeights()).map((weight) => weight.toArray())).toEqual([[2, 4], [1, 4], 2])
    // keras.layers.Normalization after adapt, get_weights(): its count is an integer without axes.
    const other = normalization()
    await other.run(rows)
    await other.setWeights([[2, 4], [1, 4], 0])
    expectClose(await other.run(rows), await layer.run(rows))
  })

  test('are none where they were given, nor is there anything to learn', async () => {
    const layer = normalization({ mean: [2, 4], variance: [1, 4] })
    expectClose(await layer.run(rows), [
      [-1, -1],
      [1, 1],
    ])
    expect(layer.weights).toEqual([])
    await layer.setWeights([])
    await expect(layer.adapt(rows)).rejects.toThrow(OptionError)
    await expect(layer.adapt(rows)).rejects.toThrow(/normalization\.adapt: expected a layer that learns/)
    await expect(normalization({ mean: [1], variance: [1] }).run(rows)).rejects.toThrow(ShapeError)
  })

  test('of files from before, without a count and with what was given, are still read', async () => {
    const layer = normalization()
    await layer.adapt(rows)
    const given = normalization({ mean: [7, 7], variance: [2, 2] })
    const net = sequential([layer, given], { inputShape: [2] })
    const { architecture } = decodeModel(await net.toBytes())
    const tensors = new Map([
      ['normalization/mean', tensor([2, 4])],
      ['normalization/variance', tensor([1, 4])],
      // As a layer that was given numbers and adapted after it had them.
      ['normalization_1/mean', tensor([1, 0])],
      ['normalization_1/variance', tensor([4, 4])],
    ])
    const metadata = { format: 'hornbeam', version: '1', architecture: JSON.stringify(architecture) }
    const again = await loadModel(encodeSafetensors({ tensors, metadata }))
    expectClose(await again.predict(rows), [
      [-1, -0.5],
      [0, 0.5],
    ])
    expect(await (await loadModel(await again.toBytes())).predict(rows)).toEqual(await again.predict(rows))
  })
})

describe('normalization along several axes', () => {
  // [batch 3, 2, 4, 3]
  const batch = Array.from({ length: 3 * 2 * 4 * 3 }, (_, i) => Math.sin(i) * (i % 5))
  const x = tensor(Float32Array.from(batch), [3, 2, 4, 3])

  test('takes each place of the axes together for a feature, as in Keras', async () => {
    const layer = normalization({ axis: [3, 1] })
    await layer.adapt(x)
    const [mean, variance] = await layer.getWeights()
    expect([mean.shape, variance.shape]).toEqual([
      [2, 3],
      [2, 3],
    ])
    for (const row of [0, 1]) {
      for (const channel of [0, 1, 2]) {
        const numbers = batch.filter((_, i) => Math.floor(i / 12) % 2 === row && i % 3 === channel)
        const middle = numbers.reduce((sum, value) => sum + value) / numbers.length
        const spread = numbers.reduce((sum, value) => sum + (value - middle) ** 2, 0) / numbers.length
        expect(mean.data[row * 3 + channel]).toBeCloseTo(middle, 5)
        expect(variance.data[row * 3 + channel]).toBeCloseTo(spread, 4)
      }
    }
    const scaled = await layer.run(x)
    expect(scaled.data[14]).toBeCloseTo((batch[14] - mean.data[5]) / Math.sqrt(variance.data[5]), 4)
  })

  test('is told their moments nested, in the order of the axes', async () => {
    const mean = [
      [0, 1, 2],
      [3, 4, 5],
    ]
    const variance = mean.map((row) => row.map(() => 1))
    const layer = normalization({ axis: [2, 1], mean, variance })
    // keras.layers.Normalization(axis=[2, 1], mean=..., variance=...)(ones)
    expectClose(await layer.run(ones([1, 2, 3])), [
      [
        [1, 0, -1],
        [-2, -3, -4],
      ],
    ])
  })

  test('refuses the batch among them, and an axis twice', () => {
    expect(() => normalization({ axis: [1, 0] })).toThrow('or a list of them, got [1,0]')
    expect(() => normalization({ axis: [1, -1] }).apply(input({ shape: [3] }))).toThrow(/expected each axis once/)
  })
})
