// Several optimizers in one: whose weights are whose, what is refused, and what goes on in a file and in a step of one's own.
import { afterEach, describe, expect, test, vi } from 'vitest'
import { dense, loadModel, type Model, ops, sequential, setSeed, swapEMAWeights, tensor } from '../../src'
import { OptionError } from '../../src/errors'
import { optimizerRegistry, resolveOptimizer } from '../../src/optimizers'
import { adam, multiOptimizer, sgd } from '../../src/optimizers/factories'
import { training } from './support'

afterEach(() => vi.restoreAllMocks())

const x = tensor([
  [0.5, -1],
  [1, 2],
])
const y = tensor([[1], [0]])

function net(): Model {
  setSeed(4)
  return sequential([dense(3, { name: 'first' }), dense(1, { name: 'last' })], { inputShape: [2] })
}

test('each weight is moved by its own', async () => {
  const optimizer = multiOptimizer({
    defaultOptimizer: sgd({ learningRate: 1 }),
    optimizerMap: { 'layer/1': sgd({ learningRate: 0.1 }), '.*/[23]': sgd({ learningRate: 0.01, clipValue: 1 }) },
  })
  const run = await training(optimizer, [0], [0], [0], [0])
  expect(await run.step([1], [1], [5], [1])).toEqual({ norm: expect.closeTo(Math.sqrt(28)), rate: 1 })
  const moved = await Promise.all(run.weights.map(async (weight) => (await weight.read()).item()))
  expect(moved).toEqual([-1, -0.1, -0.01, -0.01].map((value) => expect.closeTo(value)))
})

test('one without weights waits', async () => {
  const optimizer = multiOptimizer({ defaultOptimizer: adam(), optimizerMap: { '.*': sgd() } })
  const run = await training(optimizer, [0])
  await run.step([1])
  const steps = await Promise.all([...(run.state.parts?.values() ?? [])].map(({ iterations }) => iterations.read()))
  expect(steps.map((each) => each.item())).toEqual([1, 0])
})

describe('refused are', () => {
  const wrong: [string, () => unknown, RegExp][] = [
    [
      'an unknown optimizer',
      () => multiOptimizer({ optimizerMap: { a: 'adma' as never } }),
      /optimizerMap: a: .*'adma'/,
    ],
    ['another one', () => multiOptimizer({ defaultOptimizer: multiOptimizer() }), /a single optimizer/],
    ['no record', () => multiOptimizer({ optimizerMap: ['adam'] as never }), /optimizers by paths/],
    ['no expression', () => multiOptimizer({ optimizerMap: { '(': 'adam' } }), /regular expressions, got '\('/],
    ['a rate for all', () => resolveOptimizer(multiOptimizer(), { learningRate: 1 }), /among the options of each/],
    [
      'a clipping for all',
      () => net().compile({ optimizer: multiOptimizer(), clipNorm: 1 }),
      /clipNorm among the options/,
    ],
  ]
  test.each(wrong)('%s', (_, make, message) => {
    expect(make).toThrow(OptionError)
    expect(make).toThrow(message)
  })

  test('the same one twice', () => {
    const one = adam()
    expect(() => multiOptimizer({ optimizerMap: { a: one, b: one } })).toThrow(/the same one twice/)
  })

  test('two patterns for a weight, a rate that is set', async () => {
    const both = net().compile({
      optimizer: multiOptimizer({ optimizerMap: { 'first/.*': 'sgd', '.*kernel': 'adam' } }),
      loss: 'mse',
    })
    await expect(both.fit(x, y, { verbose: 0 })).rejects.toThrow(
      "multiOptimizer: first/kernel: expected one pattern of optimizerMap that matches it, got 'first/.*' and '.*kernel'",
    )
    const one = net().compile({
      optimizer: multiOptimizer({ defaultOptimizer: sgd({ learningRate: 0.5 }) }),
      loss: 'mse',
    })
    expect(await one.getLearningRate()).toBe(0.5)
    await expect(one.setLearningRate(1)).rejects.toThrow(OptionError)
    await expect(one.findLearningRate(x, y)).rejects.toThrow(OptionError)
  })
})

test('a path that no weight has is told, once, and not where the layer is frozen', async () => {
  const told = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const model = net().compile({
    optimizer: multiOptimizer({ optimizerMap: { first: 'adam', 'last/.*': 'sgd' } }),
    loss: 'mse',
  })
  model.layers[1].trainable = false
  await model.fit(x, y, { epochs: 2, verbose: 0 })
  expect(told.mock.calls.flat()).toEqual([
    expect.stringContaining("the optimizer for 'first' moves no weight: none has that path; they are first/kernel"),
  ])
})

test('averages, clipping and frozen layers go on, to the last bit from a file', async () => {
  const optimizer = multiOptimizer({
    defaultOptimizer: adam({ useEma: true, globalClipNorm: 0.1 }),
    optimizerMap: { 'last/bias': sgd({ learningRate: 0.1, momentum: 0.5 }) },
  })
  const model = net().compile({ optimizer, loss: 'mse' })
  const options = { epochs: 3, batchSize: 1, verbose: 0, shuffle: false } as const
  const { history } = await model.fit(x, y, { ...options, callbacks: [swapEMAWeights()] })
  expect(history.clippedShare).toEqual([1, 1, 1])
  model.layers[0].trainable = false
  await model.fit(x, y, options)
  const again = await loadModel(await model.toBytes())
  expect(optimizerRegistry.toConfig(again.optimizer ?? sgd())).toEqual(optimizerRegistry.toConfig(optimizer))
  expect(await again.fit(x, y, options)).toEqual(await model.fit(x, y, options))
})

test("a step of one's own minimizes by it", async () => {
  const model = net().compile({
    optimizer: multiOptimizer({
      defaultOptimizer: sgd({ learningRate: 0.1 }),
      optimizerMap: { 'first/.*': sgd({ learningRate: 0 }) },
    }),
    trainStep(step) {
      const loss = ops.mean(ops.square(ops.sub(step.model.apply(step.x), step.y)))
      step.minimize(loss)
      return { loss }
    },
  })
  const before = await model.getWeights()
  await model.fit(x, y, { verbose: 0 })
  const changed = (await model.getWeights()).map(({ data }, i) => data.some((value, j) => value !== before[i].data[j]))
  expect(changed).toEqual([false, false, true, true])
})
