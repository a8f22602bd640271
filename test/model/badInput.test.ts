// Bad input: each kind has its own error, which names the place, what was expected and what was given, and leaves the
// model as it was: its weights, and all that a following training run gives.
import {
  adam,
  type CompileOptions,
  DataError,
  dense,
  embedding,
  type FitOptions,
  HornbeamError,
  losses,
  lstm,
  type Model,
  type ModelData,
  OptionError,
  ShapeError,
  sequential,
  setSeed,
  sgd,
  tensor,
} from 'hornbeam'
import { beforeAll, describe, expect, test } from 'vitest'
import { floats } from '../support'

type ErrorClass = new (message: string) => HornbeamError
type Row = readonly [says: string, kind: ErrorClass, message: RegExp, call: (net: Model) => unknown]

// ---- calls of a model, which must leave it as it was ------------------------------------------------------------

const x = floats([6, 4, 3])
const y = floats([6, 1])
const quiet = { verbose: 0, batchSize: 3 } as const
const bad = (value: unknown): ModelData => value as ModelData // what JavaScript lets a user pass
const oops = <T>(value: unknown): T => value as T // the same for options
const nested = x.toArray() as number[][][] // three axes
const withNaN = tensor(
  Float32Array.from(x.data, (n, i) => (i === 17 ? Number.NaN : n)),
  [6, 4, 3],
)

