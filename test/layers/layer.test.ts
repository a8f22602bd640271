// The base of layers: what is checked, what is built, what a failure leaves behind, and layers of one's own.
import { expect, test } from 'vitest'
import { DataError, FormatError, OptionError, ShapeError } from '../../src/errors'
import type { Value, Variable } from '../../src/graph'
import {
  add,
  batchNormalization,
  type CallContext,
  conv1d,
  dense,
  embedding,
  input,
  Layer,
  type LayerOptions,
  lambda,
  layerFromConfig,
  layerToConfig,
  maxPooling1d,
  prelu,
  registerLayer,
} from '../../src/layers'
import { cast, mul, reshape, square, stopGradient, sum } from '../../src/ops'
import { ones, type PartialShape, tensor } from '../../src/tensor'
import { callLayer, expectClose, expectLayerGradients, floats } from '../support'

interface ScaleOptions extends LayerOptions {
  readonly start?: number
}

class Scale extends Layer {
  readonly options: ScaleOptions
  declare factor: Variable

  constructor(options: ScaleOptions = {}) {
    super(options, 'scale', ['start'])
    this.options = options
  }

  override build(inputShape: PartialShape): void {
    const initializer = { name: 'constant', options: { value: this.options.start ?? 1 } }
    this.factor = this.addWeight('factor', [inputShape.at(-1) ?? 1], { initializer })
  }

  override call(x: Value): Value {
    return mul(x, this.factor)
  }

  override config() {
    return { ...this.options }
  }
}

registerLayer<ScaleOptions>('scale', (options) => new Scale(options))

test('a layer of one’s own finds its output shape by tracing, and has gradients', async () => {
  const layer = new Scale({ start: 3 })
  expect(layer.outputShapes([[null, 4]])).toEqual([[null, 4]])
  expectClose(await layer.run([[[1, 2, 3, 4]]]), [[[3, 6, 9, 12]]])
  await expectLayerGradients(new Scale(), [floats([2, 3])])
})

test('a layer whose gradient is wrong is found out', async () => {
  const layer = lambda((x) => mul(x, stopGradient(x)))
  await expect(expectLayerGradients(layer, [floats([2, 3])])).rejects.toThrow(/gradient at element/)
})

test('a registered layer of one’s own is saved and made again', async () => {
  const config = layerToConfig(new Scale({ start: 3, name: 'triple', trainable: false, inputShape: [null, 2] }))
  expect(config).toEqual({
    name: 'scale',
    options: { start: 3, name: 'triple', trainable: false, inputShape: [null, 2] },
  })
  const again = layerFromConfig(config)
  expect([again.name, again.trainable, again.givenInputShape]).toEqual(['triple', false, [null, 2]])
  expectClose(await again.run([[1, 2]]), [[3, 6]])
})

test('a layer that cannot be saved says what to do', () => {
  expect(() => layerToConfig(lambda((x) => x))).toThrow(OptionError)
  expect(() => layerToConfig(lambda((x) => x))).toThrow(/lambda.*registerLayer/)
  expect(() => layerToConfig(dense(1, { activation: (x) => square(x) }))).toThrow(/registerActivation/)
})

test('a config of no known layer is refused, with the nearest known kind', () => {
  expect(() => layerFromConfig({ name: 'dens', options: {} })).toThrow(FormatError)
  expect(() => layerFromConfig({ name: 'dens', options: {} })).toThrow(/unknown layer 'dens'. Did you mean 'dense'\?/)
  expect(() => layerFromConfig('dense')).toThrow(FormatError)
  expect(() => registerLayer('dense', () => dense(1))).toThrow(OptionError)
})

test('activation functions given as functions of the library are saved by their names', async () => {
  const { tanh } = await import('../../src/activations')
  expect(layerToConfig(dense(1, { activation: tanh })).options.activation).toEqual({
    name: 'tanh',
    options: {},
  })
})

