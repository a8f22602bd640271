// A run that was saved, loaded and gone on with is the run that was never stopped: to the last bit, whatever the options.
import {
  adam,
  batchNormalization,
  data,
  dense,
  dropout,
  type FitOptions,
  FormatError,
  flatten,
  gaussianNoise,
  gru,
  learningRateScheduler,
  loadModel,
  lstm,
  type Model,
  reduceLROnPlateau,
  schedules,
  sequential,
  setSeed,
  sgd,
  type Tensor,
} from 'hornbeam'
import { describe, expect, test } from 'vitest'
import { decodeModel, encodeModel } from '../../src/formats/formats'
import { floats } from '../support'

const samples = 23
const x = floats([samples, 4, 3])
const y = floats([samples, 2], { seed: 2 })
const weights = floats([samples], { seed: 3, from: 0.1, to: 2 })

type Backend = 'cpu' | 'wasm'

interface Run {
  readonly says: string
  readonly fit: FitOptions
  readonly make?: (backend: Backend) => Model
}

const plain = (backend: Backend): Model =>
  sequential([flatten(), dense(5, { activation: 'tanh' }), dropout(0.4), dense(2)], { inputShape: [4, 3] }).compile({
    optimizer: 'adam',
    loss: 'mse',
    metrics: ['mae'],
    backend,
  })

const withOptimizer =
  (optimizer: () => ReturnType<typeof adam>, more: object = {}) =>
  (backend: Backend): Model =>
    sequential([flatten(), batchNormalization(), dense(3), gaussianNoise(0.1), dense(2)], {
      inputShape: [4, 3],
    }).compile({ optimizer: optimizer(), loss: 'mse', backend, ...more })

const stateful = (backend: Backend): Model =>
  sequential([gru(3, { stateful: true, returnSequences: true, dropout: 0.2 }), lstm(2, { stateful: true }), dense(2)], {
    inputShape: [4, 3],
  }).compile({ optimizer: 'sgd', learningRate: 0.1, loss: 'mse', backend })

const runs: readonly Run[] = [
  { says: 'shuffled, with dropout', fit: { batchSize: 5 } },
  { says: 'in order', fit: { batchSize: 5, shuffle: false } },
  { says: 'one batch', fit: { batchSize: 64 } },
  {
    says: 'with weights of samples and of classes',
    fit: { batchSize: 4, sampleWeight: weights, classWeight: { 0: 2, 1: 0.5 } },
  },
  { says: 'with a validation split', fit: { batchSize: 4, validationSplit: 0.3, validationFreq: 2 } },
  { says: 'with validation data', fit: { batchSize: 4, validationData: [x, y], validationBatchSize: 7 } },
  { says: 'with epochs shorter than the data', fit: { batchSize: 4, stepsPerEpoch: 4 } },
  { says: 'with epochs longer than the data', fit: { batchSize: 4, stepsPerEpoch: 8 } },
  {
    says: 'with an average of weights',
    fit: { batchSize: 6 },
    make: withOptimizer(() => adam({ useEma: true, emaMomentum: 0.8 })),
  },
  {
    says: 'with an average that overwrites',
    fit: { batchSize: 6 },
    make: withOptimizer(() => adam({ useEma: true, emaMomentum: 0.8, emaOverwriteFrequency: 3 })),
  },
  {
    says: 'with accumulated gradients',
    fit: { batchSize: 6 },
    make: withOptimizer(() => adam({ gradientAccumulationSteps: 3 }), { metrics: ['mae', 'accuracy'] }),
  },
  {
    says: 'with clipping',
    fit: { batchSize: 6 },
    make: withOptimizer(() => sgd({ momentum: 0.9, globalClipNorm: 0.3 })),
  },
  {
    says: 'with a schedule',
    fit: { batchSize: 6 },
    make: withOptimizer(() =>
      sgd({ learningRate: schedules.cosineDecay({ initialLearningRate: 0.3, decaySteps: 12 }) }),
    ),
  },
  { says: 'with stateful layers', fit: { batchSize: 6, validationData: [x, y] }, make: stateful },
  {
    says: 'in chunks of the sequences',
    fit: { batchSize: 6, truncate: 2 },
    make: (backend) =>
      sequential([lstm(3, { dropout: 0.3 }), dense(2)], { inputShape: [4, 3] }).compile({ loss: 'mse', backend }),
  },
  { says: 'whatever happens to the loss', fit: { batchSize: 6, onNonFinite: 'continue' } },
]

const silent = { verbose: 0 } as const

/** The samples that a case takes: those with stateful layers fill batches. */
function dataFor({ make }: Run): [Tensor, Tensor] {
  return make === stateful ? [floats([18, 4, 3]), floats([18, 2], { seed: 2 })] : [x, y]
}