const dataRows: readonly Row[] = [
  [
    'too few axes',
    ShapeError,
    /x .*expected shape \[null, null, 3\], got \[6, 3\]/,
    (net) => net.fit(floats([6, 3]), y, quiet),
  ],
  [
    'too many axes',
    ShapeError,
    /x .*\[null, null, 3\], got \[6, 4, 3, 1\]/,
    (net) => net.predict(floats([6, 4, 3, 1])),
  ],
  ['a single number', DataError, /x.*expected a batch/, (net) => net.predict(3)],
  [
    'other features',
    ShapeError,
    /x .*\[null, null, 3\], got \[6, 4, 2\]/,
    (net) => net.fit(floats([6, 4, 2]), y, quiet),
  ],
  ['other features to predict', ShapeError, /\[6, 4, 5\]/, (net) => net.predict(floats([6, 4, 5]))],
  ['other features to evaluate', ShapeError, /\[6, 4, 5\]/, (net) => net.evaluate(floats([6, 4, 5]), y)],
  ['other features in a batch', ShapeError, /\[6, 4, 5\]/, (net) => net.trainOnBatch(floats([6, 4, 5]), y)],
  [
    'other features to validate',
    ShapeError,
    /\[6, 4, 5\]/,
    (net) => net.fit(x, y, { ...quiet, validationData: [floats([6, 4, 5]), y] }),
  ],
  [
    'rows of other lengths',
    DataError,
    /ragged array: expected an array of 3 at \[0, 1\], got 2/,
    (net) =>
      net.fit(
        [
          [
            [1, 2, 3],
            [1, 2],
          ],
        ],
        [1],
        quiet,
      ),
  ],
  ['a number among rows', DataError, /ragged array.*\[1\]/, (net) => net.predict(bad([[[1, 2, 3]], 5]))],
  ['rows among numbers', DataError, /ragged array/, (net) => net.predict(bad([[[1, 2, [3]]]]))],
  ['fewer targets', DataError, /fit: .*same length, got 6 and 5/, (net) => net.fit(x, floats([5, 1]), quiet)],
  ['fewer targets to evaluate', DataError, /evaluate: .*got 6 and 5/, (net) => net.evaluate(x, floats([5, 1]))],
  [
    'fewer targets to validate',
    DataError,
    /validationData: .*got 6 and 5/,
    (net) => net.fit(x, y, { ...quiet, validationData: [x, floats([5, 1])] }),
  ],
  [
    'fewer weights',
    DataError,
    /sampleWeight: expected 6 weights, got 5/,
    (net) => net.fit(x, y, { ...quiet, sampleWeight: [1, 1, 1, 1, 1] }),
  ],
  ['no targets', DataError, /fit: expected targets y, got none/, (net) => net.fit(x)],
  ['no samples', DataError, /expected .*sample/, (net) => net.fit(floats([0, 4, 3]), floats([0, 1]), quiet)],
  [
    'no samples to predict',
    DataError,
    /predict: expected at least one sample/,
    (net) => net.predict(floats([0, 4, 3])),
  ],
  ['NaN', DataError, /x: expected finite numbers, got NaN in sample 1/, (net) => net.fit(withNaN, y, quiet)],
  ['NaN to predict', DataError, /NaN in sample 1/, (net) => net.predict(withNaN)],
  ['NaN to validate', DataError, /NaN/, (net) => net.fit(x, y, { ...quiet, validationData: [withNaN, y] })],
  [
    'NaN among targets',
    DataError,
    /y: .*got NaN in sample 0/,
    (net) => net.fit(x, [[Number.NaN], [1], [1], [1], [1], [1]], quiet),
  ],
  [
    'infinite targets',
    DataError,
    /y: .*got Infinity in sample 5/,
    (net) => net.evaluate(x, [[0], [1], [1], [1], [1], [Infinity]]),
  ],
  [
    'NaN among weights',
    DataError,
    /sampleWeight.*NaN/,
    (net) => net.fit(x, y, { ...quiet, sampleWeight: [1, 1, 1, Number.NaN, 1, 1] }),
  ],
  [
    'a text',
    DataError,
    /expected a number at \[0, 0, 1\], got the string "2"/,
    (net) => net.predict(bad([[[1, '2', 3]]])),
  ],
  ['null', DataError, /expected .*null/, (net) => net.predict(bad([[[1, null, 3]]]))],
  ['undefined', DataError, /x.*(undefined|none)/, (net) => net.predict(bad(undefined))],
  ['an object', DataError, /'data'/, (net) => net.predict(bad({ data: nested }))],
  ['a class', DataError, /x/, (net) => net.predict(bad(new Date()))],
  ['numbers too wide', DataError, /BigInt64Array|Float32Array/, (net) => net.predict(bad(new BigInt64Array(3)))],
  ['another name', DataError, /x: nothing is named 'inputs'/, (net) => net.predict({ inputs: x })],
  [
    'targets of other widths',
    ShapeError,
    /meanSquaredError: .*\[6, 1\].*\[6, 2\]/,
    (net) => net.fit(x, floats([6, 2]), quiet),
  ],
  [
    'targets of other widths to validate',
    ShapeError,
    /meanSquaredError: .*\[6, 1\].*\[6, 2\]/,
    (net) => net.fit(x, y, { ...quiet, validationData: [x, floats([6, 2])] }),
  ],
  ['targets with steps', ShapeError, /meanSquaredError.*\[6, 4, 1\]/, (net) => net.evaluate(x, floats([6, 4, 1]))],
]

