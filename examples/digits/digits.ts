/**
 * Handwritten digits row by row: a recurrent network reads an image as a sequence of eight rows of eight pixels, as sequential MNIST does with its
 * 28 rows, and says which digit it is. 1,797 images of 13 people; the last 360 are never seen in training.
 *
 * 90.8 % of them are read right, after 40 epochs (4 seconds, wasm backend).
 *
 *     npm run example -- examples/digits/digits.ts
 */
import { readFile } from 'node:fs/promises'
import { dense, earlyStopping, lstm, sequential, setSeed, Tensor } from 'hornbeam'
import { isMain } from '../random'

export interface DigitsOptions {
  readonly units?: number
  readonly epochs?: number
  /** The images to learn from; 1,437 by default. */
  readonly samples?: number
  readonly verbose?: 'auto' | 0
  readonly seed?: number
}

export interface DigitsResult {
  /** The share of the images never seen that are read right. */
  readonly accuracy: number
  readonly epochs: number
}

const side = 8
const held = 360

/** Trains on the first images and tests on the last. */
export async function digits(options: DigitsOptions = {}): Promise<DigitsResult> {
  const { units = 64, epochs = 40, verbose = 'auto', seed = 1 } = options
  const { x, y } = await readDigits()
  const count = y.size - held
  const train = { x: part(x, 0, options.samples ?? count), y: part(y, 0, options.samples ?? count) }
  const test = { x: part(x, count, y.size), y: part(y, count, y.size) }
  setSeed(seed)
  const model = sequential([lstm(units), dense(10, { activation: 'softmax' })]).compile({
    optimizer: 'adam',
    learningRate: 3e-3,
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
    globalClipNorm: 1,
  })
  const { epoch } = await model.fit(train.x, train.y, {
    epochs,
    batchSize: 32,
    validationSplit: 0.1,
    verbose,
    callbacks: [earlyStopping({ patience: 8, restoreBestWeights: true })],
  })
  const { accuracy } = await model.evaluate(test.x, test.y)
  return { accuracy, epochs: epoch.length }
}

/** The images as `[samples, 8, 8]` from 0 to 1, and their digits. */
export async function readDigits(): Promise<{ x: Tensor; y: Tensor }> {
  const text = await readFile(new URL('../data/digits.csv', import.meta.url), 'utf8')
  const rows = text.trim().split('\n')
  const x = new Float32Array(rows.length * side * side)
  const y = new Int32Array(rows.length)
  for (const [i, row] of rows.entries()) {
    const numbers = row.split(',').map(Number)
    x.set(
      numbers.slice(0, -1).map((pixel) => pixel / 16),
      i * side * side,
    )
    y[i] = numbers[side * side]
  }
  return { x: new Tensor(x, [rows.length, side, side]), y: new Tensor(y, [rows.length]) }
}

function part(tensor: Tensor, from: number, to: number): Tensor {
  const row = tensor.size / tensor.shape[0]
  return new Tensor(tensor.data.slice(from * row, to * row), [to - from, ...tensor.shape.slice(1)])
}

if (isMain(import.meta.url)) {
  const { accuracy, epochs } = await digits()
  console.log(`${(100 * accuracy).toFixed(1)} % of 360 images never seen are read right, after ${epochs} epochs`)
}
