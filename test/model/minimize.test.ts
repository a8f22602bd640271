// model.minimize: the minimum it finds, what it leaves as it was, what it refuses, and losses of one's own.
import { describe, expect, test } from 'vitest'
import {
  batchNormalization,
  data,
  dense,
  dropout,
  model as functional,
  input,
  type Layer,
  lstm,
  type MinimizeOptions,
  Model,
  ops,
  sequential,
  setSeed,
  tensor,
  type Value,
} from '../../src'
import { DataError, OptionError } from '../../src/errors'

const points = Array.from({ length: 20 }, (_, i) => [i / 10 - 1])
const x = tensor(points)
const y = tensor(points.map(([t]) => [Math.sin(3 * t)]))

function net(...layers: readonly Layer[]): Model {
  setSeed(3)
  return sequential([dense(8, { activation: 'tanh' }), ...layers, dense(1)], { inputShape: [1] })
}

test('a line is found to the last digit', async () => {
  const model = sequential([dense(1)], { inputShape: [2] }).compile({ loss: 'mse' })
  const inputs = tensor([
    [1, 0],
    [0, 1],
    [2, 3],
    [-1, 2],
  ])
  const told: [number, number][] = []
  const options: MinimizeOptions = { onIteration: (...each) => void told.push(each) }
  const { loss, stopped, iterations, evaluations } = await model.minimize(inputs, [[3], [-1], [-1], [-5]], options)
  const [kernel, bias] = await model.getWeights()
  expect(Array.from(kernel.data)).toEqual([expect.closeTo(2, 4), expect.closeTo(-2, 4)])
  expect(bias.item()).toBeCloseTo(1, 4)
  expect(told).toEqual(loss.slice(1).map((each, i) => [i + 1, each]))
  expect(loss).toHaveLength(iterations + 1)
  expect(evaluations).toBeGreaterThan(iterations)
  expect(['gradient', 'change']).toContain(stopped)
})

test('it comes closer than as many steps of Adam, and leaves the optimizer alone', async () => {
  const one = net().compile({ optimizer: 'adam', loss: 'mse' })
  await one.fit(x, y, { batchSize: 20, epochs: 2, verbose: 0 })
  const { loss, evaluations } = await one.minimize(x, y, { maxIterations: 150 })
  expect(await one.getIterations()).toBe(2)
  const other = net().compile({ optimizer: 'adam', learningRate: 0.01, loss: 'mse' })
  const { history } = await other.fit(x, y, { batchSize: 20, epochs: evaluations, verbose: 0 })
  expect(loss.at(-1)).toBeLessThan(0.02 * (history.loss.at(-1) ?? 0))
  expect((await one.evaluate(x, y)).loss).toBeCloseTo(loss.at(-1) ?? 0, 6)
})

test('penalties, sample weights and several outputs count, frozen weights stay', async () => {
  setSeed(1)
  const given = input({ shape: [1] })
  const hidden = dense(4, { activation: 'tanh', kernelRegularizer: 'l2' }).apply(given)
  const frozen = dense(4, { trainable: false, name: 'frozen' }).apply(hidden)
  const model = functional({ inputs: given, outputs: [dense(1).apply(frozen), dense(1).apply(hidden)] })
  model.compile({ loss: ['mse', 'mae'], lossWeights: [1, 0.5] })
  const before = await model.getLayer('frozen').getWeights()
  const sampleWeight = points.map((_, i) => i % 2)
  const { loss } = await model.minimize(x, [y, y], { maxIterations: 10, sampleWeight })
  expect((await model.evaluate(x, [y, y], { sampleWeight })).loss).toBeCloseTo(loss.at(-1) ?? 0, 5)
  expect(await model.getLayer('frozen').getWeights()).toEqual(before)
})

test('averages of layers move once an iteration, and dropout draws the same numbers each time', async () => {
  const model = net(batchNormalization(), dropout(0.2)).compile({ loss: 'mse' })
  const { loss } = await model.minimize(x, y, { maxIterations: 5 })
  expect(loss).toEqual([...loss].sort((a, b) => b - a))
  const twin = net(batchNormalization(), dropout(0.2)).compile({ loss: 'mse' })
  expect(await twin.minimize(x, y, { maxIterations: 5 })).toMatchObject({ loss })
  const [, , , moving] = await model.layers[1].getWeights()
  // 0.99 of what it was, five times over, would be all that is left of 1 if the variances were 0.
  expect(Math.min(...moving.data)).toBeLessThan(1)
  expect(Math.max(...moving.data)).toBeGreaterThan(0.99 ** 5 - 1e-6)
  expect(await twin.getWeights()).toEqual(await model.getWeights())
})

