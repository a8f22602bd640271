// The loop of fit: what is called in which order, how it ends, what it prints.
import { type Callback, DataError, dense, type Model, sequential, sgd } from 'hornbeam'
import { afterEach, describe, expect, test, vi } from 'vitest'

const x = [[1], [2], [3], [4]]
const y = [[2], [4], [6], [8]]
const quiet = { verbose: 0, shuffle: false } as const

const line = (optimizer = sgd({ learningRate: 0.01 })): Model => {
  const layer = dense(1, { useBias: false, kernelInitializer: 'ones' })
  return sequential([layer], { inputShape: [1] }).compile({ optimizer, loss: 'mse' })
}
const weightOf = async (model: Model): Promise<number> => (await model.getWeights())[0].item()
const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2))

describe('callbacks', () => {
  test('are called in Keras’ order, each after the one before it is done', async () => {
    const seen: string[] = []
    const note = (who: string): Callback => ({
      async onTrainBegin() {
        await later()
        seen.push(`${who} train`)
      },
      onEpochBegin: (epoch) => void seen.push(`${who} epoch ${epoch}`),
      async onTrainBatchBegin(batch) {
        await later()
        seen.push(`${who} batch ${batch}`)
      },
      onTrainBatchEnd: (batch, logs) => void seen.push(`${who} batch ${batch} ended: ${Object.keys(logs)}`),
      onEpochEnd: (epoch, logs) => void seen.push(`${who} epoch ${epoch} ended: ${Object.keys(logs)}`),
      onTrainEnd: (logs) => void seen.push(`${who} train ended: ${Object.keys(logs)}`),
    })
    const callbacks = [note('a'), note('b')]
    await line().fit(x, y, { ...quiet, batchSize: 2, callbacks, validationData: [x, y] })
    // The validation is a test of its own.
    const expected = [
      'train',
      'epoch 0',
      'batch 0',
      'batch 0 ended: loss',
      'batch 1',
      'batch 1 ended: loss',
      'epoch 0 ended: loss,val_loss',
      'train ended: loss,val_loss',
    ]
    expect(seen).toEqual(expected.flatMap((event) => [`a ${event}`, `b ${event}`]))
  })

  test('see the running mean over the epoch at the end of a batch', async () => {
    const losses: number[] = []
    const onTrainBatchEnd = (_: number, { loss }: Record<string, number>): void => void losses.push(loss)
    await line(sgd({ learningRate: 0 })).fit(x, y, { ...quiet, batchSize: 1, callbacks: [{ onTrainBatchEnd }] })
    for (const [i, mean] of [1, 5 / 2, 14 / 3, 30 / 4].entries()) expect(losses[i]).toBeCloseTo(mean, 5)
  })

  test('add to the history what they add to the logs', async () => {
    const onEpochEnd = (epoch: number, logs: Record<string, number>): void => {
      logs.twice = 2 * epoch
    }
    const { history } = await line().fit(x, y, { ...quiet, epochs: 3, callbacks: [{ onEpochEnd }] })
    expect(history.twice).toEqual([0, 2, 4])
  })

  test('end training in the good way, after the batch or the epoch', async () => {
    const model = line()
    let batches = 0
    const onTrainBatchEnd = (): void => {
      batches++
      model.stopTraining = batches === 3
    }
    const onTrainEnd = vi.fn()
    const { epoch } = await model.fit(x, y, {
      ...quiet,
      batchSize: 2,
      epochs: 9,
      callbacks: [{ onTrainBatchEnd, onTrainEnd }],
    })
    expect([batches, epoch]).toEqual([3, [0, 1]])
    expect(onTrainEnd).toHaveBeenCalledTimes(1)
    await model.fit(x, y, quiet)
    expect(model.stopTraining).toBe(false)
  })

  test('that end training as an epoch begins end it after its first batch', async () => {
    const model = line()
    let batches = 0
    const onTrainBatchEnd = (): void => void batches++
    const onEpochBegin = (epoch: number): void => {
      model.stopTraining = epoch === 1
    }
    const callbacks = [{ onEpochBegin, onTrainBatchEnd }]
    const { epoch } = await model.fit(x, y, { ...quiet, batchSize: 2, epochs: 9, callbacks })
    expect([batches, epoch]).toEqual([3, [0, 1]])
  })

  test('that throw end fit with their error; the model can go on', async () => {
    const model = line()
    const onEpochEnd = async (): Promise<void> => {
      await later()
      throw new RangeError('enough')
    }
    await expect(model.fit(x, y, { ...quiet, callbacks: [{ onEpochEnd }] })).rejects.toThrow(RangeError)
    const { epoch } = await model.fit(x, y, quiet)
    expect(epoch).toEqual([0])
  })
})

