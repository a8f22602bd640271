// Saving and loading: the same predictions, and training that goes on as if it had never stopped, to the last bit.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { IDBFactory } from 'fake-indexeddb'
import {
  adam,
  arange,
  batchNormalization,
  bidirectional,
  type CallContext,
  dense,
  dropout,
  type FitOptions,
  FormatError,
  flatten,
  gru,
  input,
  Layer,
  loadModel,
  losses,
  lstm,
  type Model,
  metrics,
  model,
  OptionError,
  ops,
  registerActivation,
  registerConstraint,
  registerInitializer,
  registerLayer,
  registerLoss,
  registerMetric,
  registerOptimizer,
  registerRegularizer,
  registerSchedule,
  schedules,
  sequential,
  setSeed,
  sgd,
  type Value,
} from 'hornbeam'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { decodeModel, encodeModel } from '../../src/formats/formats'
import { decodeSafetensors } from '../../src/io'
import { lossRegistry } from '../../src/losses'
import { type OptimizerName, optimizerRegistry } from '../../src/optimizers'
import { expectClose, floats } from '../support'

declare module 'hornbeam' {
  interface LossNames {
    readonly cubed: true
  }
  interface MetricNames {
    readonly offset: true
  }
  interface OptimizerNames {
    readonly signs: true
  }
  interface InitializerNames {
    readonly rising: true
  }
  interface RegularizerNames {
    readonly fourth: true
  }
  interface ConstraintNames {
    readonly atMostOne: true
  }
  interface ScheduleNames {
    readonly slower: true
  }
}

const folder = mkdtempSync(join(tmpdir(), 'hornbeam-save-'))
afterAll(() => rmSync(folder, { recursive: true }))

const exactly = { relative: 0, absolute: 0 }
const x = floats([12, 5, 3])
const y = floats([12, 2])
const options: FitOptions = { epochs: 2, batchSize: 5, shuffle: false, verbose: 0 }

/** Layers with all that training changes: weights, statistics, random numbers. */
const make = (optimizer: Parameters<Model['compile']>[0]['optimizer'], first: Layer = flatten()): Model => {
  setSeed(5)
  return sequential([first, batchNormalization(), dropout(0.3), dense(2)], { inputShape: [5, 3] }).compile({
    optimizer: optimizer ?? 'adam',
    loss: 'mse',
  })
}

async function expectGoesOn(net: Model, again: Model): Promise<void> {
  const [one, two] = [await net.fit(x, y, options), await again.fit(x, y, options)]
  expect(two).toEqual(one)
  const weights = await again.namedWeights()
  for (const [path, weight] of Object.entries(await net.namedWeights()))
    expectClose(weights[path], weight, exactly, path)
}

describe('training goes on to the last bit', () => {
  test.each(optimizerRegistry.names() as OptimizerName[])('with %s', async (name) => {
    const net = make(name)
    await net.fit(x, y, options)
    const bytes = await net.toBytes()
    setSeed(99)
    const again = await loadModel(bytes)
    expect(decodeModel(await again.toBytes())).toEqual(decodeModel(bytes))
    await expectGoesOn(net, again)
  })

  test.each([
    ['momentum and clipping', () => sgd({ momentum: 0.9, nesterov: true, globalClipNorm: 0.5 })],
    ['amsgrad and weight decay', () => adam({ amsgrad: true, weightDecay: 0.01, excludeFromWeightDecay: ['bias'] })],
    ['a moving average', () => adam({ useEma: true, emaMomentum: 0.9, emaOverwriteFrequency: 2 })],
    ['accumulated gradients', () => adam({ gradientAccumulationSteps: 4 })],
    [
      'a schedule',
      () =>
        sgd({ learningRate: schedules.exponentialDecay({ initialLearningRate: 0.1, decaySteps: 2, decayRate: 0.5 }) }),
    ],
  ] as const)('with %s', async (_, optimizer) => {
    const net = make(optimizer())
    await net.fit(x, y, options)
    await expectGoesOn(net, await loadModel(await net.toBytes()))
  })

  test('in a file, after the learning rate was lowered and layers were frozen', async () => {
    const net = make('adam', bidirectional(gru(3, { dropout: 0.2 })))
    await net.fit(x, y, options)
    net.layers[0].trainable = false
    await net.fit(x, y, options)
    await net.setLearningRate(1e-4)
    const path = join(folder, 'frozen.safetensors')
    await net.save(path)
    const again = await loadModel(path)
    expect(await again.getLearningRate()).toBeCloseTo(1e-4, 10)
    expect(again.layers[0].trainable).toBe(false)
    await expectGoesOn(net, again)
    // The bytes of a file as Node reads them do as well.
    await loadModel(readFileSync(path))
  })

  test('after a layer was given another name', async () => {
    const net = make('adam')
    await net.fit(x, y, options)
    net.layers[0].rename('first')
    await expectGoesOn(net, await loadModel(await net.toBytes()))
  })

  test('of a model with several outputs, losses, weights of losses and metrics', async () => {
    const series = input({ shape: [null, 3], name: 'series' })
    const [last, h] = lstm(4, { returnState: true, activityRegularizer: 'l2' }).apply(series)
    const outputs = [dense(2, { name: 'a' }).apply(last), dense(1, { name: 'b', activation: 'sigmoid' }).apply(h)]
    const net = model({ inputs: series, outputs }).compile({
      optimizer: 'nadam',
      loss: { a: losses.huber({ delta: 0.5 }), b: 'binaryCrossentropy' },
      lossWeights: { b: 0.3 },
      metrics: { a: ['mae', metrics.rootMeanSquaredError()], b: ['accuracy', metrics.auc({ numThresholds: 20 })] },
    })
    const targets = { a: y, b: floats([12, 1], { from: 0, to: 1 }) }
    await net.fit(x, targets, options)
    const again = await loadModel(await net.toBytes())
    expect(decodeModel(await again.toBytes())).toEqual(decodeModel(await net.toBytes()))
    expect(await again.evaluate(x, targets)).toEqual(await net.evaluate(x, targets))
    expect(await again.fit(x, targets, options)).toEqual(await net.fit(x, targets, options))
  })
})