function optionsFor(run: Run): FitOptions {
  const { fit } = run
  return run.make === stateful ? { ...fit, validationData: dataFor(run), ...silent } : { ...fit, ...silent }
}

function made(run: Run, backend: Backend): Model {
  setSeed(7)
  return (run.make ?? plain)(backend)
}

/** Weights, optimizer, random numbers and all else that a file has, with what training said. */
async function told(model: Model, history: Readonly<Record<string, readonly number[]>>): Promise<unknown> {
  return { history, file: decodeModel(await model.toBytes()) }
}

function joined(...parts: readonly Readonly<Record<string, readonly number[]>>[]): Record<string, number[]> {
  const all: Record<string, number[]> = {}
  for (const part of parts)
    for (const [key, values] of Object.entries(part)) all[key] = [...(all[key] ?? []), ...values]
  return all
}

/** The same model in another process, where other random numbers were drawn. */
async function elsewhere(model: Model): Promise<Model> {
  const bytes = await model.toBytes()
  setSeed(1234)
  return loadModel(bytes)
}

describe.each(['cpu', 'wasm'] as const)('on %s', (backend) => {
  test.each(runs)('between epochs: $says', async (run) => {
    const [inputs, targets] = dataFor(run)
    const options = optionsFor(run)
    const whole = made(run, backend)
    const { history } = await whole.fit(inputs, targets, { ...options, epochs: 4 })

    const first = made(run, backend)
    const begun = await first.fit(inputs, targets, { ...options, epochs: 1 })
    const second = await elsewhere(first)
    const middle = await second.fit(inputs, targets, { ...options, epochs: 3, initialEpoch: 1 })
    const third = await elsewhere(second)
    const end = await third.fit(inputs, targets, { ...options, epochs: 4, initialEpoch: 'resume' })

    expect(end.epoch).toEqual([3])
    expect(await told(third, joined(begun.history, middle.history, end.history))).toEqual(await told(whole, history))
  })

  test.each(runs.filter(({ fit }) => fit.batchSize !== 64))('within an epoch: $says', async (run) => {
    const [inputs, targets] = dataFor(run)
    const options = optionsFor(run)
    const whole = made(run, backend)
    const saved: Model[] = []
    const keep = {
      async onTrainBatchEnd(this: void): Promise<void> {
        const bytes = await whole.toBytes()
        saved.push(await loadModel(bytes))
      },
    }
    const { history } = await whole.fit(inputs, targets, { ...options, epochs: 2, callbacks: [keep] })
    const expected = await told(whole, {})
    setSeed(4321)
    for (const [i, model] of saved.entries()) {
      const rest = await model.fit(inputs, targets, { ...options, epochs: 2, initialEpoch: 'resume' })
      expect(await told(model, {}), `saved after batch ${i}`).toEqual(expected)
      for (const [key, values] of Object.entries(rest.history)) {
        expect(values, `${key}, saved after batch ${i}`).toEqual(history[key].slice(-values.length))
      }
    }
  })
})

describe('the data', () => {
  const batches = () => data.fromArrays(x, y).shuffle(10, { seed: 3 }).batch(4)

  test.each([undefined, 4, 9])('of a dataset go on where they were, with %s steps an epoch', async (stepsPerEpoch) => {
    const options = { ...silent, ...(stepsPerEpoch === undefined ? {} : { stepsPerEpoch }) }
    const whole = made({ says: '', fit: {} }, 'cpu')
    const { history } = await whole.fit(batches(), { ...options, epochs: 5 })
    const first = made({ says: '', fit: {} }, 'cpu')
    const begun = await first.fit(batches(), { ...options, epochs: 2 })
    const second = await elsewhere(first)
    const end = await second.fit(batches(), { ...options, epochs: 5, initialEpoch: 2 })
    expect(await told(second, joined(begun.history, end.history))).toEqual(await told(whole, history))
  })

  test('of windows are shuffled on', async () => {
    const series = floats([40, 3])
    const windows = () => data.windows(series, { length: 4, targets: [0, 1] })
    const whole = made({ says: '', fit: {} }, 'cpu')
    await whole.fit(windows(), { ...silent, epochs: 3, batchSize: 8 })
    const first = made({ says: '', fit: {} }, 'cpu')
    await first.fit(windows(), { ...silent, epochs: 2, batchSize: 8 })
    const second = await elsewhere(first)
    await second.fit(windows(), { ...silent, epochs: 3, initialEpoch: 2, batchSize: 8 })
    expect(await told(second, {})).toEqual(await told(whole, {}))
  })
})

