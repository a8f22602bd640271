// Models trained on windows, datasets and sequences of different lengths: the same as on arrays made by hand.

import type { FitOptions, Layer, Model, PartialShape } from 'hornbeam'
import {
  concatenate,
  DataError,
  data,
  dense,
  embedding,
  flatten,
  gru,
  input,
  lambda,
  lstm,
  masking,
  model,
  OptionError,
  randomNormal,
  sequential,
  setSeed,
  tensor,
} from 'hornbeam'
import { describe, expect, test } from 'vitest'
import { expectClose } from '../support'

const silent: FitOptions = { verbose: 0 }

/** A model whose weights are those of every other with the same layers, where its input shape is given. */
function compiled(layers: () => Layer[], inputShape?: PartialShape): Model {
  setSeed(5)
  const net = sequential(layers(), inputShape === undefined ? {} : { inputShape })
  return net.compile({ optimizer: 'sgd', learningRate: 0.1, loss: 'mse', backend: 'cpu' })
}

async function expectSameWeights(a: Model, b: Model): Promise<void> {
  const [first, second] = [await a.getWeights(), await b.getWeights()]
  for (const [i, weight] of first.entries()) expectClose(weight, second[i])
}

const forecaster = () => compiled(() => [lstm(4), dense(1)])
const series = Array.from({ length: 40 }, (_, i) => Math.sin(i / 3))

describe('windows', () => {
  const samples = data.windows(series, { length: 5 })
  const { x, y } = samples.toTensors()

  test('of numbers in arrays go with every backend, in its own type', async () => {
    expect([x.dtype, y.dtype]).toEqual(['float64', 'float64'])
    const net = forecaster()
    for (const backend of ['cpu', 'wasm'] as const) {
      net.compile({ optimizer: 'sgd', learningRate: 0.1, loss: 'mse', backend })
      expect((await net.fit(samples, silent)).history.loss[0]).toBeGreaterThan(0)
      expect((await net.fit(x, y, silent)).history.loss[0]).toBeGreaterThan(0)
      expect((await net.predict(samples)).dtype).toBe('float32')
    }
  })

  test('train like the arrays they stand for, shuffled and not', async () => {
    for (const options of [
      { epochs: 2, batchSize: 8 },
      { shuffle: false, epochs: 1 },
    ]) {
      const [a, b] = [forecaster(), forecaster()]
      setSeed(1)
      const first = await a.fit(samples, { ...silent, ...options })
      setSeed(1)
      const second = await b.fit(x, y, { ...silent, ...options })
      expect(first).toEqual(second)
      await expectSameWeights(a, b)
    }
  })

  test('are evaluated and predicted on like arrays', async () => {
    const net = forecaster()
    expect(await net.evaluate(samples)).toEqual(await net.evaluate(x, y))
    expectClose(await net.predict(samples), await net.predict(x))
  })

  test('are split so that what is validated on was not trained on', async () => {
    const net = forecaster()
    const { history } = await net.fit(samples, { ...silent, validationSplit: 0.25 })
    const { validation } = data.splitInTime(samples, { validation: 0.25 })
    expect(validation.size).toBe(5)
    expect(history.val_loss[0]).toBeCloseTo((await net.evaluate(validation)).loss, 5)
    const { history: other } = await net.fit(samples, { ...silent, validationData: validation })
    expect(other.val_loss).toHaveLength(1)
  })
})