describe('the loss is the same again', () => {
  test.each(lossRegistry.names())('%s, made by its factory', async (name) => {
    const loss = lossRegistry.resolve(name)
    for (const given of [loss, [loss], { dense: loss }]) {
      const net = sequential([dense(1)], { inputShape: [2] }).compile({ loss: given })
      const again = await loadModel(await net.toBytes())
      const { losses } = await again.trainingEngine('test')
      expect(losses.map((each) => each && lossRegistry.toConfig(each))).toEqual([lossRegistry.toConfig(loss)])
    }
  })
})

describe('a file', () => {
  test('is one safetensors file: tensors by path, all else as JSON in the metadata', async () => {
    const net = sequential([dense(2)], { inputShape: [3] }).compile({ optimizer: 'sgd', loss: 'mse' })
    const { tensors, metadata } = decodeSafetensors(await net.toBytes())
    expect([...tensors.keys()]).toEqual([
      'dense/kernel',
      'dense/bias',
      'optimizer/sgd/iterations',
      'optimizer/sgd/learning_rate',
      'training/random',
    ])
    expect(metadata.format).toBe('hornbeam')
    expect(JSON.parse(metadata.architecture)).toEqual(net.toJSON())
    expect(JSON.parse(metadata.compile)).toMatchObject({ optimizer: { name: 'sgd' }, loss: 'mse' })
  })

  test('of a model that is not compiled, or not built, is read again as such', async () => {
    const net = sequential([dense(2)], { inputShape: [3] })
    const again = await loadModel(await net.toBytes())
    expectClose(await again.predict([[1, 2, 3]]), await net.predict([[1, 2, 3]]), exactly)
    await expect(again.fit([[1, 2, 3]], [[1, 2]])).rejects.toThrow(OptionError)
    const open = await loadModel(
      await sequential([dense(2)])
        .compile({ loss: 'mse' })
        .toBytes(),
    )
    await open.fit([[1, 2, 3]], [[1, 2]], { verbose: 0 })
  })

  test('in float64 keeps every bit', async () => {
    const net = sequential([lstm(2), dense(1)], { inputShape: [null, 1], dtype: 'float64' })
    net.compile({ optimizer: 'adam', loss: 'mse', backend: 'cpu' })
    await net.fit([[[0.1], [0.2]]], [[1 / 3]], { verbose: 0 })
    const again = await loadModel(await net.toBytes())
    for (const [i, weight] of (await again.getWeights()).entries()) {
      expect(weight.dtype).toBe('float64')
      expectClose(weight, (await net.getWeights())[i], exactly)
    }
  })

  test('lies in a page’s database as well', async () => {
    vi.stubGlobal('indexedDB', new IDBFactory())
    const net = sequential([dense(2)], { inputShape: [3] })
    await net.save('indexeddb://weather')
    const again = await loadModel('indexeddb://weather')
    expectClose(await again.predict([[1, 2, 3]]), await net.predict([[1, 2, 3]]), exactly)
    vi.unstubAllGlobals()
  })

  test('with weights of another model’s shapes, or without some, is a FormatError', async () => {
    const parts = decodeModel(await sequential([dense(2)], { inputShape: [3] }).toBytes())
    const without = new Map([...parts.tensors].filter(([name]) => name !== 'dense/bias'))
    await expect(loadModel(encodeModel({ ...parts, tensors: without }))).rejects.toThrow(/lacks dense\/bias/)
    const other = new Map(parts.tensors).set('dense/bias', floats([3]))
    await expect(loadModel(encodeModel({ ...parts, tensors: other }))).rejects.toThrow(
      /dense\/bias: expected shape \[2\]/,
    )
    await expect(loadModel(encodeModel({ ...parts, architecture: { kind: 'tree' } }))).rejects.toThrow(FormatError)
  })
})