test('rates that callbacks set stay', async () => {
  const callbacks = () => [
    learningRateScheduler((epoch, rate) => (epoch === 1 ? rate / 3 : rate)),
    reduceLROnPlateau({ monitor: 'loss', patience: 0, minDelta: 10 }),
  ]
  const whole = made({ says: '', fit: {} }, 'cpu')
  await whole.fit(x, y, { ...silent, epochs: 4, callbacks: callbacks().slice(0, 1) })
  const first = made({ says: '', fit: {} }, 'cpu')
  await first.fit(x, y, { ...silent, epochs: 2, callbacks: callbacks().slice(0, 1) })
  const second = await elsewhere(first)
  await second.fit(x, y, { ...silent, epochs: 4, initialEpoch: 2, callbacks: callbacks().slice(0, 1) })
  expect(await told(second, {})).toEqual(await told(whole, {}))

  await first.fit(x, y, { ...silent, epochs: 4, initialEpoch: 2, callbacks: callbacks().slice(1) })
  expect(await (await elsewhere(first)).getLearningRate()).toBe(await first.getLearningRate())
})

test('the same goes for a model that was not saved, and for a run that was aborted', async () => {
  const run = runs[0]
  const whole = made(run, 'cpu')
  await whole.fit(x, y, { ...optionsFor(run), epochs: 3 })
  const broken = made(run, 'cpu')
  const abort = new AbortController()
  let batches = 0
  const fitted = broken.fit(x, y, {
    ...optionsFor(run),
    epochs: 3,
    signal: abort.signal,
    callbacks: [{ onTrainBatchEnd: () => void (++batches === 7 && abort.abort(new Error('enough'))) }],
  })
  await expect(fitted).rejects.toThrow('enough')
  await broken.fit(x, y, { ...optionsFor(run), epochs: 3, initialEpoch: 'resume' })
  expect(await told(broken, {})).toEqual(await told(whole, {}))
})

test('a run without initialEpoch is a new one, in another order', async () => {
  const run = runs[0]
  const orders: string[] = []
  const model = made(run, 'cpu')
  for (let i = 0; i < 2; i++) {
    const { history } = await model.fit(x, y, { ...optionsFor(run), epochs: 1 })
    orders.push(JSON.stringify(decodeModel(await model.toBytes()).run), String(history.loss.length))
  }
  expect(orders[0]).not.toBe(orders[2])
})

test("'resume' without a run begins one", async () => {
  const { epoch } = await made(runs[0], 'cpu').fit(x, y, { ...silent, epochs: 2, initialEpoch: 'resume' })
  expect(epoch).toEqual([0, 1])
})

test('states of stateful layers are saved, also where some sequences begin anew', async () => {
  const model = made({ says: '', fit: {}, make: stateful }, 'cpu')
  await model.predict(floats([3, 4, 3]))
  await model.resetStates({ samples: [1] })
  const again = await loadModel(await model.toBytes())
  const next = floats([3, 4, 3], { seed: 9 })
  expect(await again.predict(next)).toEqual(await model.predict(next))
})

test('averages make way for the weights of the run only if nobody touched them', async () => {
  const run = runs.find(({ says }) => says === 'with an average of weights')
  if (run === undefined) throw new Error('no such run')
  const model = made(run, 'cpu')
  await model.fit(x, y, { ...optionsFor(run), epochs: 1 })
  const own = (await model.getWeights()).map((weight) => weight.toArray())
  await model.setWeights(own)
  const untouched = await loadModel(await model.toBytes())
  await model.setWeights((await model.getWeights()).map(({ shape }) => floats(shape)))
  const set = await model.getWeights()
  await model.fit(x, y, {
    ...optionsFor(run),
    epochs: 2,
    initialEpoch: 1,
    callbacks: [
      {
        async onTrainBegin() {
          expect(await model.getWeights()).toEqual(set)
        },
      },
    ],
  })
  await untouched.fit(x, y, {
    ...optionsFor(run),
    epochs: 2,
    initialEpoch: 1,
    callbacks: [
      {
        async onTrainBegin() {
          expect((await untouched.getWeights()).map((weight) => weight.toArray())).not.toEqual(own)
        },
      },
    ],
  })
})

test('a file with states or a position that mean nothing is refused', async () => {
  const model = made({ says: '', fit: {}, make: stateful }, 'cpu')
  await model.fit(floats([18, 4, 3]), floats([18, 2]), { ...silent, batchSize: 6 })
  const parts = decodeModel(await model.toBytes())
  const broken = (change: Partial<typeof parts>) => loadModel(encodeModel({ ...parts, ...change }))
  await expect(broken({ run: { epoch: -1 } })).rejects.toThrow(FormatError)
  await expect(broken({ run: [] })).rejects.toThrow(/run: epoch: expected a whole number/)
  const states = (name: string, tensor: Tensor) => new Map([...parts.tensors, [`training/states/${name}`, tensor]])
  await expect(broken({ tensors: states('gru/state0', floats([6, 4])) })).rejects.toThrow(/state0: expected shape/)
  await expect(broken({ tensors: states('gone/state0', floats([6, 3])) })).rejects.toThrow(
    /gone\/state0, which no layer has/,
  )
})