describe('datasets', () => {
  const x = randomNormal([10, 3], { seed: 1 })
  const y = randomNormal([10, 1], { seed: 2 })
  const regressor = () => compiled(() => [dense(1)], [3])

  test('train like arrays in the same batches, with sample weights, epoch by epoch', async () => {
    const [a, b] = [regressor(), regressor()]
    const sampleWeight = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    const first = await a.fit(data.fromArrays(x, y, { sampleWeight }).batch(4).prefetch(2), { ...silent, epochs: 3 })
    const second = await b.fit(x, y, { ...silent, epochs: 3, batchSize: 4, shuffle: false, sampleWeight })
    expect(first).toEqual(second)
    await expectSameWeights(a, b)
    const batches = data.fromArrays(x, y).batch(3)
    expect((await a.evaluate(batches)).loss).toBeCloseTo((await a.evaluate(x, y)).loss, 5)
    expectClose(await a.predict(batches), await a.predict(x))
  })

  test('of unknown length and without end are cut in epochs that go on where the last one stopped', async () => {
    const seen: number[] = []
    let closed = 0
    const endless = data.fromGenerator(async function* () {
      try {
        for (let i = 0; ; i++) {
          seen.push(i)
          yield { x: [[i / 10, 0, 1]], y: [[0]] }
        }
      } finally {
        closed++
      }
    })
    await regressor().fit(endless, { ...silent, epochs: 3, stepsPerEpoch: 4 })
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    expect(closed).toBe(1)
  })

  test('that end within an epoch of given steps begin anew', async () => {
    const epochs: number[] = []
    const batches = data.fromGenerator(function* (epoch) {
      epochs.push(epoch)
      for (let i = 0; i < 3; i++) yield { x: [[i, 0, 1]], y: [[0]] }
    })
    const { history } = await regressor().fit(batches, { ...silent, epochs: 2, stepsPerEpoch: 4 })
    expect(epochs).toEqual([0, 1, 2])
    expect(history.loss).toHaveLength(2)
  })

  test('without an end are an error where no number of steps is given', async () => {
    const endless = data.fromArrays(x, y).batch(4).repeat()
    await expect(regressor().fit(endless, silent)).rejects.toThrow('stepsPerEpoch')
    await expect(regressor().evaluate(endless)).rejects.toThrow(OptionError)
    expect(await regressor().evaluate(endless, { steps: 2 })).toHaveProperty('loss')
  })

  test('shuffle by epoch, so that a run that goes on sees the orders it would have seen', async () => {
    const batches = () => data.fromArrays(x, y).shuffle(10, { seed: 4 }).batch(5)
    const [whole, resumed] = [regressor(), regressor()]
    await whole.fit(batches(), { ...silent, epochs: 3 })
    await resumed.fit(batches(), { ...silent, epochs: 1 })
    await resumed.fit(batches(), { ...silent, epochs: 3, initialEpoch: 1 })
    await expectSameWeights(whole, resumed)
  })

  test('that give nothing for long are not waited for when training is aborted', async () => {
    let goesOn: (() => void) | undefined
    const control = new AbortController()
    const slow = data.fromGenerator(async function* () {
      yield { x: [[1, 0, 1]], y: [[0]] }
      control.abort(new Error('enough'))
      await new Promise<void>((resolve) => {
        goesOn = resolve
      })
    })
    await expect(regressor().fit(slow, { ...silent, signal: control.signal })).rejects.toThrow('enough')
    await expect(regressor().fit(slow, { ...silent, stepsPerEpoch: 2, signal: control.signal })).rejects.toThrow(
      'enough',
    )
    goesOn?.()
  })

  test('are read no further than an evaluation of given steps needs', async () => {
    let read = 0
    const counted = data
      .fromArrays(x, y)
      .batch(2)
      .map((batch) => {
        read++
        return batch
      })
    await regressor().evaluate(counted, { steps: 2 })
    expect(read).toBe(2)
  })

  test('that are shuffled are predicted in the same order each time', async () => {
    const [net, shuffled] = [regressor(), data.fromArrays(x, y).shuffle(10, { seed: 1 }).batch(5)]
    expect(await net.predict(shuffled)).toEqual(await net.predict(shuffled))
  })

  test('say what is wrong with the call', async () => {
    const [net, batches] = [regressor(), data.fromArrays(x, y).batch(5)]
    await expect(net.fit(batches, y, silent)).rejects.toThrow('y: expected none')
    await expect(net.evaluate(batches, y)).rejects.toThrow('y: expected none')
    await expect(net.predict(batches.repeat())).rejects.toThrow(OptionError)
    await expect(net.trainOnBatch(batches as never, y)).rejects.toThrow('got a dataset')
    const once = (function* () {
      yield { x, y }
    })()
    await expect(net.fit(once, { ...silent, epochs: 2 })).rejects.toThrow('data.fromGenerator')
  })

  test('without a sample to validate on are refused before anything is trained', async () => {
    const windows = data.windows([1, 2, 3, 4, 5, 6], { length: 2 })
    const { train, validation } = data.splitInTime(windows, { validation: 0.2 })
    const net = compiled(() => [flatten(), dense(1)], [2, 1])
    const before = await net.getWeights()
    await expect(net.fit(train, { ...silent, validationData: validation })).rejects.toThrow('validationData')
    expect(await net.getWeights()).toEqual(before)
  })

  test('say what is wrong with their batches', async () => {
    const net = regressor()
    await expect(net.fit(data.fromArrays(x).batch(2), silent)).rejects.toThrow('targets y')
    await expect(net.fit(data.fromIterable([5 as never]), silent)).rejects.toThrow('{ x, y }')
    await expect(net.fit(data.fromArrays(x, y).batch(2), { ...silent, sampleWeight: [1] })).rejects.toThrow(OptionError)
    await expect(net.fit(data.fromIterable([]), silent)).rejects.toThrow(DataError)
  })
})

