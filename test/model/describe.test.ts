// What a model says of itself: summary, parameters, names, weights by path, its architecture as JSON.
import {
  batchNormalization,
  bidirectional,
  concatenate,
  conv1d,
  DataError,
  dense,
  FormatError,
  gru,
  input,
  type Layer,
  lambda,
  loadModel,
  lstm,
  type Model,
  model,
  modelFromJSON,
  OptionError,
  ops,
  ShapeError,
  sequential,
  timeDistributed,
  type Value,
} from 'hornbeam'
import { expect, test, vi } from 'vitest'
import type { Tensor } from '../../src/tensor'
import { expectClose, floats } from '../support'

const forecaster = (): Model => sequential([lstm(32), dense(1)], { inputShape: [null, 4], name: 'forecaster' })

test('the summary is a table of layers, shapes and parameters', () => {
  expect(forecaster().summary({ print: false }).split('\n')).toEqual([
    'model: forecaster',
    'layer (kind)   output shape  parameters',
    '-------------  ------------  ----------',
    'lstm (lstm)    [null, 32]         4,736',
    'dense (dense)  [null, 1]             33',
    '-------------  ------------  ----------',
    'parameters: 4,769 (trainable: 4,769, others: 0)',
  ])
})

test('the summary is printed unless print is false, and says what is not built yet', () => {
  const print = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  const text = sequential([dense(1)]).summary()
  expect(print.mock.calls).toEqual([[text]])
  sequential([dense(1)]).summary({ print: false })
  expect(print).toHaveBeenCalledTimes(1)
  print.mockRestore()
  expect(text).toMatch(/not built/)
  expect(() => sequential([dense(1)]).summary({ prnt: true } as never)).toThrow(OptionError)
})

test('layers are named by kind, told apart by numbers, and found by name', () => {
  const net = sequential([dense(1), dense(2), dense(3, { name: 'last' })])
  expect(net.layers.map(({ name }) => name)).toEqual(['dense', 'dense_1', 'last'])
  expect(net.getLayer('dense_1')).toBe(net.layers[1])
  expect(() => net.getLayer('lst')).toThrow(/no layer is named 'lst'.*Did you mean 'last'/)
  expect(() => sequential([dense(1, { name: 'a' }), dense(1, { name: 'a' })])).toThrow(OptionError)
})

test('weights come in the order and layout of Keras, and by path', async () => {
  const net = sequential([lstm(3, { name: 'lstm' }), gru(2), dense(1)].map((l) => l as Layer).slice(0, 1), {
    inputShape: [null, 5],
  })
  expect((await net.getWeights()).map(({ shape }) => shape)).toEqual([[5, 12], [3, 12], [12]])
  expect(Object.keys(await net.namedWeights())).toEqual(['lstm/kernel', 'lstm/recurrentKernel', 'lstm/bias'])
  const shapes = async (layer: Layer): Promise<unknown> => {
    const made = sequential([layer], { inputShape: [4, 5] })
    return (await made.getWeights()).map(({ shape }) => shape)
  }
  expect(await shapes(gru(3))).toEqual([
    [5, 9],
    [3, 9],
    [2, 9],
  ])
  expect(await shapes(gru(3, { resetAfter: false }))).toEqual([[5, 9], [3, 9], [9]])
  expect(await shapes(bidirectional(lstm(2)))).toEqual([[5, 8], [2, 8], [8], [5, 8], [2, 8], [8]])
  expect(await shapes(conv1d(7, 3))).toEqual([[3, 5, 7], [7]])
  expect(await shapes(timeDistributed(dense(2)))).toEqual([[5, 2], [2]])
  // Keras: gamma and beta, then the moving statistics, which are not trained.
  expect(await shapes(batchNormalization())).toEqual([[5], [5], [5], [5]])
})

test('setWeights replaces all weights or none, on a model and on a layer', async () => {
  const net = sequential([dense(2), dense(1)], { inputShape: [3] })
  const [kernel, bias, last, lastBias] = await net.getWeights()
  const given = [floats([3, 2]), [5, 6], [[7], [8]], [9]]
  await net.setWeights(given)
  for (const [i, weight] of (await net.getWeights()).entries()) expectClose(weight, given[i])
  await net.layers[0].setWeights([kernel, bias])
  expectClose((await net.getWeights())[1], bias)
  await expect(net.setWeights([kernel, bias, last])).rejects.toThrow(DataError)
  await expect(net.setWeights([given[0], bias, last, [1, 2]])).rejects.toThrow(ShapeError)
  await expect(net.setWeights([given[0], bias, last, ['a']] as never)).rejects.toThrow(DataError)
  expectClose((await net.getWeights())[0], kernel)
  expectClose(await net.predict([[0, 0, 0]]), await net.predict([[0, 0, 0]]))
  expect(lastBias.shape).toEqual([1])
})

