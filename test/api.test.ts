// The public API, name by name, as a user types it: programs outside this repository are written against it.
import * as hornbeam from 'hornbeam'
import {
  adam,
  arange,
  type Callback,
  type CompileOptions,
  concatenate,
  dense,
  dropout,
  embedding,
  grad,
  gru,
  HornbeamError,
  initializers,
  input,
  jit,
  Layer,
  type LayerOptions,
  lambda,
  loadModel,
  losses,
  lstm,
  type Model,
  masking,
  metrics,
  model,
  modelFromJSON,
  OptionError,
  ones,
  ops,
  type PartialShape,
  randomNormal,
  randomUniform,
  rnn,
  schedules,
  sequential,
  setSeed,
  sgd,
  simpleRNN,
  type Tensor,
  type TensorLike,
  tensor,
  type Value,
  valueAndGrad,
  zeros,
} from 'hornbeam'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { expectClose } from './support'

const everything: Record<string, object> = { ...hornbeam }
const quiet = { verbose: 0 } as const
const series = randomNormal([20, 7, 2], { seed: 1 })
const next = randomNormal([20, 1], { seed: 2 })

test('the one statement', async () => {
  const forecaster = sequential([lstm(4), dense(1)]).compile({
    optimizer: 'adam',
    learningRate: 1e-3,
    loss: 'mse',
    globalClipNorm: 1,
    backend: 'cpu',
  })
  const history = await forecaster.fit(series, next, { epochs: 2, batchSize: 8, validationSplit: 0.2, ...quiet })
  expect(Object.keys(history)).toEqual(['epoch', 'history'])
  for (const name of ['loss', 'val_loss']) expect(history.history[name]).toHaveLength(2)
  const predicted = await forecaster.predict(series)
  expect(predicted.shape).toEqual([20, 1])
  expect(forecaster.backend.name).toBe('cpu')
  await forecaster.dispose()
  expectClose(await forecaster.predict(series), predicted)
})

test('there is no default export, and every name of api.md is there', () => {
  const names = `
    tensor zeros ones arange randomNormal randomUniform setSeed Tensor
    sequential model input loadModel modelFromJSON
    dense lstm gru simpleRNN rnn lstmCell gruCell simpleRNNCell stackedRNNCells embedding bidirectional timeDistributed
    masking dropout activation flatten reshape permute repeatVector lambda
    concatenate add subtract multiply average maximum minimum dot
    layerNormalization batchNormalization gaussianNoise conv1d conv2d
    maxPooling1d maxPooling2d averagePooling1d averagePooling2d
    globalMaxPooling1d globalMaxPooling2d globalAveragePooling1d globalAveragePooling2d
    zeroPadding1d zeroPadding2d upSampling1d upSampling2d Layer registerLayer
    sgd adam adamw nadam adamax rmsprop adagrad adadelta ftrl lion
    earlyStopping modelCheckpoint reduceLROnPlateau learningRateScheduler terminateOnNaN csvLogger lambdaCallback
    jit grad valueAndGrad HornbeamError ShapeError OptionError DataError BackendError FormatError
    losses metrics initializers regularizers constraints schedules activations ops data`
  const missing = names.split(/\s+/).filter((name) => name !== '' && !(name in hornbeam))
  expect(missing).toEqual([])
  expect('default' in hornbeam).toBe(false)
})

