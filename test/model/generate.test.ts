// Generation: a model of the next token, asked again and again.
import { describe, expect, test } from 'vitest'
import {
  data,
  dense,
  embedding,
  generate,
  generateEach,
  globalAveragePooling1d,
  gru,
  lstm,
  type Model,
  sequential,
  setSeed,
  tensor,
  tokenAndPositionEmbedding,
  transformerDecoder,
  transformerEncoder,
} from '../../src'
import { DataError, OptionError } from '../../src/errors'

/** A model that counts: after token i comes (i + 1) mod 4 with probability 0.97, each other with 0.01. */
async function counter(): Promise<Model> {
  const model = sequential([embedding(4, 4), dense(4, { activation: 'softmax', useBias: false })], {
    inputShape: [null],
  })
  const next = [0, 1, 2, 3].map((i) => [0, 1, 2, 3].map((j) => (j === (i + 1) % 4 ? Math.log(97) : 0)))
  await model.setWeights([tensor([0, 1, 2, 3].map((i) => [0, 1, 2, 3].map((j) => (i === j ? 1 : 0)))), tensor(next)])
  return model
}

const letters = {
  encode: (text: string) => Array.from(text, (letter) => 'abcd'.indexOf(letter)),
  decode: (tokens: readonly number[]) => tokens.map((token) => 'abcd'[token]).join(''),
}

test('the likeliest token follows at temperature 0, after the last token of the prompt', async () => {
  expect(await generate(await counter(), { prompt: [1, 2], length: 5, temperature: 0 })).toEqual([3, 0, 1, 2, 3])
})

test('topK and topP leave out what is less likely', async () => {
  const model = await counter()
  const all = await generate(model, { prompt: [0], length: 200, seed: 1, temperature: 3 })
  const follows = (tokens: readonly number[]) => tokens.every((token, i) => token === ((tokens[i - 1] ?? 0) + 1) % 4)
  expect(follows(all)).toBe(false)
  expect(follows(await generate(model, { prompt: [0], length: 40, seed: 1, temperature: 3, topK: 1 }))).toBe(true)
  expect(follows(await generate(model, { prompt: [0], length: 40, seed: 1, topP: 0.9 }))).toBe(true)
})

test('a seed gives the same tokens on every backend, another seed others', async () => {
  setSeed(5)
  const model = sequential([embedding(9, 4), gru(6, { returnSequences: true }), dense(9)], { inputShape: [null] })
  const draw = (seed: number, backend: 'cpu' | 'wasm') => generate(model, { prompt: [1, 2], length: 30, seed, backend })
  const tokens = await draw(1, 'cpu')
  expect(tokens).toHaveLength(30)
  expect(await draw(1, 'wasm')).toEqual(tokens)
  expect(await draw(2, 'cpu')).not.toEqual(tokens)
})

test('one-hot inputs and an output for the last step alone will do', async () => {
  const model = sequential([lstm(4), dense(3, { activation: 'softmax' })], { inputShape: [null, 3] })
  const tokens = await generate(model, { prompt: [0, 2], length: 6, temperature: 0 })
  const hot = [0, 2, ...tokens.slice(0, 5)].map((token) => [0, 1, 2].map((i) => (i === token ? 1 : 0)))
  const { data } = await model.predict([hot])
  expect(tokens[5]).toBe(data.indexOf(Math.max(...data)))
})

test('with a tokenizer, text goes in and text comes out, at once or bit by bit', async () => {
  const options = { prompt: 'ab', length: 6, temperature: 0, tokenizer: letters }
  expect(await generate(await counter(), options)).toBe('cdabcd')
  const pieces: (string | undefined)[] = []
  for await (const { text } of generateEach(await counter(), options)) pieces.push(text)
  expect(pieces).toEqual(['c', 'd', 'a', 'b', 'c', 'd'])
})

