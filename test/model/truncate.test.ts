// Truncated back-propagation through time: chunks of a sequence, one after another.
import { describe, expect, test, vi } from 'vitest'
import {
  add,
  bidirectional,
  conv1d,
  data,
  dense,
  embedding,
  type FitOptions,
  flatten,
  gru,
  input,
  lstm,
  lstmCell,
  type Model,
  masking,
  metrics,
  model,
  NonFiniteError,
  OptionError,
  ops,
  rnn,
  sequential,
  setSeed,
  simpleRNN,
  type Tensor,
  tensor,
} from '../../src'
import { DataError, ShapeError } from '../../src/errors'
import { expectClose, floats, integers } from '../support'

const backends = ['cpu', 'wasm'] as const
const still = { shuffle: false, verbose: 0 } as const

/** Rows and steps of a batch of sequences. */
function part(x: Tensor, [first, last]: readonly number[], [from, to]: readonly number[]): Tensor {
  const [, steps, ...rest] = x.shape
  const width = rest.reduce((product, length) => product * length, 1)
  const rows: number[] = []
  for (let row = first; row < last; row++) {
    rows.push(...x.data.subarray((row * steps + from) * width, (row * steps + to) * width))
  }
  return tensor(rows, [last - first, to - from, ...rest], x.dtype)
}

/** The same model twice: as it is, and with stateful layers, to be trained on chunks by hand. */
function pair(make: (stateful: boolean) => Model): [Model, Model] {
  return [false, true].map((stateful) => {
    setSeed(7)
    return make(stateful)
  }) as [Model, Model] // of two
}

async function expectSameWeights(one: Model, other: Model): Promise<void> {
  const [weights, expected] = [await one.getWeights(), await other.getWeights()]
  weights.forEach((weight, i) => {
    expectClose(weight, expected[i], { relative: 1e-5, absolute: 1e-6 }, one.weights[i].variable.name)
  })
}

const x = floats([4, 10, 3])
const perStep = floats([4, 10, 2], { seed: 2 })
const atTheEnd = floats([4, 2], { seed: 3 })

describe.each(backends)('on %s', (backend) => {
  const stacked = (stateful: boolean): Model =>
    sequential(
      [
        lstm(4, { returnSequences: true, stateful, dropout: 0.3 }),
        gru(3, { returnSequences: true, stateful, numLayers: 2 }),
        rnn([lstmCell(3)], { returnSequences: true, stateful }),
        dense(2),
      ],
      // The sequences in full have a length that is fixed, their chunks have others.
      { inputShape: [stateful ? null : 10, 3] },
    ).compile({ optimizer: 'adam', loss: 'mse', globalClipNorm: 0.5, backend })

  test('with targets for each step it is a stateful model trained on one chunk after another', async () => {
    const [truncated, twin] = pair(stacked)
    const { history } = await truncated.fit(x, perStep, { ...still, epochs: 2, batchSize: 2, truncate: 4 })
    for (const [epoch, loss] of history.loss.entries()) {
      let mean = 0
      for (const rows of [
        [0, 2],
        [2, 4],
      ]) {
        await twin.resetStates()
        for (const [from, to] of [
          [0, 4],
          [4, 8],
          [8, 10],
        ]) {
          const logs = await twin.trainOnBatch(part(x, rows, [from, to]), part(perStep, rows, [from, to]))
          mean += (logs.loss * (to - from)) / 20
        }
      }
      expect(loss, `epoch ${epoch}`).toBeCloseTo(mean, 5)
    }
    await expectSameWeights(truncated, twin)
  })

  test('with one target at the end only the last chunk is trained on, and those before move the states on', async () => {
    const [truncated, twin] = pair((stateful) =>
      sequential([gru(4, { returnSequences: true, stateful }), lstm(3, { stateful }), dense(2)], {
        inputShape: [null, 3],
      }).compile({ optimizer: 'adam', loss: 'mse', backend }),
    )
    await truncated.fit(x, atTheEnd, { ...still, epochs: 2, truncate: 4 })
    for (let epoch = 0; epoch < 2; epoch++) {
      await twin.resetStates()
      await twin.predict(part(x, [0, 4], [0, 6]))
      await twin.trainOnBatch(part(x, [0, 4], [6, 10]), atTheEnd)
    }
    await expectSameWeights(truncated, twin)
  })
})