const optionRows: readonly Row[] = [
  [
    'fit({ epoch })',
    OptionError,
    /fit: unknown option 'epoch'. Did you mean 'epochs'/,
    (net) => net.fit(x, y, oops({ epoch: 2 })),
  ],
  ['fit options that are none', OptionError, /fit: expected an object of options/, (net) => net.fit(x, y, oops(3))],
  [
    'epochs: 0',
    OptionError,
    /fit: epochs: expected a positive whole number, got 0/,
    (net) => net.fit(x, y, { epochs: 0 }),
  ],
  ['epochs: NaN', OptionError, /fit: epochs: .*NaN/, (net) => net.fit(x, y, { epochs: Number.NaN })],
  ['batchSize: 0', OptionError, /fit: batchSize: .*got 0/, (net) => net.fit(x, y, { batchSize: 0 })],
  ['batchSize: -1 to predict', OptionError, /predict: batchSize: .*got -1/, (net) => net.predict(x, { batchSize: -1 })],
  [
    'batchSize: 1.5 to evaluate',
    OptionError,
    /evaluate: batchSize: .*got 1.5/,
    (net) => net.evaluate(x, y, { batchSize: 1.5 }),
  ],
  ['validationBatchSize: 0', OptionError, /validationBatchSize/, (net) => net.fit(x, y, { validationBatchSize: 0 })],
  ['stepsPerEpoch: 0', OptionError, /stepsPerEpoch/, (net) => net.fit(x, y, { stepsPerEpoch: 0 })],
  ['steps: 0 to evaluate', OptionError, /evaluate: steps/, (net) => net.evaluate(x, y, { steps: 0 })],
  ['initialEpoch: -1', OptionError, /initialEpoch.*-1/, (net) => net.fit(x, y, { initialEpoch: -1 })],
  ['validationSplit: 1', OptionError, /validationSplit: .*got 1/, (net) => net.fit(x, y, { validationSplit: 1 })],
  [
    'a split that leaves nothing',
    DataError,
    /expected samples to train on/,
    (net) => net.fit(x, y, { validationSplit: 0.99 }),
  ],
  ['verbose: 5', OptionError, /verbose: .*5/, (net) => net.fit(x, y, { verbose: oops(5) })],
  ['shuffle: "no"', OptionError, /fit: shuffle: .*'?no/, (net) => net.fit(x, y, { ...quiet, shuffle: oops('no') })],
  ['callbacks that are none', OptionError, /callback/, (net) => net.fit(x, y, { ...quiet, callbacks: oops([3]) })],
  [
    'a callback with a misspelt method',
    OptionError,
    /onEpochEnds.*Did you mean 'onEpochEnd'/,
    (net) => net.fit(x, y, { ...quiet, callbacks: oops([{ onEpochEnds() {} }]) }),
  ],
  [
    'one callback for a list',
    OptionError,
    /fit: callbacks: expected a list/,
    (net) => net.fit(x, y, { ...quiet, callbacks: oops({ onEpochEnd() {} }) }),
  ],
  ['a signal that is none', OptionError, /fit: signal/, (net) => net.fit(x, y, { ...quiet, signal: oops(true) })],
  [
    'validationData that is none',
    DataError,
    /validationData/,
    (net) => net.fit(x, y, { ...quiet, validationData: oops(x) }),
  ],
  [
    'weights of classes that are none',
    DataError,
    /classWeight: .*NaN/,
    (net) => net.fit(x, y, { ...quiet, classWeight: { 0: Number.NaN } }),
  ],
  [
    'predict({ batchsize })',
    OptionError,
    /predict: unknown option 'batchsize'. Did you mean 'batchSize'/,
    (net) => net.predict(x, oops({ batchsize: 2 })),
  ],
  [
    'evaluate({ epochs })',
    OptionError,
    /evaluate: unknown option 'epochs'/,
    (net) => net.evaluate(x, y, oops({ epochs: 2 })),
  ],
  [
    'trainOnBatch({ epochs })',
    OptionError,
    /trainOnBatch: unknown option 'epochs'/,
    (net) => net.trainOnBatch(x, y, oops({ epochs: 2 })),
  ],
  [
    'another backend',
    OptionError,
    /backend: .*"wsam".*Did you mean 'wasm'/,
    (net) => net.predict(x, { backend: oops('wsam') }),
  ],
  [
    'compile({ optimiser })',
    OptionError,
    /compile: unknown option 'optimiser'. Did you mean 'optimizer'/,
    (net) => net.compile(oops<CompileOptions>({ optimiser: 'adam' })),
  ],
  [
    'an unknown optimizer',
    OptionError,
    /unknown optimizer 'adan'. Did you mean 'adam'/,
    (net) => net.compile({ optimizer: 'adan' as never, loss: 'mse' }),
  ],
  [
    'an unknown loss',
    OptionError,
    /unknown loss 'msee'. Did you mean 'mse'/,
    (net) => net.compile({ loss: 'msee' as never }),
  ],
  [
    'an unknown loss in a list',
    OptionError,
    /unknown loss 'hubber'. Did you mean 'huber'/,
    (net) => net.compile({ loss: ['hubber' as never] }),
  ],
  [
    'an unknown metric',
    OptionError,
    /unknown metric 'acuracy'. Did you mean 'accuracy'/,
    (net) => net.compile({ loss: 'mse', metrics: ['acuracy' as never] }),
  ],
  [
    'a loss that comes to no single number',
    OptionError,
    /compile: loss: meanSquaredError: expected a reduction to one number.*'none'/,
    (net) => net.compile({ loss: losses.meanSquaredError({ reduction: 'none' }) }),
  ],
  [
    'a backend compile does not know',
    OptionError,
    /backend.*"gpuu".*Did you mean 'gpu'/,
    (net) => net.compile({ loss: 'mse', backend: oops('gpuu') }),
  ],
  [
    'an option a backend does not know',
    OptionError,
    /backend wasm: unknown option 'thread'/,
    (net) => net.compile({ loss: 'mse', backend: oops({ name: 'wasm', thread: 2 }) }),
  ],
  [
    'two clippings',
    OptionError,
    /clipNorm.*globalClipNorm/,
    (net) => net.compile({ loss: 'mse', clipNorm: 1, globalClipNorm: 1 }),
  ],
  [
    'clipping in both places',
    OptionError,
    /clipNorm/,
    (net) => net.compile({ optimizer: sgd({ clipNorm: 1 }), loss: 'mse', clipNorm: 1 }),
  ],
  [
    'two clippings in two places',
    OptionError,
    /clipValue/,
    (net) => net.compile({ optimizer: sgd({ clipNorm: 1 }), loss: 'mse', clipValue: 1 }),
  ],
  ['clipping below 0', OptionError, /clipNorm.*-1/, (net) => net.compile({ loss: 'mse', clipNorm: -1 })],
  ['a learning rate below 0', OptionError, /learningRate.*-1/, (net) => net.compile({ loss: 'mse', learningRate: -1 })],
  [
    'losses for other outputs',
    OptionError,
    /compile: loss: no output is named 'densee'. Did you mean 'dense'/,
    (net) => net.compile({ loss: { densee: 'mse' } }),
  ],
  [
    'weights of losses for other outputs',
    OptionError,
    /lossWeights.*got 2/,
    (net) => net.compile({ loss: 'mse', lossWeights: [1, 2] }),
  ],
  [
    'metrics that are no list',
    OptionError,
    /compile: metrics: expected a list/,
    (net) => net.compile({ loss: 'mse', metrics: oops('mae') }),
  ],
  [
    'a model that is not compiled',
    OptionError,
    /not compiled/,
    () => sequential([dense(1)], { inputShape: [2] }).fit([[1, 2]], [1]),
  ],
  [
    'weights before there are any',
    OptionError,
    /no weights yet/,
    () => sequential([dense(1)]).setWeights([[[1]], [1]]),
  ],
  ['outputs before there are weights', OptionError, /no weights yet/, () => sequential([dense(1)]).outputs],
  ['fewer weights than there are', DataError, /expected \d+ weights, got 1/, (net) => net.setWeights([[1]])],
  [
    'weights of other shapes',
    ShapeError,
    /lstm\/kernel: expected shape \[3, 20\], got \[1\]/,
    (net) => net.setWeights([[1], [1], [1], [1], [1]]),
  ],
  [
    'another layer by name',
    OptionError,
    /no layer is named 'lsmt'. Did you mean 'lstm'/,
    (net) => net.getLayer('lsmt'),
  ],
]

const make = (): Model => {
  setSeed(11)
  return sequential([lstm(5), dense(1)], { inputShape: [null, 3] }).compile({
    optimizer: adam(),
    loss: 'mse',
    metrics: ['mae'],
  })
}

/** Everything a call could have changed, shown by going on. */
const goOn = async (net: Model): Promise<unknown> => {
  const weights = (await net.getWeights()).map((weight) => weight.toArray())
  const options: FitOptions = { ...quiet, validationSplit: 0.5 }
  return [weights, (await net.fit(x, y, options)).history, (await net.predict(x)).toArray()]
}

// Before the tests, and awaited: seeds are of the whole process.
let untouched: unknown
beforeAll(async () => {
  const net = make()
  await net.fit(x, y, quiet)
  untouched = await goOn(net)
})

describe.each([...dataRows, ...optionRows])('%s', (_, kind, message, call) => {
  test('is refused and leaves the model as it was', async () => {
    const net = make()
    await net.fit(x, y, quiet)
    const failed = await Promise.resolve()
      .then(() => call(net))
      .then(() => undefined)
      .catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(HornbeamError)
    expect(failed).toBeInstanceOf(kind)
    expect(failed).toHaveProperty('message', expect.stringMatching(message))
    expect(await goOn(net)).toEqual(untouched)
  })
})

// ---- labels ------------------------------------------------------------------------------------------------------

describe('labels', () => {
  const classes = (loss: CompileOptions['loss'], units = 3): Model =>
    sequential([dense(units, { activation: 'softmax' })], { inputShape: [2] }).compile({
      optimizer: sgd(),
      loss: loss ?? 'mse',
    })
  const data = [
    [1, 2],
    [3, 4],
  ]
  const sparse = 'sparseCategoricalCrossentropy'

  test.each<[string, CompileOptions['loss'], ModelData, ErrorClass, RegExp]>([
    ['a class beyond the last', sparse, [0, 3], DataError, /class indices from 0 to 2.*got 3/],
    ['a class below 0', sparse, [0, -1], DataError, /class indices from 0 to 2.*got -1/],
    ['half a class', sparse, [0, 1.5], DataError, /1\.5/],
    [
      'one-hot rows for labels',
      sparse,
      [
        [1, 0, 0],
        [0, 1, 0],
      ],
      ShapeError,
      /sparseCategoricalCrossentropy.*\[2, 3\].*/,
    ],
    ['labels for one-hot rows', 'categoricalCrossentropy', [0, 1], ShapeError, /categoricalCrossentropy.*\[2\]/],
    [
      'rows of another width',
      'categoricalCrossentropy',
      [
        [1, 0],
        [0, 1],
      ],
      ShapeError,
      /categoricalCrossentropy.*\[2, 2\]/,
    ],
    ['one number for three', 'mse', [[1], [2]], ShapeError, /meanSquaredError.*\[2, 1\]/],
  ])('%s', async (_, loss, y, kind, message) => {
    const net = classes(loss)
    const before = await net.getWeights()
    const failed = await net.fit(data, y, { verbose: 0 }).catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(kind)
    expect(failed).toHaveProperty('message', expect.stringMatching(message))
    await expect(net.evaluate(data, y)).rejects.toThrow(kind)
    await expect(net.trainOnBatch(data, y)).rejects.toThrow(kind)
    expect(await net.getWeights()).toEqual(before)
  })

  test('a class that is to be ignored may be any number', async () => {
    const net = classes(losses.sparseCategoricalCrossentropy({ ignoreClass: -1 }))
    const { history } = await net.fit(data, [0, -1], { verbose: 0 })
    expect(history.loss[0]).toBeGreaterThan(0)
  })

  test('a word outside the vocabulary', async () => {
    const net = sequential([embedding(4, 2)], { inputShape: [null] })
    await expect(net.predict([[0, 4]])).rejects.toThrow(/embedding.*4/)
    await expect(net.predict([[0, -1]])).rejects.toThrow(DataError)
    await expect(net.predict([[0, 1.5]])).rejects.toThrow(DataError)
    await expect(embedding(4, 2).run([[0, 9]])).rejects.toThrow(DataError)
  })
})
