// Compile, fit, evaluate, predict and single steps, against numbers worked out by hand for y = w x under squared error.
import {
  adam,
  DataError,
  dense,
  type LossName,
  losses,
  type Model,
  metrics,
  OptionError,
  ops,
  sequential,
  setSeed,
  sgd,
  type Value,
} from 'hornbeam'
import { expect, test } from 'vitest'
import { expectClose } from '../support'

const x = [[1], [2], [3], [4]]
const y = [[2], [4], [6], [8]]

/** y = w x, with w = 1 to begin with. */
function line(options: Parameters<Model['compile']>[0] = {}): Model {
  const layer = dense(1, { useBias: false, kernelInitializer: 'ones' })
  return sequential([layer], { inputShape: [1] }).compile({
    optimizer: sgd({ learningRate: 0.1 }),
    loss: 'mse',
    ...options,
  })
}

const weightOf = async (model: Model): Promise<number> => (await model.getWeights())[0].item()

test('a step moves a weight against the gradient of the mean over the batch', async () => {
  const model = line()
  // d/dw mean((w x - 2 x)^2) = 2 (w - 2) mean(x^2) = -15 at w = 1.
  const logs = await model.trainOnBatch(x, y)
  expect(logs).toEqual({ loss: 7.5 })
  expect(await weightOf(model)).toBeCloseTo(2.5, 5)
})

test('fit takes a step a batch, the last one smaller, and reports the mean over samples', async () => {
  const model = line()
  const { epoch, history } = await model.fit(x, y, { batchSize: 3, shuffle: false, verbose: 0 })
  // First batch: loss mean(1, 4, 9) = 14/3, gradient -2 * 14/3; second: (w - 2)^2 16 on one sample.
  const w1 = 1 + (0.2 * 14) / 3
  expect(epoch).toEqual([0])
  expect(history.loss[0]).toBeCloseTo((14 + 16 * (w1 - 2) ** 2) / 4, 5)
  expect(await weightOf(model)).toBeCloseTo(w1 - 0.2 * 16 * (w1 - 2), 5)
})

test('every epoch adds one number to each list of the history', async () => {
  const { epoch, history } = await line({ metrics: ['mae'] }).fit(x, y, {
    epochs: 3,
    validationData: [x, y],
    verbose: 0,
  })
  expect(epoch).toEqual([0, 1, 2])
  expect(Object.keys(history)).toEqual(['loss', 'mae', 'val_loss', 'val_mae'])
  for (const list of Object.values(history)) expect(list).toHaveLength(3)
})

test('initialEpoch goes on counting, and epochs is the last one', async () => {
  const { epoch } = await line().fit(x, y, { epochs: 5, initialEpoch: 3, verbose: 0 })
  expect(epoch).toEqual([3, 4])
})

test('evaluate and testOnBatch change nothing and do not depend on the size of batches', async () => {
  const model = line({ metrics: ['mae'] })
  for (const batchSize of [1, 3, 4, 100]) {
    const found = await model.evaluate(x, y, { batchSize })
    expect(found.loss).toBeCloseTo(7.5, 5)
    expect(found.mae).toBeCloseTo(2.5, 5)
  }
  expect(await model.testOnBatch(x, y)).toEqual({ loss: 7.5, mae: 2.5 })
  expect(await weightOf(model)).toBe(1)
})

test('evaluate in the middle of training does not spoil what training reports', async () => {
  const seen: unknown[] = []
  const model = line()
  const onEpochEnd = async (_: number, logs: Record<string, number>): Promise<void> => {
    seen.push(logs.loss, (await model.evaluate(x, y)).loss)
  }
  const { history } = await model.fit(x, y, { epochs: 2, callbacks: [{ onEpochEnd }], verbose: 0 })
  expect(seen).toEqual([history.loss[0], expect.any(Number), history.loss[1], expect.any(Number)])
})

test('evaluations that go on at the same time count each for itself', async () => {
  const model = line()
  const [few, all, again] = await Promise.all([
    model.evaluate(x.slice(0, 1), y.slice(0, 1)),
    model.evaluate(x, y, { batchSize: 1 }),
    model.evaluate(x, y, { batchSize: 1 }),
  ])
  expect([few.loss, all.loss, again.loss]).toEqual([1, 7.5, 7.5])
})

test('tests between the batches of an epoch leave its losses and metrics alone', async () => {
  const options = { batchSize: 1, shuffle: false, verbose: 0 } as const
  const { history } = await line({ metrics: ['mae'] }).fit(x, y, options)
  const model = line({ metrics: ['mae'] })
  const onTrainBatchEnd = async (): Promise<void> => {
    await model.testOnBatch([[100]], [[0]])
    await model.evaluate([[100]], [[0]])
  }
  const disturbed = await model.fit(x, y, { ...options, callbacks: [{ onTrainBatchEnd }] })
  expect(disturbed.history).toEqual(history)
})