test('a model from JSON has the same architecture and new weights', async () => {
  const x = input({ shape: [6, 3], name: 'series' })
  const hidden = bidirectional(gru(4, { returnSequences: true, kernelRegularizer: 'l2' })).apply(x)
  const net = model({
    inputs: x,
    outputs: [timeDistributed(dense(2)).apply(hidden), lstm(2).apply(hidden)],
    name: 'net',
  })
  const json = net.toJSON()
  const again = modelFromJSON<[Tensor, Tensor]>(JSON.stringify(json))
  expect(again.toJSON()).toEqual(json)
  expect(modelFromJSON(JSON.parse(JSON.stringify(json))).summary({ print: false })).toBe(net.summary({ print: false }))
  await again.setWeights(await net.getWeights())
  const data = floats([2, 6, 3])
  const [wanted, got] = [await net.predict(data), await again.predict(data)]
  for (const i of [0, 1]) expectClose(got[i], wanted[i], { relative: 0, absolute: 0 })
})

test('a model that is not built, and models in models, survive JSON', async () => {
  const plain = sequential([dense(2, { activation: 'relu' }), dense(1)], { name: 'plain' })
  expect(modelFromJSON(plain.toJSON()).toJSON()).toEqual(plain.toJSON())
  const nested = sequential([sequential([dense(3)], { name: 'inner' }), dense(1, { trainable: false })], {
    inputShape: [2],
  })
  const again = modelFromJSON(nested.toJSON())
  expect(again.toJSON()).toEqual(nested.toJSON())
  await again.setWeights(await nested.getWeights())
  expectClose(await again.predict([[1, 2]]), await nested.predict([[1, 2]]))
  expect(again.layers[1].trainable).toBe(false)
})

test('a shared layer is one layer in JSON too', async () => {
  const x = input({ shape: [2] })
  const shared = dense(2)
  const net = model({ inputs: x, outputs: shared.apply(shared.apply(x)) })
  const again = modelFromJSON(net.toJSON())
  expect(again.layers).toHaveLength(1)
  expect(again.countParams()).toBe(6)
})

test('what is no architecture is a FormatError; what cannot be written says why', () => {
  for (const text of ['', 'nonsense', '{}', '[]', 'null', '{"layers":[{}]}', '{"kind":"other","layers":[]}']) {
    expect(() => modelFromJSON(text), text).toThrow(FormatError)
  }
  const unknown = { kind: 'sequential', name: 'a', dtype: 'float32', layers: [{ name: 'lsmt', options: {} }] }
  expect(() => modelFromJSON(unknown as never)).toThrow(/'lsmt'.*Did you mean 'lstm'/)
  const own = sequential([lambda((x) => ops.mul(x as Value, 2))], { inputShape: [1] })
  expect(() => own.toJSON()).toThrow(/lambda/)
})

test('layers taken from models into another keep names that tell them apart in each', async () => {
  const [left, right] = [0, 1].map(() => sequential([dense(2), dense(3)], { inputShape: [2] }))
  const joined = model({
    inputs: [left.inputs[0], right.inputs[0]],
    outputs: concatenate().apply([left.outputs[0], right.outputs[0]]),
  })
  for (const net of [left, right, joined]) {
    expect(Object.keys(await net.namedWeights())).toHaveLength(net.weights.length)
  }
})

test('weights of models in models have paths that begin with their names, also in programs and files', async () => {
  const tower = (): Model => sequential([dense(2), dense(2)], { inputShape: [2] })
  const net = sequential([tower(), sequential([tower(), dense(1)])]).compile({ optimizer: 'adam', loss: 'mse' })
  const paths = Object.keys(await net.namedWeights())
  expect(paths.filter((path) => path.endsWith('kernel'))).toEqual([
    'sequential/dense/kernel',
    'sequential/dense_1/kernel',
    'sequential_1/sequential/dense/kernel',
    'sequential_1/sequential/dense_1/kernel',
    'sequential_1/dense/kernel',
  ])
  expect(paths).toHaveLength(net.weights.length)
  await net.fit([[1, 2]], [[3]], { verbose: 0 })
  expect(net.weights.map(({ variable }) => variable.name)).toEqual(paths)
  const again = await loadModel(await net.toBytes())
  expectClose(await again.predict([[1, 2]]), await net.predict([[1, 2]]))
  expect(await again.trainOnBatch([[1, 2]], [[3]])).toEqual(await net.trainOnBatch([[1, 2]], [[3]]))
})

test('a weight that two models share counts once in a model of both', async () => {
  const shared = dense(2, { useBias: false })
  const [a, b] = [sequential([shared], { inputShape: [2] }), sequential([shared, dense(2)], { inputShape: [2] })]
  const net = sequential([a, b])
  expect(net.countParams()).toBe(4 + 6)
  expect(() => net.toJSON()).toThrow(/dense is part of both sequential and sequential_1/)
})