describe('sequences of different lengths', () => {
  const vectors = [3, 5, 1, 4].map((length, seed) => randomNormal([length, 2], { seed }))
  const nested = vectors.map((item) => item.toArray()) as number[][][]
  const y = [[0.5], [1], [-1], [0]]
  /** No step of the data is all 99, so masking finds exactly the steps that were filled in. */
  const padded = data.padSequences(nested, { padding: 'post', value: 99 })
  const marked = (layers: () => Layer[]) => compiled(() => [masking({ maskValue: 99 }), ...layers()], [null, 2])

  test.each([
    ['lstm', () => [lstm(3), dense(1)]],
    ['gru over all steps', () => [gru(3, { returnSequences: true }), lstm(2), dense(1)]],
  ])('train a %s like padded and masked ones', async (_, layers) => {
    const [a, b] = [compiled(layers, [null, 2]), marked(layers)]
    const options = { ...silent, epochs: 3, batchSize: 2 }
    setSeed(2)
    const first = await a.fit(nested, y, options)
    setSeed(2)
    const second = await b.fit(padded, y, options)
    expect(first.history.loss.map((loss) => loss.toFixed(5))).toEqual(
      second.history.loss.map((loss) => loss.toFixed(5)),
    )
    await expectSameWeights(a, b)
    expect((await a.evaluate(vectors, y)).loss).toBeCloseTo((await b.evaluate(padded, y)).loss, 5)
    expectClose(await a.predict(nested), await b.predict(padded))
  })

  test('predict for each what it gives alone', async () => {
    const net = compiled(() => [lstm(3), dense(1)])
    const all = await net.predict(nested)
    for (const [i, sequence] of nested.entries()) {
      expectClose(await net.predict([sequence]), [[all.data[i]]])
    }
  })

  test('take targets and weights for every step, whose loss leaves out what was filled in', async () => {
    const targets = nested.map((sequence) => sequence.map(([a, b]) => [a + b]))
    const weights = nested.map((sequence) => sequence.map((_, i) => 1 + i))
    const layers = () => [gru(3, { returnSequences: true }), dense(1)]
    const [a, b] = [compiled(layers, [null, 2]), marked(layers)]
    const options = { ...silent, epochs: 2, shuffle: false }
    const first = await a.fit(nested, targets, { ...options, sampleWeight: weights })
    const second = await b.fit(padded, data.padSequences(targets, { padding: 'post' }), {
      ...options,
      sampleWeight: data.padSequences(weights, { padding: 'post' }),
    })
    expect(first.history.loss[1]).toBeCloseTo(second.history.loss[1], 5)
    await expectSameWeights(a, b)
  })

  test('of tokens need no masking of 0, which may be a token', async () => {
    const tokens = [[0, 1, 2], [3], [0, 0]]
    const layers = (maskZero: boolean) => () => [embedding(5, 3, { maskZero }), lstm(2), dense(1)]
    const [a, b] = [compiled(layers(false)), compiled(layers(true))]
    const labels = [[0], [1], [1]]
    await a.fit(tokens, labels, { ...silent, shuffle: false })
    // The same with every token one higher, so that 0 is free for padding.
    const weights = await b.fit([[1, 2, 3], [4], [1, 1]], labels, { ...silent, epochs: 1 }).then(() => b.getWeights())
    expect(weights[0].shape).toEqual([5, 3])
    const all = await a.predict(tokens)
    expectClose(await a.predict([[0, 0]]), [[all.data[2]]])
    expectClose(await a.predict([Int32Array.of(3)]), [[all.data[1]]])
  })

  test('come from datasets as well, padded batch by batch', async () => {
    const [a, b] = [compiled(() => [lstm(3), dense(1)], [null, 2]), marked(() => [lstm(3), dense(1)])]
    await a.fit(data.fromArrays(nested, y).paddedBatch(2), { ...silent, epochs: 2 })
    await b.fit(padded, y, { ...silent, epochs: 2, batchSize: 2, shuffle: false })
    await expectSameWeights(a, b)
    const batches = data.fromArrays(nested, y).paddedBatch(2, { length: 6, padding: 'pre' })
    expect((await a.evaluate(batches)).loss).toBeCloseTo((await b.evaluate(padded, y)).loss, 5)
    expectClose(await a.predict(batches), await b.predict(padded))
  })

  test('go to one of several inputs by name', async () => {
    setSeed(1)
    const [steps, extra] = [input({ shape: [null, 2], name: 'steps' }), input({ shape: [1], name: 'extra' })]
    const joined = concatenate().apply([lstm(2).apply(steps), extra])
    const net = model({ inputs: [steps, extra], outputs: dense(1).apply(joined) })
    net.compile({ optimizer: 'sgd', loss: 'mse', backend: 'cpu' })
    await net.fit({ steps: nested, extra: [[1], [2], [3], [4]] } as never, y, silent)
    expect((await net.predict({ steps: nested, extra: [[1], [2], [3], [4]] } as never)).shape).toEqual([4, 1])
  })

  test('are an error where a model takes one length, where steps differ, and as targets of one value', async () => {
    const fixed = sequential([lstm(2), dense(1)], { inputShape: [5, 2] }).compile({
      optimizer: 'sgd',
      loss: 'mse',
      backend: 'cpu',
    })
    await expect(fixed.fit(nested, y, silent)).rejects.toThrow(/ragged.*\[null, 5, 2\].*padSequences/)
    const flat = compiled(() => [flatten(), dense(1)])
    await expect(flat.fit(nested, y, silent)).rejects.toThrow(DataError)
    expect(flat.built).toBe(false)
    await expect(compiled(() => [dense(1)]).fit([[1, 2], [3]], [[1], [2]], silent)).rejects.toThrow(DataError)
    const net = () => compiled(() => [lstm(2), dense(1)])
    await expect(net().fit([[[1, 2], [3]], [[1, 2]]], [[1], [2]], silent)).rejects.toThrow(DataError)
    await expect(net().fit(nested, [[1], [2, 3], [4], [5]], silent)).rejects.toThrow('as many steps as x')
    expect(() => tensor([[1, 2], [3]])).toThrow(DataError)
    const ends = compiled(() => [gru(2, { returnSequences: true }), lambda((x) => x), dense(1)])
    const targets = nested.map((sequence) => sequence.map(() => [0]))
    await expect(ends.fit(nested, targets, silent)).rejects.toThrow('ends the mask')
    expect((await ends.predict(nested)).shape).toEqual([4, 5, 1])
  })
})