test('stateful layers go on from batch to batch as well', async () => {
  const make = (): Model => {
    setSeed(2)
    return sequential([lstm(3, { returnSequences: true, stateful: true }), dense(2)], {
      inputShape: [null, 3],
    }).compile({
      optimizer: 'sgd',
      loss: 'mse',
      backend: 'cpu',
    })
  }
  const [truncated, twin] = [make(), make()]
  await truncated.fit(x, perStep, { ...still, batchSize: 2, truncate: 5 })
  for (const rows of [
    [0, 2],
    [2, 4],
  ]) {
    for (const steps of [
      [0, 5],
      [5, 10],
    ])
      await twin.trainOnBatch(part(x, rows, steps), part(perStep, rows, steps))
  }
  await expectSameWeights(truncated, twin)
  expectClose(await truncated.predict(part(x, [0, 2], [0, 3])), await twin.predict(part(x, [0, 2], [0, 3])))
})

test('sequences of different lengths are masked, and chunks that nobody reaches are left out', async () => {
  const lengths = [7, 3]
  const [truncated, twin] = pair((stateful) =>
    sequential(
      [simpleRNN(4, { returnSequences: true, stateful }), lstm(3, { returnSequences: true, stateful }), dense(2)],
      {
        inputShape: [null, 3],
      },
    ).compile({ optimizer: 'adam', loss: 'mse', backend: 'cpu' }),
  )
  const mask = tensor(
    lengths.flatMap((length) => Array.from({ length: 10 }, (_, i) => i < length)),
    [2, 10],
    'bool',
  )
  const both = [0, 2]
  const batch = (steps: readonly number[]) => ({
    x: part(x, both, steps),
    y: part(perStep, both, steps),
    mask: part(mask, both, steps),
  })
  await truncated.fit(data.fromIterable([batch([0, 10])]), { verbose: 0, truncate: 4 })
  await twin.fit(data.fromIterable([batch([0, 4]), batch([4, 7])]), { verbose: 0 })
  await expectSameWeights(truncated, twin)

  const rows = lengths.map((length, i) => part(x, [i, i + 1], [0, length]))
  const ragged = rows.map((row) => tensor([...row.data], row.shape.slice(1)))
  const targets = lengths.map((length, i) => tensor([...part(perStep, [i, i + 1], [0, length]).data], [length, 2]))
  const [again] = pair(() =>
    sequential([simpleRNN(4, { returnSequences: true }), lstm(3, { returnSequences: true }), dense(2)], {
      inputShape: [null, 3],
    }).compile({ optimizer: 'adam', loss: 'mse', backend: 'cpu' }),
  )
  await again.fit(ragged, targets, { ...still, truncate: 4 })
  await expectSameWeights(again, truncated)
})

test('no step is lost on the way: without learning, the loss is that of whole sequences', async () => {
  const indices = integers([4, 10], { to: 5 })
  const build = (): Model<Tensor | Tensor[]> => {
    setSeed(4)
    const sequence = input({ shape: [10, 3], name: 'sequence' })
    const words = input({ shape: [10], name: 'words', dtype: 'int32' })
    const context = conv1d(4, 3, { padding: 'causal', dilationRate: 2 }).apply(sequence)
    const named = embedding(5, 4).apply(words)
    const joined = add().apply([context, named])
    const [one, other] = [gru(3, { returnSequences: true }), lstm(3, { returnSequences: true })]
    const outputs = [
      dense(2, { name: 'a' }).apply(one.apply(joined)),
      dense(2, { name: 'b' }).apply(other.apply(joined)),
    ]
    return model({ inputs: [sequence, words], outputs }).compile({
      optimizer: 'sgd',
      learningRate: 0,
      loss: 'mse',
      backend: 'cpu',
    })
  }
  const losses = async (options: FitOptions): Promise<readonly number[]> => {
    const { history } = await build().fit({ sequence: x, words: indices }, [perStep, perStep], { ...still, ...options })
    return [history.loss[0], history.a_loss[0], history.b_loss[0]]
  }
  const [whole, cut] = [await losses({ batchSize: 3 }), await losses({ batchSize: 3, truncate: 3 })]
  for (const [i, loss] of cut.entries()) expect(loss).toBeCloseTo(whole[i], 5)
})

