// Models whose inputs and outputs have names: what they take and give are records by these.
import { describe, expect, test } from 'vitest'
import { add, dense, input, loadModel, lstm, model, modelFromJSON, randomNormal, setSeed } from '../../src'
import { DataError, FormatError, OptionError } from '../../src/errors'

const first = randomNormal([6, 3], { seed: 1 })
const second = randomNormal([6, 3], { seed: 2 })
const y = randomNormal([6, 1], { seed: 3 })

function named() {
  setSeed(4)
  const left = input({ shape: [3] })
  const right = input({ shape: [3] })
  const both = add().apply([left, right])
  return model({
    inputs: { left, right },
    outputs: { size: dense(1).apply(both), price: dense(1).apply(both) },
  })
}

describe('a model made by names', () => {
  test('takes and gives records by them', async () => {
    const net = named().compile({
      optimizer: 'sgd',
      loss: { price: 'mse', size: 'mae' },
      metrics: { size: ['mse'] },
      backend: 'cpu',
    })
    const x = { left: first, right: second }
    const { history } = await net.fit(x, { price: y, size: y }, { epochs: 2, verbose: 0 })
    expect(Object.keys(history)).toEqual(['loss', 'price_loss', 'size_loss', 'size_mse'])
    expect(Object.keys(await net.evaluate(x, { price: y, size: y }))).toEqual(Object.keys(history))

    const predicted = await net.predict(x)
    expect(Object.keys(predicted)).toEqual(['price', 'size'])
    expect(predicted.price.shape).toEqual([6, 1])
    // Lists in the order of the names do as well.
    expect(await net.predict([first, second])).toEqual(predicted)
    expect(await net.trainOnBatch(x, [y, y])).toHaveProperty('size_loss')
  })

  test('says which names it has', async () => {
    const net = named().compile({ loss: 'mse', backend: 'cpu' })
    await expect(net.predict({ left: first, rigth: second })).rejects.toThrow(
      new DataError("x: nothing is named 'rigth'. Did you mean 'right'?"),
    )
    expect(() => net.compile({ loss: { prize: 'mse' } })).toThrow(/no output is named 'prize'. Did you mean 'price'/)
    expect(net.outputNames).toEqual(['price', 'size'])
  })

  test('has no order of its own: the names decide', async () => {
    const net = named()
    const given = await net.predict({ right: second, left: first })
    expect(given).toEqual(await net.predict({ left: first, right: second }))
  })

  test('comes back with them from files and JSON', async () => {
    const net = named()
    const x = { left: first, right: second }
    const predicted = await net.predict(x)
    expect(await (await loadModel(await net.toBytes())).predict(x)).toEqual(predicted)
    // Whatever is read of Keras gives a list.
    const { price, size } = predicted
    expect(await (await loadModel(await net.toBytes({ format: 'keras' }))).predict(x)).toEqual([price, size])
    expect(modelFromJSON(JSON.stringify(net)).outputNames).toEqual(['price', 'size'])
    const wrong = { ...net.toJSON(), outputNames: ['price', 'price'] }
    expect(() => modelFromJSON(wrong)).toThrow(
      new FormatError('modelFromJSON: outputNames: expected 2 names that differ, got an array'),
    )
  })

  test('of one output gives a record, too, and streams give records', async () => {
    const x = input({ shape: [null, 2] })
    const net = model({ inputs: { x }, outputs: { last: lstm(3).apply(x) } })
    const series = randomNormal([1, 4, 2], { seed: 7 })
    const { last } = await net.predict({ x: series })
    expect(last.shape).toEqual([1, 3])
    const pushed = await net.stream().push({ x: series })
    expect(Array.from(pushed.last.data)).toEqual(Array.from(last.data))
  })

  test('is put into another one like any layer', async () => {
    const inner = named()
    const a = input({ shape: [3] })
    const [price] = inner.apply([a, a])
    const outer = model({ inputs: a, outputs: price })
    expect((await outer.predict(first)).data).toEqual((await inner.predict({ left: first, right: first })).price.data)
  })

  test('needs at least one of each', () => {
    const x = input({ shape: [3] })
    expect(() => model({ inputs: {}, outputs: x })).toThrow(OptionError)
    expect(() => model({ inputs: { x }, outputs: { y: 3 as never } })).toThrow(OptionError)
  })
})
