// Functional models: several inputs and outputs, shared layers, models in models, frozen layers, unknown lengths, masks.
import {
  add,
  batchNormalization,
  bidirectional,
  concatenate,
  DataError,
  dense,
  dropout,
  embedding,
  flatten,
  grad,
  gru,
  input,
  jit,
  Layer,
  lambda,
  lstm,
  type Model,
  masking,
  model,
  modelFromJSON,
  OptionError,
  ops,
  randomNormal,
  regularizers,
  sequential,
  setSeed,
  sgd,
  tensor,
  type Value,
} from 'hornbeam'
import { describe, expect, test } from 'vitest'
import type { Tensor } from '../../src/tensor'
import { expectClose } from '../support'

const ones = { kernelInitializer: 'ones', useBias: false } as const

test('four times as many layers take about four times as long to connect', () => {
  const chain = (count: number) => {
    const x = input({ shape: [1] })
    let last = x
    for (let i = 0; i < count; i++) last = add().apply([last, dense(1, ones).apply(last)])
    model({ inputs: x, outputs: last })
    sequential(
      Array.from({ length: count }, () => dense(1, ones)),
      { inputShape: [1] },
    )
  }
  const processorTime = (count: number): number => {
    const before = process.cpuUsage()
    chain(count)
    const { user, system } = process.cpuUsage(before)
    return user + system
  }
  chain(500)
  const least = (count: number): number => Math.min(processorTime(count), processorTime(count))
  // Sixteen times as long where each layer looks at all before it.
  expect(least(3000) / least(750)).toBeLessThan(9)
})

test('samples weigh by output: by name, as a list, or the same for all', async () => {
  const from = input({ shape: [3] })
  const a = dense(1, { name: 'a', kernelInitializer: 'zeros' }).apply(from)
  const b = dense(1, { name: 'b', kernelInitializer: 'ones' }).apply(from)
  const net = model({ inputs: from, outputs: [a, b] }).compile({ loss: { a: 'mse', b: 'mae' }, optimizer: 'sgd' })
  const x = [
    [1, 1, 1],
    [1, 1, 1],
    [1, 1, 1],
    [1, 1, 1],
  ]
  const y = { a: [[1], [1], [1], [1]], b: [[0], [0], [0], [0]] }
  const losses = async (sampleWeight: NonNullable<Parameters<Model['testOnBatch']>[2]>['sampleWeight']) => {
    const { a_loss, b_loss } = await net.testOnBatch(x, y, { sampleWeight })
    return [a_loss, b_loss]
  }
  expect(await losses({ a: [1, 0, 0, 0], b: [0, 0, 1, 1] })).toEqual([0.25, 1.5])
  expect(
    await losses([
      [1, 0, 0, 0],
      [0, 0, 1, 1],
    ]),
  ).toEqual([0.25, 1.5])
  expect(await losses({ a: [0, 0, 0, 2] })).toEqual([0.5, 3])
  expect(await losses([1, 1, 0, 0])).toEqual([0.5, 1.5])
  await expect(losses({ c: [1, 1, 1, 1] })).rejects.toThrow(/sampleWeight: no output is named 'c'/)
  const { history } = await net.fit(x, y, { verbose: 0, sampleWeight: { a: [0, 0, 0, 0] }, validationSplit: 0.5 })
  expect(history.a_loss).toEqual([0])
})

test('the gradient of a model by its input', async () => {
  const net = sequential([lstm(4), dense(1)], { inputShape: [5, 3] })
  const data = randomNormal([2, 5, 3], { seed: 1 })
  const slope = await jit(grad((value: Value) => ops.sum(net.apply(value))))(data)
  const at = async (d: number) => {
    const moved = data.data.slice()
    moved[7] += d
    const { data: predicted } = await net.predict(tensor(moved, [2, 5, 3]))
    return predicted[0] + predicted[1]
  }
  expect(slope.data[7]).toBeCloseTo(((await at(0.01)) - (await at(-0.01))) / 0.02, 3)
})

test('batches in a list, and a generator function, are told how they become a dataset', async () => {
  const net = sequential([dense(1)], { inputShape: [2] }).compile({ loss: 'mse' })
  function* batches() {
    yield { x: [[1, 2]], y: [[1]] }
  }
  await expect(net.fit(batches as never, { verbose: 0 })).rejects.toThrow('fromGenerator')
  await expect(net.fit([...batches()] as never, { verbose: 0 })).rejects.toThrow('fromIterable')
})