test('predict gives one row a sample, without compile too, on the backend that is asked for', async () => {
  const model = sequential([dense(1, { kernelInitializer: 'ones' })])
  expectClose(
    await model.predict(
      [
        [1, 2],
        [3, 4],
      ],
      { backend: 'cpu' },
    ),
    [[3], [7]],
  )
  expect(model.backend.name).toBe('cpu')
  expect(model.inputShape).toEqual([2])
})

test('the loss is a name, made by a factory, or a function that gives a value a sample or one', async () => {
  const cube = (yTrue: Value, yPred: Value) => ops.pow(ops.abs(ops.sub(yTrue, yPred)), 3)
  for (const [loss, wanted] of [
    ['meanAbsoluteError', 2.5],
    [losses.huber({ delta: 1 }), (0.5 + 1.5 + 2.5 + 3.5) / 4],
    [cube, (1 + 8 + 27 + 64) / 4],
    [(a: Value, b: Value) => ops.mean(cube(a, b), { axis: -1 }), (1 + 8 + 27 + 64) / 4],
    [(a: Value, b: Value) => ops.sum(cube(a, b)), 100],
  ] as const) {
    expect((await line({ loss }).testOnBatch(x, y)).loss).toBeCloseTo(wanted, 4)
  }
})

test('a metric is a name, made by a factory, or a function', async () => {
  const bias = (yTrue: Value, yPred: Value) => ops.sub(yPred, yTrue)
  const model = line({ metrics: ['mae', metrics.rootMeanSquaredError(), bias] })
  const found = await model.testOnBatch(x, y)
  expect(Object.keys(found)).toEqual(['loss', 'mae', 'rootMeanSquaredError', 'bias'])
  expect(found.bias).toBeCloseTo(-2.5, 5)
  expect(found.rootMeanSquaredError).toBeCloseTo(Math.sqrt(7.5), 5)
})

test('a metric that comes to several numbers gives a list of them', async () => {
  const model = line({ metrics: [metrics.precision({ thresholds: [0.3, 0.6] })] })
  expect(await model.trainOnBatch(x, y)).toEqual({ loss: 7.5, precision: [1, 1] })
})

test.each(['clipNorm', 'clipValue', 'globalClipNorm'] as const)('float64 trains with %s', async (clipping) => {
  const model = sequential([dense(1, { kernelInitializer: 'ones' })], { inputShape: [1], dtype: 'float64' })
  model.compile({ optimizer: sgd({ learningRate: 0.5 }), loss: 'mse', [clipping]: 1 })
  const { history } = await model.fit([[1]], [[2]], { verbose: 0 })
  // The gradient is -2 for the kernel and for the bias.
  expect(history.gradientNorm[0]).toBeCloseTo(Math.sqrt(8), 5)
  expect((await model.getWeights())[0].item()).toBeCloseTo(clipping === 'globalClipNorm' ? 1 + 0.5 / Math.SQRT2 : 1.5)
})

test('a model of which nothing can be trained tells its loss all the same', async () => {
  const model = line()
  model.trainable = false
  expect(await model.fit(x, y, { verbose: 0 })).toEqual({ epoch: [0], history: { loss: [7.5] } })
  expect(await weightOf(model)).toBe(1)
})

test('weights of samples weigh the loss', async () => {
  const model = line()
  // Keras divides by the number of samples, not by the sum of the weights.
  expect((await model.testOnBatch(x, y, { sampleWeight: [0, 0, 2, 0] })).loss).toBeCloseTo((2 * 9) / 4, 5)
  expect((await model.evaluate(x, y, { sampleWeight: [1, 0, 0, 0], batchSize: 4 })).loss).toBeCloseTo(1 / 4, 5)
  await model.trainOnBatch(x, y, { sampleWeight: [1, 0, 0, 0] })
  expect(await weightOf(model)).toBeCloseTo(1 + (0.2 * 1) / 4, 5)
})

test('weights of classes weigh by the label, or by the place of the one', async () => {
  const layer = dense(2, { kernelInitializer: 'zeros', activation: 'softmax' })
  const make = (loss: LossName): Model => sequential([layer], { inputShape: [1] }).compile({ optimizer: sgd(), loss })
  const options = { classWeight: { 0: 1, 1: 3 }, batchSize: 4, shuffle: false, verbose: 0 } as const
  const sparse = await make('sparseCategoricalCrossentropy').fit(x, [0, 1, 1, 0], options)
  await layer.setWeights([[[0, 0]], [0, 0]])
  const oneHot = await make('categoricalCrossentropy').fit(
    x,
    [
      [1, 0],
      [0, 1],
      [0, 1],
      [1, 0],
    ],
    options,
  )
  expect(sparse.history.loss[0]).toBeCloseTo(2 * Math.LN2, 5)
  expect(oneHot.history.loss[0]).toBeCloseTo(2 * Math.LN2, 5)
})

