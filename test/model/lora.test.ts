// Fine-tuning with low-rank matrices beside kernels.
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  conv1d,
  dense,
  einsumDense,
  embedding,
  FormatError,
  globalAveragePooling1d,
  gru,
  type Layer,
  layerFromConfig,
  layerToConfig,
  loadModel,
  lstm,
  OptionError,
  ops,
  randomNormal,
  sequential,
  tensor,
} from 'hornbeam'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const x = randomNormal([16, 5, 3], { seed: 1 })
const y = randomNormal([16, 1], { seed: 2 })

const make = () => sequential([lstm(4), dense(3, { activation: 'tanh' }), dense(1)], { inputShape: [5, 3] })

describe('enableLora', () => {
  test('changes nothing at first, then trains the small matrices and the biases of these layers alone', async () => {
    const net = make().compile({ optimizer: 'adam', learningRate: 0.05, loss: 'mse' })
    const predicted = await net.predict(x)
    const before = await net.namedWeights()
    net.enableLora({ rank: 2, layers: ['lstm'] })
    expect((await net.predict(x)).toArray()).toEqual(predicted.toArray())
    const paths = Object.keys(await net.namedWeights())
    expect(paths.filter((path) => path.includes('lora'))).toEqual([
      'lstm/loraKernelA',
      'lstm/loraKernelB',
      'lstm/loraRecurrentKernelA',
      'lstm/loraRecurrentKernelB',
    ])
    expect(net.trainableWeights.reduce((sum, { variable }) => sum + variable.size, 0)).toBe(
      16 + 2 * 3 + 2 * 16 + 2 * 4 + 2 * 16,
    )
    const first = await net.trainOnBatch(x, y)
    for (let i = 0; i < 10; i++) await net.trainOnBatch(x, y)
    expect((await net.testOnBatch(x, y)).loss).toBeLessThan(first.loss)
    const after = await net.namedWeights()
    for (const path of Object.keys(before)) {
      if (path === 'lstm/bias') expect(after[path].toArray()).not.toEqual(before[path].toArray())
      else expect(after[path].toArray()).toEqual(before[path].toArray())
    }
    expect((await net.predict(x)).toArray()).not.toEqual(predicted.toArray())
  })

  test.each<[string, () => Layer, readonly number[], (string | number)[]]>([
    ['dense', () => dense(4), [3], ['kernel']],
    ['embedding', () => embedding(10, 4), [3], ['embeddings']],
    ['einsumDense', () => einsumDense('abc,cde->abde', [null, 2, 4]), [5, 3], ['kernel']],
    ['conv1d', () => conv1d(4, 3), [5, 3], ['kernel']],
    ['gru', () => gru(4), [5, 3], ['kernel', 'recurrentKernel']],
  ])('of %s is kernel + alpha / rank * A B', async (_, layer, inputShape, names) => {
    const net = sequential([layer()], { inputShape })
    net.enableLora({ rank: 2, alpha: 3 })
    const data = tensor(
      Int32Array.from({ length: 2 * inputShape.reduce((a, b) => a * b) }, (_, i) => i % 7),
      [2, ...inputShape],
      'int32',
    )
    for (const { name, variable } of net.weights) {
      if (name.endsWith('B')) await variable.write(randomNormal(variable.shape, { seed: 5 }))
    }
    const adapted = await net.predict(data)
    const merged = await loadModel(await net.toBytes())
    expect((await merged.predict(data)).toArray()).toEqual(adapted.toArray())
    const before = await merged.namedWeights()
    await merged.mergeLora()
    const after = await merged.namedWeights()
    const [own] = Object.keys(after)[0].split('/')
    for (const name of names) {
      const path = String(name).charAt(0).toUpperCase() + String(name).slice(1)
      const [a, b] = ['A', 'B'].map((side) => before[`${own}/lora${path}${side}`])
      const rows = a.size / 2
      const columns = b.shape[1]
      for (const [i, value] of after[`${own}/${name}`].data.entries()) {
        const [row, column] = [Math.floor(i / columns), i % columns]
        let sum = 0
        for (let k = 0; k < 2; k++) sum += a.data[row * 2 + k] * b.data[k * columns + column]
        expect(value).toBeCloseTo(before[`${own}/${name}`].data[i] + 1.5 * sum, 5)
      }
      expect(rows * columns).toBe(after[`${own}/${name}`].size)
    }
    for (const [i, value] of (await merged.predict(data)).data.entries()) expect(value).toBeCloseTo(adapted.data[i], 4)
    expect(Object.keys(after).some((path) => path.includes('lora'))).toBe(false)
    expect(merged.trainableWeights).toHaveLength(merged.weights.length)
  })

  test('stands in a config, as an option of a layer', async () => {
    const layer = dense(4, { loraRank: 2, loraAlpha: 4 })
    expect(layerToConfig(layer).options).toMatchObject({ loraRank: 2, loraAlpha: 4 })
    const again = layerFromConfig(layerToConfig(layer))
    again.buildFor([[3]])
    expect(again.weights.map(({ name }) => name)).toEqual(['bias', 'loraKernelA', 'loraKernelB', 'kernel'])
    expect(() => dense(4, { loraRank: 0 })).toThrow(OptionError)
    expect(() => sequential([globalAveragePooling1d({ loraRank: 2 })], { inputShape: [5, 3] })).toThrow(/kernels/)
  })

  test('is refused where it cannot be', async () => {
    expect(() => sequential([dense(1)]).enableLora({ rank: 2 })).toThrow(/built/)
    const net = make()
    expect(() => net.enableLora({ rank: 0 })).toThrow(OptionError)
    expect(() => net.enableLora({ rank: 2, layers: ['lstn'] })).toThrow(/lstm/)
    expect(() => net.enableLora({ rank: 2, alpha: -1 })).toThrow(OptionError)
    expect(() => net.enableLora({ rank: 2, rate: 1 } as never)).toThrow(/rate/)
    await expect(net.mergeLora()).rejects.toThrow(/enableLora/)
    expect(net.trainableWeights).toHaveLength(7)
    net.enableLora({ rank: 2 })
    expect(() => net.enableLora({ rank: 2 })).toThrow(/already/)
  })

  test('gradients are those of the product', async () => {
    const net = sequential([dense(2, { useBias: false })], { inputShape: [3] })
    net.enableLora({ rank: 1 })
    const [a, b] = net.weights.filter(({ lowRank }) => lowRank).map(({ variable }) => variable)
    await b.write(tensor([[1, -1]]))
    net.compile({
      optimizer: 'sgd',
      learningRate: 1,
      trainStep(step) {
        step.minimize(ops.sum(step.model.apply(step.x)))
        return {}
      },
    })
    const before = await b.read()
    await net.trainOnBatch([[1, 2, 3]])
    const { data } = await b.read()
    const { data: left } = await a.read()
    // The gradient by A is x (1 - 1) = 0; that by B is x A for each column.
    const expected = left[0] + 2 * left[1] + 3 * left[2]
    for (const [i, value] of data.entries()) expect(value).toBeCloseTo(before.data[i] - expected, 4)
  })
})

describe('the small file', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lora-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  test('holds what is trained alone, and brings them to another copy of the model', async () => {
    const net = make()
    const again = make()
    await again.setWeights(await net.getWeights())
    for (const each of [net, again]) each.enableLora({ rank: 2, layers: ['lstm'] })
    await net.compile({ optimizer: 'adam', loss: 'mse' }).trainOnBatch(x, y)
    const place = join(folder, 'tuned.safetensors')
    await net.saveLora(place)
    expect((await stat(place)).size).toBeLessThan(1400)
    await again.loadLora(place)
    expect((await again.predict(x)).toArray()).toEqual((await net.predict(x)).toArray())
    const other = make().enableLora({ rank: 3, layers: ['lstm'] })
    await expect(other.loadLora(place)).rejects.toThrow(FormatError)
  })
})