describe('several inputs and outputs', () => {
  /** sum = a + b (by weights of one), twice = 2 a. */
  const make = (): Model<[Tensor, Tensor]> => {
    const a = input({ shape: [2], name: 'a' })
    const b = input({ shape: [1], name: 'b' })
    const sum = dense(1, { ...ones, name: 'sum' }).apply(concatenate().apply([a, b]))
    const twice = lambda((x) => ops.mul(x as Value, 2), { name: 'twice' }).apply(a)
    return model({ inputs: [a, b], outputs: [sum, twice] })
  }
  const a = [
    [1, 2],
    [3, 4],
  ]
  const b = [[10], [20]]
  const sums = [[13], [27]]
  const twice = [
    [2, 4],
    [6, 8],
  ]

  test('are given as lists in order, or as records by name', async () => {
    const net = make()
    for (const x of [[a, b], { a, b }, { b, a }]) {
      const [first, second] = await net.predict(x)
      expectClose(first, sums)
      expectClose(second, twice)
    }
    expect(net.outputNames).toEqual(['sum', 'twice'])
    expect(net.inputs.map(({ name }) => name)).toEqual(['a', 'b'])
    expect(net.inputShape).toEqual([[2], [1]])
    expect(net.outputShape).toEqual([[1], [2]])
  })

  test('have losses, weights of losses and metrics each, by order or by name', async () => {
    const y = {
      sum: [[12], [27]],
      twice: [
        [2, 4],
        [6, 6],
      ],
    }
    const options = {
      loss: { sum: 'mse', twice: 'mae' },
      lossWeights: { twice: 10 },
      metrics: { twice: ['mse'] },
    } as const
    const net = make().compile({ optimizer: sgd(), ...options })
    const wanted = { loss: 0.5 + 10 * 0.5, sum_loss: 0.5, twice_loss: 0.5, twice_mse: 1 }
    expect(await net.testOnBatch({ a, b }, y)).toEqual(wanted)
    expect(await net.evaluate([a, b], [y.sum, y.twice])).toEqual(wanted)
    net.compile({ optimizer: sgd(), loss: ['mse', 'mae'], lossWeights: [1, 10], metrics: [[], ['mse']] })
    expect(await net.testOnBatch({ a, b }, y)).toEqual(wanted)
  })

  test('one loss serves all outputs; an output without a loss is not trained', async () => {
    const net = make().compile({ optimizer: sgd(), loss: 'mse' })
    expect(Object.keys(await net.testOnBatch([a, b], [sums, twice]))).toEqual(['loss', 'sum_loss', 'twice_loss'])
    net.compile({ optimizer: sgd(), loss: { twice: 'mse' } })
    const before = await net.getWeights()
    // The one weight leads to the other output.
    await expect(net.fit([a, b], [[[0], [0]], twice], { verbose: 0 })).rejects.toThrow(/no gradient by any weight/)
    expectClose((await net.getWeights())[0], before[0])
  })

  test('batches of a fit keep all parts together', async () => {
    const net = make().compile({ optimizer: sgd({ learningRate: 0 }), loss: 'mse' })
    const { history } = await net.fit([a, b], [sums, twice], { batchSize: 1, epochs: 2, verbose: 0 })
    for (const loss of history.loss) expect(loss).toBeCloseTo(0, 8)
  })

  test('what does not fit names the input or the output', async () => {
    const net = make().compile({ loss: 'mse' })
    await expect(net.predict([a])).rejects.toThrow(/x: .*2 \(a, b\)/)
    await expect(net.predict({ a, c: b })).rejects.toThrow(/'c'/)
    await expect(net.predict({ a })).rejects.toThrow(/'b' is missing/)
    await expect(net.fit([a, [[1]]], [sums, twice])).rejects.toThrow(DataError)
    expect(() => net.compile({ loss: { summ: 'mse' } })).toThrow(/'summ'.*Did you mean 'sum'/)
    expect(() => net.compile({ loss: ['mse'] })).toThrow(OptionError)
    expect(() => net.compile({ loss: 'mse', metrics: { what: 'mae' } })).toThrow(OptionError)
  })
})

test('layers and weights come in Keras’ order: those further from the outputs first', async () => {
  const named = (name: string) => dense(1, { name })
  const [x, z] = [input({ shape: [1] }), input({ shape: [1] })]
  const twice = named('twice')
  const long = named('long_3').apply(named('long_2').apply(twice.apply(x)))
  const short = twice.apply(named('before').apply(z))
  const net = model({ inputs: [x, z], outputs: [named('end').apply(short), long] })
  // As keras.Model(...).layers lists them.
  const expected = ['before', 'twice', 'long_2', 'end', 'long_3']
  expect(net.layers.map(({ name }) => name)).toEqual(expected)
  expect(Object.keys(await net.namedWeights())).toEqual(expected.flatMap((name) => [`${name}/kernel`, `${name}/bias`]))
})

