/**
 * The adding problem (Hochreiter and Schmidhuber, 1997): a sequence of random numbers, two of which are marked; the answer
 * is the sum of those two. Who always answers 1 is wrong by 0.167 (mean squared error); the first mark may lie hundreds of
 * steps before the end.
 *
 * Batches until the error is below 0.01 (64 sequences each; where it is not reached, the error after so many), and by how much a step changes the
 * gradient on its way back, before training and after:
 *
 *     length   gru                        lstm                        simpleRNN
 *     100      500, 0.643 to 0.990        1000, 0.840 to 1.007        0.166 after 3000, 0.939 to 0.605
 *     200      600, 0.646 to 0.998        2100, 0.850 to 0.997        0.178 after 2500
 *     400      800, 0.646 to 0.999        0.167 after 3000            0.201 after 2000, 0.943 to 0.159
 *
 * Before training every gradient vanishes, that of the gates too; but gates learn to stay open, and a plain layer has none.
 *
 *     npm run example -- examples/adding/adding.ts --length 100
 */
import { parseArgs } from 'node:util'
import { dense, gru, type Layer, lstm, type Model, sequential, setSeed, simpleRNN, Tensor } from 'hornbeam'
import { isMain, randomFrom } from '../random'

export interface AddingOptions {
  readonly length: number
  readonly units?: number
  readonly batchSize?: number
  /** The most steps of training. */
  readonly steps?: number
  readonly learningRate?: number
  readonly seed?: number
}

const layers = { lstm, gru, simpleRNN } as const
export type Kind = keyof typeof layers

/** What training gave: the error on sequences never seen, after how many batches, and how gradients flow before and after. */
export interface AddingResult {
  readonly error: number
  readonly steps: number
  readonly before: string
  readonly after: string
}

/** Solved: a mean squared error below this, on fresh sequences. */
export const solved = 0.01

/** Trains one kind of layer until the problem is solved or the steps are used up. */
export async function adding(kind: Kind, options: AddingOptions): Promise<AddingResult> {
  const { length, batchSize = 64, steps = 5000, seed = 1 } = options
  setSeed(seed)
  const model = adder(layers[kind], options)
  const next = sequences(length, randomFrom(seed))
  const [x, y] = next(512)
  const before = await flow(model, x, y)
  let last = Number.POSITIVE_INFINITY
  let step = 0
  while (step < steps && last >= solved) {
    for (let i = 0; i < 100 && step < steps; i++, step++) await model.trainOnBatch(...next(batchSize))
    last = (await model.evaluate(x, y, { batchSize: 128 })).loss
    if (step % 500 === 0) console.log(`${kind}, ${length} steps long, after ${step} batches: ${last.toFixed(4)}`)
  }
  return { error: last, steps: step, before, after: await flow(model, x, y) }
}

/** The verdict on the recurrent layer, and by how much a step changes the gradient on its way back. */
async function flow(model: Model, x: Tensor, y: Tensor): Promise<string> {
  const [{ verdict, factor }] = (await model.gradientFlow(x, y)).layers
  return `${verdict} (${factor.toFixed(3)} a step)`
}

/** The model: one recurrent layer and the sum. */
export function adder(
  layer: (units: number) => Layer,
  { units = 64, learningRate = 5e-3, length }: AddingOptions,
): Model {
  return sequential([layer(units), dense(1)], { inputShape: [length, 2] }).compile({
    optimizer: 'adam',
    learningRate,
    loss: 'mse',
    globalClipNorm: 1,
  })
}

/** Makes batches: `[batch, length, 2]` numbers and marks, `[batch, 1]` sums. */
export function sequences(length: number, random: () => number): (batch: number) => [x: Tensor, y: Tensor] {
  const half = Math.floor(length / 2)
  return (batch) => {
    const x = new Float32Array(batch * length * 2)
    const y = new Float32Array(batch)
    for (let b = 0; b < batch; b++) {
      const at = b * length
      for (let t = 0; t < length; t++) x[2 * (at + t)] = random()
      // One mark in each half.
      for (const mark of [Math.floor(random() * half), half + Math.floor(random() * (length - half))]) {
        x[2 * (at + mark) + 1] = 1
        y[b] += x[2 * (at + mark)]
      }
    }
    return [new Tensor(x, [batch, length, 2]), new Tensor(y, [batch, 1])]
  }
}

if (isMain(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      length: { type: 'string', default: '100' },
      units: { type: 'string', default: '64' },
      steps: { type: 'string', default: '5000' },
      rate: { type: 'string', default: '0.005' },
      kinds: { type: 'string', default: 'lstm,gru,simpleRNN' },
    },
  })
  const options = {
    length: Number(values.length),
    units: Number(values.units),
    steps: Number(values.steps),
    learningRate: Number(values.rate),
  }
  for (const kind of Object.keys(layers) as Kind[]) {
    if (!values.kinds.split(',').includes(kind)) continue
    const began = performance.now()
    const { error, steps, before, after } = await adding(kind, options)
    const seconds = ((performance.now() - began) / 1000).toFixed(0)
    const verdict = error < solved ? 'solved' : 'not solved'
    console.log(
      `${kind}, ${options.length} steps long: ${verdict}, error ${error.toFixed(4)} after ${steps} batches, ${seconds} s`,
    )
    console.log(`  gradients before training: ${before}; after: ${after}`)
  }
}
