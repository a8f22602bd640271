// Models of TensorFlow.js: files beside model.json, narrowed weights, and what cannot be read.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import {
  batchNormalization,
  bidirectional,
  conv1d,
  dense,
  embedding,
  FormatError,
  groupNormalization,
  gru,
  input,
  type Layer,
  loadModel,
  lstm,
  model,
  sequential,
  type Tensor,
  tensor,
} from '../../src'
import { floatToHalf } from '../../src/io'
import { expectClose } from '../support/close'
import { fixture } from './corpus'

const folder = mkdtempSync(join(tmpdir(), 'hornbeam-tfjs-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Numbers {
  readonly shape: readonly number[]
  readonly data: readonly number[]
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const json = (path: string) => JSON.parse(text(fixture(path)))

/** Lays a model in a folder of its own. */
function laid(name: string, model: unknown, weights: Uint8Array): string {
  mkdirSync(join(folder, name), { recursive: true })
  writeFileSync(join(folder, name, 'model.json'), JSON.stringify(model))
  writeFileSync(join(folder, name, 'model.weights.bin'), weights)
  return join(folder, name)
}

async function check(place: string, id: string, tolerance: number): Promise<void> {
  const net = await loadModel(place)
  const io = json(`tfjs/${id}/io.json`) as { inputs: Numbers[]; outputs: Numbers[] } // as the script that made them wrote it
  const [inputs, expected] = [io.inputs, io.outputs].map((list) =>
    list.map(({ data, shape }) => tensor(Float32Array.from(data), shape)),
  )
  const got = await net.predict(inputs.length === 1 ? inputs[0] : inputs)
  for (const [i, each] of (Array.isArray(got) ? got : [got]).entries()) {
    expectClose(each, expected[i], { absolute: tolerance, relative: tolerance })
  }
}

describe.each(['mlp', 'lstm', 'conv', 'functional', 'alike'])('%s', (id) => {
  const model = json(`tfjs/${id}/model.json`)
  const weights = fixture(`tfjs/${id}/model.weights.bin`)

  test('gives its answers, by its folder and by its model.json', async () => {
    const place = laid(id, model, weights)
    await check(place, id, 1e-5)
    await check(join(place, 'model.json'), id, 1e-5)
  })

  test('gives them with half floats, and nearly with eight bits', async () => {
    const floats = new Float32Array(weights.slice().buffer)
    const narrowed = (quantization: (data: Float32Array) => object) => {
      let at = 0
      const entries = model.weightsManifest[0].weights.map((entry: { shape: number[] }) => {
        const size = entry.shape.reduce((product, n) => product * n, 1)
        at += size
        return { ...entry, quantization: quantization(floats.subarray(at - size, at)) }
      })
      return { ...model, weightsManifest: [{ paths: ['model.weights.bin'], weights: entries }] }
    }
    const half = new Uint8Array(Uint16Array.from(floats, floatToHalf).buffer)
    await check(
      laid(
        `${id}-half`,
        narrowed(() => ({ dtype: 'float16', original_dtype: 'float32' })),
        half,
      ),
      id,
      5e-3,
    )
    const bytes: number[] = []
    const eight = narrowed((data) => {
      const [min, max] = [Math.min(...data), Math.max(...data)]
      const scale = (max - min) / 255 || 1
      bytes.push(...Array.from(data, (n) => Math.round((n - min) / scale)))
      return { dtype: 'uint8', scale, min }
    })
    await check(laid(`${id}-eight`, eight, Uint8Array.from(bytes)), id, 0.2)
  })
})

describe('what cannot be read says what to do', () => {
  const model = json('tfjs/mlp/model.json')
  const weights = fixture('tfjs/mlp/model.weights.bin')
  test.each<[string, object, Uint8Array, RegExp]>([
    [
      'a graph-model',
      { ...model, format: 'graph-model' },
      weights,
      /graph-model has no layers.*convert the Keras model/,
    ],
    ['weights alone', { weightsManifest: model.weightsManifest }, weights, /weights alone.*model.loadWeights/],
    ['truncated files', model, weights.slice(0, -4), /truncated/],
    [
      'files that are too long',
      model,
      new Uint8Array([...weights, 0]),
      /the weights take 140 bytes, the files have 141/,
    ],
    [
      'a file outside its folder',
      { ...model, weightsManifest: [{ ...model.weightsManifest[0], paths: ['../../etc/passwd'] }] },
      weights,
      /a file beside it/,
    ],
  ])('%s', async (name, changed, bytes, message) => {
    await expect(loadModel(laid(name.replaceAll(' ', '-'), changed, bytes))).rejects.toThrow(message)
  })

  test('model.json by itself', async () => {
    const bytes = new TextEncoder().encode(JSON.stringify(model))
    await expect(loadModel(bytes)).rejects.toThrow(FormatError)
    await expect(loadModel(bytes)).rejects.toThrow(/weights lie in other files/)
  })
})

describe('what is written', () => {
  const net = () => {
    const x = input({ shape: [5], name: 'tokens' })
    const h = input({ shape: [3], name: 'state' })
    const read = lstm(3, { returnSequences: true }).apply(embedding(10, 4).apply(x), { initialState: [h, h] })
    const y = bidirectional(gru(2, { resetAfter: false })).apply(batchNormalization().apply(read))
    return model({ inputs: [x, h], outputs: [dense(2, { activation: 'softmax' }).apply(y), y] })
  }
  const data = [
    tensor(
      [
        [1, 2, 3, 4, 5],
        [9, 8, 7, 6, 0],
      ],
      undefined,
      'int32',
    ),
    tensor([
      [0.1, 0.2, 0.3],
      [0, 0, 0],
    ]),
  ]

  test.each([
    ['float32', 1e-6, 4],
    ['float16', 2e-3, 2],
    ['int8', 2e-2, 1],
  ] as const)('is read again with weights of %s', async (dtype, tolerance, bytes) => {
    const made = net()
    const place = join(folder, `written-${dtype}.json`)
    await made.save(place, { dtype })
    expect(readFileSync(join(folder, `written-${dtype}.weights.bin`)).length).toBe(bytes * made.countParams())
    const again = await loadModel(place)
    const [expected, got] = [await made.predict(data), await again.predict(data)].map((list) => [list].flat())
    for (const [i, each] of got.entries()) {
      expectClose(each as Tensor, expected[i] as Tensor, { absolute: tolerance, relative: tolerance })
    }
  })

  test('has each name once, as TensorFlow.js tells weights by it; a file that has one twice is read in its order', async () => {
    const make = (names: readonly [string, string]) =>
      sequential([sequential([dense(3, { name: names[0] })], { name: 'inner' }), dense(3, { name: names[1] })], {
        inputShape: [3],
      })
    const place = join(folder, 'twice.json')
    await expect(make(['dense', 'dense']).save(place)).rejects.toThrow(/two weights would have the name dense\/kernel/)
    const made = make(['one', 'two'])
    await made.save(place)
    const renamed = readFileSync(place, 'utf8').replaceAll(/"(one|two)(?=[/"])/g, '"dense')
    writeFileSync(place, renamed)
    const again = await loadModel(place)
    expect(await again.getWeights()).toEqual(await made.getWeights())
  })

  test('is what TensorFlow.js looks for: the config of Keras 2, and weights by its names', async () => {
    const place = join(folder, 'names.json')
    await net().save(place)
    const { format, modelTopology, weightsManifest } = JSON.parse(readFileSync(place, 'utf8'))
    expect(format).toBe('layers-model')
    expect(modelTopology.class_name).toBe('Model')
    const layers = modelTopology.config.layers as {
      class_name: string
      config: Record<string, unknown>
      inbound_nodes: unknown
    }[]
    const read = layers.find(({ class_name: name }) => name === 'LSTM')
    expect(read?.config.recurrent_activation).toBe('sigmoid')
    expect(read?.inbound_nodes).toEqual([
      [
        ['embedding', 0, 0, {}],
        ['state', 0, 0, {}],
        ['state', 0, 0, {}],
      ],
    ])
    expect(JSON.stringify(modelTopology)).not.toContain('registered_name')
    expect(weightsManifest[0].weights.map(({ name }: { name: string }) => name)).toEqual([
      'embedding/embeddings',
      'lstm/kernel',
      'lstm/recurrent_kernel',
      'lstm/bias',
      'batchNormalization/gamma',
      'batchNormalization/beta',
      'batchNormalization/moving_mean',
      'batchNormalization/moving_variance',
      'bidirectional/forward_gru/kernel',
      'bidirectional/forward_gru/recurrent_kernel',
      'bidirectional/forward_gru/bias',
      'bidirectional/backward_gru/kernel',
      'bidirectional/backward_gru/recurrent_kernel',
      'bidirectional/backward_gru/bias',
      'dense/kernel',
      'dense/bias',
    ])
  })

  test.each<[string, Layer, readonly number[], RegExp]>([
    ['a GRU that resets after', gru(2), [3, 2], /'gru': TensorFlow.js has no GRU with resetAfter/],
    ['a causal convolution', conv1d(2, 3, { padding: 'causal' }), [5, 2], /causal/],
    ['a hard sigmoid', dense(2, { activation: 'hardSigmoid' }), [2], /'hard_sigmoid'/],
    ['a layer it does not have', groupNormalization(1), [2], /no layer GroupNormalization/],
    ['an activity regularizer', dense(2, { activityRegularizer: 'l2' }), [2], /activity_regularizer/],
  ])('%s is refused by name', async (_, layer, inputShape, message) => {
    await expect(sequential([layer], { inputShape }).save(join(folder, 'no.json'))).rejects.toThrow(message)
    expect(existsSync(join(folder, 'no.json'))).toBe(false)
  })
})