test('of targets for each step every one weighs by its own class', async () => {
  const steps = [
    [[1], [1], [1]],
    [[1], [1], [1]],
  ]
  const labels = [
    [0, 0, 1],
    [1, 1, 1],
  ]
  const oneHot = labels.map((row) => row.map((label) => (label === 0 ? [1, 0] : [0, 1])))
  const make = (loss: LossName): Model =>
    sequential([dense(2, { kernelInitializer: 'zeros', activation: 'softmax' })], { inputShape: [3, 1] }).compile({
      loss,
    })
  // Every step has the loss log 2; two of the six are of class 0.
  for (const sampleWeight of [
    undefined,
    [1, 10],
    [
      [1, 1, 10],
      [10, 10, 10],
    ],
  ]) {
    const options = { classWeight: { 0: 3, 1: 0 }, ...(sampleWeight && { sampleWeight }) }
    for (const [loss, y] of [
      ['sparseCategoricalCrossentropy', labels],
      ['sparseCategoricalCrossentropy', labels.map((row) => row.map((label) => [label]))],
      ['categoricalCrossentropy', oneHot],
    ] as const) {
      expect((await make(loss).trainOnBatch(steps, y, options)).loss).toBeCloseTo(Math.LN2, 5)
    }
  }
  const options = {
    classWeight: { 0: 3 },
    sampleWeight: [
      [1, 1],
      [1, 1],
    ],
  }
  await expect(make('categoricalCrossentropy').trainOnBatch(steps, oneHot, options)).rejects.toThrow(
    /sampleWeight: expected a weight for each sample or for each target, got shape \[2, 2\] for targets \[2, 3\]/,
  )
})

test('the last share of the samples is kept for validation, before any shuffling', async () => {
  const model = line({ optimizer: sgd({ learningRate: 0 }) })
  const { history } = await model.fit(x, y, { validationSplit: 0.25, epochs: 2, verbose: 0 })
  expect(history.loss[1]).toBeCloseTo(14 / 3, 5)
  expect(history.val_loss[1]).toBeCloseTo(16, 5)
})

test('class weights are for training; samples kept for validation count by their own weights', async () => {
  const model = line({ optimizer: sgd({ learningRate: 0 }) })
  const weights = { classWeight: { 6: 100, 8: 100 }, sampleWeight: [1, 1, 1, 0.5] }
  const { history } = await model.fit(x, y, { ...weights, validationSplit: 0.25, verbose: 0 })
  expect(history.loss[0]).toBeCloseTo((1 + 4 + 100 * 9) / 3, 3)
  expect(history.val_loss[0]).toBeCloseTo(16 * 0.5, 5)
})

test('validationData with weights, and in batches of its own size', async () => {
  const sizes = { batchSize: 2, validationBatchSize: 3, verbose: 0 } as const
  const model = line({ optimizer: sgd({ learningRate: 0 }) })
  const { history } = await model.fit(x, y, { ...sizes, validationData: [x, y, [0, 0, 0, 1]] })
  expect(history.val_loss[0]).toBeCloseTo(16 / 4, 5)
})

test('the same seed gives the same run, another seed another', async () => {
  const run = async (seed: number): Promise<number[]> => {
    setSeed(seed)
    const model = sequential([dense(8, { activation: 'tanh' }), dense(1)]).compile({ optimizer: 'adam', loss: 'mse' })
    return (await model.fit(x, y, { epochs: 3, batchSize: 2, verbose: 0 })).history.loss
  }
  const first = await run(7)
  expect(await run(7)).toEqual(first)
  expect(await run(8)).not.toEqual(first)
})

test('compiling again keeps the weights and starts the optimizer anew', async () => {
  const model = line({ optimizer: adam({ learningRate: 0.1 }) })
  await model.fit(x, y, { epochs: 3, verbose: 0 })
  const kept = await weightOf(model)
  model.compile({ optimizer: adam({ learningRate: 0.1 }), loss: 'mse' })
  expect(await weightOf(model)).toBe(kept)
  await model.trainOnBatch(x, y)
  // The first step of Adam has the size of the learning rate.
  expect(Math.abs((await weightOf(model)) - kept)).toBeCloseTo(0.1, 4)
})

test('a learning rate in compile counts more than the default of the optimizer it names', async () => {
  const model = line({ optimizer: 'sgd', learningRate: 0.2 })
  expect(await model.getLearningRate()).toBeCloseTo(0.2, 6)
  await model.setLearningRate(0.05)
  await model.trainOnBatch(x, y)
  expect(await weightOf(model)).toBeCloseTo(1 + 0.05 * 15, 5)
})

test('a model that is not compiled says so, and one that trains does one thing at a time', async () => {
  const bare: Model = sequential([dense(1)], { inputShape: [1] })
  for (const call of ['fit', 'evaluate', 'trainOnBatch', 'testOnBatch'] as const) {
    await expect((bare[call] as Model['fit'])(x, y)).rejects.toThrow(OptionError)
  }
  const model = line()
  const running = model.fit(x, y, { epochs: 2, verbose: 0 })
  await expect(model.fit(x, y, { verbose: 0 })).rejects.toThrow(DataError)
  await running
  await model.fit(x, y, { verbose: 0 })
})
