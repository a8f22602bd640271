// Models that read texts: layers directly behind inputs look them up on the host, before the Program.
import { describe, expect, test } from 'vitest'
import {
  concatenate,
  DataError,
  data,
  dense,
  embedding,
  flatten,
  hashedCrossing,
  hashing,
  input,
  integerLookup,
  loadModel,
  lstm,
  type Model,
  Model as ModelClass,
  model,
  OptionError,
  ShapeError,
  sequential,
  setSeed,
  stringLookup,
  textVectorization,
  type Value,
} from '../../src'
import { backendUnderTest as backend } from '../support/backend'

const texts = ['What a film!', 'what a bore', 'a great film', 'a great bore']
const labels = [1, 0, 1, 0]

async function reader(): Promise<Model> {
  setSeed(1)
  const words = textVectorization({ maxTokens: 20, outputSequenceLength: 5 })
  await words.adapt(texts)
  return sequential([
    words,
    embedding(20, 6, { maskZero: true }),
    lstm(6),
    dense(1, { activation: 'sigmoid' }),
  ]).compile({
    optimizer: 'adam',
    learningRate: 0.05,
    loss: 'binaryCrossentropy',
    metrics: ['accuracy'],
    backend,
  })
}

/** Texts and numbers, each read by several layers. */
function mixed(): Model {
  setSeed(2)
  const text = input({ shape: [1], dtype: 'string', name: 'text' })
  const places = input({ shape: [2], dtype: 'string', name: 'places' })
  const number = input({ shape: [1], dtype: 'int32', name: 'number' })
  const sizes = input({ shape: [3], name: 'sizes' })
  const read = [
    embedding(5, 3).apply(textVectorization({ vocabulary: ['rain', 'sun'], outputSequenceLength: 4 }).apply(text)),
    embedding(5, 2).apply(stringLookup({ vocabulary: ['Ulm', 'Bonn'] }).apply(places)),
    embedding(7, 2).apply(hashing(7).apply(places)),
    embedding(11, 2).apply(hashing(11).apply(number)),
    embedding(20, 2).apply(number),
    hashedCrossing(4, { outputMode: 'oneHot' }).apply([text, number]),
  ].map((each) => flatten().apply(each))
  const outputs = dense(1).apply(concatenate().apply([...read, sizes]))
  return model({ inputs: [text, places, number, sizes], outputs }).compile({ loss: 'mse', backend })
}

const samples = {
  text: ['the rain', 'sun, sun'],
  places: [
    ['Ulm', 'Paris'],
    ['Bonn', 'Ulm'],
  ],
  number: [3, 12],
  sizes: [
    [1, 2, 3],
    [0, -1, 0.5],
  ],
}

describe('a sequential model', () => {
  test('learns from texts, answers them, and goes on from a file', async () => {
    const net = await reader()
    await net.fit(texts, labels, { epochs: 30, verbose: 0 })
    expect((await net.evaluate(texts, labels)).accuracy).toBe(1)
    const [good, bad] = (await net.predict(['great FILM', 'bore'])).data
    expect(good).toBeGreaterThan(0.5)
    expect(bad).toBeLessThan(0.5)
    const again = await loadModel(await net.toBytes())
    const options = { epochs: 2, verbose: 0, shuffle: false } as const
    expect(await again.fit(texts, labels, options)).toEqual(await net.fit(texts, labels, options))
  })

  test('takes texts as they come: alone, in a column, in batches of a dataset', async () => {
    const net = await reader()
    const answers = await net.predict(texts)
    expect(await net.predict(texts.map((text) => [text]))).toEqual(answers)
    const rows = data.fromIterable(texts.map((x, i) => ({ x, y: labels[i] })))
    await net.fit(rows.batch(2), { epochs: 30, verbose: 0 })
    expect((await net.evaluate(rows.batch(3))).accuracy).toBe(1)
    await net.fit(texts, labels, { validationSplit: 0.5, verbose: 0 })
    await net.trainOnBatch(texts, labels)
    await net.minimize(texts, labels, { maxIterations: 2 })
  })

  test('shows itself', async () => {
    const net = await reader()
    expect(await net.inspect(texts)).toHaveProperty('forgetGate')
    expect((await net.gradientFlow(texts, labels)).loss).toBeGreaterThan(0)
    expect(net.inputs[0]).toMatchObject({ dtype: 'string', shape: [] })
    expect(net.layers.map(({ kind }) => kind)).toEqual(['textVectorization', 'embedding', 'lstm', 'dense'])
    expect(net.summary({ print: false })).toContain('textVectorization (textVectorization)')
    expect((await net.estimate({ samples: 10, batchSize: 2 })).parameters).toBe(net.countParams())
  })

  test('may end with the places, or be numbers behind the texts', async () => {
    const lookup = stringLookup({ vocabulary: ['Ulm', 'Bonn'], outputMode: 'multiHot' })
    expect((await sequential([lookup]).predict([['Ulm', 'Rom']])).toArray()).toEqual([[1, 1, 0]])
    const text = input({ shape: [1], dtype: 'string' })
    const words = textVectorization({ vocabulary: ['rain'], outputSequenceLength: 2 }).apply(text)
    const net = model({ inputs: text, outputs: flatten().apply(embedding(3, 2).apply(words)) })
    const behind = model({ inputs: words, outputs: net.outputs[0] })
    expect(await behind.predict([[2, 0]])).toEqual(await net.predict(['rain']))
    expect((await behind.toBytes({ format: 'onnx' })).length).toBeGreaterThan(0)
  })
})