test.each([
  [
    'losses',
    `meanSquaredError meanAbsoluteError meanAbsolutePercentageError meanSquaredLogarithmicError huber logCosh
    hinge squaredHinge categoricalHinge klDivergence poisson cosineSimilarity binaryCrossentropy categoricalCrossentropy
    sparseCategoricalCrossentropy binaryFocalCrossentropy categoricalFocalCrossentropy`,
  ],
  [
    'metrics',
    `meanSquaredError meanAbsoluteError huber logCosh hinge klDivergence poisson cosineSimilarity
    binaryCrossentropy categoricalCrossentropy sparseCategoricalCrossentropy accuracy binaryAccuracy categoricalAccuracy
    sparseCategoricalAccuracy topKCategoricalAccuracy sparseTopKCategoricalAccuracy precision recall f1Score auc r2Score
    rootMeanSquaredError perplexity`,
  ],
  [
    'schedules',
    `exponentialDecay polynomialDecay inverseTimeDecay piecewiseConstantDecay cosineDecay
    cosineDecayRestarts warmup`,
  ],
  [
    'initializers',
    `zeros ones constant randomNormal randomUniform truncatedNormal glorotUniform glorotNormal heUniform
    heNormal lecunUniform lecunNormal varianceScaling orthogonal identity`,
  ],
  ['regularizers', 'l1 l2 l1l2 orthogonalRegularizer'],
  ['constraints', 'maxNorm nonNeg unitNorm minMaxNorm'],
  [
    'activations',
    `relu sigmoid tanh softmax softplus softsign elu selu gelu silu swish exponential linear leakyRelu mish
    hardSigmoid hardSilu hardSwish hardTanh hardShrink softShrink tanhShrink logSoftmax logSigmoid relu6 celu glu
    sparsePlus sparsemax squareplus threshold sparseSigmoid`,
  ],
  [
    'ops',
    'add sub mul div matmul exp log tanh sum mean where reshape transpose gather concatenate scan sort topK oneHot',
  ],
] as const)('%s has what Keras has', (namespace, names) => {
  const known = everything[namespace] ?? {}
  expect(names.split(/\s+/).filter((name) => !(name in known))).toEqual([])
})

test('wherever one of these is an option, its name as a string does, with the short names users know', () => {
  for (const loss of ['mse', 'mae', 'mape', 'msle', 'huber', 'kld', 'categoricalCrossentropy', 'logcosh'] as const) {
    sequential([dense(1)]).compile({ loss })
  }
  for (const metric of ['accuracy', 'acc', 'mse', 'mae', 'rmse', 'auc', 'f1Score', 'r2Score'] as const) {
    sequential([dense(1)]).compile({ loss: 'mse', metrics: [metric] })
  }
  for (const optimizer of [
    'sgd',
    'adam',
    'adamw',
    'nadam',
    'adamax',
    'rmsprop',
    'adagrad',
    'adadelta',
    'ftrl',
    'lion',
  ] as const) {
    sequential([dense(1)]).compile({ optimizer, loss: 'mse' })
  }
})

describe('tensors', () => {
  test('have a shape, a type, data and methods', () => {
    const t = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ])
    expect([t.shape, t.dtype, t.rank, t.size]).toEqual([[2, 3], 'float32', 2, 6])
    expect(t.data).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6))
    expect(t.reshape([3, -1]).toArray()).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ])
    expect(tensor(7).item()).toBe(7)
    expect(String(t)).toMatch(/float32 \[2, 3\]/)
  })

  test('are made of numbers, nested arrays and typed arrays, in four types', () => {
    expect(tensor(Float32Array.of(1, 2, 3, 4), [2, 2]).toArray()).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect(tensor(Float64Array.of(0.1)).dtype).toBe('float64')
    expect(tensor(Int32Array.of(1)).dtype).toBe('int32')
    expect(tensor([true, false]).toArray()).toEqual([true, false])
    expect(tensor([0.1], [1], 'float64').data[0]).toBe(0.1)
    expect([zeros([2]), ones([2]), arange(3)].map((t) => t.toArray())).toEqual([
      [0, 0],
      [1, 1],
      [0, 1, 2],
    ])
    expect(randomNormal([3], { seed: 4 })).toEqual(randomNormal([3], { seed: 4 }))
    expect(randomUniform([3], { seed: 4 })).not.toEqual(randomUniform([3], { seed: 5 }))
  })
})

