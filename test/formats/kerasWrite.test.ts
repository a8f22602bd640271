// What is saved as Keras' files is read again as it was: outputs, training that goes on, weights into a model that is there.

import { describe, expect, test } from 'vitest'
import {
  adafactor,
  adam,
  batchNormalization,
  bidirectional,
  concatenate,
  conv2d,
  dense,
  embedding,
  FormatError,
  flatten,
  gru,
  gruCell,
  input,
  loadModel,
  lstm,
  lstmCell,
  type Model,
  maxPooling2d,
  metrics,
  model,
  nadam,
  normalization,
  readTensors,
  rmsprop,
  rnn,
  schedules,
  sequential,
  sgd,
  type Tensor,
  timeDistributed,
} from '../../src'
import { openZip, writeZip } from '../../src/formats/zip'
import { expectClose } from '../support/close'
import { floats, integers } from '../support/numbers'
import { answers, cases, fixture, those } from './corpus'

const exactly = { absolute: 1e-6, relative: 1e-6 }

interface Kind {
  readonly make: () => Model
  readonly x: Tensor | readonly Tensor[]
  readonly y: Tensor
}

const kinds: Readonly<Record<string, Kind>> = {
  'a classifier of text': {
    make: () =>
      sequential([embedding(20, 4, { maskZero: true }), bidirectional(lstm(3)), dense(2, { activation: 'softmax' })], {
        inputShape: [6],
      }).compile({ optimizer: adam({ amsgrad: true }), loss: 'categoricalCrossentropy', metrics: ['accuracy'] }),
    x: integers([4, 6], { from: 0, to: 20 }),
    y: floats([4, 2], { from: 0, to: 1 }),
  },
  'a network for images': {
    make: () =>
      sequential(
        [
          conv2d(3, 3, { padding: 'same', kernelRegularizer: 'l2' }),
          batchNormalization(),
          maxPooling2d(2),
          flatten(),
          dense(1),
        ],
        { inputShape: [6, 6, 2] },
      ).compile({ optimizer: rmsprop({ centered: true, momentum: 0.5 }), loss: 'mse' }),
    x: floats([4, 6, 6, 2]),
    y: floats([4, 1]),
  },
  'cells one above the other, and a layer for every step': {
    make: () =>
      sequential([rnn([lstmCell(3), gruCell(2)], { returnSequences: true }), timeDistributed(dense(2)), gru(2)], {
        inputShape: [5, 3],
      }).compile({ optimizer: nadam(), loss: 'mae' }),
    x: floats([4, 5, 3]),
    y: floats([4, 2]),
  },
  'states from layer to layer, a shared layer, a model inside a model': {
    make: () => {
      const [a, b] = [input({ shape: [4, 3], name: 'a' }), input({ shape: [5, 3], name: 'b' })]
      const shared = dense(3, { name: 'shared', activation: 'tanh' })
      const [, h, c] = lstm(4, { returnState: true, name: 'encoder' }).apply(shared.apply(a))
      const decoded = lstm(4, { name: 'decoder' }).apply(shared.apply(b), { initialState: [h, c] })
      const at = input({ shape: [4] })
      const inner = model({
        inputs: at,
        outputs: dense(2).apply(dense(3, { activation: 'relu' }).apply(at)),
        name: 'inner',
      })
      return model({
        inputs: [a, b],
        outputs: inner.apply(concatenate().apply([inner.apply(decoded), inner.apply(h)])),
      }).compile({
        optimizer: adam({
          learningRate: schedules.exponentialDecay({ initialLearningRate: 0.01, decaySteps: 10, decayRate: 0.5 }),
        }),
        loss: 'huber',
      })
    },
    x: [floats([4, 4, 3]), floats([4, 5, 3], { seed: 2 })],
    y: floats([4, 2]),
  },
}

describe.each(Object.entries(kinds))('%s', (_, { make, x, y }) => {
  test('as .keras goes on training as it would have', async () => {
    const net = make()
    await net.trainOnBatch(x, y)
    const again = await loadModel(await net.toBytes({ format: 'keras' }))
    const [expected, got] = [await net.predict(x), await again.predict(x)]
    expectClose(got, expected, exactly)
    for (let step = 0; step < 3; step++) {
      const [before, after] = [await net.trainOnBatch(x, y), await again.trainOnBatch(x, y)]
      expect(Math.abs(after.loss - before.loss)).toBeLessThan(1e-5)
    }
  })

  test('gives its weights to one like it, from .keras and .weights.h5', async () => {
    const net = make()
    for (const format of ['keras', 'kerasWeights']) {
      const other = make()
      await other.loadWeights(await net.toBytes({ format }))
      for (const [i, weight] of (await other.getWeights()).entries())
        expectClose(weight, (await net.getWeights())[i], exactly)
    }
  })
})

test('the archive has what Keras looks for', async () => {
  const net = sequential([dense(2)], { inputShape: [3] })
  const archive = openZip('model', await net.toBytes({ format: 'keras' }))
  expect(archive.names).toEqual(['metadata.json', 'config.json', 'model.weights.h5'])
  const config = JSON.parse(new TextDecoder().decode(archive.read('config.json', 1e6)))
  expect(config).toMatchObject({
    class_name: 'Sequential',
    compile_config: {},
    config: { layers: [{ class_name: 'InputLayer' }, { class_name: 'Dense', config: { units: 2 } }] },
  })
})

