// A loss or gradient that is no finite number: fit stops, nothing is lost, and it says where.
import { describe, expect, test } from 'vitest'
import {
  dense,
  lambda,
  lstm,
  type Model,
  NonFiniteError,
  ops,
  sequential,
  setSeed,
  tensor,
  terminateOnNaN,
} from '../../src'
import { DataError } from '../../src/errors'
import type { Value } from '../../src/graph'

const backends = ['cpu', 'wasm'] as const

/** Eight samples of one number; the loss is NaN for the sample 5, and fine for all others. */
const x = Array.from({ length: 8 }, (_, i) => [i])
const y = x.map(([i]) => [2 * i])
const brittle = (yTrue: Value, yPred: Value): Value =>
  ops.mul(ops.square(ops.sub(yPred, yTrue)), ops.where(ops.equal(yTrue, 10), NaN, 1))

function makeModel(options: object, backend: 'cpu' | 'wasm' = 'cpu'): Model {
  setSeed(3)
  return sequential([dense(3, { name: 'hidden' }), dense(1)], { inputShape: [1] }).compile({
    optimizer: 'adam',
    loss: brittle,
    backend,
    ...options,
  })
}

const still = { batchSize: 1, shuffle: false, verbose: 0 } as const

async function failure(work: Promise<unknown>): Promise<NonFiniteError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error instanceof NonFiniteError) return error
  throw new Error(`expected a NonFiniteError, got ${String(error)}`)
}

describe.each(backends)('on %s', (backend) => {
  test('fit stops with the weights and the optimizer state of the last finite step', async () => {
    const model = makeModel({}, backend)
    const error = await failure(model.fit(x, y, { ...still, epochs: 3 }))
    expect(error).toBeInstanceOf(DataError)
    expect(error).toMatchObject({ name: 'NonFiniteError', epoch: 0, batch: 5, step: 5 })

    const twin = makeModel({}, backend)
    await twin.fit(x.slice(0, 5), y.slice(0, 5), still)
    await twin.fit(x.slice(0, 2), y.slice(0, 2), still)
    await model.fit(x.slice(0, 2), y.slice(0, 2), still)
    expect((await model.getWeights()).map(({ data }) => data)).toEqual(
      (await twin.getWeights()).map(({ data }) => data),
    )
  })

  test('states of layers stay as they were, too', async () => {
    setSeed(1)
    const model = sequential([lstm(2, { stateful: true }), dense(1)], { inputShape: [1, 1] })
    model.compile({ optimizer: 'sgd', loss: brittle, backend })
    const steps = x.map((row) => [row])
    await failure(model.fit(steps, y, still))
    const after = await model.predict([[[1]]])
    expect(after.data.every(Number.isFinite)).toBe(true)
  })
})