describe('models', () => {
  test('leave out the batch in shapes, and say null for what is not known', () => {
    const net = sequential([lstm(4, { returnSequences: true }), dense(1)], { inputShape: [null, 2], name: 'net' })
    expect([net.name, net.inputShape, net.outputShape]).toEqual(['net', [null, 2], [null, 1]])
    expect(net.outputs[0].shape).toEqual([null, 1])
    expect(net.layers).toHaveLength(2)
    const x = input({ shape: [3], name: 'x', dtype: 'float32', batchSize: 4 })
    expect(model({ inputs: x, outputs: dense(1).apply(x) }).inputs[0]).toBe(x)
  })

  test('are functions of arrays, typed arrays with a shape, and tensors alike', async () => {
    const net = sequential([dense(1, { kernelInitializer: 'ones' })], { inputShape: [2] })
    const given: TensorLike[] = [
      [[1, 2]],
      tensor([[1, 2]]),
      tensor(Float32Array.of(1, 2), [1, 2]),
      [Float32Array.of(1, 2)],
    ]
    for (const x of given) expectClose(await net.predict(x), [[3]])
  })

  test('take masks and states in apply', async () => {
    const x = input({ shape: [3, 2] })
    const keep = input({ shape: [3], dtype: 'bool' })
    const h = input({ shape: [4] })
    const out = gru(4).apply(x, { mask: keep, initialState: h })
    const net = model({ inputs: [x, keep, h], outputs: out })
    const xs = randomNormal([2, 3, 2], { seed: 3 })
    const none = [
      [false, false, false],
      [false, false, false],
    ]
    const start = randomNormal([2, 4], { seed: 4 })
    // Keras: with everything masked the output is zeros, and the state stays.
    expect((await net.predict([xs, tensor(none), start])).shape).toEqual([2, 4])
  })

  test('are trainable or not, as their layers are', () => {
    const net = sequential([dense(2), dense(1)], { inputShape: [2] })
    expect([net.trainable, net.layers[0].trainable]).toEqual([true, true])
    net.trainable = false
    expect(net.layers[1].trainable).toBe(false)
    expect(net.trainableWeights).toEqual([])
  })

  test('with the same seed run the same', async () => {
    const run = async (): Promise<unknown> => {
      setSeed(3)
      const net = sequential([dense(4), dropout(0.5), dense(1)]).compile({ loss: 'mse' })
      return (await net.fit(series.reshape([20, 14]), next, { epochs: 2, ...quiet })).history
    }
    expect(await run()).toEqual(await run())
  })
})

describe('compile', () => {
  test('takes what it says, and refuses the rest', () => {
    const all: Required<CompileOptions>[] = [
      {
        optimizer: 'sgd',
        learningRate: 1,
        loss: 'mse',
        lossWeights: [1],
        metrics: ['mae'],
        clipNorm: 1,
        backend: 'auto',
      },
      {
        optimizer: sgd(),
        learningRate: schedules.cosineDecay({ initialLearningRate: 1, decaySteps: 9 }),
        loss: { dense: 'mse' },
        metrics: { dense: 'mae' },
        clipValue: 1,
        backend: { name: 'wasm', threads: 2 },
      },
      { loss: ['mse'], metrics: [['mae']], globalClipNorm: 1, backend: { name: 'gpu', mode: 'webgpu' } },
    ] as never[]
    for (const options of all)
      expect(sequential([dense(1)], { inputShape: [1] }).compile(options)).toBeInstanceOf(Layer)
    expect(() => sequential([dense(1)]).compile({ los: 'mse' } as never)).toThrow(OptionError)
  })

  test('makes the backend known before anything ran', () => {
    const net = sequential([dense(1)]).compile({ loss: 'mse', backend: 'cpu' })
    expect(net.backend.name).toBe('cpu')
  })
})

describe('fit', () => {
  const line = (): Model =>
    sequential([dense(1)], { inputShape: [1] }).compile({ optimizer: 'sgd', loss: 'mse', metrics: ['mae'] })
  const [x, y] = [
    [[1], [2], [3]],
    [[2], [4], [6]],
  ]

  test('has Keras’ defaults: one epoch, batches of 32, shuffled', async () => {
    let batches = 0
    const count: Callback = { onTrainBatchEnd: () => void batches++ }
    const { epoch } = await line().fit(zeros([65, 1]), zeros([65, 1]), { callbacks: [count], ...quiet })
    expect([epoch, batches]).toEqual([[0], 3])
  })

  test('takes records by input name, and callbacks that are async', async () => {
    const a = input({ shape: [1], name: 'a' })
    const net = model({ inputs: a, outputs: dense(1, { name: 'b' }).apply(a) }).compile({ loss: 'mse' })
    const epochs: number[] = []
    const callback = {
      async onEpochEnd(epoch: number): Promise<void> {
        await Promise.resolve()
        epochs.push(epoch)
        net.stopTraining = epoch === 1
      },
    }
    await net.fit({ a: x }, { b: y }, { epochs: 5, callbacks: [callback], ...quiet })
    expect(epochs).toEqual([0, 1])
  })

  test('evaluate, trainOnBatch and testOnBatch give the same record', async () => {
    const net = line()
    const wanted = ['loss', 'mae']
    expect(Object.keys(await net.evaluate(x, y, { batchSize: 2 }))).toEqual(wanted)
    expect(Object.keys(await net.testOnBatch(x, y))).toEqual(wanted)
    expect(Object.keys(await net.trainOnBatch(x, y))).toEqual(wanted)
  })
})

