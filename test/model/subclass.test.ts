// Layers in the fields of layers and models of one's own: found, named, trained, counted and saved; and applied inside `call`.
import {
  add,
  batchNormalization,
  type CallContext,
  dense,
  dropout,
  embedding,
  input,
  Layer,
  type LayerOptions,
  loadModel,
  lstm,
  Model,
  masking,
  model,
  modelFromJSON,
  OptionError,
  ops,
  randomNormal,
  registerLayer,
  registerModel,
  type SubclassOptions,
  sequential,
  setSeed,
  tensor,
  type Value,
  zeros,
} from 'hornbeam'
import { describe, expect, test } from 'vitest'

class Residual extends Layer {
  readonly units: number
  readonly inner: Layer
  readonly blocks: Layer[]
  readonly parts: Record<string, Layer>

  constructor({ units, ...options }: LayerOptions & { units: number }) {
    super(options)
    this.units = units
    this.inner = dense(units, { activation: 'tanh' })
    this.blocks = [dense(units), dense(units, { name: 'mine' })]
    this.parts = { left: dense(units), right: dense(units, { useBias: false }) }
  }

  override call(x: Value) {
    const h = this.blocks.reduce((value, layer) => layer.apply(value), this.inner.apply(x))
    return ops.add(x, ops.mul(this.parts.left.apply(h), this.parts.right.apply(h)))
  }

  override config() {
    return { units: this.units }
  }
}
registerLayer('residualOfTest', Residual)

describe('layers in the fields of a layer', () => {
  test('are named after the fields, counted and trained', async () => {
    const net = sequential([new Residual({ units: 3 }), dense(1)], { inputShape: [3] })
    expect(Object.keys(await net.namedWeights())).toEqual(
      [
        'residualOfTest/inner/kernel',
        'residualOfTest/inner/bias',
        'residualOfTest/blocks_0/kernel',
        'residualOfTest/blocks_0/bias',
        'residualOfTest/mine/kernel',
        'residualOfTest/mine/bias',
        'residualOfTest/left/kernel',
        'residualOfTest/left/bias',
        'residualOfTest/right/kernel',
        'dense/kernel',
        'dense/bias',
      ].map((path) => path.replace('/left', '/parts_left').replace('/right', '/parts_right')),
    )
    expect(net.countParams()).toBe(4 * 12 + 9 + 4)
    const before = await net.getWeights()
    net.compile({ optimizer: 'sgd', learningRate: 0.1, loss: 'mse' })
    await net.trainOnBatch(randomNormal([8, 3], { seed: 1 }), randomNormal([8, 1], { seed: 2 }))
    const after = await net.getWeights()
    for (const [i, weight] of after.entries()) expect(weight.toArray()).not.toEqual(before[i].toArray())
    net.layers[0].trainable = false
    expect(net.trainableWeights).toHaveLength(2)
  })

  test('compute what the same layers in a graph compute', async () => {
    const layer = new Residual({ units: 3 })
    const x = randomNormal([4, 3], { seed: 3 })
    const mine = await layer.run(x)
    const at = input({ shape: [3] })
    const graph = layer.blocks.reduce((value, each) => each.apply(value), layer.inner.apply(at))
    const { left, right } = layer.parts
    const gate = (await import('hornbeam')).multiply().apply([left.apply(graph), right.apply(graph)])
    const net = model({ inputs: at, outputs: add().apply([at, gate]) })
    expect((await net.predict(x)).toArray()).toEqual(mine.toArray())
  })

  test('come back with a saved model', async () => {
    const net = sequential([new Residual({ units: 3 }), dense(1)], { inputShape: [3] })
    const x = randomNormal([4, 3], { seed: 3 })
    const again = await loadModel(await net.toBytes())
    expect((await again.predict(x)).toArray()).toEqual((await net.predict(x)).toArray())
    const twin = modelFromJSON(JSON.stringify(net))
    await twin.setWeights(await net.getWeights())
    expect((await twin.predict(x)).toArray()).toEqual((await net.predict(x)).toArray())
  })

  test('apply and call are the same inside a call, in training too', async () => {
    class Both extends Layer {
      readonly drop = dropout(0.5)
      readonly norm = batchNormalization()
      override call(x: Value) {
        return this.drop.apply(this.norm.call(x) as Value)
      }
    }
    setSeed(1)
    const layer = new Both()
    const x = randomNormal([64, 8], { seed: 3 })
    const training = await layer.run(x, { training: true })
    expect(training.data.filter((value) => value === 0).length).toBeGreaterThan(64)
    expect((await layer.run(x)).data.filter((value) => value === 0)).toHaveLength(0)
    const net = sequential([layer], { inputShape: [8] }).compile({ optimizer: 'sgd', loss: 'mse' })
    await net.trainOnBatch(x, x)
    // The moving averages have moved: what inner layers update is kept.
    expect((await layer.norm.getWeights())[2].data.some((value) => value !== 0)).toBe(true)
  })

  test('masks flow from one to the next', async () => {
    class Masked extends Layer {
      readonly mask = masking()
      readonly recurrent = lstm(3)
      override call(x: Value) {
        return this.recurrent.apply(this.mask.apply(x))
      }
    }
    const layer = new Masked()
    const x = tensor([[[1], [2], [0]]])
    const short = await layer.run(tensor([[[1], [2]]]))
    expect((await layer.run(x)).toArray()).toEqual(short.toArray())
  })

  test('the states, the mask and the mode may be given', async () => {
    class Given extends Layer {
      readonly recurrent = lstm(2)
      override call([x, h]: readonly Value[]) {
        return this.recurrent.apply(x, { initialState: [h, h], training: false })
      }
    }
    const layer = new Given()
    const x = randomNormal([2, 3, 4], { seed: 1 })
    const h = randomNormal([2, 2], { seed: 2 })
    const out = await layer.run([x, h])
    expect(out.toArray()).toEqual((await layer.recurrent.run(x, { initialState: [h, h] })).toArray())
  })

  test('a layer that is in no field is refused: it would not be trained', async () => {
    class Hidden extends Layer {
      readonly #inner = dense(2)
      override call(x: Value) {
        return this.#inner.apply(x)
      }
    }
    await expect(new Hidden().run([[1, 2]])).rejects.toThrow(/hidden: expected the layer dense.*in one of its fields/)
    class Made extends Layer {
      override call(x: Value) {
        return dense(2).apply(x)
      }
    }
    await expect(new Made().run([[1, 2]])).rejects.toThrow(OptionError)
  })

  test('what fails inside leaves the layer unbuilt', () => {
    class Wrong extends Layer {
      readonly inner = lstm(2)
      override call(x: Value) {
        return this.inner.apply(x)
      }
    }
    const layer = new Wrong()
    expect(() => sequential([layer], { inputShape: [3] })).toThrow(/wrong: .*lstm|inner/)
    expect(layer.built).toBe(false)
    expect(layer.inner.built).toBe(false)
    expect(sequential([layer], { inputShape: [null, 3] }).outputShape).toEqual([2])
  })
})