test('losses and metrics of an epoch count each step once, also where chunks or sequences are shorter', async () => {
  const lengths = [7, 3, 10, 1]
  const rows = lengths.map((length, i) => part(x, [i, i + 1], [0, length]))
  const ragged = rows.map((row) => tensor([...row.data], row.shape.slice(1)))
  const targets = lengths.map((length, i) => tensor([...part(perStep, [i, i + 1], [0, length]).data], [length, 2]))
  const build = (): Model => {
    setSeed(4)
    return sequential([gru(3, { returnSequences: true }), dense(2)], { inputShape: [null, 3] }).compile({
      optimizer: 'sgd',
      learningRate: 0,
      loss: 'mse',
      metrics: ['mae', (yTrue, yPred) => ops.abs(ops.sub(yTrue, yPred)), metrics.sum()],
      backend: 'cpu',
    })
  }
  for (const [given, y] of [
    [x, perStep],
    [ragged, targets],
  ] as const) {
    const [whole, cut] = [await build().fit(given, y, still), await build().fit(given, y, { ...still, truncate: 3 })]
    for (const [name, [value]] of Object.entries(whole.history)) expect(cut.history[name][0]).toBeCloseTo(value, 5)
  }
})

test('weights of steps are cut with them', async () => {
  const make = (): Model => {
    setSeed(4)
    return sequential([gru(3, { returnSequences: true }), dense(2)], { inputShape: [null, 3] }).compile({
      optimizer: 'sgd',
      loss: 'mse',
      backend: 'cpu',
    })
  }
  const [weighted, twin] = [make(), make()]
  const weights = tensor(
    Array.from({ length: 40 }, (_, i) => (i % 10 < 5 ? 1 : 0)),
    [4, 10],
  )
  await weighted.fit(x, perStep, { ...still, truncate: 5, sampleWeight: weights })
  await twin.fit(part(x, [0, 4], [0, 5]), part(perStep, [0, 4], [0, 5]), still)
  await expectSameWeights(weighted, twin)
})

test('memory grows with the chunks, and not with the sequences', async () => {
  const arena = async (steps: number, truncate: number | undefined): Promise<number> => {
    const net = sequential([lstm(8, { returnSequences: true }), dense(1)], { inputShape: [null, 2] })
    net.compile({ optimizer: 'adam', loss: 'mse', backend: 'wasm' })
    const made = vi.spyOn(await net.trainingEngine('fit'), 'program')
    const options = truncate === undefined ? still : { ...still, truncate }
    await net.fit(floats([2, steps, 2]), floats([2, steps, 1]), options)
    const programs = await Promise.all(made.mock.results.map(({ value }) => value))
    return Math.max(...programs.map(({ program }) => program.arenaBytes))
  }
  const short = await arena(20, 10)
  expect(await arena(200, 10)).toBe(short)
  expect(await arena(200, 40)).toBeGreaterThan(2 * short)
  expect(await arena(200, undefined)).toBeGreaterThan(10 * short)
})

