/**
 * A miniature GPT: blocks of a transformer that attend to what was before learn to say the next character of "Moby-Dick", and then go on
 * writing. What its heads attend to is drawn into a picture.
 *
 * After 8 epochs on 100,000 characters, half a minute of one core, it wavers between 7.9 characters on text never seen, and writes
 * such as "the much made noI wat but basstere; wing athat wat wasting sus a to and fing": it has learnt letters and short words.
 *
 *     npm run example -- examples/gpt/gpt.ts
 */
import { readFile, writeFile } from 'node:fs/promises'
import {
  data,
  dense,
  generate,
  layerNormalization,
  type Model,
  type Plot,
  sequential,
  setSeed,
  Tensor,
  tokenAndPositionEmbedding,
  transformerDecoder,
} from 'hornbeam'
import { isMain } from '../random'

export interface GptOptions {
  /** Numbers for each character. */
  readonly units?: number
  readonly heads?: number
  readonly blocks?: number
  /** Characters in a piece: the most that it attends to. */
  readonly length?: number
  readonly epochs?: number
  /** Characters of the text that are read. */
  readonly characters?: number
  readonly verbose?: 'auto' | 0
  readonly seed?: number
}

export interface GptResult {
  readonly model: Model
  readonly tokenizer: data.Tokenizer
  /** How many characters it wavers between on text never seen: e to the power of the cross-entropy. */
  readonly perplexity: number
  /** A heat map for each head of the last block, over one piece of text never seen. */
  readonly heads: Plot
}

/** Trains on the first nine tenths of the text, and tests on the rest. */
export async function gpt(options: GptOptions = {}): Promise<GptResult> {
  const { units = 64, heads = 4, blocks = 2, length = 64, epochs = 8, verbose = 'auto', seed = 1 } = options
  setSeed(seed)
  const whole = await readFile(new URL('../data/moby-dick.txt', import.meta.url), 'utf8')
  const text = whole.slice(0, options.characters ?? 100_000)
  const tokenizer = data.tokenizer('characters').fit(text)
  const tokens = Int32Array.from(tokenizer.encode(text))
  const cut = Math.floor(0.9 * tokens.length)
  const [train, test] = [pieces(tokens.subarray(0, cut), length), pieces(tokens.subarray(cut), length)]
  const model = sequential([
    tokenAndPositionEmbedding(tokenizer.size, length, units),
    ...Array.from({ length: blocks }, () => transformerDecoder(4 * units, heads, { normalizeFirst: true })),
    layerNormalization(),
    dense(tokenizer.size, { activation: 'softmax' }),
  ]).compile({
    optimizer: 'adamw',
    learningRate: 3e-3,
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['perplexity'],
    globalClipNorm: 1,
  })
  await model.fit(train.x, train.y, { epochs, batchSize: 32, verbose })
  const { perplexity } = await model.evaluate(test.x, test.y)
  const first = new Tensor(test.x.data.slice(0, length), [1, length], 'int32')
  const seen = await model.inspect(first, { layer: blocks })
  return { model, tokenizer, perplexity, heads: await seen.plot() }
}

/** Cuts a text into pieces `[pieces, length]` as x, and the same one character later as y. */
function pieces(tokens: Int32Array, length: number): { x: Tensor; y: Tensor } {
  const count = Math.floor((tokens.length - 1) / length)
  const from = (start: number) => new Tensor(tokens.slice(start, start + count * length), [count, length])
  return { x: from(0), y: from(1) }
}

if (isMain(import.meta.url)) {
  const { model, tokenizer, perplexity, heads } = await gpt()
  console.log(`It wavers between ${perplexity.toFixed(2)} characters on text never seen.\n`)
  const text = await generate(model, { prompt: 'The whale ', length: 300, temperature: 0.7, seed: 1, tokenizer })
  console.log(`${text}\n`)
  await writeFile('heads.svg', heads.svg)
  console.log('What the heads of the last block attend to is drawn in heads.svg.')
}
