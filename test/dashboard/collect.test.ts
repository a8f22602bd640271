// A run of training as events: what is told, how often, and what viewers may do.
import { describe, expect, test, vi } from 'vitest'
import { dense, gru, lstm, randomNormal, schedules, sequential, setSeed, tensor } from '../../src'
import type { Callback } from '../../src/callbacks'
import { dashboard } from '../../src/dashboard'
import { Budget } from '../../src/dashboard/budget'
import { readCommand } from '../../src/dashboard/events'
import { FakeModel, losses, train } from '../callbacks/host'
import { Clock, type Watched, watched } from './support'

const x = randomNormal([64, 6, 2], { seed: 1 })
const y = randomNormal([64, 1], { seed: 2 })
const quiet = { verbose: 0, batchSize: 16 } as const

function forecaster(clip = {}) {
  setSeed(3)
  return sequential([lstm(4), dense(1)], { inputShape: [6, 2] }).compile({
    optimizer: 'adam',
    loss: 'mse',
    metrics: ['mae'],
    backend: 'cpu',
    ...clip,
  })
}

/** Lets the clock go on with each batch. */
const ticking = (clock: Clock, milliseconds: number): Callback => ({
  wantsBatchLogs: () => false,
  onTrainBatchEnd() {
    clock.time += milliseconds
  },
})

/** Waits until something is so, which others bring about. */
const until = (condition: () => boolean): Promise<void> => vi.waitFor(() => expect(condition()).toBe(true), 20_000)

describe('what is told of a run', () => {
  test('losses and metrics of every epoch, the learning rate, and what clipping did', async () => {
    const { callback, of } = watched({ name: 'first' })
    const model = forecaster({ globalClipNorm: 0.5 })
    const { history } = await model.fit(x, y, { ...quiet, epochs: 3, validationSplit: 0.25, callbacks: [callback] })
    expect(of('begin')).toMatchObject([{ run: 1, name: 'first', epochs: 3, first: 0 }])
    const epochs = of('numbers').filter((event) => event.of === 'epoch')
    expect(epochs.map(({ at, batches }) => [at, batches])).toEqual([
      [1, 3],
      [2, 6],
      [3, 9],
    ])
    for (const name of ['loss', 'mae', 'val_loss', 'val_mae', 'gradientNorm', 'clippedShare']) {
      expect(epochs.map(({ values }) => values[name])).toEqual(history[name])
    }
    expect(of('numbers')[0].values.learningRate).toBeCloseTo(1e-3)
    expect(of('state')).toMatchObject([{ state: 'ended' }])
  })

  test('moments within epochs, at most four a second, and only while somebody looks', async () => {
    const seen = watched()
    const look = async (isWatching: boolean): Promise<number[]> => {
      seen.events.length = 0
      seen.isWatching = isWatching
      await forecaster().fit(x, y, { ...quiet, epochs: 2, callbacks: [seen.callback, ticking(seen.clock, 100)] })
      return seen.of('numbers').flatMap((event) => (event.of === 'moment' ? [event.at] : []))
    }
    // Four batches an epoch, one each 100 ms: every third is 250 ms or more after the one that was shown before.
    expect(await look(true)).toEqual([0.25, 1, 1.75])
    expect(await look(false)).toEqual([])
    expect(seen.of('numbers')).toHaveLength(2)
  })

  test('a loss that is not a number is null, as in JSON', async () => {
    const { callback, of } = watched()
    await train(new FakeModel(), [callback], [...losses(Number.NaN), { loss: 1, val_loss: Infinity }])
    expect(of('numbers').filter((event) => event.of === 'epoch')).toMatchObject([
      { values: { loss: null, val_loss: null } },
      { values: { loss: 1, val_loss: null } },
    ])
  })

  test('at the end weights, gates and predictions, as they are then', async () => {
    const { callback, of } = watched()
    const model = sequential(
      [lstm(4, { returnSequences: true, name: 'first' }), gru(3, { name: 'second' }), dense(1)],
      {
        inputShape: [6, 2],
      },
    ).compile({ optimizer: 'adam', loss: 'mse', backend: 'cpu' })
    await model.fit(x, y, { ...quiet, epochs: 2, validationData: [x, y], callbacks: [callback] })
    const [weights, gates] = of('inside')
    expect(Object.keys(weights.spreads)).toEqual(Object.keys(await model.namedWeights()))
    expect(weights).toMatchObject({ of: 'weights', at: 2 })
    const { kernel } = { kernel: weights.spreads['first/kernel'] }
    expect(kernel.counts.reduce((sum, count) => sum + count, 0)).toBe(2 * 16)
    expect(weights.pictures['first/kernel']).toMatchObject({ rows: 2, columns: 16, signed: true })
    expect(weights.pictures['first/bias']).toBeUndefined()

    expect(gates).toMatchObject({ of: 'gates', at: 2 })
    expect(Object.keys(gates.spreads)).toEqual(expect.arrayContaining(['first forgetGate', 'second updateGate']))
    // 32 samples are looked at, 6 steps of 4 units.
    expect(gates.spreads['first forgetGate'].counts.reduce((sum, count) => sum + count, 0)).toBe(32 * 6 * 4)
    expect(gates.pictures['first forgetGate']).toMatchObject({ rows: 4, columns: 6 })

    const [{ answers }] = of('answers')
    const predicted = await model.predict(x)
    expect(answers).toMatchObject({ kind: 'numbers', samples: 64, truth: Array.from(y.data) })
    if (answers.kind === 'numbers') expect(answers.predicted).toEqual(Array.from(predicted.data))
    const errors = Array.from(y.data, (value, i) => (value - predicted.data[i]) ** 2)
    expect(answers.wrong[0].sample).toBe(errors.indexOf(Math.max(...errors)))
    expect(answers.wrong[0].picture).toMatchObject({ rows: 2, columns: 6 })
  })

  test('predictions of data that are given, with names and words', async () => {
    const { callback, of } = watched({
      data: [x, tensor(Int32Array.from({ length: 64 }, (_, i) => i % 3)).reshape([64, 1])],
      classes: ['a', 'b', 'c'],
      describe: (sample) => `number ${sample}`,
    })
    const model = sequential([lstm(4), dense(3, { activation: 'softmax' })], { inputShape: [6, 2] }).compile({
      optimizer: 'adam',
      loss: 'sparseCategoricalCrossentropy',
      backend: 'cpu',
    })
    await model.fit(
      x,
      Int32Array.from({ length: 64 }, (_, i) => i % 3),
      { ...quiet, callbacks: [callback] },
    )
    const [{ answers }] = of('answers')
    expect(answers).toMatchObject({ kind: 'classes', classes: ['a', 'b', 'c'], samples: 64 })
    if (answers.kind === 'classes')
      expect(answers.confusion.map((row) => row.reduce((a, b) => a + b))).toEqual([22, 21, 21])
    expect(answers.wrong[0].says).toBe(`number ${answers.wrong[0].sample}`)
  })

  test('a run that throws is broken off when the next one begins', async () => {
    const { callback, of } = watched()
    const failing: Callback = {
      onEpochEnd() {
        throw new Error('enough')
      },
    }
    const model = forecaster()
    await expect(model.fit(x, y, { ...quiet, callbacks: [callback, failing] })).rejects.toThrow('enough')
    await model.fit(x, y, { ...quiet, callbacks: [callback] })
    expect(of('state').map(({ run, state }) => [run, state])).toEqual([
      [1, 'broken off'],
      [2, 'ended'],
    ])
  })
})

