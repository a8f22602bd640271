/**
 * A character model: two LSTMs learn to say the next character of "Moby-Dick", and then go on writing by themselves. It reads
 * 200,000 characters, which is little: it learns to spell and to punctuate, not to tell a story.
 *
 * After 20 epochs it wavers between 5.5 characters on text never seen, and writes such as "his whale. He well of heast. Is's all of his".
 *
 *     npm run example -- examples/characters/characters.ts
 */
import { readFile } from 'node:fs/promises'
import { data, dense, embedding, generate, lstm, type Model, sequential, setSeed, Tensor } from 'hornbeam'
import { isMain } from '../random'

export interface CharactersOptions {
  readonly units?: number
  readonly layers?: number
  /** Characters in a piece. */
  readonly length?: number
  readonly epochs?: number
  /** Characters of the text that are read; all by default. */
  readonly characters?: number
  readonly verbose?: 'auto' | 0
  readonly seed?: number
}

export interface CharactersResult {
  readonly model: Model
  readonly tokenizer: data.Tokenizer
  /** How many characters it wavers between on text never seen: e to the power of the cross-entropy. */
  readonly perplexity: number
}

/** Trains on the first nine tenths of the text, and tests on the rest. */
export async function characters(options: CharactersOptions = {}): Promise<CharactersResult> {
  const { units = 128, layers = 2, length = 64, epochs = 20, verbose = 'auto', seed = 1 } = options
  setSeed(seed)
  const text = (await readFile(new URL('../data/moby-dick.txt', import.meta.url), 'utf8')).slice(0, options.characters)
  const tokenizer = data.tokenizer('characters').fit(text)
  const tokens = Int32Array.from(tokenizer.encode(text))
  const cut = Math.floor(0.9 * tokens.length)
  const [train, test] = [pieces(tokens.subarray(0, cut), length), pieces(tokens.subarray(cut), length)]
  const model = sequential([
    embedding(tokenizer.size, 32),
    lstm(units, { numLayers: layers, returnSequences: true }),
    dense(tokenizer.size, { activation: 'softmax' }),
  ]).compile({
    optimizer: 'adam',
    learningRate: 3e-3,
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['perplexity'],
    globalClipNorm: 1,
  })
  await model.fit(train.x, train.y, { epochs, batchSize: 32, verbose })
  const { perplexity } = await model.evaluate(test.x, test.y)
  return { model, tokenizer, perplexity }
}

/** Cuts a text into pieces `[pieces, length]` as x, and the same one character later as y. */
function pieces(tokens: Int32Array, length: number): { x: Tensor; y: Tensor } {
  const count = Math.floor((tokens.length - 1) / length)
  const from = (start: number) => new Tensor(tokens.slice(start, start + count * length), [count, length])
  return { x: from(0), y: from(1) }
}

if (isMain(import.meta.url)) {
  const { model, tokenizer, perplexity } = await characters()
  console.log(`It wavers between ${perplexity.toFixed(2)} characters on text never seen.\n`)
  for (const temperature of [0.5, 0.8]) {
    const text = await generate(model, { prompt: 'The whale ', length: 300, temperature, seed: 1, tokenizer })
    console.log(`temperature ${temperature}: ${text}\n`)
  }
}