describe('a loss that is not finite', () => {
  test('ends training with the chunk it is found in', async () => {
    const net = sequential([simpleRNN(2, { returnSequences: true }), dense(1)], { inputShape: [null, 1] }).compile({
      optimizer: 'sgd',
      loss: (yTrue, yPred) => ops.mul(ops.square(ops.sub(yPred, yTrue)), ops.where(ops.equal(yTrue, 7), NaN, 1)),
      backend: 'cpu',
    })
    const y = tensor([0, 0, 0, 0, 0, 7], [1, 6, 1])
    const failing = net.fit(floats([1, 6, 1]), y, { ...still, truncate: 2 })
    await expect(failing).rejects.toMatchObject({ name: 'NonFiniteError', epoch: 0, batch: 0, step: 2 })
  })

  test('leaves stateful layers as they were, also where it comes from a chunk without a loss', async () => {
    const ones = { kernelInitializer: 'ones', recurrentInitializer: 'ones' } as const
    const net = sequential([simpleRNN(1, { activation: 'relu', stateful: true, ...ones }), dense(1)], {
      inputShape: [null, 1],
    }).compile({ optimizer: 'sgd', loss: 'mse', backend: 'cpu' })
    const before = await net.getWeights()
    const failing = net.fit(tensor([3e38, 3e38, 3e38, 1], [1, 4, 1]), [[1]], { ...still, truncate: 2 })
    await expect(failing).rejects.toBeInstanceOf(NonFiniteError)
    expect((await net.getWeights()).map(String)).toEqual(before.map(String))
    expect((await net.predict([[[1]]])).data.every(Number.isFinite)).toBe(true)
  })
})

describe('refused', () => {
  const attempt = async (layers: Parameters<typeof sequential>[0], y: Tensor, truncate = 4): Promise<unknown> => {
    const net = sequential(layers, { inputShape: [10, 3] }).compile({ loss: 'mse', backend: 'cpu' })
    const before = (await net.getWeights()).map(String)
    const error = await net.fit(x, y, { ...still, truncate }).catch((thrown: unknown) => thrown)
    expect((await net.getWeights()).map(String)).toEqual(before)
    return error
  }

  test.each([
    [
      'bidirectional',
      [bidirectional(lstm(2)), dense(2)],
      /fit: truncate: layer 'bidirectional.*reads the sequence from its end/,
    ],
    ['backward', [gru(2, { goBackwards: true }), dense(2)], /layer 'gru.*goes backwards/],
    ['flattening', [flatten(), dense(2)], /layer 'flatten.*all steps together/],
  ] as const)('%s layers, by name', async (_, layers, message) => {
    const error = await attempt(layers, atTheEnd)
    expect(error).toBeInstanceOf(OptionError)
    expect(String(error)).toMatch(message)
  })

  test('lengths that are no whole numbers', async () => {
    for (const length of [0, 1.5]) expect(await attempt([lstm(2)], atTheEnd, length)).toBeInstanceOf(OptionError)
  })

  test('models with targets both for each step and for the whole sequence', () => {
    const sequence = input({ shape: [null, 3] })
    const [all, last] = lstm(2, { returnSequences: true, returnState: true }).apply([sequence])
    const net = model({ inputs: sequence, outputs: [all, last] }).compile({ loss: 'mse', backend: 'cpu' })
    const fitting = net.fit(x, [perStep, atTheEnd], { ...still, truncate: 4 })
    return expect(fitting).rejects.toThrow(/a target for each step at every output, or one for the whole sequence/)
  })

  test('sequences of different lengths with one target each; padded at the front they can be cut', async () => {
    const ragged = [
      [[1], [2], [3], [1]],
      [[2], [1]],
    ]
    const net = sequential([masking(), lstm(2), dense(1)], { inputShape: [null, 1] })
    net.compile({ loss: 'mse', backend: 'cpu' })
    const fitting = net.fit(ragged, [[1], [2]], { ...still, truncate: 2 })
    await expect(fitting).rejects.toThrow(DataError)
    await expect(fitting).rejects.toThrow(/fit: truncate: expected sequences of one length.*padSequences/)
    await net.fit(data.padSequences(ragged), [[1], [2]], { ...still, truncate: 2 })
  })

  test('inputs with different numbers of steps', async () => {
    const [one, other] = [input({ shape: [null, 3] }), input({ shape: [null, 3] })]
    const sum = add().apply([lstm(2).apply(one), gru(2).apply(other)])
    const net = model({ inputs: [one, other], outputs: sum }).compile({ loss: 'mse', backend: 'cpu' })
    const fitting = net.fit([x, part(x, [0, 4], [0, 6])], atTheEnd, { ...still, truncate: 4 })
    await expect(fitting).rejects.toThrow(ShapeError)
  })
})