test('bit by bit the same text comes out, also where characters take several tokens, or a stop begins', async () => {
  const tokenizer = data.tokenizer('bytePair', { vocabularySize: 258 }).fit('a')
  // After each byte of the text, the one that follows it: no byte occurs twice.
  const bytes = tokenizer.encode('aé😀!<b')
  const weights = Array.from({ length: 258 }, () => new Float32Array(258))
  bytes.forEach((byte, i) => {
    weights[byte][bytes[(i + 1) % bytes.length]] = 9
  })
  const model = sequential([dense(258, { useBias: false })], { inputShape: [null, 258] })
  await model.setWeights([tensor(weights)])
  const options = { prompt: 'a', temperature: 0, tokenizer, fromLogits: true }
  const each = async (length: number, stop?: string | (string | number)[]) => {
    const pieces: (string | undefined)[] = []
    const given = stop === undefined ? { ...options, length } : { ...options, length, stop }
    for await (const { text } of generateEach(model, given)) pieces.push(text)
    expect(pieces.join('')).toBe(await generate(model, given))
    return pieces
  }
  expect(await each(7)).toEqual(['', 'é', '', '', '', '😀', '!'])
  expect((await each(4)).join('')).toBe('é\uFFFD')
  expect((await each(20, '<b')).join('')).toBe('é😀!')
  expect((await each(20, '<>')).join('')).toBe('é😀!<baé😀!<ba')
  expect((await each(20, ['<>', bytes[9]])).join('')).toBe('é😀!<')
})

test('a prompt may be a typed array or a tensor of whole numbers', async () => {
  const model = await counter()
  for (const prompt of [Int32Array.of(1, 2), tensor([1, 2])]) {
    expect(await generate(model, { prompt, length: 2, temperature: 0 })).toEqual([3, 0])
  }
  await expect(generate(model, { prompt: [0.5], length: 1 })).rejects.toThrow(DataError)
})

test('it ends at a token or a text, which is left out', async () => {
  const model = await counter()
  expect(await generate(model, { prompt: [0], length: 9, temperature: 0, stop: 0 })).toEqual([1, 2, 3])
  const text = { prompt: 'a', length: 9, temperature: 0, tokenizer: letters }
  expect(await generate(model, { ...text, stop: ['da'] })).toBe('bc')
})

describe('options that do not fit are refused', () => {
  test.each([
    [{ prompt: [], length: 1 }, DataError],
    [{ prompt: 'ab', length: 1 }, OptionError],
    [{ prompt: [0], length: 0 }, OptionError],
    [{ prompt: [0], length: 1, temperature: -1 }, OptionError],
    [{ prompt: [0], length: 1, topK: 0 }, OptionError],
    [{ prompt: [0], length: 1, topP: 2 }, OptionError],
    [{ prompt: [4], length: 1 }, DataError],
  ])('%o', async (options, kind) => {
    const model = await counter()
    await expect(generate(model, options)).rejects.toThrow(kind)
  })
})

describe('transformers', () => {
  const gpt = (length: number | null = null) =>
    sequential([tokenAndPositionEmbedding(12, 8, 6), transformerDecoder(8, 2), dense(12)], { inputShape: [length] })

  test('go on as a stream as they do when they are asked anew for each token, also beyond their places', async () => {
    setSeed(3)
    const net = gpt()
    const prompt = [1, 2, 3]
    const tokens = await generate(net, { prompt, length: 12, temperature: 0, backend: 'cpu' })
    const all = [...prompt]
    for (let i = 0; i < 12; i++) {
      const seen = all.slice(-8)
      const scores = await net.predict(tensor([seen], [1, seen.length], 'int32'), { backend: 'cpu' })
      const last = Array.from(scores.data.slice(-12))
      all.push(last.indexOf(Math.max(...last)))
    }
    expect(tokens).toEqual(all.slice(3))
  })

  test('that look ahead are asked for the last tokens, as many as they take', async () => {
    setSeed(3)
    const make = (length: number | null) =>
      sequential([embedding(9, 6), transformerEncoder(8, 2), globalAveragePooling1d(), dense(9)], {
        inputShape: [length],
      })
    const tokens = await generate(make(5), { prompt: [1, 2], length: 6, temperature: 0 })
    expect(tokens).toHaveLength(6)
    const open = make(null)
    await expect(generate(open, { prompt: [1], length: 2 })).rejects.toThrow(
      /window: expected how many of the last tokens/,
    )
    const [windowed] = await generate(open, { prompt: [4, 1, 2], length: 1, temperature: 0, window: 2 })
    const scores = await open.predict([[1, 2]])
    const row = Array.from(scores.data)
    expect(windowed).toBe(row.indexOf(Math.max(...row)))
  })
})