test('a layer called twice shares its weights, and its gradients add up', async () => {
  const [a, b] = [input({ shape: [1] }), input({ shape: [1] })]
  const shared = dense(1, ones)
  const net = model({ inputs: [a, b], outputs: add().apply([shared.apply(a), shared.apply(b)]) })
  expect(net.countParams()).toBe(1)
  net.compile({ optimizer: sgd({ learningRate: 0.1 }), loss: 'mse' })
  // (w (2 + 3))^2 has the gradient 2 * 25 at w = 1.
  await net.trainOnBatch([[[2]], [[3]]], [[0]])
  expect((await net.getWeights())[0].item()).toBeCloseTo(1 - 5, 5)
})

test('outputs of a layer that is called twice have names of their own, also beside a namesake', () => {
  const [x, z] = [input({ shape: [1] }), input({ shape: [1] })]
  const [a, b] = [dense(1), dense(1)]
  const net = model({ inputs: [x, z], outputs: [a.apply(x), b.apply(x), a.apply(z)] })
  expect(net.outputNames).toEqual(['dense', 'dense_1', 'dense_2'])
})

test('a model is a layer: applied twice it shares its weights, and they count once', async () => {
  setSeed(1)
  const encoder = sequential([dense(3, { activation: 'tanh' }), dense(2)], { inputShape: [4], name: 'encoder' })
  const [left, right] = [input({ shape: [4] }), input({ shape: [4] })]
  const joined = concatenate().apply([encoder.apply(left), encoder.apply(right)])
  const net = model({ inputs: [left, right], outputs: dense(1).apply(joined) })
  expect(net.countParams()).toBe(15 + 8 + 5)
  expect(net.getLayer('encoder')).toBe(encoder)
  net.compile({ loss: 'mse' })
  const [a, b] = [randomNormal([6, 4], { seed: 1 }), randomNormal([6, 4], { seed: 2 })]
  const before = await encoder.predict(a)
  await net.fit([a, b], randomNormal([6, 1], { seed: 3 }), { epochs: 2, verbose: 0 })
  const after = await encoder.predict(a)
  expect(after.toArray()).not.toEqual(before.toArray())
})

test('models nest in sequential models, three deep', async () => {
  const inner = sequential([dense(2, ones)], { inputShape: [2] })
  const middle = sequential([inner, lambda((x) => ops.mul(x as Value, 3))])
  const outer = sequential([middle, dense(1, ones)])
  expectClose(await outer.predict([[1, 2]]), [[18]])
  expect(Object.keys(await outer.namedWeights())).toHaveLength(2)
  expect(outer.weights).toHaveLength(2)
})

test('a model with several outputs nests in another', async () => {
  const x = input({ shape: [1] })
  const split = model({ inputs: x, outputs: [dense(1, ones).apply(x), dense(2, ones).apply(x)], name: 'split' })
  const y = input({ shape: [1] })
  const [one, two] = split.apply(y)
  const net = model({ inputs: y, outputs: concatenate().apply([two, one]) })
  expectClose(await net.predict([[5]]), [[5, 5, 5]])
})

test('frozen layers stay, also those of a frozen model inside, until they are thawed', async () => {
  const body = sequential([dense(2, { ...ones, name: 'first' }), dense(2, { ...ones, name: 'second' })], {
    inputShape: [2],
  })
  const net = sequential([body, dense(1, ones)]).compile({ optimizer: sgd({ learningRate: 0.1 }), loss: 'mse' })
  const train = (): Promise<unknown> => net.trainOnBatch([[1, 1]], [[0]])
  body.trainable = false
  await train()
  const [first, second, third] = await net.getWeights()
  expectClose(first, [
    [1, 1],
    [1, 1],
  ])
  expectClose(second, [
    [1, 1],
    [1, 1],
  ])
  expect(third.data[0]).not.toBe(1)
  body.trainable = true
  body.getLayer('first').trainable = false
  await train()
  const after = await net.getWeights()
  expectClose(after[0], [
    [1, 1],
    [1, 1],
  ])
  expect(after[1].data[0]).not.toBe(1)
})

