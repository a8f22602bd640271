// Losses, metrics and weights of models with several outputs, and metrics with several results.
import { describe, expect, test } from 'vitest'
import {
  csvLogger,
  dense,
  earlyStopping,
  input,
  loadModel,
  metrics,
  model,
  plotHistory,
  randomNormal,
  sequential,
  setSeed,
  tensor,
} from '../../src'
import { DataError, OptionError } from '../../src/errors'

const x = randomNormal([8, 3], { seed: 1 })
const y = randomNormal([8, 1], { seed: 2 })

function two() {
  setSeed(5)
  const start = input({ shape: [3] })
  return model({
    inputs: start,
    outputs: [dense(1, { name: 'a' }).apply(start), dense(1, { name: 'b' }).apply(start)],
  })
}

describe('an output without a loss', () => {
  test.for([
    ['null in a list', ['mse', null]],
    ['null in a record', { a: 'mse', b: null }],
    ['no entry in a record', { a: 'mse' }],
  ] as const)('%s: training is that of the other output, whatever the targets', async ([, loss]) => {
    const trained = two().compile({ optimizer: 'sgd', loss, backend: 'cpu' })
    const before = await trained.getLayer('b').getWeights()
    const { history } = await trained.fit(x, [y, y], { verbose: 0 })
    expect(Object.keys(history)).toEqual(['loss'])
    expect(await trained.getLayer('b').getWeights()).toEqual(before)

    for (const targets of [{ a: y }, [y, null]]) {
      const without = two().compile({ optimizer: 'sgd', loss, backend: 'cpu' })
      // null is for the compiler no target
      expect((await without.fit(x, targets as { a: typeof y }, { verbose: 0 })).history).toEqual(history)
    }
  })

  test('with a metric of its own needs its targets', async () => {
    const measured = two().compile({ loss: ['mse', null], metrics: [[], ['mae']], backend: 'cpu' })
    await expect(measured.fit(x, { a: y }, { verbose: 0 })).rejects.toThrow(
      new DataError("y: expected data for a, b; 'b' is missing"),
    )
    expect(Object.keys(await measured.evaluate(x, [y, y]))).toEqual(['loss', 'b_mae'])
  })

  test('comes back from a file as it was', async () => {
    const compiled = two().compile({ loss: ['mse', null], weightedMetrics: ['mae'], backend: 'cpu' })
    for (const format of ['hornbeam', 'keras'] as const) {
      const { compileOptions } = await loadModel(await compiled.toBytes({ format }))
      // Keras wants a list for each output.
      const weightedMetrics = format === 'keras' ? [['mae'], ['mae']] : ['mae']
      expect(compileOptions).toMatchObject({ loss: ['mse', null], weightedMetrics })
    }
  })
})

describe('weightedMetrics', () => {
  test('count samples by their weights, metrics all alike', async () => {
    setSeed(3)
    const weighed = sequential([dense(1)]).compile({
      loss: 'mse',
      metrics: ['mae'],
      weightedMetrics: ['mae'],
      backend: 'cpu',
    })
    const errors = Array.from((await weighed.predict(x)).data, (value, i) => Math.abs(value - y.data[i]))
    const sampleWeight = [2, 1, 0, 0, 0, 0, 0, 0]
    const logs = await weighed.evaluate(x, y, { sampleWeight })
    expect(logs.mae).toBeCloseTo(errors.reduce((sum, error) => sum + error) / 8, 5)
    expect(logs.weighted_mae).toBeCloseTo((2 * errors[0] + errors[1]) / 3, 5)
    expect((await weighed.evaluate(x, y)).weighted_mae).toBeCloseTo(logs.mae, 5)
  })

  test('are checked as metrics are', () => {
    expect(() => sequential([dense(1)]).compile({ loss: 'mse', weightedMetrics: ['maee' as 'mae'] })).toThrow(
      /^compile: weightedMetrics: .*Did you mean 'mae'/,
    )
    expect(() => two().compile({ loss: 'mse', weightedMetrics: { c: ['mae'] } })).toThrow(
      /^compile: weightedMetrics: no output is named 'c'/,
    )
  })
})

describe('a metric with several results', () => {
  const yes = tensor([[1], [0], [1], [1], [0], [0], [1], [0]])
  const compiled = () =>
    sequential([dense(1, { activation: 'sigmoid' })], { inputShape: [3] }).compile({
      loss: 'binaryCrossentropy',
      metrics: [metrics.precision({ thresholds: [0.2, 0.5] }), metrics.recall({ thresholds: [0.5] })],
      backend: 'cpu',
    })

  test('is a list in logs and history; a list of one is a number', async () => {
    const trained = compiled()
    const seen: unknown[] = []
    const { history } = await trained.fit(x, yes, {
      epochs: 2,
      verbose: 0,
      validationSplit: 0.5,
      callbacks: [{ onEpochEnd: (_, logs) => void seen.push(logs.precision) }],
    })
    expect(history.precision).toEqual(seen)
    for (const values of [...history.precision, ...history.val_precision]) {
      expect(values).toEqual([expect.any(Number), expect.any(Number)])
    }
    expect(history.recall).toEqual([expect.any(Number), expect.any(Number)])
    expect((await trained.testOnBatch(x, yes)).precision).toEqual((await trained.evaluate(x, yes)).precision)
  })

  test('has a line for each result in the plot of a history', async () => {
    const plot = await plotHistory(await compiled().fit(x, yes, { epochs: 2, verbose: 0 }), { metrics: ['precision'] })
    expect(String(plot.svg)).toContain('precision 0')
    expect(String(plot.svg)).toContain('precision 1')
  })

  test('cannot be watched as one number', async () => {
    const watch = earlyStopping({ monitor: 'precision', mode: 'max' })
    await expect(compiled().fit(x, yes, { verbose: 0, callbacks: [watch] })).rejects.toThrow(
      /^earlyStopping: monitor: expected a single number, got 'precision', which has 2/,
    )
  })

  test('of more than a list is refused', async () => {
    const table = () =>
      sequential([dense(1)]).compile({
        loss: 'mse',
        metrics: [
          {
            ...metrics.mean(),
            name: 'table',
            state: () => ({ total: tensor([[0, 0]]) }),
            update: ({ total }: Record<string, unknown>) => ({ total }),
            result: ({ total }: Record<string, unknown>) => total,
          } as ReturnType<typeof metrics.mean>, // its result is the matter here
        ],
      })
    await expect(table().fit(x, y, { verbose: 0 })).rejects.toThrow(
      new OptionError(
        'compile: metrics: table: expected a metric that comes to a number or a list of numbers, got shape [1, 2]',
      ),
    )
  })
})

test('csvLogger writes the results of a metric in brackets', async () => {
  const { mkdtemp, readFile } = await import('node:fs/promises')
  const path = `${await mkdtemp('/tmp/hornbeam-')}/log.csv`
  const logger = csvLogger(path)
  await logger.onTrainBegin?.({})
  await logger.onEpochEnd?.(0, { loss: 1, precision: [0.5, 1] as unknown as number })
  expect(await readFile(path, 'utf8')).toBe('epoch,loss,precision\n0,1,[0.5 1]\n')
})
