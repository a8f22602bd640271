// Building a model from the first data it sees: lengths stay open where the layers allow it.
import { describe, expect, test } from 'vitest'
import {
  conv1d,
  dense,
  embedding,
  flatten,
  lstm,
  type Model,
  randomNormal,
  ShapeError,
  sequential,
  setSeed,
  tensor,
  timeDistributed,
} from '../../src'

test('takes numbers by themselves where each sample is one number', async () => {
  const ids = sequential([embedding(9, 2), flatten(), dense(1)], { inputShape: [1] })
  const ofColumn = await ids.predict([[3], [5], [7]])
  expect(await ids.predict([3, 5, 7])).toEqual(ofColumn)
  expect(await ids.predict({ sequential_input: Int32Array.of(3, 5, 7) })).toEqual(ofColumn)
  ids.compile({ loss: 'mse', backend: 'cpu' })
  expect(
    (await ids.fit([3, 5, 7, 1], [1, 2, 3, 4], { verbose: 0, validationSplit: 0.5 })).history.val_loss,
  ).toHaveLength(1)
  await expect(ids.predict([9])).rejects.toThrow(/9/)
  // A single series is no batch of steps.
  const net: Model = sequential([lstm(1)], { inputShape: [3, 1] }) // the compiler says so, too, where it knows the rank
  await expect(net.predict([[1], [2], [3]])).rejects.toThrow(ShapeError)
})

describe('a model that is built from data', () => {
  test('takes sequences of any length afterwards', async () => {
    const model = sequential([lstm(3), dense(1)])
    await model.predict(randomNormal([2, 5, 4], { seed: 1 }))
    expect(model.inputShape).toEqual([null, 4])
    expect((await model.predict(randomNormal([2, 9, 4], { seed: 1 }))).shape).toEqual([2, 1])
  })

  test('takes indices of any length afterwards', async () => {
    const model = sequential([embedding(9, 2), lstm(3)])
    await model.predict(tensor([[1, 2, 3]], undefined, 'int32'))
    expect(model.inputShape).toEqual([null])
    expect((await model.predict(tensor([[1, 2]], undefined, 'int32'))).shape).toEqual([1, 3])
  })

  test.each<[string, () => Model]>([
    ['flatten', () => sequential([flatten(), dense(2)])],
    ['flatten after a convolution', () => sequential([conv1d(3, 2), flatten(), dense(2)])],
  ])('keeps the length where a layer needs it: %s', async (_, make) => {
    const model = make()
    expect((await model.predict(randomNormal([3, 6, 4], { seed: 1 }))).shape).toEqual([3, 2])
    expect(model.inputShape).toEqual([6, 4])
    await expect(model.predict(randomNormal([3, 7, 4], { seed: 1 }))).rejects.toThrow(ShapeError)
  })

  test('is not built by data that do not fit, and says what was wrong with them', async () => {
    const model = sequential([conv1d(3, 2), dense(2)])
    await expect(model.predict(randomNormal([3, 6], { seed: 1 }))).rejects.toThrow(/conv1d/)
    expect((await model.predict(randomNormal([3, 6, 4], { seed: 1 }))).shape).toEqual([3, 5, 2])
  })

  test('is as it was after data that only a later layer could not take, down to the weights it begins with', async () => {
    const make = () => {
      setSeed(7)
      return sequential([timeDistributed(dense(4)), lstm(3), dense(1)])
    }
    const model = make()
    await expect(model.predict(randomNormal([2, 5, 4, 6], { seed: 1 }))).rejects.toThrow(/lstm/)
    expect(model.layers.some(({ built }) => built)).toBe(false)
    const x = randomNormal([2, 5, 4], { seed: 1 })
    expect(await model.predict(x)).toEqual(await make().predict(x))
  })
})