test('the state of Adafactor has a place for what Keras keeps of vectors', async () => {
  const net = sequential([dense(3), dense(1)], { inputShape: [4] }).compile({ optimizer: adafactor(), loss: 'mse' })
  const [x, y] = [floats([6, 4]), floats([6, 1])]
  await net.trainOnBatch(x, y)
  const bytes = await net.toBytes({ format: 'keras' })
  // Steps and rate, and three numbers for each of four weights, also where one would do.
  const arrays = await readTensors(bytes)
  expect(Object.keys(arrays).filter((name) => name.startsWith('optimizer/'))).toHaveLength(2 + 3 * 4)
  const again = await loadModel(bytes)
  for (let step = 0; step < 2; step++)
    expect((await again.trainOnBatch(x, y)).loss).toBeCloseTo((await net.trainOnBatch(x, y)).loss, 6)
})

test('a normalization over everything has single numbers in Keras, and a record of masks that are none is none', async () => {
  const at = input({ shape: [3], name: 'at' })
  const inner = model({ inputs: at, outputs: dense(2).apply(at), name: 'inner' })
  const start = input({ shape: [3], name: 'start' })
  const over = normalization({ axis: null, name: 'over' })
  const net = model({ inputs: start, outputs: inner.apply(over.apply(start)) })
  const [mean, variance, ...others] = await net.getWeights()
  await net.setWeights([floats(mean.shape, { from: 2, to: 3 }), floats(variance.shape, { from: 2, to: 3 }), ...others])
  const bytes = await net.toBytes({ format: 'keras' })
  const arrays = await readTensors(bytes)
  expect([0, 1].map((i) => arrays[`layers/normalization/vars/${i}`].shape)).toEqual([[], []])
  const archive = openZip('model', bytes)
  const text = new TextDecoder().decode(archive.read('config.json', 1e6))
  const config = text.replaceAll('"kwargs":{}', '"kwargs":{"mask":{"at":null}}')
  expect(config).not.toBe(text)
  const files = archive.names.map((name) => [name, archive.read(name, 1e6)] as const)
  const changed = new Map([...files, ['config.json', new TextEncoder().encode(config)] as const])
  const again = await loadModel(writeZip(changed))
  expectClose(await again.predict(floats([2, 3])), await net.predict(floats([2, 3])), exactly)
})

test('whole numbers have a point where Keras asks for one', async () => {
  const net = sequential([dense(2)], { inputShape: [3] }).compile({
    optimizer: sgd({ momentum: 0 }),
    loss: 'mse',
    metrics: [metrics.fBetaScore({ beta: 1 })],
  })
  const archive = openZip('model', await net.toBytes({ format: 'keras' }))
  const config = new TextDecoder().decode(archive.read('config.json', 1e6))
  expect(config).toMatch(/"momentum":0\.0[,}]/)
  expect(config).toMatch(/"beta":1\.0[,}]/)
})

test('what Keras does not have is named', async () => {
  const stack = sequential([lstm(2, { numLayers: 2 })], { inputShape: [4, 3] })
  await expect(stack.toBytes({ format: 'keras' })).rejects.toThrow(/layer 'lstm': a stack by numLayers/)
  const stateful = sequential([lstm(2, { stateful: true })], { inputShape: [4, 3] })
  await expect(stateful.toBytes({ format: 'keras' })).rejects.toThrow(FormatError)
})

test('a normalization keeps what it was adapted to', async () => {
  const net = sequential([normalization({ mean: [1, 2, 3], variance: [4, 5, 6] }), dense(2)], { inputShape: [3] })
  const again = await loadModel(await net.toBytes({ format: 'keras' }))
  expectClose(await again.predict(floats([2, 3])), await net.predict(floats([2, 3])), exactly)
})

test('half floats halve a file', async () => {
  const net = sequential([dense(200)], { inputShape: [200] })
  const [whole, half] = [
    await net.toBytes({ format: 'keras' }),
    await net.toBytes({ format: 'keras', dtype: 'float16' }),
  ]
  expect(half.length / whole.length).toBeLessThan(0.53)
  expectClose((await (await loadModel(half)).getWeights())[0], (await net.getWeights())[0], {
    absolute: 1e-3,
    relative: 1e-3,
  })
})

describe('weights of Keras into a model that is there', () => {
  const withWeights = cases.filter(({ files }) => files.includes('model.weights.h5') && files.includes('model.keras'))
  test.each(withWeights.map((item) => [item.id, item] as const))('%s', async (id, item) => {
    const net = await loadModel(fixture(`open/${id}/model.keras`), { compile: false })
    const before = await net.getWeights()
    const expected = those(answers(item), 'weight/')
    for (const file of item.files) {
      await net.setWeights(before.map((weight) => floats(weight.shape, { from: 0.1, to: 1 })))
      await net.loadWeights(fixture(`open/${id}/${file}`))
      const got = await net.getWeights()
      expect(got).toHaveLength(expected.length)
      for (const [i, weight] of got.entries()) expectClose(weight, before[i], exactly, file)
    }
  })
})
