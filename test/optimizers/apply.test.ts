// What is done around every optimizer: clipping, weight decay, averages, accumulation, the learning rate.

import { describe, expect, test } from 'vitest'
import { OptionError } from '../../src/errors'
import { constant, placeholder, Variable } from '../../src/graph'
import {
  applyOptimizer,
  createOptimizerState,
  finalizeAverages,
  learningRateAt,
  optimizerRegistry,
  readLearningRate,
  resolveOptimizer,
  writeLearningRate,
} from '../../src/optimizers'
import { adam, adamw, nadam, rmsprop, sgd } from '../../src/optimizers/factories'
import { compile, selectBackend } from '../../src/runtime'
import { exponentialDecay, warmup } from '../../src/schedules'
import { tensor, zeros } from '../../src/tensor'
import { fc } from '../support/random'
import { training } from './support'

const plain = { learningRate: 1 }
/** All that have a learning rate of their own. */
const single = optimizerRegistry.names().filter((name) => resolveOptimizer(name).parts === undefined)

test('the learning rate of an optimizer cannot be set where that would be without effect', () => {
  const optimizer = adam({ learningRate: 0.1 }) as { learningRate: number }
  expect(() => {
    optimizer.learningRate = 0.5
  }).toThrow(
    /^adam: learningRate: expected it where the optimizer is made, got 0.5 later on; await model.setLearningRate/,
  )
  expect(optimizer.learningRate).toBe(0.1)
})