test('the optimizer keeps its state while layers are frozen, and begins anew when some are thawed', async () => {
  const layers = [dense(2, ones), dense(1, ones)]
  const net = sequential(layers, { inputShape: [2] }).compile({ optimizer: 'adam', learningRate: 0.1, loss: 'mse' })
  const state = async (): Promise<readonly [steps: number, learningRate: number]> => [
    (await (await net.trainingEngine('test')).optimizerState.iterations.read()).item(),
    Number((await net.getLearningRate()).toFixed(6)),
  ]
  const train = (): Promise<unknown> => net.trainOnBatch([[1, 1]], [[0]])
  await train()
  await net.setLearningRate(0.01)
  layers[0].trainable = false
  await train()
  expect(await state()).toEqual([2, 0.01])
  layers[0].trainable = true
  await train()
  expect(await state()).toEqual([1, 0.01])
})

test('the penalties of frozen weights are left out of the loss, as in Keras', async () => {
  const layer = dense(1, { ...ones, kernelRegularizer: regularizers.l2(0.5) })
  const net = sequential([layer], { inputShape: [1] }).compile({ loss: 'mse' })
  expect(await net.evaluate([[1]], [[1]])).toEqual({ loss: 0.5 })
  layer.trainable = false
  expect(await net.evaluate([[1]], [[1]])).toEqual({ loss: 0 })
})

test('a batch normalization without weights to train is frozen as well', async () => {
  const layer = batchNormalization({ center: false, scale: false })
  const net = sequential([layer, dense(1)], { inputShape: [1] }).compile({ optimizer: 'sgd', loss: 'mse' })
  await net.trainOnBatch([[1], [3]], [[0], [0]])
  const [before] = await layer.getWeights()
  layer.trainable = false
  await net.trainOnBatch([[1], [3]], [[0], [0]])
  expect((await layer.getWeights())[0]).toEqual(before)
})

test('frozen weights are not counted as trainable, and a frozen batch normalization uses its statistics', async () => {
  const net = sequential([dense(2, { trainable: false }), dense(1)], { inputShape: [3] })
  expect(net.trainableWeights).toHaveLength(2)
  expect(net.countParams()).toBe(8 + 3)
  expect(net.summary({ print: false })).toMatch(/trainable: 3, others: 8/)
})

test('a sequence may have any length, known or not, masked or not', async () => {
  const x = input({ shape: [null, 2] })
  const net = model({ inputs: x, outputs: dense(1).apply(gru(3).apply(masking().apply(x))) })
  expect(net.inputShape).toEqual([null, 2])
  const short = randomNormal([2, 3, 2], { seed: 4 })
  const padded = new Array(2).fill(0).map((_, i) => [...(short.toArray() as number[][][])[i], [0, 0], [0, 0]])
  expectClose(await net.predict(padded), await net.predict(short))
})

test('masks flow from an embedding through a stack to the loss', async () => {
  const net = sequential([
    embedding(5, 3, { maskZero: true }),
    lstm(4, { returnSequences: true }),
    dense(1, { kernelInitializer: 'zeros', useBias: false }),
  ]).compile({ loss: 'mse' })
  const words = [[1, 2, 0, 0]]
  const near = await net.testOnBatch(words, [[[1], [1], [9], [9]]])
  const far = await net.testOnBatch(words, [[[1], [1], [0], [0]]])
  expect(near.loss).toBeCloseTo(far.loss, 6)
})

test('stacked states keep the axis of their layers first, however many batches a prediction takes', async () => {
  const x = input({ shape: [null, 1] })
  const [, h] = gru(2, { numLayers: 2, returnState: true }).apply(x)
  const [, , , back] = bidirectional(lstm(2, { numLayers: 2, returnState: true })).apply(x)
  const net = model({ inputs: x, outputs: [h, back] })
  // Of a model with two outputs: sequential says that there is one.
  const outer = sequential([net], { inputShape: [null, 1] }) as unknown as typeof net
  const data = randomNormal([5, 3, 1], { seed: 1 })
  for (const each of [net, outer]) {
    const whole = await each.predict(data)
    expect(whole.map(({ shape }) => shape)).toEqual([
      [2, 5, 2],
      [2, 5, 2],
    ])
    for (const batchSize of [2, 3]) {
      for (const [i, part] of (await each.predict(data, { batchSize })).entries()) expectClose(part, whole[i])
    }
  }
})