test('a misspelt option or name shows where the layer is made, with the nearest right one', () => {
  const given = { kernelInitialiser: 'zeros' } as object
  expect(() => dense(1, given)).toThrow(/dense: unknown option 'kernelInitialiser'. Did you mean 'kernelInitializer'\?/)
  expect(() => dense(1, { kernelInitializer: 'glorotUnifrm' as never })).toThrow(
    /dense: kernelInitializer: .*Did you mean 'glorotUniform'\?/,
  )
  expect(() => dense(1, { activation: 'rleu' as never })).toThrow(/dense: activation: .*Did you mean 'relu'\?/)
  expect(() => conv1d(1, 2, { biasConstraint: 'nonNegative' as never })).toThrow(OptionError)
  expect(() => embedding(3, 2, { embeddingsRegularizer: 'l3' as never })).toThrow(OptionError)
})

test('a build that fails leaves no weights behind, and the layer can be built right after', () => {
  class Halfway extends Scale {
    failing = true
    override build(shape: PartialShape): void {
      super.build(shape)
      if (this.failing) throw new ShapeError('half-way: on purpose')
    }
  }
  const layer = new Halfway()
  expect(() => layer.buildFor([[3]])).toThrow(ShapeError)
  expect([layer.weights, layer.built]).toEqual([[], false])
  layer.failing = false
  layer.buildFor([[2]])
  expect(layer.weights.map(({ variable }) => variable.shape)).toEqual([[2]])
})

test('an input of the wrong rank is refused before weights are made, and by a built layer', async () => {
  const layer = conv1d(2, 3, { name: 'filters' })
  await expect(layer.run(ones([2, 5]))).rejects.toThrow(
    /filters: expected \[batch, time, channels\], got shape \[null, 5\]/,
  )
  expect(layer.built).toBe(false)
  await layer.run(ones([2, 5, 1]))
  await expect(layer.run(ones([2, 5]))).rejects.toThrow(ShapeError)
  expect(layer.countParams()).toBe(8)
})

test('a layer without weights checks its rank each time', async () => {
  const layer = maxPooling1d(2)
  await layer.run(ones([1, 4, 1]))
  await expect(layer.run(ones([1, 4, 4, 1]))).rejects.toThrow(ShapeError)
})

test('another number of features is refused by a built layer, which keeps its weights', async () => {
  const layer = dense(2)
  await layer.run([[1, 2, 3]])
  await expect(layer.run([[1, 2]])).rejects.toThrow(/dense: built for inputs of shape \[null, 3\], got \[null, 2\]/)
  expect(layer.countParams()).toBe(8)
})

test('what the weights do not depend on may change from call to call', async () => {
  const words = embedding(4, 2)
  await words.run([[1, 2, 3]])
  expect((await words.run([[1], [2]])).shape).toEqual([2, 1, 2])
  const shared = dense(2)
  await shared.run([[1, 2, 3]])
  expect((await shared.run([[[1, 2, 3]]])).shape).toEqual([1, 1, 2])
  const channels = batchNormalization({ axis: 1 })
  await channels.run(ones([2, 3, 4]))
  expect((await channels.run(ones([2, 3, 7]))).shape).toEqual([2, 3, 7])
  await expect(channels.run(ones([2, 4, 4]))).rejects.toThrow(/batchNormalization: built for/)
  const slopes = prelu({ sharedAxes: [1] })
  await slopes.run(ones([2, 3, 4]))
  expect((await slopes.run(ones([2, 9, 4]))).shape).toEqual([2, 9, 4])
  await expect(slopes.run(ones([2, 3, 5]))).rejects.toThrow(/prelu: built for/)
})

test('a layer of one input refuses several', () => {
  const [a, b] = [input({ shape: [2] }), input({ shape: [2] })]
  expect(() => dense(1).apply([a, b])).toThrow(/dense: expected one input, got 2/)
})

test('a merging layer takes arrays of plain data, and a list of one', async () => {
  expectClose(await add().run([[[1, 2]], [[3, 4]]]), [[4, 6]])
  expectClose(await add().run([tensor([[1, 2]])]), [[1, 2]])
})

