// A model handed over to a larger engine: what is in the folder. tools/check_hand_over.py trains it with the real ones, and takes it back.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  data,
  dense,
  type HandOverOptions,
  input,
  loadModel,
  lstm,
  model,
  randomNormal,
  readTensors,
  sequential,
} from '../../src'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hornbeam-over-'))
})
afterEach(() => rm(folder, { recursive: true }))

const net = () =>
  sequential([lstm(2), dense(1)], { inputShape: [4, 3] }).compile({ optimizer: 'adam', loss: 'mse', backend: 'cpu' })
const x = randomNormal([6, 4, 3], { seed: 1 })
const y = randomNormal([6, 1], { seed: 2 })
const file = (name: string) => join(folder, name)

describe('handOver', () => {
  test('writes the model with the state of its optimizer, the data, and how it is trained', async () => {
    const trained = net()
    await trained.fit(x, y, { verbose: 0 })
    await trained.handOver(folder, { engine: 'torch', data: [x, y], epochs: 5, batchSize: 3, shuffle: false, seed: 7 })
    expect((await readdir(folder)).sort()).toEqual([
      'data.npz',
      'model.keras',
      'requirements.txt',
      'settings.json',
      'train.py',
    ])
    const arrays = await readTensors(file('data.npz'))
    expect(Object.keys(arrays)).toEqual(['x0', 'y0'])
    expect([arrays.x0.data, arrays.y0.data]).toEqual([x.data, y.data])
    const settings = JSON.parse(await readFile(file('settings.json'), 'utf8'))
    expect(settings).toEqual({ epochs: 5, batchSize: 3, shuffle: false, seed: 7 })
    const kept = await loadModel(file('model.keras'), { backend: 'cpu' })
    expect(await kept.getIterations()).toBe(1)
    await kept.fit(x, y, { verbose: 0, shuffle: false })
    await trained.fit(x, y, { verbose: 0, shuffle: false })
    for (const [i, { data: numbers }] of (await kept.getWeights()).entries()) {
      expect(numbers).toEqual((await trained.getWeights())[i].data)
    }
  })

  test.each([
    ['torch', 'DistributedDataParallel', 'torch'],
    ['keras', 'keras.distribution.DataParallel', 'jax'],
  ] as const)('%s has its program and what that needs', async (engine, word, packageName) => {
    await net().handOver(folder, { engine, data: [x, y] })
    expect(await readFile(file('train.py'), 'utf8')).toContain(word)
    expect((await readFile(file('requirements.txt'), 'utf8')).split('\n')).toContain(packageName)
  })

  test('takes windows, and builds a model by them', async () => {
    const windows = data.windows([1, 2, 3, 4, 5], { length: 2 })
    const open = sequential([lstm(2), dense(1)]).compile({ optimizer: 'sgd', loss: 'mse' })
    await open.handOver(folder, { engine: 'keras', data: windows })
    const { x0, y0 } = await readTensors(file('data.npz'))
    expect(x0.toArray()).toEqual([
      [[1], [2]],
      [[2], [3]],
      [[3], [4]],
    ])
    expect(y0.toArray()).toEqual([[3], [4], [5]])
  })

  test('takes several inputs and targets by name, in the order of the model', async () => {
    const [a, b] = [input({ shape: [2], name: 'a' }), input({ shape: [2], name: 'b' })]
    const two = model({ inputs: [a, b], outputs: [dense(1, { name: 'p' }).apply(a), dense(1, { name: 'q' }).apply(b)] })
    two.compile({ optimizer: 'sgd', loss: 'mse' })
    await two.handOver(folder, {
      engine: 'torch',
      data: [
        { b: [[3, 4]], a: [[1, 2]] },
        { q: [[6]], p: [[5]] },
      ],
    })
    const arrays = await readTensors(file('data.npz'))
    expect(Object.entries(arrays).map(([name, tensor]) => [name, tensor.toArray()])).toEqual([
      ['x0', [[1, 2]]],
      ['x1', [[3, 4]]],
      ['y0', [[5]]],
      ['y1', [[6]]],
    ])
  })

  test.each<[string, object, string]>([
    ['another engine', { engine: 'jax', data: [x, y] }, "engine: expected one of 'torch', 'keras', got 'jax'"],
    ['an unknown option', { engine: 'torch', data: [x, y], batch: 3 }, "unknown option 'batch'"],
    ['no targets', { engine: 'torch', data: [x] }, 'data: expected [x, y] or samples such as windows'],
    [
      'a dataset',
      { engine: 'torch', data: data.fromArrays(x, y).batch(2) },
      'data: expected arrays or samples, got a dataset',
    ],
    ['other targets than inputs', { engine: 'torch', data: [x, [[1]]] }, 'data: expected 6 samples in each, got 1'],
    ['no epochs', { engine: 'torch', data: [x, y], epochs: 0 }, 'epochs: expected a positive whole number, got 0'],
  ])('refuses %s', async (_, options, message) => {
    await expect(net().handOver(folder, options as HandOverOptions)).rejects.toThrow(message)
    expect(await readdir(folder)).toEqual([])
  })

  test('refuses a model that is not compiled', async () => {
    const open = sequential([dense(1)], { inputShape: [3] })
    await expect(open.handOver(folder, { engine: 'torch', data: [x, y] })).rejects.toThrow(
      'expected a model compiled with a loss',
    )
  })
})
