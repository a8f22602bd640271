// `compile({ trainStep })`: what such a step can say, what it is refused, and that it is the usual step where it says the same.
import {
  adam,
  batchNormalization,
  dense,
  dropout,
  embedding,
  type Layer,
  loadModel,
  lstm,
  Model,
  OptionError,
  ops,
  randomNormal,
  sequential,
  setSeed,
  sgd,
  type TrainStep,
  tensor,
  type Value,
  Variable,
  zeros,
} from 'hornbeam'
import { describe, expect, test } from 'vitest'

const x = randomNormal([32, 3], { seed: 1 })
const y = randomNormal([32, 1], { seed: 2 })

const usual = (step: TrainStep) => {
  const predicted = step.model.apply(step.x)
  const loss = step.loss(predicted)
  if (step.training) step.minimize(loss)
  step.observe(predicted)
  return { loss }
}

describe('a step of one’s own that says what the usual one does', () => {
  const make = () =>
    sequential(
      [
        dense(4, { activation: 'tanh', kernelRegularizer: 'l2', kernelConstraint: 'nonNeg' }),
        batchNormalization(),
        dense(1),
      ],
      { inputShape: [3] },
    )
  const options = { optimizer: 'adam', loss: 'mse', metrics: ['mae'], globalClipNorm: 1 } as const
  const fit = { epochs: 3, batchSize: 8, shuffle: false, verbose: 0, validationSplit: 0.25 } as const

  test.each(['cpu', 'wasm'] as const)('trains to the same weights on %s', async (backend) => {
    const [mine, theirs] = [make(), make()]
    await theirs.setWeights(await mine.getWeights())
    const sampleWeight = randomNormal([32], { seed: 3 }).data.map(Math.abs)
    const one = await mine
      .compile({ ...options, backend, trainStep: usual, testStep: usual })
      .fit(x, y, { ...fit, sampleWeight })
    const two = await theirs.compile({ ...options, backend }).fit(x, y, { ...fit, sampleWeight })
    for (const key of ['mae', 'val_mae']) expect(one.history[key]).toEqual(two.history[key])
    expect(one.history.loss[2]).toBeCloseTo(two.history.loss[2], 5)
    for (const [i, weight] of (await mine.getWeights()).entries()) {
      expect(weight.toArray()).toEqual((await theirs.getWeights())[i].toArray())
    }
  })

  test('steps that are masked do not count', async () => {
    const layers = () => [embedding(9, 3, { maskZero: true }), lstm(4, { returnSequences: true }), dense(1)]
    const [mine, theirs] = [sequential(layers(), { inputShape: [5] }), sequential(layers(), { inputShape: [5] })]
    await theirs.setWeights(await mine.getWeights())
    const tokens = tensor(
      [
        [1, 2, 3, 0, 0],
        [4, 0, 0, 0, 0],
        [5, 6, 7, 8, 1],
      ],
      undefined,
      'int32',
    )
    const target = randomNormal([3, 5, 1], { seed: 5 })
    const masked = { optimizer: 'sgd', loss: 'mse', metrics: ['mae'] } as const
    const one = await mine
      .compile({ ...masked, trainStep: usual })
      .fit(tokens, target, { epochs: 2, shuffle: false, verbose: 0 })
    const two = await theirs.compile(masked).fit(tokens, target, { epochs: 2, shuffle: false, verbose: 0 })
    for (const key of ['loss', 'mae']) expect(one.history[key]).toEqual(two.history[key])
    for (const [i, weight] of (await mine.getWeights()).entries()) {
      expect(weight.toArray()).toEqual((await theirs.getWeights())[i].toArray())
    }
  })

  test('dropout drops, and stateful sequences go on', async () => {
    const layers = () => [lstm(4, { stateful: true, dropout: 0.3 }), dropout(0.2), dense(1)]
    const [mine, theirs] = [sequential(layers(), { inputShape: [5, 2] }), sequential(layers(), { inputShape: [5, 2] })]
    await theirs.setWeights(await mine.getWeights())
    const data = randomNormal([16, 5, 2], { seed: 4 })
    const target = randomNormal([16, 1], { seed: 5 })
    const run = async (model: Model, trainStep?: typeof usual) => {
      setSeed(3)
      model.compile({ optimizer: 'sgd', loss: 'mse', ...(trainStep && { trainStep }) })
      await model.fit(data, target, { epochs: 2, batchSize: 4, shuffle: false, verbose: 0 })
      return (await model.getWeights()).map((weight) => weight.toArray())
    }
    expect(await run(mine, usual)).toEqual(await run(theirs))
  })
})