test('a model that is watched learns the same, bit by bit', async () => {
  const learn = async (callbacks: Callback[]): Promise<string> => {
    const model = sequential([lstm(4, { dropout: 0.3, recurrentDropout: 0.2 }), dense(1)], { inputShape: [6, 2] })
    model.compile({ optimizer: 'adam', loss: 'mse', globalClipNorm: 0.1, backend: 'cpu' })
    await model.fit(x, y, { ...quiet, epochs: 3, validationSplit: 0.25, callbacks })
    return model.weightsHash()
  }
  setSeed(9)
  const alone = await learn([])
  setSeed(9)
  const { callback, clock, of } = watched()
  // A slow model, so that there is time for every look.
  expect(await learn([callback, ticking(clock, 60_000)])).toBe(alone)
  expect(of('answers')).toHaveLength(3)
})

test('what a stateful model carries from batch to batch is left alone', async () => {
  const { callback, of } = watched()
  const model = sequential([lstm(4, { stateful: true }), dense(1)], { inputShape: [6, 2] })
  model.compile({ optimizer: 'adam', loss: 'mse', backend: 'cpu' })
  await model.fit(x, y, { ...quiet, validationData: [x, y], callbacks: [callback] })
  expect(of('answers')).toEqual([])
})

describe('what looking costs', () => {
  test('what would take more than its share of the time is put off', async () => {
    const clock = new Clock()
    const budget = new Budget({ weights: { share: 0.01, guess: 5 }, gates: { share: 0.01, guess: 35 } }, clock.now)
    const look = (milliseconds: number): Promise<void> =>
      budget.spend('weights', async () => {
        clock.time += milliseconds
      })
    budget.begin()
    expect(budget.allows('weights')).toBe(false)
    clock.time = 500
    expect(budget.allows('weights')).toBe(true)
    // The first one loads what it needs; the second tells what one costs.
    await look(15)
    clock.time = 1999
    expect(budget.allows('weights')).toBe(false)
    clock.time = 2000
    expect(budget.allows('weights')).toBe(true)
    await look(10)
    clock.time = 3499
    expect(budget.allows('weights')).toBe(false)
    clock.time = 3500
    expect(budget.allows('weights')).toBe(true)
    // Other kinds have a share of their own, and a pause is no training.
    expect(budget.allows('gates')).toBe(true)
    budget.rest(1)
    expect(budget.allows('weights')).toBe(false)
  })

  test('in a short run it is looked inside once, at the end', async () => {
    const { callback, of } = watched()
    await forecaster().fit(x, y, { ...quiet, epochs: 5, validationSplit: 0.25, callbacks: [callback] })
    expect(of('inside').map(({ of, at }) => [of, at])).toEqual([
      ['weights', 5],
      ['gates', 5],
    ])
    expect(of('answers')).toHaveLength(1)
  })
})