test('states go from one recurrent layer into another: an encoder and a decoder', async () => {
  const source = input({ shape: [null, 3], name: 'source' })
  const target = input({ shape: [null, 2], name: 'target' })
  const [, h, c] = lstm(4, { returnState: true }).apply(source)
  const decoded = lstm(4, { returnSequences: true }).apply(target, { initialState: [h, c] })
  const net = model({ inputs: [source, target], outputs: dense(2).apply(decoded) }).compile({ loss: 'mse' })
  const [s, t] = [randomNormal([3, 5, 3], { seed: 1 }), randomNormal([3, 4, 2], { seed: 2 })]
  const out = await net.predict([s, t])
  expect(out.shape).toEqual([3, 4, 2])
  const other = await net.predict([randomNormal([3, 5, 3], { seed: 9 }), t])
  expect(other.toArray()).not.toEqual(out.toArray())
  await net.fit([s, t], randomNormal([3, 4, 2], { seed: 3 }), { verbose: 0 })
  const again = modelFromJSON(JSON.stringify(net))
  await again.setWeights(await net.getWeights())
  expectClose(await again.predict([s, t]), await net.predict([s, t]))
})

test('a graph that hangs on something else is refused, and so are data where symbols belong', () => {
  const [a, b] = [input({ shape: [1], name: 'left' }), input({ shape: [1], name: 'right' })]
  const both = add().apply([a, b])
  expect(() => model({ inputs: a, outputs: both })).toThrow(/right/)
  expect(() => model({ inputs: [], outputs: both })).toThrow(OptionError)
  expect(() => dense(1).apply([[1, 2]] as never)).toThrow(/run\(\)/)
  expect(() => model({ inputs: a, outputs: [[1]] as never })).toThrow(OptionError)
})

test('dropout drops in training alone', async () => {
  const net = sequential([dropout(0.5), flatten()], { inputShape: [100] }).compile({ loss: 'mse' })
  const x = [new Array(100).fill(1)]
  expectClose(await net.predict(x), x)
  expect((await net.testOnBatch(x, x)).loss).toBe(0)
})

test('a layer of its own gets weights, gradients and a place in a model', async () => {
  class Scale extends Layer {
    override build(): void {
      this.factor = this.addWeight('factor', [1], { initializer: 'ones' })
    }
    override call(x: Value): Value {
      return ops.mul(x, this.factor)
    }
    declare private factor: ReturnType<Layer['addWeight']>
  }
  const net = sequential([new Scale({ name: 'scale' })], { inputShape: [2] })
  net.compile({ optimizer: sgd({ learningRate: 0.1 }), loss: 'mse' })
  await net.trainOnBatch([[1, 2]], [[0, 0]])
  // d/df mean((f x)^2) = 2 f mean(x^2) = 5.
  expect((await net.namedWeights())['scale/factor'].item()).toBeCloseTo(0.5, 5)
  expect(net.outputShape).toEqual([2])
})

describe('the ends of a layer in a graph', () => {
  test('make another model of a part of one', async () => {
    const net = sequential([lstm(4, { name: 'reader' }), dense(3), dense(1)], { inputShape: [5, 2] })
    const reader = net.getLayer('reader')
    const states = model({ inputs: net.inputs, outputs: reader.output })
    const head = model({ inputs: net.getLayer('dense').input, outputs: net.output })
    const x = randomNormal([2, 5, 2], { seed: 3 })
    const part = await states.predict(x)
    expect(part.shape).toEqual([2, 4])
    expect((await head.predict(part)).toArray()).toEqual((await net.predict(x)).toArray())
    expect(reader.input).toBe(net.input)
  })

  test('are lists where there are several', () => {
    const [a, b] = [input({ shape: [3] }), input({ shape: [3] })]
    const joined = concatenate()
    joined.apply([a, b])
    expect(joined.input).toEqual([a, b])
    const layer = lstm(2, { returnState: true })
    const outputs = layer.apply(input({ shape: [null, 3] }))
    expect(layer.output).toEqual([...outputs])
  })

  test('leave their names to fields of classes of one’s own', async () => {
    class Head extends Layer {
      constructor() {
        super()
        Object.assign(this, { output: dense(2) })
      }
      override call(x: Value): Value {
        return (Reflect.get(this, 'output') as unknown as Layer).apply(x)
      }
    }
    const head = new Head()
    expect((await head.run([[1, 2, 3]])).shape).toEqual([1, 2])
    expect(head.weights).toHaveLength(2)
  })

  test('are not told of a layer that is applied more than once', () => {
    const shared = dense(2, { name: 'shared' })
    const x = input({ shape: [2] })
    shared.apply(shared.apply(x))
    expect(() => shared.output).toThrow(
      new OptionError('shared.output: expected a layer that is applied once in a graph; it is applied 2 times'),
    )
  })
})