describe('what only a step of one’s own can say', () => {
  test('several steps of the optimizer in one, each from where the last one came to', async () => {
    const net = sequential([dense(1, { useBias: false, kernelInitializer: 'ones' })], { inputShape: [1] })
    net.compile({
      optimizer: sgd({ learningRate: 0.25 }),
      trainStep(step) {
        const one = ops.cast([[1]], 'float32')
        // w -> w - 0.25 * 2 w = w / 2, three times.
        for (let i = 0; i < 3; i++) step.minimize(ops.sum(ops.square(step.model.apply(one))))
        return { left: ops.sum(step.model.apply(one)) }
      },
    })
    const { history } = await net.fit(zeros([4, 1]), { verbose: 0 })
    expect(history.left).toEqual([1 / 8])
    expect((await net.getWeights())[0].item()).toBe(1 / 8)
  })

  test('new weights are seen by recurrent layers with activations of their own, too', async () => {
    const net = sequential([lstm(3, { activation: 'relu' }), dense(1)], { inputShape: [4, 2] })
    const again = sequential([lstm(3, { activation: 'relu' }), dense(1)], { inputShape: [4, 2] })
    await again.setWeights(await net.getWeights())
    const data = randomNormal([8, 4, 2], { seed: 6 })
    const target = randomNormal([8, 1], { seed: 7 })
    const both = (step: TrainStep) => {
      for (let i = 0; i < 2; i++) step.minimize(step.loss(step.model.apply(step.x)))
      return {}
    }
    await net.compile({ optimizer: 'adam', loss: 'mse', trainStep: both }).trainOnBatch(data, target)
    again.compile({ optimizer: 'adam', loss: 'mse' })
    for (let i = 0; i < 2; i++) await again.trainOnBatch(data, target)
    for (const [i, weight] of (await net.getWeights()).entries()) {
      const { data: theirs } = (await again.getWeights())[i]
      for (const [k, value] of weight.data.entries()) expect(value).toBeCloseTo(theirs[k], 6)
    }
  })

  test('random numbers are new in each step, and the same for the same seed', async () => {
    const run = async () => {
      setSeed(7)
      const net = sequential([dense(1)], { inputShape: [1] }).compile({
        optimizer: 'sgd',
        trainStep: (step) => ({ drawn: ops.mean(step.randomNormal([4])), other: ops.mean(step.randomUniform([4])) }),
      })
      const { history } = await net.fit(zeros([2, 1]), { epochs: 3, verbose: 0 })
      return history
    }
    const history = await run()
    expect(new Set(history.drawn).size).toBe(3)
    expect(await run()).toEqual(history)
  })

  test('variables of one’s own and averages of weights', async () => {
    const center = new Variable('center', zeros([2]))
    const net = sequential([dense(1)], { inputShape: [2] }).compile({
      optimizer: 'sgd',
      trainStep(step) {
        const mean = ops.mean(step.x, { axis: 0 })
        step.assign(center, ops.add(ops.mul(center, 0.5), ops.mul(mean, 0.5)))
        return { distance: ops.sum(center) }
      },
    })
    await net.fit([[2, 4]], { epochs: 2, verbose: 0 })
    expect((await center.read()).toArray()).toEqual([1.5, 3])
  })

  test('a generator that stands in no call is trained, too', async () => {
    class Gan extends Model {
      readonly generator: Layer = sequential([dense(2)])
      readonly critic: Layer = sequential([dense(1)])
      override call(images: Value) {
        return this.critic.apply(images)
      }
    }
    const gan = new Gan({ inputShape: [2] })
    gan.compile({
      optimizer: { generator: 'adam', critic: adam({ learningRate: 0.01 }) },
      trainStep(step) {
        const fake = gan.generator.apply(step.randomNormal([step.x.shape[0], 3]))
        const between = ops.sub(ops.mean(gan.critic.apply(fake)), ops.mean(gan.critic.apply(step.x)))
        step.minimize(between, gan.critic, 'critic')
        const loss = ops.mul(ops.mean(gan.critic.apply(gan.generator.apply(step.randomNormal([4, 3])))), -1)
        step.minimize(loss, gan.generator, 'generator')
        return { loss, between }
      },
    })
    await gan.fit(randomNormal([8, 2], { seed: 1 }), { batchSize: 4, verbose: 0 })
    const before = await gan.generator.getWeights()
    expect(before).toHaveLength(2)
    const { history } = await gan.fit(randomNormal([8, 2], { seed: 1 }), { epochs: 2, batchSize: 4, verbose: 0 })
    expect(Object.keys(history)).toEqual(['loss', 'between'])
    const after = await gan.generator.getWeights()
    expect(after[0].toArray()).not.toEqual(before[0].toArray())
  })

  test('a loss that is no number stops training, and the weights stay', async () => {
    const net = sequential([dense(1)], { inputShape: [1] }).compile({
      optimizer: 'sgd',
      trainStep(step) {
        const loss = ops.mean(ops.log(ops.sub(step.model.apply(step.x), 1e9)))
        step.minimize(loss)
        return { loss }
      },
    })
    const before = await net.getWeights()
    await expect(net.fit(zeros([4, 1]), { verbose: 0 })).rejects.toThrow(/NaN/)
    expect((await net.getWeights())[0].toArray()).toEqual(before[0].toArray())
  })

  test('a saved model leaves it out', async () => {
    const net = sequential([dense(1)], { inputShape: [3] }).compile({
      optimizer: 'adam',
      loss: 'mse',
      trainStep: usual,
    })
    await net.fit(x, y, { verbose: 0 })
    const again = await loadModel(await net.toBytes())
    expect((await again.predict(x)).toArray()).toEqual((await net.predict(x)).toArray())
    await expect(again.fit(x, y)).rejects.toThrow(/trainStep/)
    await again.compile({ optimizer: 'adam', loss: 'mse', trainStep: usual }).fit(x, y, { verbose: 0 })
  })
})