describe('what is one’s own', () => {
  class Twice extends Layer {
    override call(x: Value): Value {
      return ops.mul(x, 2)
    }
  }

  test('a registered layer is saved and loaded, another says how to', async () => {
    const net = sequential([new Twice(), dense(1)], { inputShape: [2] })
    await expect(net.toBytes()).rejects.toThrow(/registerLayer/)
    registerLayer('twice', (given) => new Twice(given))
    const again = await loadModel(await net.toBytes())
    expectClose(await again.predict([[1, 2]]), await net.predict([[1, 2]]), exactly)
  })

  test('an activation is saved under the name it was registered by, another says how to', async () => {
    const doubled = (x: Value): Value => ops.mul(2, ops.tanh(x))
    const make = () => sequential([dense(1, { activation: doubled })], { inputShape: [2] })
    await expect(make().toBytes()).rejects.toThrow(/registerActivation/)
    registerActivation('doubled', doubled)
    const net = make()
    const again = await loadModel(await net.toBytes())
    expectClose(await again.predict([[1, 2]]), await net.predict([[1, 2]]), exactly)
  })

  test('a layer with layers of one name inside it keeps the weights of all', async () => {
    class Pair extends Layer {
      private readonly pair = [dense(2), dense(2)]
      override get innerLayers(): readonly Layer[] {
        return this.pair ?? [] // the base class asks before there are any
      }
      override call(x: Value, context: CallContext): Value {
        return this.pair.reduce((value, layer) => layer.callWith([value], context.inner({})).outputs[0], x)
      }
    }
    registerLayer('pair', (given) => new Pair(given))
    const net = sequential([new Pair(), dense(1)], { inputShape: [2] }).compile({ optimizer: 'adam', loss: 'mse' })
    await net.fit([[1, 2]], [[1]], { verbose: 0 })
    const again = await loadModel(await net.toBytes())
    expect(Object.keys(await again.namedWeights())).toHaveLength(6)
    expectClose(await again.predict([[1, 2]]), await net.predict([[1, 2]]), exactly)
  })

  const closeness = (yTrue: Value, yPred: Value): Value => ops.mean(ops.square(ops.sub(yTrue, yPred)))
  const data = [[[1, 2]], [[1]]] as const

  test('a loss and a metric that are registered functions are saved, and training goes on', async () => {
    const offset = (yTrue: Value, yPred: Value): Value => ops.mean(ops.sub(yPred, yTrue), { axis: -1 })
    const cubed = (yTrue: Value, yPred: Value): Value => ops.mean(ops.pow(ops.abs(ops.sub(yPred, yTrue)), 3))
    registerLoss('cubed', cubed)
    registerMetric('offset', offset)
    for (const [loss, metric] of [
      ['cubed', 'offset'],
      [cubed, offset],
    ] as const) {
      const net = sequential([dense(1)], { inputShape: [2] }).compile({ optimizer: 'adam', loss, metrics: [metric] })
      await net.fit(...data, { verbose: 0 })
      const again = await loadModel(await net.toBytes())
      const [first, second] = [await net.fit(...data, { verbose: 0 }), await again.fit(...data, { verbose: 0 })]
      expect(second.history).toEqual(first.history)
      expect(Object.keys(second.history)).toEqual(['loss', 'offset'])
    }
  })

  test('a loss with options of one’s own is saved with them', async () => {
    const pinball = registerLoss<{ readonly quantile: number }>('pinball', {
      defaults: { quantile: 0.5 },
      rules: { quantile: { from: 0, to: 1 } },
      call(yTrue, yPred, { quantile }) {
        const error = ops.sub(yTrue, yPred)
        return ops.mean(ops.maximum(ops.mul(quantile, error), ops.mul(quantile - 1, error)), { axis: -1 })
      },
    })
    expect(() => pinball({ quantile: 2 })).toThrow(OptionError)
    const net = sequential([dense(1)], { inputShape: [2] }).compile({ loss: pinball({ quantile: 0.9 }) })
    const again = await loadModel(await net.toBytes())
    expect(await again.evaluate(...data)).toEqual(await net.evaluate(...data))
  })

  test('an optimizer, a schedule, an initializer, a regularizer and a constraint of one’s own are saved', async () => {
    registerOptimizer('signs', {
      defaults: { learningRate: 0.01 },
      slots: {},
      update: ({ variable, gradient, learningRate }) => ({
        variable: ops.sub(variable, ops.mul(learningRate, ops.sign(gradient))),
        slots: {},
      }),
    })
    registerSchedule('slower', (step) => ops.div(0.5, ops.add(step, 1)))
    registerInitializer('rising', (shape) => arange(shape[0] * shape[1]).reshape(shape))
    registerRegularizer('fourth', (weight) => ops.sum(ops.pow(weight, 4)))
    registerConstraint('atMostOne', (weight) => ops.minimum(weight, 1))
    const options = { kernelInitializer: 'rising', kernelRegularizer: 'fourth', kernelConstraint: 'atMostOne' } as const
    const net = sequential([dense(2, options)], { inputShape: [2] }).compile({
      optimizer: 'signs',
      learningRate: 'slower',
      loss: 'mse',
    })
    expect((await net.getWeights())[0].toArray()).toEqual([
      [0, 1],
      [2, 3],
    ])
    const [x, y] = [[[1, 2]], [[1, 1]]]
    await net.fit(x, y, { verbose: 0 })
    const again = await loadModel(await net.toBytes())
    const [first, second] = [await net.fit(x, y, { verbose: 0 }), await again.fit(x, y, { verbose: 0 })]
    expect(second.history).toEqual(first.history)
    expect(await again.getWeights()).toEqual(await net.getWeights())
    expect(Math.max(...(await net.getWeights())[0].data)).toBeLessThanOrEqual(1)
  })

  test.each(['hornbeam', 'keras'] as const)('what a file brings is not made first: %s', async (format) => {
    const begin = vi.fn((shape: readonly number[]) => arange(shape[0] * shape[1]).reshape(shape))
    const initializer = registerInitializer(`counted for ${format}`, begin)
    const options = { kernelInitializer: initializer() }
    const net = sequential([lstm(2, { ...options, recurrentInitializer: initializer() }), dense(1, options)], {
      inputShape: [null, 2],
    })
    const content = await net.getWeights()
    const bytes = await net.toBytes({ format })
    const calls = begin.mock.calls.length
    expect(calls).toBe(3)
    const again = await loadModel(bytes)
    expect(await again.getWeights()).toEqual(content)
    expect(begin).toHaveBeenCalledTimes(calls)
  })

  test('a loss that is a function without a name here leaves the model uncompiled, and it predicts', async () => {
    const net = sequential([dense(1)], { inputShape: [2] }).compile({ loss: closeness, optimizer: 'sgd' })
    await net.fit(...data, { verbose: 0 })
    const again = await loadModel(await net.toBytes())
    expectClose(await again.predict([[1, 2]]), await net.predict([[1, 2]]), exactly)
    await expect(again.fit(...data)).rejects.toThrow(/compiled with the loss 'closeness', which has no registered name/)
    await again.compile({ loss: closeness, optimizer: 'sgd' }).fit(...data, { verbose: 0 })
  })

  test('a function of the user’s own is not taken for a loss of the library that has its name', async () => {
    const mse = (yTrue: Value, yPred: Value): Value => ops.abs(ops.sub(yTrue, yPred))
    const net = sequential([dense(1)], { inputShape: [2] }).compile({ loss: mse, metrics: [mse] })
    const again = await loadModel(await net.toBytes())
    expect(again.compileOptions).toBeUndefined()
  })
})

test('a model is loaded onto another backend than it was saved from, and refuses one that is none', async () => {
  const saved = sequential([dense(1)], { inputShape: [2] }).compile({ optimizer: 'sgd', loss: 'mse', backend: 'wasm' })
  const bytes = await saved.toBytes()
  expect((await loadModel(bytes)).compileOptions?.backend).toBe('wasm')
  expect((await loadModel(bytes, { backend: 'cpu' })).compileOptions?.backend).toBe('cpu')
  const wrong = { backend: 'gpuu' } as unknown as { backend: 'gpu' } // what a program without types may pass
  await expect(loadModel(bytes, wrong)).rejects.toThrow(OptionError)
})