class Net extends Model {
  readonly units: number
  readonly hidden: Layer
  readonly drop: Layer
  readonly out: Layer

  constructor({ units = 8, ...options }: SubclassOptions & { units?: number } = {}) {
    super(options)
    this.units = units
    this.hidden = dense(units, { activation: 'tanh' })
    this.drop = dropout(0)
    this.out = dense(1)
  }

  override call(x: Value) {
    return this.out.apply(this.drop.apply(this.hidden.apply(x)))
  }

  override config() {
    return { units: this.units }
  }
}
registerModel('netOfTest', Net)

describe('a class that extends Model', () => {
  const x = randomNormal([64, 4], { seed: 1 })
  const y = randomNormal([64, 1], { seed: 2 })

  test('trains as the same layers in a row do', async () => {
    const net = new Net({ inputShape: [4] })
    const row = sequential([dense(8, { activation: 'tanh' }), dense(1)], { inputShape: [4] })
    await row.setWeights(await net.getWeights())
    const options = { optimizer: 'adam', loss: 'mse', metrics: ['mae'] } as const
    const fit = { epochs: 3, shuffle: false, verbose: 0, validationSplit: 0.25 } as const
    const [mine, theirs] = [await net.compile(options).fit(x, y, fit), await row.compile(options).fit(x, y, fit)]
    expect(mine.history).toEqual(theirs.history)
    expect((await net.predict(x)).toArray()).toEqual((await row.predict(x)).toArray())
    expect(net.summary({ print: false })).toContain('hidden (dense)')
    expect(Object.keys(await net.namedWeights())[0]).toBe('hidden/kernel')
  })

  test('is built by its first data', async () => {
    const net = new Net({ units: 3 }).compile({ loss: 'mse' })
    expect(net.built).toBe(false)
    await net.trainOnBatch(x, y)
    expect(net.countParams()).toBe(4 * 3 + 3 + 3 + 1)
  })

  test('comes back from a file, with its optimizer', async () => {
    const net = new Net({ units: 5, name: 'mine' }).compile({ optimizer: 'adam', loss: 'mse' })
    await net.trainOnBatch(x, y)
    const again = await loadModel(await net.toBytes())
    expect(again).toBeInstanceOf(Net)
    expect(again.name).toBe('mine')
    expect(await again.trainOnBatch(x, y)).toEqual(await net.trainOnBatch(x, y))
    expect((await again.predict(x)).toArray()).toEqual((await net.predict(x)).toArray())
  })

  test('stands in other models, and holds others', async () => {
    class Outer extends Model {
      readonly inner = new Net({ units: 3 })
      readonly row = sequential([dense(2), dense(1)])
      override call(x: Value) {
        return ops.add(this.inner.apply(x), this.row.apply(x))
      }
    }
    const net = new Outer({ inputShape: [4] }).compile({ loss: 'mse' })
    expect(net.countParams()).toBe(19 + 10 + 3)
    await net.fit(x, y, { verbose: 0 })
    const at = input({ shape: [4] })
    const graph = model({ inputs: at, outputs: new Net({ units: 2 }).apply(at) })
    const again = await loadModel(await graph.toBytes())
    expect((await again.predict(x)).toArray()).toEqual((await graph.predict(x)).toArray())
  })

  test('may take several inputs, give several outputs, and read sequences of any length', async () => {
    class Two extends Model {
      readonly words = embedding(10, 3)
      readonly read = lstm(4)
      readonly out = dense(1)
      readonly gate = dense(1)
      override call([tokens, extra]: readonly Value[], { training }: CallContext) {
        expect(typeof training).toBe('boolean')
        const h = this.read.apply(this.words.apply(tokens))
        return [this.out.apply(h), this.gate.apply(ops.concatenate([h, extra], { axis: -1 }))]
      }
    }
    const net = new Two({ inputShape: [[null], [2]] }).compile({ loss: ['mse', 'mse'] })
    const tokens = tensor(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      undefined,
      'int32',
    )
    await net.fit([tokens, zeros([2, 2])], [zeros([2, 1]), zeros([2, 1])], { verbose: 0 })
    const longer = tensor([[1, 2, 3, 4, 5]], undefined, 'int32')
    const outputs = (await net.predict([longer, zeros([1, 2])])) as unknown as { shape: number[] }[]
    expect(outputs.map(({ shape }) => shape)).toEqual([
      [1, 1],
      [1, 1],
    ])
  })

  test('says what is missing', async () => {
    class Nothing extends Model {}
    expect(() => new Nothing()).toThrow(/expected a class that extends Model with a call/)
    expect(() => registerModel('nothing', Layer as never)).toThrow(OptionError)
    class Unknown extends Model {
      readonly out = dense(1)
      override call(x: Value) {
        return this.out.apply(x)
      }
    }
    const net = new Unknown({ inputShape: [2] })
    await expect(net.toBytes()).rejects.toThrow(/registerLayer|registerModel/)
    expect(() => new Net({ unit: 3 } as never)).toThrow(/unit/)
  })
})