describe('layers', () => {
  test('run on data without a model, and build themselves', async () => {
    const layer = dense(3)
    const out = await layer.run([[1, 2]], { training: false, backend: 'cpu' })
    expect([out.shape, layer.built]).toEqual([[1, 3], true])
    const [output, h, c] = await lstm(3, { returnState: true }).run(series, { mask: ones([20, 7], 'bool') })
    expect([output.shape, h.shape, c.shape]).toEqual([
      [20, 3],
      [20, 3],
      [20, 3],
    ])
    await expect(layer.run([[1, 2]], { traning: true } as never)).rejects.toThrow(/'training'/)
  })

  test('lstm with numLayers is a stack with PyTorch’s states', async () => {
    const [h0, c0] = [randomNormal([2, 5, 20], { seed: 1 }), randomNormal([2, 5, 20], { seed: 2 })]
    const layer = lstm(20, { numLayers: 2, returnSequences: true, returnState: true })
    const x = randomNormal([5, 3, 10], { seed: 3 })
    const [output, hn, cn] = await layer.run(x, { initialState: [h0, c0] })
    expect([output.shape, hn.shape, cn.shape]).toEqual([
      [5, 3, 20],
      [2, 5, 20],
      [2, 5, 20],
    ])
    // The last state of the upper layer is the last output.
    const last = output.data.filter((_, i) => Math.floor(i / 20) % 3 === 2)
    expectClose(tensor(last, [5, 20]), tensor(hn.data.slice(100), [5, 20]))
  })

  test.each([
    [
      'lstm',
      lstm(3),
      {
        activation: 'tanh',
        recurrentActivation: 'sigmoid',
        useBias: true,
        kernelInitializer: 'glorotUniform',
        recurrentInitializer: 'orthogonal',
        biasInitializer: 'zeros',
        unitForgetBias: true,
        dropout: 0,
        recurrentDropout: 0,
      },
    ],
    [
      'gru',
      gru(3),
      { activation: 'tanh', recurrentActivation: 'sigmoid', resetAfter: true, recurrentInitializer: 'orthogonal' },
    ],
    ['simpleRNN', simpleRNN(3), { activation: 'tanh', useBias: true, recurrentInitializer: 'orthogonal' }],
  ] as const)('%s takes all recurrent options; its defaults are those of Keras', async (kind, layer, defaults) => {
    const make = { lstm, gru, simpleRNN }[kind] as typeof lstm // they share the options given here
    const options = {
      kernelRegularizer: 'l2',
      recurrentRegularizer: 'l2',
      biasRegularizer: 'l2',
      activityRegularizer: 'l2',
      kernelConstraint: 'maxNorm',
      recurrentConstraint: 'maxNorm',
      biasConstraint: 'maxNorm',
      returnSequences: true,
      returnState: true,
      goBackwards: true,
      stateful: false,
      zeroOutputForMask: true,
      name: 'r',
      trainable: true,
    } as const
    const { unitForgetBias: _, resetAfter: __, ...plain } = { unitForgetBias: true, resetAfter: true, ...defaults }
    const full = make(3, { ...plain, ...options })
    expect(await full.run(series)).toHaveLength(kind === 'lstm' ? 3 : 2)
    // The same seed, the defaults spelt out: the same layer.
    setSeed(1)
    const first = await layer.run(series)
    setSeed(1)
    const spelt = await make(3, { ...defaults } as never).run(series)
    expectClose(first, spelt, { relative: 0, absolute: 0 })
  })

  test('stateful layers carry states until they are cleared, on the layer or the model', async () => {
    const layer = gru(3, { stateful: true })
    const net = sequential([layer])
    const first = await net.predict(series)
    expect((await net.predict(series)).toArray()).not.toEqual(first.toArray())
    await net.resetStates()
    expectClose(await net.predict(series), first)
    await layer.resetStates()
    expectClose(await net.predict(series), first)
  })

  test('of one’s own extend Layer with build, call, outputShape and config', async () => {
    class Poly extends Layer {
      private readonly degree: number
      declare private factors: ReturnType<Layer['addWeight']>
      constructor(degree: number, options: LayerOptions = {}) {
        super(options)
        this.degree = degree
      }
      override build(inputShape: PartialShape): void {
        this.factors = this.addWeight('factors', [this.degree, inputShape.at(-1) ?? 1], {
          initializer: initializers.constant(0.5),
        })
      }
      override call(x: Value): Value {
        const powers = Array.from({ length: this.degree }, (_, i) => ops.pow(x, i + 1))
        return ops.sum(ops.mul(ops.stack(powers, 1), this.factors), { axis: 1 })
      }
      override outputShape(shape: PartialShape): PartialShape {
        return shape
      }
      override config(): Record<string, unknown> {
        return { degree: this.degree }
      }
    }
    const net = sequential([new Poly(2, { name: 'poly' }), dense(1)]).compile({ loss: 'mse', optimizer: 'sgd' })
    await net.fit([[1], [2]], [[1], [2]], quiet)
    expectClose(await new Poly(2).run([[3]]), [[6]])
    expect(Object.keys(await net.namedWeights())).toEqual(['poly/factors', 'dense/kernel', 'dense/bias'])
  })

  test('take name, trainable, inputShape and dtype, everyone', () => {
    const layer = dense(2, { name: 'first', trainable: false, inputShape: [3], dtype: 'float64' })
    const net = sequential([layer, masking({ maskValue: -1 }), lambda((x) => ops.mul(x as Value, 2))])
    expect([net.built, layer.name, layer.trainable, layer.dtype]).toEqual([true, 'first', false, 'float64'])
    expect(rnn(hornbeam.gruCell(2)).kind).toBe('rnn')
    expect(embedding(9, 2, { maskZero: true }).kind).toBe('embedding')
    expect(concatenate({ axis: 1 }).kind).toBe('concatenate')
  })
})