test('an unknown number of features is refused where weights depend on it', () => {
  expect(() => dense(1).apply(input({ shape: [4, null] }))).toThrow(
    /dense: expected a known number of features, got shape \[null, 4, null\]/,
  )
})

test('an activity regularizer adds to the loss, divided by the number of samples', async () => {
  const layer = dense(1, {
    kernelInitializer: 'ones',
    activityRegularizer: { name: 'l2', options: { l2: 0.5 } },
  })
  const { losses } = await callLayer(
    layer,
    [[[1], [2], [3], [4]]].map((rows) => tensor(rows)),
  )
  expect(losses.map((loss) => loss.item())).toEqual([(0.5 * (1 + 4 + 9 + 16)) / 4])
})

test('the config of a layer of one’s own has all common options, also where its class does not name them', () => {
  class Plain extends Layer {
    override call(x: Value): Value {
      return x
    }
  }
  registerLayer('plain', (options) => new Plain(options))
  const options = {
    name: 'mine',
    trainable: false,
    inputShape: [2],
    dtype: 'float64',
    activityRegularizer: 'l2',
  } as const
  const again = layerFromConfig(layerToConfig(new Plain(options)))
  expect(layerToConfig(again).options).toEqual({
    ...options,
    activityRegularizer: { name: 'l2', options: { l2: 0.01 } },
  })
})

test('a layer gives a variable values of its own shape only, and of its type', async () => {
  class Counter extends Layer {
    declare count: Variable
    override build(): void {
      this.count = this.addWeight('count', [1], { initializer: 'zeros', trainable: false })
    }
    override call(x: Value, context: CallContext): Value {
      context.update(this.count, this.name === 'wrong' ? x : reshape(sum(cast(x, 'int32')), [1]))
      return x
    }
  }
  const counter = new Counter()
  await counter.run([[1], [2]])
  expectClose((await counter.getWeights())[0], [3])
  await expect(new Counter({ name: 'wrong' }).run([[1], [2]])).rejects.toThrow(
    /wrong\/count: expected a new value of shape \[1\], got \[2, 1\]/,
  )
})

test('weights are set all or none, and only once there are some', async () => {
  const layer = dense(1)
  await expect(layer.setWeights([[[1]], [1]])).rejects.toThrow(/dense.setWeights: the layer has no weights yet/)
  await layer.run([[1]])
  const before = await layer.getWeights()
  await expect(layer.setWeights([[[1]], [1, 2]])).rejects.toThrow(/dense\/bias: expected shape \[1\], got \[2\]/)
  expect(await layer.getWeights()).toEqual(before)
})

test('data that a layer cannot take is found before it runs', async () => {
  await expect(embedding(4, 2).run([[1, 4]])).rejects.toThrow(DataError)
})

test('lambda takes one input or several, and may name its shape', async () => {
  expectClose(await lambda((x) => mul(x, 2)).run([[1, 2]]), [[2, 4]])
  const product = lambda(([a, b]: readonly Value[]) => mul(a, b))
  expectClose(await product.run([tensor([[2, 3]]), tensor([[4, 5]])]), [[8, 15]])
  expect(lambda((x) => x, { outputShape: [7] }).outputShape([3])).toEqual([7])
  expect(product.outputShape([[null], [null]])).toEqual([null])
  expect(() => lambda('x => x' as never)).toThrow(OptionError)
})

test('lambda ends a mask unless it is told what becomes of it', async () => {
  const masks = [[[true, false]]]
  const x = ones([1, 2, 1])
  expect(
    (
      await callLayer(
        lambda((value) => value),
        [x],
        { masks },
      )
    ).masks,
  ).toEqual([undefined])
  const passing = lambda((value) => value, { mask: ([mask]) => mask })
  expect((await callLayer(passing, [x], { masks })).masks[0]?.toArray()).toEqual([[true, false]])
})
