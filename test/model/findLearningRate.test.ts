// The learning-rate range test: where it starts and ends, what it suggests, and that the model is none the wiser.
import { adam, data, dense, dropout, lstm, type Model, schedules, sequential, setSeed, sgd, tensor } from 'hornbeam'
import { describe, expect, test } from 'vitest'
import { learningRateTest } from '../../src/train/learningRateCurve'

const rows = Array.from({ length: 30 }, (_, i) => [Math.sin(i), Math.cos(i)])
const x = tensor(rows)
const y = tensor(rows.map(([a, b]) => [3 * a - 2 * b + 1]))
const linear = (): Model =>
  sequential([dense(1)], { inputShape: [2] }).compile({ optimizer: sgd(), loss: 'mse', backend: 'cpu' })

describe('the test', () => {
  test('takes rates from min to max, each the same factor above the one before', async () => {
    const { rates, losses, smoothed, stopped } = await linear().findLearningRate(x, y, {
      min: 1e-4,
      max: 0.1,
      steps: 31,
    })
    expect(stopped).toBe('finished')
    expect(rates.length).toBe(31)
    expect([rates[0], rates[10], rates[30]].map((rate) => Number(rate.toPrecision(6)))).toEqual([1e-4, 1e-3, 0.1])
    expect(smoothed[0]).toBeCloseTo(losses[0], 6)
    expect(losses[30]).toBeLessThan(losses[0])
  })

  test('ends where the loss explodes, and suggests a rate below that', async () => {
    const found = await linear().findLearningRate(x, y, { min: 1e-3, max: 100, steps: 60, smoothing: 0.5 })
    expect(found.stopped).toBe('diverged')
    // Gradient descent on this loss converges at rates up to 2 over its largest curvature, which is about 2.
    const last = found.rates[found.rates.length - 1]
    expect(last).toBeLessThan(20)
    expect(found.suggestion).toBe(found.valley)
    for (const rate of [found.valley, found.steepest, found.minimum]) {
      expect(rate).toBeGreaterThan(2e-3)
      expect(rate).toBeLessThan(1.2)
    }
    expect(String(found)).toContain('(valley)')
    expect((await found.plot()).svg).toContain('suggested')
  })

  test('ends where the loss is no number', async () => {
    const model = linear().compile({ optimizer: sgd(), loss: 'mse', backend: 'cpu' })
    const found = await model.findLearningRate(x, y, {
      min: 1e-3,
      max: 1e38,
      steps: 8,
      divergence: Number.MAX_VALUE,
      smoothing: 0,
    })
    expect(found.stopped).toBe('nonFinite')
    expect(found.losses.every(Number.isFinite)).toBe(true)
  })

  test('takes windows over a series, which build the model as fit would', async () => {
    const series = Array.from({ length: 60 }, (_, i) => Math.sin(i / 3))
    const model = sequential([lstm(2), dense(1)]).compile({ optimizer: sgd(), loss: 'mse', backend: 'cpu' })
    const { rates } = await model.findLearningRate(data.windows(series, { length: 5 }), { steps: 6, max: 0.1 })
    expect(rates.length).toBe(6)
    expect(model.inputShape).toEqual([null, 1])
  })

  test('of a loss that never falls suggests nothing', () => {
    const rising = {
      rates: [1, 2, 3, 4, 5],
      losses: [1, 2, 3, 4, 5],
      smoothed: [1, 2, 3, 4, 5],
      stopped: 'finished',
    } as const
    const { suggestion, ...rest } = learningRateTest(rising, 'valley')
    expect(suggestion).toBeUndefined()
    expect(String(rest)).toContain('never fell')
  })

  test('picks by each rule from a curve made by hand', () => {
    const smoothed = [10, 10, 10, 9, 8, 4, 3, 2.5, 2.4, 6, 20]
    const rates = smoothed.map((_, i) => 10 ** (i - 8))
    const curve = { rates, losses: smoothed, smoothed, stopped: 'diverged' } as const
    expect(learningRateTest(curve, 'steepest').suggestion).toBe(rates[4])
    expect(learningRateTest(curve, 'minimum').suggestion).toBe(rates[8] / 10)
    // Falling from the second place (the first tenth is left out) to the ninth.
    expect(learningRateTest(curve, 'valley').suggestion).toBe(rates[4])
  })

  test('takes datasets, and no options it does not know', async () => {
    const batches = [0, 10, 20].map((from) => [rows.slice(from, from + 10), y.toArray()] as const)
    const dataset = {
      *[Symbol.iterator]() {
        for (const [part] of batches) yield [part, part.map(([a]) => [a])] as const
      },
    }
    expect((await linear().findLearningRate(dataset, { steps: 7, max: 0.1 })).rates.length).toBe(7)
    await expect(linear().findLearningRate(x, y, { min: 1, max: 0.1 })).rejects.toThrow(
      'max: expected a number above min',
    )
    await expect(linear().findLearningRate(x, y, { steps: 2 })).rejects.toThrow('steps: expected at least 5')
    const open = sequential([dense(1)]).compile({ optimizer: 'sgd', loss: 'mse' })
    expect((await open.findLearningRate(dataset, { steps: 5, max: 0.1 })).rates.length).toBe(5)
    await expect(open.findLearningRate(dataset[Symbol.iterator](), { steps: 5 })).rejects.toThrow('data.fromGenerator')
    const misspelt = { step: 10, steps: 10 }
    await expect(linear().findLearningRate(x, y, misspelt)).rejects.toThrow("Did you mean 'steps'?")
  })
})

describe.each(['cpu', 'wasm'] as const)('the model on %s', (backend) => {
  const sequences = Array.from({ length: 12 }, (_, i) => Array.from({ length: 5 }, (_, t) => [Math.sin(i + t)]))
  const targets = sequences.map(([[first]]) => [first])
  const build = (): Model => {
    setSeed(3)
    const learningRate = schedules.exponentialDecay({ initialLearningRate: 0.01, decaySteps: 3, decayRate: 0.5 })
    return sequential([lstm(4, { stateful: true, inputShape: [5, 1] }), dropout(0.5), dense(1)]).compile({
      optimizer: adam({ learningRate }),
      loss: 'mse',
      metrics: ['mae'],
      backend,
    })
  }

  test('trains on bit by bit as if there had been no test, also after one that failed', async () => {
    const runs = []
    for (const isTested of [false, true]) {
      const model = build()
      setSeed(4)
      await model.fit(sequences, targets, { epochs: 2, batchSize: 4, verbose: 0 })
      if (isTested) {
        const before = (await model.getWeights()).map(({ data }) => data.slice())
        await model.findLearningRate(sequences, targets, { steps: 12, batchSize: 4 })
        await model.findLearningRate(sequences, targets, { steps: 5, batchSize: 6 })
        const aborted = AbortSignal.abort(new Error('enough'))
        await expect(model.findLearningRate(sequences, targets, { signal: aborted, batchSize: 4 })).rejects.toThrow(
          'enough',
        )
        expect((await model.getWeights()).map(({ data }) => data)).toEqual(before)
      }
      const { history } = await model.fit(sequences, targets, { epochs: 2, batchSize: 4, verbose: 0 })
      runs.push({ history, weights: (await model.getWeights()).map(({ data }) => data) })
    }
    expect(runs[1]).toEqual(runs[0])
  })
})