test('optimizers take the options of Keras', () => {
  const optimizer = adam({
    learningRate: 1e-3,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-7,
    amsgrad: false,
    weightDecay: 0.01,
    clipNorm: 1,
    useEma: true,
    emaMomentum: 0.99,
    emaOverwriteFrequency: 10,
    gradientAccumulationSteps: 2,
    name: 'mine',
  })
  expect(optimizer.name).toBe('mine')
  expect(() => sequential([dense(1)]).compile({ optimizer, loss: 'mse', globalClipNorm: 1 })).toThrow(/clipNorm/)
})

test('functions without a model: jit, grad, valueAndGrad, and derivatives of derivatives', async () => {
  const product = jit((a: Value, b: Value) => ops.matmul(a, b), { backend: 'cpu' })
  expectClose(await product([[1, 2]], [[3], [4]]), [[11]])
  const cubes = (x: Value, y: Value): Value => ops.sum(ops.mul(ops.pow(x, 3), y))
  expectClose(await grad(cubes)([2], [1]), [12])
  const [value, dx, dy] = await valueAndGrad(cubes, { argnums: [0, 1] })([2], [5])
  expectClose(value, 40)
  expectClose(dx, [60])
  expectClose(dy, [8])
  const second = grad((x: Value) => ops.sum(grad((v: Value) => ops.sum(ops.pow(v, 3)))(x)))
  expectClose(await jit((x: Value) => second(x), { backend: 'cpu' })([2, 3]), [12, 18])
  await expect(grad((x: Value) => x)([1, 2])).rejects.toThrow(HornbeamError)
  await expect(grad(cubes, { argnums: 5 })([1], [2])).rejects.toThrow(/argnums/)
})

test('what computes returns a promise; what describes does not', async () => {
  const net = sequential([dense(1)], { inputShape: [2] }).compile({ loss: 'mse' })
  expectTypeOf(net.predict([[1, 2]])).resolves.toExtend<Tensor>()
  expectTypeOf(net.getWeights()).resolves.toEqualTypeOf<Tensor[]>()
  expectTypeOf(net.summary).returns.toBeString()
  expectTypeOf(net.countParams).returns.toBeNumber()
  expectTypeOf(losses.huber).parameter(0).toExtend<{ delta?: number } | undefined>()
  const bytes = await net.toBytes()
  expect((await loadModel(bytes)).countParams()).toBe(net.countParams())
  expect(modelFromJSON(net.toJSON()).countParams()).toBe(3)
  expect(metrics.auc().name).toBe('auc')
})