describe('data that are no numbers', () => {
  test('are named, with what makes numbers of them', async () => {
    const net = compiled(() => [dense(2)])
    const words = ['rain', 'sun'] as never
    const pairs = [
      [1, 0],
      [0, 1],
    ]
    const x = [[1], [2]]
    await expect(net.fit(x, words, silent)).rejects.toThrow("y: expected numbers, got the text 'rain'; data.oneHot")
    await expect(net.evaluate(x, words)).rejects.toThrow(/^y: .*data\.oneHot/)
    const validationData = [x, [['rain'], ['sun']]] as never
    await expect(net.fit(x, pairs, { ...silent, validationData })).rejects.toThrow(/^y: .*data\.oneHot/)
    await expect(net.fit(words, pairs, silent)).rejects.toThrow(/^x: .*textVectorization.*data\.oneHot/)
    await expect(net.fit(x, [[null], [1]] as never, silent)).rejects.toThrow(/^y: expected a number/)
    await net.fit(x, data.oneHot(words, { classes: ['rain', 'sun'] }), silent)
  })

  test('an empty text is told of where it comes in', async () => {
    const tokenizer = data.tokenizer('words').fit(['the sun shines', 'rain'])
    const net = compiled(() => [embedding(tokenizer.size, 4), lstm(3), dense(1)])
    await expect(net.predict(tokenizer.encode(['']))).rejects.toThrow(/^x: expected at least one step.*empty text/)
    await expect(net.fit(tokenizer.encode(['', '']), [[1], [0]], silent)).rejects.toThrow(DataError)
    expect(net.built).toBe(false)
    expect((await net.predict(tokenizer.encode(['sun', '']))).shape).toEqual([2, 1])
  })
})