test('a recurrent layer, on windows over a series', async () => {
  setSeed(2)
  const model = sequential([lstm(4), dense(1)], { inputShape: [5, 1] }).compile({ loss: 'mse' })
  const series = Array.from({ length: 40 }, (_, i) => Math.sin(i / 3))
  const { loss } = await model.minimize(data.windows(series, { length: 5 }), { maxIterations: 30 })
  expect(loss.at(-1)).toBeLessThan(0.01 * loss[0])
})

describe("a trainStep of one's own", () => {
  // u' = -u with u(0) = 1: the loss knows no targets, but the equation.
  class Decay extends Model {
    readonly net = sequential([dense(8, { activation: 'tanh' }), dense(1)], { inputShape: [1] })
    override call(t: Value): Value {
      return ops.add(1, ops.mul(t, this.net.apply(t)))
    }
  }

  test('solves an equation', async () => {
    setSeed(1)
    const model = new Decay()
    model.compile({
      trainStep(step) {
        const t = step.x
        const u = step.model.apply(t)
        const [slope] = step.gradients(ops.sum(u), t)
        const loss = ops.mean(ops.square(ops.add(slope, u)))
        step.minimize(loss)
        return { loss }
      },
    })
    const times = tensor(points.map(([t]) => [t + 1]))
    const { loss } = await model.minimize(times, { maxIterations: 200 })
    expect(loss.at(-1)).toBeLessThan(1e-5)
    const found = await model.predict(times)
    for (const [i, [t]] of points.entries()) expect(found.data[i]).toBeCloseTo(Math.exp(-(t + 1)), 2)
  })

  test('is refused where it minimizes twice or never', async () => {
    const compiled = (times: number) =>
      net().compile({
        trainStep(step) {
          const loss = ops.mean(step.model.apply(step.x))
          for (let i = 0; i < times; i++) step.minimize(loss)
          return { loss }
        },
      })
    await expect(compiled(0).minimize(x, y)).rejects.toThrow(/calls step.minimize once, got one that does not/)
    await expect(compiled(2).minimize(x, y)).rejects.toThrow(/2 times/)
  })
})

describe('refused are, with the weights as they were', () => {
  const wrong: [string, () => Promise<unknown>, new (message: string) => Error, RegExp][] = [
    ['a model without a loss', () => net().minimize(x, y), OptionError, /not compiled/],
    [
      'unknown options',
      () =>
        net()
          .compile({ loss: 'mse' })
          .minimize(x, y, { epochs: 2 } as never),
      OptionError,
      /'epochs'/,
    ],
    [
      'iterations that are none',
      () => net().compile({ loss: 'mse' }).minimize(x, y, { maxIterations: 0 }),
      OptionError,
      /maxIterations/,
    ],
    [
      'a rate of 0',
      () => net().compile({ loss: 'mse' }).minimize(x, y, { learningRate: 0 }),
      OptionError,
      /learningRate/,
    ],
    [
      'what is not called',
      () =>
        net()
          .compile({ loss: 'mse' })
          .minimize(x, y, { onIteration: 1 as never }),
      OptionError,
      /onIteration/,
    ],
    [
      'stateful layers',
      () =>
        sequential([lstm(2, { stateful: true }), dense(1)])
          .compile({ loss: 'mse' })
          .minimize(ones(4, 3, 1), ones(4, 1)),
      OptionError,
      /carry no states/,
    ],
    [
      'constraints',
      () =>
        sequential([dense(1, { kernelConstraint: 'nonNeg' })])
          .compile({ loss: 'mse' })
          .minimize(x, y),
      OptionError,
      /kernel: expected weights without constraints/,
    ],
    ['a dataset', () => net().compile({ loss: 'mse' }).minimize(data.fromArrays(x, y)), DataError, /dataset/],
    [
      'a loss that is not finite',
      () =>
        sequential([dense(1), dense(1, { activation: 'exponential', kernelInitializer: 'ones' })])
          .compile({ loss: 'mse' })
          .minimize([[1e4]], [[1e30]]),
      DataError,
      /finite loss/,
    ],
  ]
  test.each(wrong)('%s', async (_, call, kind, message) => {
    const failing = call()
    await expect(failing).rejects.toThrow(message)
    await expect(failing).rejects.toBeInstanceOf(kind)
  })

  function ones(...shape: number[]) {
    return tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1), shape)
  }
})

test('aborted, it keeps the weights of the last iteration', async () => {
  const model = net().compile({ loss: 'mse' })
  const controller = new AbortController()
  const kept: unknown[] = []
  const onIteration = async (iteration: number): Promise<void> => {
    kept.push(await model.getWeights())
    if (iteration === 3) controller.abort(new Error('enough'))
  }
  await expect(model.minimize(x, y, { onIteration, signal: controller.signal })).rejects.toThrow('enough')
  expect(kept).toHaveLength(3)
})
