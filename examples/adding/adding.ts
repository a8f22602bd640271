/**
 * The adding problem (Hochreiter and Schmidhuber, 1997): a sequence of random numbers, two of which are marked; the answer
 * is the sum of those two. Who always answers 1 is wrong by 0.167 (mean squared error); the first mark may lie hundreds of
 * steps before the end.
 *
 * What gradientFlow says before training: with gates that begin by keeping their state (`chrono`) the gradient reaches all steps,
 * in a simpleRNN it vanishes. So it comes. Batches until the error is below 0.01 (64 sequences each, 64 units; where that is not
 * reached, the error after so many), and what a step does to the norm of the gradient before training:
 *
 *     length   gru                     lstm                    simpleRNN
 *     100      400, healthy (0.982)    700, healthy (0.984)    0.173 after 3000, vanishing (0.939)
 *     200      500, healthy (0.991)    600, healthy (0.992)    0.181 after 3000, vanishing (0.942)
 *     400      500, healthy (0.996)    700, healthy (0.996)    0.166 after 3000, vanishing (0.943)
 *
 * Gates that begin as in Keras vanish too (0.64 a step in a GRU, 0.84 in an LSTM), but can learn to open: a GRU soon (500, 600 and 800
 * batches), an LSTM late (1000, 2300, and 6300 at a rate of 0.002: at 0.005 not within 3000). With help (`irnn`, rate 0.001) a simpleRNN
 * solves 100 steps in 600 batches; over 200 it explodes.
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

/** What may be tried: gates that begin by keeping their state for the whole sequence (`chrono`), and what to compare them with. */
export type Kind = 'lstm' | 'gru' | 'simpleRNN' | 'kerasLstm' | 'kerasGru' | 'irnn'

const layers: Readonly<Record<Kind, (units: number, length: number) => Layer>> = {
  lstm: (units, length) => lstm(units, { chrono: length }),
  gru: (units, length) => gru(units, { chrono: length }),
  simpleRNN: (units) => simpleRNN(units),
  // As Keras begins them.
  kerasLstm: (units) => lstm(units),
  kerasGru: (units) => gru(units),
  // With help: no tanh, and a matrix that begins by copying the state (Le, Jaitly and Hinton, 2015).
  irnn: (units) => simpleRNN(units, { activation: 'relu', recurrentInitializer: 'identity' }),
}

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
  const model = adder(kind, options)
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
export function adder(kind: Kind, { units = 64, learningRate = 5e-3, length }: AddingOptions): Model {
  return sequential([layers[kind](units, length), dense(1)], { inputShape: [length, 2] }).compile({
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

function requested(names: string): readonly Kind[] {
  return names.split(',').map((name) => {
    if (!(name in layers)) throw new Error(`--kinds: expected some of ${Object.keys(layers).join(', ')}, got ${name}`)
    return name as Kind // it is a key
  })
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
  for (const kind of requested(values.kinds)) {
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