test('a gradient that overflows is found though the loss is finite, and its layer named', async () => {
  setSeed(1)
  const first = dense(1, { name: 'first', useBias: false, kernelInitializer: 'ones' })
  const model = sequential([first, lambda((value) => ops.minimum(value, 1))], { inputShape: [1] }).compile({
    optimizer: 'sgd',
    loss: (_, yPred) => ops.mul(yPred, 1e-3),
    backend: 'cpu',
  })
  // The gradient is 0 where the output is at its bound; else it is the input, whose square is too large.
  const error = await failure(model.fit([[1], [1e25], [-1e25]], [[0], [0], [0]], still))
  expect(error).toMatchObject({ batch: 2, layer: 'first' })
  expect(error.message).toMatch(/a gradient's norm is not finite.*layer first.*first\/kernel.*globalClipNorm/s)
})

test('the layer whose gradient grew most is the one that is named', async () => {
  const model = sequential([dense(2, { name: 'calm' }), dense(1, { name: 'wild' })], { inputShape: [1] })
  // The weights of `wild` move without bound while those of `calm` do not.
  model.layers[0].trainable = false
  model.compile({ optimizer: 'sgd', learningRate: 1e3, loss: 'mse', backend: 'cpu' })
  const error = await failure(model.fit([[1], [2]], [[1], [2]], { ...still, epochs: 200 }))
  expect(error.layer).toBe('wild')
  expect(error.message).toMatch(/before it was \S+ on average/)
})

test('fit stops also after a callback has frozen layers', async () => {
  const model = makeModel({})
  const onTrainBatchEnd = (batch: number): void => {
    if (batch === 2) model.layers[0].trainable = false
  }
  const error = await failure(model.fit(x, y, { ...still, callbacks: [{ onTrainBatchEnd }] }))
  expect(error).toMatchObject({ epoch: 0, batch: 5, step: 5 })
})

test('with onNonFinite: continue training goes on, as in Keras', async () => {
  const model = makeModel({})
  const { history } = await model.fit(x, y, { ...still, epochs: 2, onNonFinite: 'continue' })
  expect(history.loss).toEqual([NaN, NaN])
  expect((await model.getWeights())[0].data.every(Number.isNaN)).toBe(true)
})

test('terminateOnNaN ends training in the good way, unless the option says otherwise', async () => {
  const model = makeModel({})
  const { epoch } = await model.fit(x, y, { ...still, epochs: 2, callbacks: [terminateOnNaN()] })
  expect(epoch).toEqual([0])
  await failure(makeModel({}).fit(x, y, { ...still, callbacks: [terminateOnNaN()], onNonFinite: 'stop' }))
})

test('a callback that reads the logs of batches never sees one that is not finite', async () => {
  const seen: number[] = []
  const onTrainBatchEnd = (_: number, { loss }: Record<string, number>): void => {
    seen.push(loss)
  }
  await failure(makeModel({}).fit(x, y, { ...still, callbacks: [{ onTrainBatchEnd }] }))
  expect(seen).toHaveLength(5)
  expect(seen.every(Number.isFinite)).toBe(true)
})

test('the option takes nothing else', async () => {
  // @ts-expect-error not one of the two
  await expect(makeModel({}).fit(x, y, { onNonFinite: 'ignore' })).rejects.toThrow(/onNonFinite.*stop.*continue/)
})

describe('with clipping on, the history has the norm before it and the share of steps clipped', () => {
  // One weight w = 1 without bias, loss w x: the gradient is x, whatever w is.
  const line = (options: object) =>
    sequential([dense(2, { useBias: false })], { inputShape: [1] }).compile({
      optimizer: 'sgd',
      learningRate: 0,
      loss: (_, yPred) => ops.sum(yPred, { axis: -1 }),
      backend: 'cpu',
      ...options,
    })
  const data = tensor([[1], [2], [3], [6]])
  const run = async (options: object) => {
    const model = line(options)
    const { history } = await model.fit(data, data, { ...still, epochs: 2, validationData: [data, data] })
    return { model, history }
  }
  const norms = (1 + 2 + 3 + 6) / 4

  test.each([
    ['globalClipNorm', 3, 0.5],
    ['globalClipNorm', 100, 0],
    ['clipNorm', 4, 0.5],
    ['clipValue', 2.5, 0.5],
    ['clipValue', 0.5, 1],
  ])('%s: %d', async (kind, limit, share) => {
    const { history } = await run({ [kind]: limit })
    expect(history.clippedShare).toEqual([share, share])
    for (const norm of history.gradientNorm) expect(norm).toBeCloseTo(norms * Math.SQRT2, 5)
    expect(Object.keys(history)).toEqual(['loss', 'gradientNorm', 'clippedShare', 'val_loss'])
  })

  test('without clipping the keys are those of Keras', async () => {
    const { history } = await run({})
    expect(Object.keys(history)).toEqual(['loss', 'val_loss'])
  })

  test('batches and evaluation have the keys of Keras', async () => {
    const { model } = await run({ clipValue: 1 })
    expect(Object.keys(await model.trainOnBatch(data, data))).toEqual(['loss'])
    expect(Object.keys(await model.evaluate(data, data))).toEqual(['loss'])
  })
})