describe('what is refused', () => {
  const trained = (trainStep: (step: TrainStep) => unknown, options: object = {}) =>
    sequential([dense(1)], { inputShape: [3] })
      .compile({ optimizer: 'sgd', loss: 'mse', ...options, trainStep: trainStep as never })
      .fit(x, y, { verbose: 0 })

  test.each<[string, (step: TrainStep) => unknown, RegExp, object?]>([
    ['a result that is no record', () => 3, /expected a record of scalars/],
    ['a result that is no scalar', ({ x }) => ({ loss: x }), /loss: expected a scalar/],
    ['a loss that is no scalar', (step) => step.minimize(step.model.apply(step.x)), /gradients: expected a scalar/],
    ['a loss that hangs on no weight', (step) => step.minimize(ops.sum(step.x)), /gradient/],
    [
      'an optimizer that is not there',
      (step) => step.minimize(step.loss(step.model.apply(step.x)), step.model, 'a'),
      /optimizer/,
    ],
    [
      'none of several',
      (step) => step.minimize(step.loss(step.model.apply(step.x))),
      /expected one of a, b, got none/,
      { optimizer: { a: 'sgd', b: 'sgd' } },
    ],
    [
      'targets for another number of outputs',
      (step) => ({ loss: step.loss([step.x, step.x], [1]) }),
      /targets for 2 outputs/,
    ],
    ['what is no layer', (step) => step.minimize(ops.sum(step.x), 3 as never), /expected layers or variables/],
    ['another number of gradients', (step) => step.applyGradients([], step.model), /expected 2 gradients, got 0/],
    ['another shape', (step) => step.assign(step.variables(step.model)[0], [1]), /expected shape/],
  ])('%s', async (_, trainStep, message, options) => {
    await expect(trained(trainStep, options)).rejects.toThrow(message)
  })

  test('what is no function, and several optimizers without one', () => {
    const net = sequential([dense(1)])
    expect(() => net.compile({ trainStep: 3 as never })).toThrow(OptionError)
    expect(() => net.compile({ optimizer: { a: 'sgd' } as never, loss: 'mse' })).toThrow(/trainStep/)
  })
})
