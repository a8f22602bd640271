// Weights stored as float16 or int8: as small as they are said to be, near to what they were, and the rest of the file to the last bit.
import {
  batchNormalization,
  conv2d,
  dense,
  embedding,
  flatten,
  gru,
  loadModel,
  lstm,
  type Model,
  normalization,
  OptionError,
  readTensors,
  sequential,
  setSeed,
  Tensor,
  tensor,
} from 'hornbeam'
import { describe, expect, test } from 'vitest'
import { decodeModel } from '../../src/formats/formats'
import { floats } from '../support'
import { runOnnx } from './onnx/run'

const make = (): Model => {
  setSeed(3)
  return sequential(
    [embedding(500, 64), gru(64, { returnSequences: true }), lstm(64), batchNormalization(), dense(10)],
    {
      inputShape: [null],
    },
  )
}
const x = tensor([
  [1, 2, 3],
  [400, 7, 0],
])

/** The largest difference, and the largest number. */
async function apart(net: Model, other: Model): Promise<[difference: number, size: number]> {
  const [a, b] = [await net.predict(x, { backend: 'cpu' }), await other.predict(x, { backend: 'cpu' })]
  const values = Array.from(a.data)
  return [Math.max(...values.map((value, i) => Math.abs(value - b.data[i]))), Math.max(...values.map(Math.abs))]
}

test.each([
  ['float16', 0.52, 1e-3],
  ['int8', 0.28, 2e-2],
] as const)('%s takes at most %d of the size, and answers nearly the same', async (dtype, share, error) => {
  const net = make()
  const [whole, small] = [await net.toBytes(), await net.toBytes({ dtype })]
  expect(small.length / whole.length).toBeLessThanOrEqual(share)
  const again = await loadModel(small)
  const [difference, size] = await apart(net, again)
  expect(difference).toBeGreaterThan(0)
  expect(difference / size).toBeLessThan(error)
})

test('int8 is by output channel: a channel of small numbers keeps its digits beside one of large ones', async () => {
  const net = sequential([dense(2, { useBias: false })], { inputShape: [100] })
  const kernel = floats([100, 2])
  kernel.data.forEach((value, i) => {
    kernel.data[i] = i % 2 === 0 ? value * 1e4 : value * 1e-4
  })
  await net.setWeights([kernel])
  const [found] = await (await loadModel(await net.toBytes({ dtype: 'int8' }))).getWeights()
  const errors = [0, 1].map((channel) => {
    const column = Array.from(kernel.data).filter((_, i) => i % 2 === channel)
    const difference = column.map((value, row) => Math.abs(value - found.data[2 * row + channel]))
    return Math.max(...difference) / Math.max(...column.map(Math.abs))
  })
  for (const error of errors) expect(error).toBeLessThan(1 / 250)
})

test('the optimizer’s state, statistics and random numbers stay as they are', async () => {
  const net = make().compile({ optimizer: 'adam', loss: 'mse' })
  await net.fit(x, floats([2, 10]), { epochs: 2, verbose: 0 })
  const [whole, small] = [decodeModel(await net.toBytes()), decodeModel(await net.toBytes({ dtype: 'int8' }))]
  expect([...small.tensors.keys()]).toEqual([...whole.tensors.keys()])
  for (const [name, content] of whole.tensors) {
    if (/^optimizer|^training|moving/.test(name)) expect(small.tensors.get(name), name).toEqual(content)
  }
  const again = await loadModel(await net.toBytes({ dtype: 'int8' }))
  const { history } = await again.fit(x, floats([2, 10]), { epochs: 1, verbose: 0 })
  expect(Number.isFinite(history.loss[0])).toBe(true)
})