describe('what viewers may do', () => {
  const begun = async (learn: (seen: Watched) => Promise<unknown>) => {
    const seen = watched()
    let isOver = false
    const done = learn(seen).finally(() => {
      isOver = true
    })
    await until(() => seen.of('begin').length > 0)
    return { ...seen, done, isOver: () => isOver }
  }
  const long = { ...quiet, epochs: 1_000_000 }

  test('pause, go on, change the rate, and stop', async () => {
    const model = forecaster()
    const { hub, of, done, isOver } = await begun(({ callback }) => model.fit(x, y, { ...long, callbacks: [callback] }))
    await hub.command({ run: 1, do: 'pause' })
    expect(hub.board.runs[0].state).toBe('paused')
    const steps = await model.getIterations()
    // The program goes on meanwhile, and the model does not.
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(await model.getIterations()).toBe(steps)
    await hub.command({ run: 1, do: 'rate', rate: 0.25 })
    expect(await model.getLearningRate()).toBe(0.25)
    expect(hub.board.runs[0].rate).toBe(0.25)
    await hub.command({ run: 1, do: 'resume' })
    const { length } = of('numbers')
    await until(() => of('numbers').length > length)
    expect(isOver()).toBe(false)
    await hub.command({ run: 1, do: 'stop' })
    await done
    expect(of('state').map(({ state }) => state)).toEqual(['paused', 'training', 'stopped'])
    await expect(hub.command({ run: 1, do: 'pause' })).rejects.toThrow('dashboard: run 1 is not training')
  })

  test('a rate that the optimizer refuses is told, and training goes on', async () => {
    const model = forecaster({ learningRate: schedules.cosineDecay({ initialLearningRate: 0.1, decaySteps: 99 }) })
    const refused = model.setLearningRate(0.5).then(
      () => undefined,
      ({ message }: Error) => message,
    )
    const message = await refused
    const { hub, done } = await begun(({ callback }) => model.fit(x, y, { ...long, callbacks: [callback] }))
    const told = hub.command({ run: 1, do: 'rate', rate: 0.5 }).then(
      () => undefined,
      ({ message }: Error) => message,
    )
    expect(await told).toBe(message)
    await hub.command({ run: 1, do: 'stop' })
    await done
  })

  test('a paused run ends by a signal, and by stopTraining', async () => {
    const controller = new AbortController()
    const model = forecaster()
    const first = await begun(({ callback }) =>
      model.fit(x, y, { ...long, signal: controller.signal, callbacks: [callback] }).catch(({ name }: Error) => name),
    )
    await first.hub.command({ run: 1, do: 'pause' })
    controller.abort()
    expect(await first.done).toBe('AbortError')
    const second = await begun(({ callback }) => model.fit(x, y, { ...long, callbacks: [callback] }))
    await second.hub.command({ run: 1, do: 'pause' })
    model.stopTraining = true
    await second.done
  })

  test('runs of several models stand side by side', async () => {
    const seen = watched({ name: 'lstm' })
    await forecaster().fit(x, y, { ...quiet, epochs: 2, callbacks: [seen.callback] })
    await forecaster().fit(x, y, { ...quiet, epochs: 3, callbacks: [seen.callback] })
    expect(seen.hub.board.runs.map(({ run, at, state }) => [run, at, state])).toEqual([
      [1, 2, 'ended'],
      [2, 3, 'ended'],
    ])
  })
})

test.each<[unknown, string]>([
  [{ do: 'pause' }, 'dashboard: run: expected a number, got undefined'],
  [null, 'dashboard: run: expected a number'],
  [{ run: 1, do: 'halt' }, "dashboard: expected 'pause', 'resume', 'stop' or 'rate', got 'halt'"],
  [{ run: 1, do: 'rate', rate: '3' }, "dashboard: rate: expected a number of at least 0, got '3'"],
  [{ run: 1, do: 'rate', rate: -1 }, 'dashboard: rate: expected a number of at least 0, got -1'],
])('a command %j is refused', (given, message) => {
  expect(() => readCommand(given)).toThrow(message)
})

test.each<[object, string]>([
  [{ nmae: 'x' }, "dashboard: unknown option 'nmae'. Did you mean 'name'?"],
  [{ name: 3 }, 'dashboard: name: expected a text, got 3'],
  [{ port: 1.5 }, 'dashboard: port: expected a whole number, got 1.5'],
  [{ port: 70_000 }, 'dashboard: port: expected a number from 0 to 65535, got 70000'],
  [{ keepOpen: 1 }, 'dashboard: keepOpen: expected true or false, got 1'],
  [{ data: [1] }, 'dashboard: data: expected [x, y], or samples such as windows'],
  [{ classes: [1] }, 'dashboard: classes: expected a list of names'],
  [{ describe: 'x' }, "dashboard: describe: expected a function, got 'x'"],
  [{ element: {} }, 'dashboard: element: expected a page; Node serves a page of its own'],
])('options %j are refused', (options, message) => {
  expect(() => dashboard(options)).toThrow(message)
})
