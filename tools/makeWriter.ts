// Trains the model that the tutorial on fine-tuning starts from, which has read 200,000 letters of "Moby-Dick", and writes it with its
// letters: `npx tsx tools/makeWriter.ts` (a quarter of an hour) makes website/data/writer.safetensors and writer-letters.json.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { data, dense, dropout, embedding, lstm, type Model, schedules, sequential, setSeed, Tensor } from '../src'

const [units, length, epochs, batchSize] = [160, 64, 16, 32]
const from = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))

/** Of one shape each, so that the weights of one fit the other. */
const writer = (letters: number): Model =>
  sequential(
    [
      embedding(letters, 32, { name: 'letters' }),
      lstm(units, { returnSequences: true, name: 'reader' }),
      dropout(0.1),
      dense(letters, { activation: 'softmax', name: 'next' }),
    ],
    { inputShape: [null] },
  )

setSeed(1)
const text = (await readFile(from('examples/data/moby-dick.txt'), 'utf8')).replaceAll('\r', '')
// Letters that the book lacks have a place as well: others fine-tune the model on texts of theirs.
const printable = String.fromCharCode(...Array.from({ length: 95 }, (_, i) => 32 + i))
const tokenizer = data.tokenizer('characters').fit([text, printable])
const tokens = Int32Array.from(tokenizer.encode(text))
const cut = Math.floor(0.95 * tokens.length)
const pieces = (part: Int32Array) => {
  const count = Math.floor((part.length - 1) / length)
  const at = (start: number) => new Tensor(part.slice(start, start + count * length), [count, length])
  return { x: at(0), y: at(1), count }
}
const [train, test] = [pieces(tokens.subarray(0, cut)), pieces(tokens.subarray(cut))]
const model = writer(tokenizer.size).compile({
  optimizer: 'adam',
  learningRate: schedules.cosineDecay({
    initialLearningRate: 0.004,
    decaySteps: epochs * Math.ceil(train.count / batchSize),
    alpha: 0.02,
  }),
  loss: 'sparseCategoricalCrossentropy',
  metrics: ['perplexity'],
  globalClipNorm: 1,
})
await model.fit(train.x, train.y, {
  epochs,
  batchSize,
  verbose: 0,
  callbacks: [{ onEpochEnd: (epoch, { perplexity }) => console.log(epoch + 1, perplexity) }],
})
console.log('on text never seen', (await model.evaluate(test.x, test.y)).perplexity)

// Without what training needs.
const kept = writer(tokenizer.size)
await kept.setWeights(await model.getWeights())
await kept.save(from('website/data/writer.safetensors'), { dtype: 'float16' })
await tokenizer.save(from('website/data/writer-letters.json'))