describe('a functional model', () => {
  test('reads texts and numbers, in a list or by name, and is the same from a file', async () => {
    const net = mixed()
    const { text, places, number, sizes } = samples
    const answers = await net.predict(samples)
    expect(await net.predict([text, places, number, sizes])).toEqual(answers)
    await net.fit(samples, [1, 2], { verbose: 0 })
    const changed = await net.predict(samples)
    expect(changed).not.toEqual(answers)
    for (const format of ['hornbeam', 'keras'] as const) {
      const again = await loadModel(await net.toBytes({ format }))
      expect(again.inputs.map(({ dtype }) => dtype)).toEqual(['string', 'string', 'int32', 'float32'])
      expect((await again.predict(samples, { backend })).toArray()).toEqual(changed.toArray())
    }
  })

  test('takes a vocabulary that is found later', async () => {
    const place = input({ shape: [1], dtype: 'string' })
    const lookup = stringLookup()
    const net = model({ inputs: place, outputs: embedding(4, 2).apply(lookup.apply(place)) })
    await expect(net.predict(['Ulm'])).rejects.toThrow('stringLookup: its vocabulary is not known yet')
    await lookup.adapt(['Ulm', 'Bonn'])
    expect((await net.predict(['Ulm'])).shape).toEqual([1, 1, 2])
  })
})

describe('wrong are', () => {
  const number = input({ shape: [2], name: 'number' })
  const text = input({ shape: [1], dtype: 'string', name: 'text' })
  const lookup = () => stringLookup({ vocabulary: ['a'] })
  const wiring: [string, () => unknown, string][] = [
    [
      'texts into a layer of numbers',
      () => dense(1).apply(text),
      'dense.apply: text: expected numbers, got texts; textVectorization,',
    ],
    ['numbers into a lookup', () => lookup().apply(number), "expected an input with dtype 'string', got 'float32'"],
    ['fractions into hashing', () => hashing(3).apply(number), "'string' or 'int32', got 'float32'"],
    [
      'a place behind a layer',
      () => hashing(3).apply(integerLookup({ vocabulary: [1] }).apply(number)),
      'expected an input of a model, got what integerLookup gives',
    ],
    [
      'texts that nothing reads',
      () => model({ inputs: [text, number], outputs: dense(1).apply(number) }),
      'model: text: expected textVectorization',
    ],
    ['texts as an output', () => model({ inputs: text, outputs: text }), 'model: text: expected textVectorization'],
    [
      'a model of texts in a model',
      () => sequential([lookup()], { inputShape: [1] }).apply(text),
      'a model that begins with texts is no part of another',
    ],
    [
      'places as texts',
      () =>
        model({ inputs: text, outputs: stringLookup({ vocabulary: ['a'], invert: true }).apply(text) }).predict(['a']),
      'layer.texts(places) gives texts',
    ],
    [
      'a stream',
      () =>
        sequential([lookup(), embedding(2, 2), lstm(1)], { inputShape: [3] })
          .stream()
          .push([['a', 'a', 'a']]),
      'expected a model of numbers',
    ],
  ]
  test.each(wiring)('%s', async (_, make, message) => {
    await expect(async () => make()).rejects.toThrow(message)
    await expect(async () => make()).rejects.toBeInstanceOf(OptionError)
  })

  const feeding: [string, () => Promise<unknown>, typeof DataError | typeof ShapeError, string][] = [
    ['numbers for texts', async () => (await reader()).predict([[1, 2]]), DataError, 'x: expected texts, got an array'],
    [
      'texts for numbers',
      async () => mixed().predict({ ...samples, sizes: ['a', 'b'] }),
      DataError,
      "x (sizes): expected numbers, got the text 'a'",
    ],
    [
      'another number of texts',
      async () => mixed().predict({ ...samples, places: [['a'], ['b']] }),
      ShapeError,
      'x (places): expected shape [null, 2], got [2, 1]',
    ],
    [
      'ragged texts',
      async () => mixed().predict({ ...samples, places: [['a'], ['b', 'c']] }),
      DataError,
      'x (places): expected lists of the same length',
    ],
    [
      'another number of samples',
      async () => mixed().predict({ ...samples, text: ['a'] }),
      DataError,
      'expected as many samples in each',
    ],
    [
      'a text alone',
      async () => (await reader()).predict('rain'),
      DataError,
      'expected a batch of samples, got a single text',
    ],
    [
      'no words',
      async () => sequential([textVectorization({ vocabulary: ['a'] }), embedding(3, 2)]).predict(['!?']),
      DataError,
      'an empty text has no tokens',
    ],
    [
      'unknown texts without a place',
      async () => sequential([stringLookup({ vocabulary: ['a'], numOovIndices: 0 })]).predict([['b']]),
      DataError,
      "as numOovIndices is 0, got 'b'",
    ],
  ]
  test.each(feeding)('%s', async (_, predict, kind, message) => {
    await expect(predict()).rejects.toThrow(message)
    await expect(predict()).rejects.toBeInstanceOf(kind)
  })

  test('a layer of texts inside a class', async () => {
    class Net extends ModelClass {
      readonly words = stringLookup({ vocabulary: ['a'] })
      override call(x: Value): Value {
        return this.words.apply(x)
      }
    }
    await expect(new Net().predict([[1]])).rejects.toThrow('expected to stand directly behind the inputs of a model')
  })
})