describe('what a layer adds', () => {
  class Spread extends Layer {
    readonly inner = dense(3)
    override call(x: Value, context?: CallContext) {
      const h = this.inner.apply(x)
      context?.addLoss(ops.mul(ops.mean(ops.square(h)), 0.1))
      context?.addMetric('spread', ops.abs(h))
      return h
    }
  }
  const x = randomNormal([10, 2], { seed: 1 })
  const y = randomNormal([10, 3], { seed: 2 })

  test('a loss and a number for the logs, in training, validation and tests', async () => {
    const net = sequential([new Spread()], { inputShape: [2] }).compile({
      optimizer: 'sgd',
      loss: 'mse',
      metrics: ['mae'],
    })
    const spread = async () => {
      const { data } = await net.predict(x)
      return Array.from(data).reduce((sum, value) => sum + Math.abs(value), 0) / data.length
    }
    const before = await spread()
    const { history } = await net.fit(x, y, { epochs: 2, batchSize: 10, verbose: 0, validationData: [x, y] })
    expect(Object.keys(history)).toEqual(['loss', 'mae', 'spread', 'val_loss', 'val_mae', 'val_spread'])
    expect(history.spread[0]).toBeCloseTo(before, 5)
    expect(history.val_spread[1]).toBeCloseTo(await spread(), 5)
    expect((await net.evaluate(x, y)).spread).toBeCloseTo(await spread(), 5)
    expect((await net.evaluate(x, y, { batchSize: 3 })).spread).toBeCloseTo(await spread(), 5)
    const { loss, spread: one } = await net.testOnBatch(x, y)
    expect(one).toBeCloseTo(await spread(), 5)
    const data = Array.from((await net.predict(x)).data)
    const square = data.reduce((sum, value) => sum + value * value, 0) / data.length
    const error = data.reduce((sum, value, i) => sum + (value - y.data[i]) ** 2, 0) / data.length
    expect(loss).toBeCloseTo(error + 0.1 * square, 4)
  })

  test('under a name of its own', async () => {
    class Loss extends Layer {
      override call(x: Value, context?: CallContext) {
        context?.addMetric('loss', x)
        return x
      }
    }
    const net = sequential([dense(3), new Loss()], { inputShape: [2] }).compile({ loss: 'mse' })
    await expect(net.fit(x, y, { verbose: 0 })).rejects.toThrow(/'loss'/)
  })
})