describe('what a smaller type cannot hold stays as it is', () => {
  test.each<[string, number, 'float16' | 'int8']>([
    ['too large for float16', 1e6, 'float16'],
    ['too small for float16', 1e-6, 'float16'],
    ['infinite', Infinity, 'int8'],
    ['not a number', Number.NaN, 'int8'],
  ])('%s', async (_, value, dtype) => {
    const net = sequential([dense(2)], { inputShape: [4] })
    const weights = [tensor(new Array(8).fill(value), [4, 2]), tensor([value, value])]
    await net.setWeights(weights)
    const found = await (await loadModel(await net.toBytes({ dtype }))).getWeights()
    expect(found.map(({ data }) => Array.from(data))).toEqual(weights.map(({ data }) => Array.from(data)))
  })

  test('a mean of large numbers', async () => {
    const net = sequential([normalization({ mean: [12345.678], variance: [1] }), dense(1)], { inputShape: [1] })
    const again = await loadModel(await net.toBytes({ dtype: 'int8' }))
    expect(Object.keys(await again.namedWeights())).toEqual(Object.keys(await net.namedWeights()))
    const [a, b] = [await net.predict([[12346]]), await again.predict([[12346]])]
    expect(Math.abs(a.data[0] - b.data[0])).toBeLessThan(1e-2)
  })
})

test('a float64 model is read again as one', async () => {
  const net = sequential([dense(8)], { inputShape: [40], dtype: 'float64' })
  const again = await loadModel(await net.toBytes({ dtype: 'float16' }))
  expect((await again.getWeights()).map(({ dtype }) => dtype)).toEqual(['float64', 'float64'])
})

test('all tensors of such a file are read by name, widened', async () => {
  const net = sequential([conv2d(4, 3), flatten(), dense(2)], { inputShape: [6, 6, 1] })
  const found = await readTensors(await net.toBytes({ dtype: 'int8' }))
  expect(Object.fromEntries(Object.entries(found).map(([name, { dtype, shape }]) => [name, [dtype, shape]]))).toEqual({
    'conv2d/kernel': ['float32', [3, 3, 1, 4]],
    'conv2d/bias': ['float32', [4]],
    'dense/kernel': ['float32', [64, 2]],
    'dense/bias': ['float32', [2]],
  })
})

test('another type is refused', async () => {
  // @ts-expect-error: no such type.
  await expect(make().toBytes({ dtype: 'int4' })).rejects.toThrow(OptionError)
})

describe('what others run is stored smaller, too', () => {
  test.each([
    ['float16', 0.54, 1e-3],
    ['int8', 0.3, 2e-2],
  ] as const)('as ONNX with %s', async (dtype, share, error) => {
    const net = make()
    const small = await net.toBytes({ format: 'onnx', dtype })
    expect(small.length / (await net.toBytes({ format: 'onnx' })).length).toBeLessThanOrEqual(share)
    const tokens = new Tensor(Int32Array.from(x.data), x.shape)
    const { [net.outputNames[0]]: got } = await runOnnx(small, { [net.inputs[0].name]: tokens })
    const expected = await net.predict(x)
    const largest = Math.max(...Array.from(expected.data, Math.abs))
    for (const [i, value] of expected.data.entries())
      expect(Math.abs(got.data[i] - value)).toBeLessThan(error * largest)
  })

  test.each([
    ['float16', 0.54],
    ['int8', 0.3],
  ] as const)('as a module with %s: it predicts what a model with those weights does', async (dtype, share) => {
    const net = make()
    const bytes = await net.toBytes({ format: 'module', dtype })
    expect(bytes.length / (await net.toBytes({ format: 'module' })).length).toBeLessThanOrEqual(share)
    const again = await loadModel(await net.toBytes({ dtype }))
    const { predict } = await import(
      /* @vite-ignore */ `data:text/javascript;base64,${Buffer.from(bytes).toString('base64')}`
    )
    expect(Array.from(predict(x.toArray()))).toEqual(Array.from((await again.predict(x, { backend: 'cpu' })).data))
  })

  test('C holds whole weights', async () => {
    await expect(sequential([dense(1)], { inputShape: [2] }).toBytes({ format: 'c', dtype: 'int8' })).rejects.toThrow(
      /float32/,
    )
  })
})