describe('tests and predictions', () => {
  const events: string[] = []
  const note: Callback = {
    onTestBegin: () => void events.push('test'),
    onTestBatchBegin: (batch) => void events.push(`batch ${batch}`),
    onTestBatchEnd: (batch, { loss }) => void events.push(`batch ${batch} ended: ${loss.toFixed(1)}`),
    onTestEnd: ({ loss }) => void events.push(`test ended: ${loss.toFixed(1)}`),
    onPredictBegin: () => void events.push('predict'),
    onPredictBatchBegin: (batch) => void events.push(`batch ${batch}`),
    onPredictBatchEnd: (batch) => void events.push(`batch ${batch} ended`),
    onPredictEnd: () => void events.push('predict ended'),
  }
  const tested = ['test', 'batch 0', 'batch 0 ended: 2.5', 'batch 1', 'batch 1 ended: 7.5', 'test ended: 7.5']
  afterEach(() => {
    events.length = 0
  })

  test('have callbacks of their own', async () => {
    await line().evaluate(x, y, { batchSize: 2, callbacks: [note] })
    expect(events).toEqual(tested)
    events.length = 0
    await line().predict(x, { batchSize: 2, callbacks: [note] })
    expect(events).toEqual(['predict', 'batch 0', 'batch 0 ended', 'batch 1', 'batch 1 ended', 'predict ended'])
  })

  test('come every so many epochs while a model trains, with as many batches as asked for', async () => {
    const validation = { validationData: [x, y], validationBatchSize: 2, callbacks: [note] } as const
    const model = line(sgd({ learningRate: 0 }))
    const { history } = await model.fit(x, y, { ...quiet, ...validation, epochs: 5, validationFreq: 2 })
    expect(history.val_loss).toHaveLength(2)
    expect(events).toEqual([...tested, ...tested])
    const { history: short } = await model.fit(x, y, { ...quiet, ...validation, validationSteps: 1 })
    expect(short.val_loss[0]).toBeCloseTo(2.5, 5)
  })
})

describe('batches without an end', () => {
  /** Gives the same batch again and again; counts how many were asked for. */
  const endless = () => {
    const given = { count: 0 }
    const batches = {
      *[Symbol.iterator]() {
        for (;;) {
          given.count++
          yield { x, y }
        }
      },
    }
    return { given, batches }
  }

  test('are asked for no more than a test takes', async () => {
    const { given, batches } = endless()
    await line().evaluate(batches, { steps: 2 })
    expect(given.count).toBe(2)
  })

  test('are not asked for once a callback has ended training', async () => {
    const { given, batches } = endless()
    const model = line()
    const onTrainBatchEnd = (batch: number): void => {
      model.stopTraining = batch === 1
    }
    await model.fit(batches, { ...quiet, stepsPerEpoch: 5, callbacks: [{ onTrainBatchEnd }] })
    expect(given.count).toBe(2)
  })
})

describe('a signal', () => {
  test('that is aborted after the last step rejects all the same', async () => {
    const controller = new AbortController()
    const onTrainBatchEnd = (): void => controller.abort()
    const options = { ...quiet, signal: controller.signal, callbacks: [{ onTrainBatchEnd }] }
    await expect(line().fit(x, y, options)).rejects.toThrow(/abort/i)
  })

  test('that is aborted rejects with its reason; the weights are those of the last whole step', async () => {
    const [model, twin] = [line(), line()]
    const controller = new AbortController()
    const reason = new Error('the user has left')
    const onTrainBatchEnd = (batch: number): void => void (batch === 1 && controller.abort(reason))
    const options = { ...quiet, batchSize: 1, signal: controller.signal, callbacks: [{ onTrainBatchEnd }] }
    await expect(model.fit(x, y, options)).rejects.toBe(reason)
    await twin.fit(x.slice(0, 2), y.slice(0, 2), { ...quiet, batchSize: 1 })
    expect(await weightOf(model)).toBe(await weightOf(twin))
    await model.fit(x, y, quiet)
  })

  test('that is aborted, or fails, leaves the history of the epochs before on what it rejects with', async () => {
    const endsIn = (error: unknown) =>
      line().fit(x, y, {
        ...quiet,
        epochs: 5,
        callbacks: [
          {
            onEpochBegin(epoch) {
              if (epoch === 2) throw error
            },
          },
        ],
      })
    const { history: whole } = await line().fit(x, y, { ...quiet, epochs: 2 })
    const failure = await endsIn(new Error('mine')).catch((error: unknown) => error)
    expect(failure).toMatchObject({ message: 'mine', history: { epoch: [0, 1], history: whole } })
    // What has no place for it stays as it is.
    await expect(endsIn('a text')).rejects.toBe('a text')

    const controller = new AbortController()
    const onEpochEnd = (epoch: number): void => void (epoch === 1 && controller.abort())
    const aborted = await line()
      .fit(x, y, { ...quiet, epochs: 5, signal: controller.signal, callbacks: [{ onEpochEnd }] })
      .catch((error: unknown) => error)
    expect(aborted).toMatchObject({ name: 'AbortError', history: { epoch: [0, 1], history: whole } })
  })

  test('that was aborted before stops before the first step', async () => {
    const model = line()
    await expect(model.fit(x, y, { ...quiet, signal: AbortSignal.abort() })).rejects.toThrow(/abort/i)
    expect(await weightOf(model)).toBe(1)
  })

  test('that is never aborted changes nothing', async () => {
    const { epoch } = await line().fit(x, y, { ...quiet, signal: new AbortController().signal })
    expect(epoch).toEqual([0])
  })
})