describe('clipping', () => {
  test('clipNorm scales each gradient down to its own norm', async () => {
    const run = await training(sgd({ ...plain, clipNorm: 1 }), [0, 0], [0])
    await run.step([3, 4], [0.5])
    expect(await run.first()).toEqual([expect.closeTo(-0.6), expect.closeTo(-0.8)])
    expect((await run.weights[1].read()).toArray()).toEqual([-0.5])
  })

  test('globalClipNorm scales all gradients down alike', async () => {
    const run = await training(sgd({ ...plain, globalClipNorm: 1 }), [0, 0], [0])
    const { norm } = await run.step([3, 0], [4])
    expect(norm).toBeCloseTo(5)
    expect(await run.first()).toEqual([expect.closeTo(-0.6), expect.closeTo(0)])
    expect((await run.weights[1].read()).toArray()).toEqual([expect.closeTo(-0.8)])
  })

  test('clipValue holds each element within its bounds', async () => {
    const run = await training(sgd({ ...plain, clipValue: 0.5 }), [0, 0, 0])
    await run.step([3, -4, 0.25])
    expect(await run.first()).toEqual([-0.5, 0.5, -0.25])
  })

  test.each(['clipNorm', 'globalClipNorm', 'clipValue'])('%s leaves small gradients and zeros alone', async (kind) => {
    const run = await training(sgd({ ...plain, [kind]: 10 }), [0, 0], [0])
    await run.step([0.5, -0.25], [0])
    expect(await run.first()).toEqual([expect.closeTo(-0.5), expect.closeTo(0.25)])
    await run.step([0, 0], [0])
    expect(await run.first()).toEqual([expect.closeTo(-0.5), expect.closeTo(0.25)])
  })

  test('a norm that is not finite shows', async () => {
    const run = await training(sgd({ ...plain, globalClipNorm: 1 }), [0, 0])
    await run.step([Number.POSITIVE_INFINITY, 1])
    expect(await run.first()).toEqual([Number.NaN, Number.NaN])
  })

  test('no norm is larger than what is allowed', async () => {
    const run = await training(sgd({ ...plain, globalClipNorm: 2 }), [0, 0, 0])
    const numbers = fc.array(fc.float({ min: -1000, max: 1000, noNaN: true }), { minLength: 3, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(numbers, async (gradient) => {
        await run.weights[0].write(zeros([3]))
        await run.step(gradient)
        expect(Math.hypot(...(await run.first()))).toBeLessThanOrEqual(2.00001)
      }),
      { numRuns: 50 },
    )
  })

  test('two kinds at once are an error, also where one comes from compile', () => {
    const message = 'adam: expected one of clipNorm, clipValue and globalClipNorm, got clipNorm and globalClipNorm'
    expect(() => adam({ clipNorm: 1, globalClipNorm: 1 })).toThrow(new OptionError(message))
    for (const second of [{ globalClipNorm: 1 }, { clipNorm: 1 }]) {
      expect(() => resolveOptimizer(adam({ clipNorm: 1 }), second)).toThrow(OptionError)
    }
  })
})

describe('weight decay', () => {
  test('takes its part times the learning rate before the update', async () => {
    const run = await training(sgd({ learningRate: 0.5, weightDecay: 0.1 }), [2])
    await run.step([1])
    expect(await run.first()).toEqual([expect.closeTo(2 - 2 * 0.1 * 0.5 - 0.5)])
  })

  test('spares what is excluded by a part of its path', async () => {
    const run = await training(adamw({ ...plain, weightDecay: 0.1, excludeFromWeightDecay: ['layer/0'] }), [2], [2])
    await run.step([0], [0])
    expect(await run.first()).toEqual([2])
    expect((await run.weights[1].read()).toArray()).toEqual([expect.closeTo(1.8)])
  })
})

describe('the moving average', () => {
  test('begins with the weights, and takes their place at the end', async () => {
    const run = await training(sgd({ ...plain, useEma: true, emaMomentum: 0.75 }), [4])
    await finalizeAverages(run.state)
    expect(await run.first()).toEqual([4])
    await run.step([1])
    await run.step([1])
    expect(await run.first()).toEqual([2])
    await finalizeAverages(run.state)
    expect(await run.first()).toEqual([0.75 * 3 + 0.25 * 2])
  })

  test('takes the place of the weights every so many steps', async () => {
    const run = await training(sgd({ ...plain, useEma: true, emaMomentum: 0.5, emaOverwriteFrequency: 2 }), [4])
    await run.step([1])
    expect(await run.first()).toEqual([3])
    await run.step([1])
    expect(await run.first()).toEqual([2.5])
  })

  test('follows weights without a gradient too', async () => {
    const optimizer = sgd({ useEma: true })
    const [moved, still] = [1, 2].map((content, i) => new Variable(`w${i}`, tensor([content])))
    const state = createOptimizerState(optimizer, [moved, still])
    const { updates } = applyOptimizer(optimizer, [moved], [constant([1])], state)
    const compiled = await compile({ inputs: [], outputs: [], updates }, await selectBackend('cpu'))
    await compiled.run([])
    await finalizeAverages(state)
    expect((await still.read()).toArray()).toEqual([2])
  })
})

describe('accumulated gradients', () => {
  test('move the weights once, by their mean', async () => {
    const run = await training(sgd({ ...plain, gradientAccumulationSteps: 2 }), [0])
    await run.step([1])
    expect(await run.first()).toEqual([0])
    await run.step([3])
    expect(await run.first()).toEqual([-2])
    await run.step([5])
    await run.step([5])
    expect(await run.first()).toEqual([-7])
  })

  test('are one step of the mean for every optimizer', async () => {
    for (const name of single) {
      const options = { learningRate: 0.1 }
      const once = await training(optimizerRegistry.resolve({ name, options }), [1, -2])
      const parts = await training(
        optimizerRegistry.resolve({ name, options: { ...options, gradientAccumulationSteps: 3 } }),
        [1, -2],
      )
      for (let update = 0; update < 3; update++) {
        await once.step([2, -1])
        for (const part of [1, 2, 3]) await parts.step([part, -0.5 * part])
      }
      const expected = (await once.first()).map((value) => expect.closeTo(value, 5))
      expect(await parts.first(), name).toEqual(expected)
    }
  })
})

describe('the learning rate', () => {
  test('can be written between steps', async () => {
    const optimizer = sgd({ learningRate: 1 })
    const run = await training(optimizer, [0])
    await run.step([1])
    await writeLearningRate(optimizer, run.state, 0.25)
    expect(await readLearningRate(optimizer, run.state)).toBe(0.25)
    expect(await run.step([1])).toMatchObject({ rate: 0.25 })
    expect(await run.first()).toEqual([-1.25])
  })

  test('follows a schedule of the steps made before', async () => {
    const learningRate = exponentialDecay({ initialLearningRate: 1, decaySteps: 1, decayRate: 0.5 })
    const optimizer = sgd({ learningRate })
    const run = await training(optimizer, [0])
    await run.step([1])
    await run.step([1])
    await run.step([1])
    expect(await run.first()).toEqual([-1.75])
    expect(await readLearningRate(optimizer, run.state)).toBe(0.125)
    expect(learningRateAt(optimizer, 1)).toBe(0.5)
    await expect(writeLearningRate(optimizer, run.state, 1)).rejects.toThrow(OptionError)
  })

  test('must be a number from 0', async () => {
    const run = await training(sgd(), [0])
    await expect(writeLearningRate(sgd(), run.state, -1)).rejects.toThrow(OptionError)
    expect(() => sgd({ learningRate: -1 })).toThrow(OptionError)
    expect(() => sgd({ learningRate: 'fast' as never })).toThrow(OptionError)
  })
})

describe('the state of an optimizer', () => {
  const names = (optimizer: Parameters<typeof createOptimizerState>[0]): string[] =>
    createOptimizerState(optimizer, [new Variable('lstm/kernel', zeros([2, 3]))]).variables.map(({ name }) => name)

  test('has the names Keras gives it', () => {
    expect(names(adam({ amsgrad: true }))).toEqual([
      'adam/iterations',
      'adam/learning_rate',
      'adam/lstm_kernel_momentum',
      'adam/lstm_kernel_velocity',
      'adam/lstm_kernel_velocity_hat',
    ])
    expect(names(nadam({ name: 'mine' }))).toContain('mine/u_product')
  })

  test('holds only what the options need', () => {
    expect(names(sgd())).toEqual(['sgd/iterations', 'sgd/learning_rate'])
    expect(names(sgd({ momentum: 0.9 }))).toContain('sgd/lstm_kernel_momentum')
    expect(names(rmsprop({ centered: true }))).toContain('rmsprop/lstm_kernel_average_gradient')
    expect(names(sgd({ learningRate: warmup(0.1, 10) }))).toEqual(['sgd/iterations'])
  })

  test('counts steps', async () => {
    const run = await training(sgd(), [0])
    await run.step([1])
    await run.step([1])
    expect((await run.state.iterations.read()).item()).toBe(2)
  })
})

describe('optimizers by name', () => {
  test.each(single)('%s comes back from its config', (name) => {
    const options = { learningRate: exponentialDecay({ initialLearningRate: 1, decaySteps: 2, decayRate: 0.5 }) }
    const config = JSON.parse(JSON.stringify(optimizerRegistry.toConfig(resolveOptimizer(name, options))))
    const again = optimizerRegistry.fromConfig(config)
    expect(optimizerRegistry.toConfig(again)).toEqual(config)
    expect(learningRateAt(again, 2)).toBe(0.5)
  })

  test('the nearest name is offered', () => {
    expect(() => resolveOptimizer('adma')).toThrow("unknown optimizer 'adma'. Did you mean 'adam'?")
  })

  test('options of compile take the place of the own ones', () => {
    expect(resolveOptimizer(adam({ learningRate: 1, beta1: 0.5 }), { learningRate: 0.25 })).toMatchObject({
      learningRate: 0.25,
      options: { beta1: 0.5 },
    })
  })
})

test('a graph with a float64 weight keeps its accuracy', async () => {
  const weight = new Variable('w', tensor([1], [1], 'float64'))
  const optimizer = adam({ learningRate: 0.1, epsilon: 0 })
  const state = createOptimizerState(optimizer, [weight])
  const gradient = placeholder([1], 'float64')
  const { updates } = applyOptimizer(optimizer, [weight], [gradient], state)
  const compiled = await compile({ inputs: [gradient], outputs: [], updates }, await selectBackend('cpu'))
  await compiled.run([tensor([0.3], [1], 'float64')])
  // Adam's first step is the learning rate itself.
  expect((await weight.read()).data[0]).toBeCloseTo(0.9, 12)
})
