// Stateful layers in a model: batches of one size, and what goes on from one call to the next.
import { describe, expect, test } from 'vitest'
import {
  data,
  dense,
  gru,
  loadModel,
  lstm,
  type Model,
  sequential,
  setSeed,
  type Tensor,
  tensor,
  timeDistributed,
} from '../../src'
import { DataError, ShapeError } from '../../src/errors'
import { expectClose, floats } from '../support'

function makeModel(): Model {
  setSeed(5)
  return sequential([gru(3, { stateful: true, returnSequences: true }), lstm(2, { stateful: true }), dense(1)], {
    inputShape: [4, 2],
  }).compile({ optimizer: 'sgd', loss: 'mse', backend: 'cpu' })
}

const still = { shuffle: false, verbose: 0 } as const
const batch = (size: number, seed = 1): [Tensor, Tensor] => [
  floats([size, 4, 2], { seed }),
  floats([size, 1], { seed }),
]
/** Two rows. */
function rows(x: Tensor, first: number): Tensor {
  const width = x.size / x.shape[0]
  return tensor([...x.data.subarray(first * width, (first + 2) * width)], [2, ...x.shape.slice(1)])
}
const weightsOf = async (net: Model): Promise<string[]> => (await net.getWeights()).map(String)

describe('a batch of another size is an error before anything is trained', () => {
  const refused = async (work: (net: Model) => Promise<unknown>, message: RegExp): Promise<void> => {
    const net = makeModel()
    const before = await weightsOf(net)
    const error = await work(net).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(DataError)
    expect(String(error)).toMatch(message)
    expect(await weightsOf(net)).toEqual(before)
    // Nothing was carried, either: another size is fine.
    await net.fit(...batch(3), { ...still, batchSize: 3 })
  }

  test('in fit', () =>
    refused(
      (net) => net.fit(...batch(10), { ...still, batchSize: 4 }),
      /fit: gru is stateful: expected batches of one size, got 10 samples in batches of 4; leave out 2 of them, or take batchSize: 2/,
    ))

  test('in what fit validates on', async () => {
    const withValidation = (size: number) => (net: Model) =>
      net.fit(...batch(8), { ...still, batchSize: 4, validationData: batch(size) })
    await refused(withValidation(6), /got 6 samples in batches of 4/)
    await refused(withValidation(2), /expected validation in batches of 4 samples as in training, got 2/)
    await refused((net) => net.fit(...batch(12), { ...still, batchSize: 4, validationSplit: 0.5 }), /got 6 samples/)
  })

  test('in evaluate and predict', async () => {
    await refused((net) => net.evaluate(...batch(6), { batchSize: 4 }), /evaluate: gru is stateful/)
    await refused((net) => net.predict(batch(6)[0], { batchSize: 4 }), /predict: gru is stateful/)
  })

  test('in windows over a series', async () => {
    const series = Array.from({ length: 14 }, (_, i) => [i / 14, 1])
    const windows = data.windows(series, { length: 4, horizon: 1, targets: [0] })
    await refused((net) => net.fit(windows, { ...still, batchSize: 4 }), /got 10 samples in batches of 4/)
  })
})

test('a dataset is known only as it comes: its first batch of another size is an error', async () => {
  const net = makeModel()
  const [one, other] = [batch(4), batch(3)]
  const fitting = net.fit(data.fromIterable([one, one, other]), { verbose: 0 })
  await expect(fitting).rejects.toThrow(ShapeError)
  await expect(fitting).rejects.toThrow(/gru: stateful: expected batches of 4 samples as before, got 3/)
})

test('after resetStates any size will do, also one that was used before, but no second one', async () => {
  const net = makeModel()
  for (const size of [4, 2, 4]) {
    await net.resetStates()
    await net.trainOnBatch(...batch(size))
    await net.predict(batch(size)[0])
    await expect(net.trainOnBatch(...batch(6 - size))).rejects.toThrow(ShapeError)
    await expect(net.predict(batch(6 - size)[0])).rejects.toThrow(ShapeError)
  }
})

test('inside a layer for each step, batches are the steps of all samples', async () => {
  const net = sequential([timeDistributed(lstm(2, { stateful: true })), gru(1)], { inputShape: [3, 4, 2] })
  await net.predict(floats([2, 3, 4, 2]))
  await net.predict(floats([2, 3, 4, 2]))
  await expect(net.predict(floats([1, 3, 4, 2]))).rejects.toThrow(/expected batches of 6 samples as before, got 3/)
})

test('states go on through training, validation, evaluation and prediction alike, as in Keras', async () => {
  const [one, twin] = [makeModel(), makeModel()]
  const [train, held] = [batch(4, 1), batch(4, 2)]
  await one.fit(...train, { ...still, batchSize: 2, epochs: 2, validationData: held })
  await one.evaluate(...held, { batchSize: 2 })
  const given = await one.predict(held[0], { batchSize: 2 })

  const halves = ([x, y]: [Tensor, Tensor]): [Tensor, Tensor][] =>
    [0, 2].map((first) => [rows(x, first), rows(y, first)])
  for (let epoch = 0; epoch < 2; epoch++) {
    for (const half of halves(train)) await twin.trainOnBatch(...half)
    for (const half of halves(held)) await twin.testOnBatch(...half)
  }
  for (const half of halves(held)) await twin.testOnBatch(...half)
  const expected: number[] = []
  for (const [x] of halves(held)) expected.push(...(await twin.predict(x)).data)
  expectClose(
    given,
    expected.map((value) => [value]),
    { relative: 1e-5, absolute: 1e-6 },
  )
  await one.resetStates()
  expect((await one.predict(held[0], { batchSize: 2 })).toString()).not.toBe(given.toString())
})

test('a saved model is stateful again, and goes on with the states it had', async () => {
  const net = makeModel()
  const [x, y] = batch(4)
  await net.fit(x, y, { ...still, batchSize: 2 })
  const again = await loadModel(await net.toBytes())
  const all = { batchSize: 2 }
  const [first, second] = [await net.predict(x, all), await net.predict(x, all)]
  expect(second.toString()).not.toBe(first.toString())
  expectClose(await again.predict(x, all), first)
  expectClose(await again.predict(x, all), second)
})