describe('batches', () => {
  test('of a dataset are walked anew each epoch', async () => {
    const batches = [
      { x: [[1], [2]], y: [[2], [4]] },
      { x: [[3]], y: [[6]], sampleWeight: [2] },
    ]
    const model = line(sgd({ learningRate: 0 }))
    const { history } = await model.fit(new Set(batches), { ...quiet, epochs: 2 })
    // mean over samples of (1, 4, 2 * 9)
    for (const loss of history.loss) expect(loss).toBeCloseTo(23 / 3, 5)
    expect((await model.evaluate(new Set(batches))).loss).toBeCloseTo(23 / 3, 5)
    expect((await model.predict(new Set(batches))).toArray()).toEqual([[1], [2], [3]])
  })

  test('may come with weights of their samples, in a record or a list', async () => {
    const weights = [1, 0, 0, 0]
    for (const batch of [{ x, y, sampleWeight: weights }, [x, y, weights] as const]) {
      expect((await line().evaluate(new Set([batch]))).loss).toBeCloseTo(1 / 4, 5)
    }
  })

  test('as many as stepsPerEpoch make an epoch', async () => {
    let made = 0
    const endless = {
      async *[Symbol.asyncIterator]() {
        for (;;) yield [[[++made]], [[0]]] as const
      },
    }
    const { history } = await line().fit(endless, { ...quiet, epochs: 3, stepsPerEpoch: 2 })
    expect(history.loss).toHaveLength(3)
    expect(made).toBeLessThanOrEqual(9)
  })

  test('of arrays are another order each epoch, and every sample once', async () => {
    const orders: string[] = []
    let order: number[] = []
    let sum = 0
    const callback: Callback = {
      onEpochBegin() {
        order = []
        sum = 0
      },
      onTrainBatchEnd(batch, { loss }) {
        // The running mean gives the loss of each sample, which tells which one it was.
        const total = loss * (batch + 1)
        order.push(Math.round(Math.sqrt(total - sum)))
        sum = total
      },
      onEpochEnd: () => void orders.push(order.join()),
    }
    const options = { epochs: 6, batchSize: 1, verbose: 0, callbacks: [callback] } as const
    await line(sgd({ learningRate: 0 })).fit(x, y, options)
    for (const each of orders) expect(each.split(',').sort()).toEqual(['1', '2', '3', '4'])
    expect(new Set(orders).size).toBeGreaterThan(1)
  })

  test('there has to be one', async () => {
    await expect(line().fit(new Set<never>(), quiet)).rejects.toThrow(DataError)
    await expect(line().evaluate(new Set<never>())).rejects.toThrow(DataError)
  })
})

describe('the moving average of the weights', () => {
  test('takes their place when training ends', async () => {
    const model = line(sgd({ learningRate: 0.1, useEma: true, emaMomentum: 0.5 }))
    // w goes 1, 2.5, 1.75, and their average, which begins with the first, from there to itself half the way each time.
    await model.fit(x, y, { ...quiet, epochs: 2 })
    const [w1, w2] = [2.5, 2.5 - 0.1 * 15 * 0.5]
    expect(await weightOf(model)).toBeCloseTo((w1 + w2) / 2, 4)
  })
})

describe('what is printed', () => {
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(() => true),
    vi.spyOn(process.stderr, 'write').mockImplementation(() => true),
    vi.spyOn(console, 'log').mockImplementation(() => undefined),
  ]
  const printed = (): string => spies.flatMap((spy) => spy.mock.calls.map(([text]) => String(text))).join('')
  afterEach(() => {
    for (const spy of spies) spy.mockClear()
  })

  test('is nothing with verbose: 0, nor by single steps, nor by evaluate and predict', async () => {
    const model = line()
    await model.fit(x, y, { epochs: 2, verbose: 0, validationSplit: 0.5 })
    await model.evaluate(x, y, { verbose: 0 })
    await model.predict(x, { verbose: 0 })
    await model.trainOnBatch(x, y)
    await model.testOnBatch(x, y)
    expect(printed()).toBe('')
  })

  test('is a line for a test or a prediction that asks for it', async () => {
    await line().evaluate(x, y, { verbose: 2 })
    await line().predict(x, { verbose: 2 })
    expect(printed()).toMatch(/^Evaluation - 1 step - .* - loss: 7.5000\nPrediction - 1 step .*\n$/)
  })

  test('is a line an epoch where there is no terminal', async () => {
    await line().fit(x, y, { epochs: 2, validationSplit: 0.5, verbose: 2 })
    const lines = printed().trimEnd().split('\n')
    expect(lines).toHaveLength(2)
    expect(lines[1]).toMatch(/^Epoch 2\/2 - 1 step - .* - loss: \d+\.\d+ - val_loss: \d+\.\d+$/)
  })
})
