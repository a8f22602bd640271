// Bad input where nothing is trained yet: layers, optimizers and tensors that cannot be, values of another kind than the option's,
// files that are broken. Each is answered with a typed error that names the place.
import {
  adam,
  adamw,
  bidirectional,
  constraints,
  DataError,
  data,
  dense,
  dropout,
  embedding,
  FormatError,
  gru,
  gruCell,
  HornbeamError,
  initializers,
  input,
  type Layer,
  layerFromConfig,
  loadModel,
  losses,
  lstm,
  lstmCell,
  type Model,
  metrics,
  model,
  modelFromJSON,
  OptionError,
  regularizers,
  reshape,
  rnn,
  ShapeError,
  schedules,
  search,
  sequential,
  sgd,
  simpleRNN,
  tensor,
} from 'hornbeam'
import { expect, test } from 'vitest'
import { floats } from '../support'

type ErrorClass = new (message: string) => HornbeamError

const oops = <T>(value: unknown): T => value as T // what JavaScript lets a user pass
const make = (): Model =>
  sequential([lstm(5), dense(1)], { inputShape: [null, 3] }).compile({ optimizer: adam(), loss: 'mse' })

// ---- making things ------------------------------------------------------------------------------------------------

test.each<[string, ErrorClass, RegExp, () => unknown]>([
  ['dense(0)', OptionError, /dense: units: .*got 0/, () => dense(0)],
  ['dense(-3)', OptionError, /dense: units: .*got -3/, () => dense(-3)],
  ['dense("3")', OptionError, /dense: units: .*3/, () => dense(oops('3'))],
  ['lstm(0)', OptionError, /lstm: units: .*got 0/, () => lstm(0)],
  ['gru(1.5)', OptionError, /gru: units: .*got 1.5/, () => gru(1.5)],
  ['simpleRNN()', OptionError, /simpleRNN: units: .*undefined/, () => simpleRNN(oops(undefined))],
  ['numLayers: 0', OptionError, /lstm: numLayers: .*got 0/, () => lstm(2, { numLayers: 0 })],
  ['dropout(1.5)', OptionError, /dropout: rate: .*got 1.5/, () => dropout(1.5)],
  ['dropout: -1', OptionError, /gru: dropout: .*got -1/, () => gru(2, { dropout: -1 })],
  ['embedding(0, 3)', OptionError, /embedding: .*got 0/, () => embedding(0, 3)],
  ['input with a length of 0', OptionError, /input: shape: .*got 0/, () => input({ shape: [0] })],
  ['input without a shape', OptionError, /input: shape/, () => input(oops({}))],
  [
    'input with an unknown option',
    OptionError,
    /input: unknown option 'batchsize'.*'batchSize'/,
    () => input(oops({ shape: [1], batchsize: 2 })),
  ],
  ['a batch size of 0', OptionError, /input: batchSize: .*got 0/, () => input({ shape: [1], batchSize: 0 })],
  ['an input shape below 0', OptionError, /dense: inputShape: .*-2/, () => dense(1, { inputShape: [-2] })],
  [
    'a model whose input shape is 0',
    OptionError,
    /sequential: inputShape: .*0/,
    () => sequential([dense(1)], { inputShape: [0] }),
  ],
  ['a type that is none', OptionError, /dense: dtype: .*float16/, () => dense(1, { dtype: oops('float16') })],
  ['a name that is none', OptionError, /dense: name/, () => dense(1, { name: oops(3) })],
  ['no layers', OptionError, /sequential: expected a list of layers/, () => sequential([])],
  [
    'a layer that is none',
    OptionError,
    /sequential: expected layers, got 'dense' at position 0/,
    () => sequential(oops<Layer[]>(['dense'])),
  ],
  [
    'an unknown option of a layer',
    OptionError,
    /lstm: unknown option 'returnSequence'. Did you mean 'returnSequences'/,
    () => lstm(2, oops({ returnSequence: true })),
  ],
  [
    'an unknown option of an optimizer',
    OptionError,
    /adam: unknown option 'learning_rate'. Did you mean 'learningRate'/,
    () => adam(oops({ learning_rate: 1 })),
  ],
  [
    'an unknown option of a loss',
    OptionError,
    /huber: unknown option 'delt'. Did you mean 'delta'/,
    () => losses.huber(oops({ delt: 1 })),
  ],
  [
    'an unknown option of a metric',
    OptionError,
    /auc: unknown option 'curv'. Did you mean 'curve'/,
    () => metrics.auc(oops({ curv: 1 })),
  ],
  [
    'an unknown activation',
    OptionError,
    /dense: activation: unknown activation 'rellu'. Did you mean 'relu'/,
    () => dense(1, { activation: 'rellu' as never }),
  ],
  [
    'an unknown initializer',
    OptionError,
    /kernelInitializer: .*'glorotUnifrom'. Did you mean 'glorotUniform'/,
    () => dense(1, { kernelInitializer: 'glorotUnifrom' as never }),
  ],
  [
    'an unknown regularizer',
    OptionError,
    /kernelRegularizer: .*'l1_l2_'. Did you mean 'l1l2'/,
    () => dense(1, { kernelRegularizer: 'l1_l2_' as never }),
  ],
  [
    'an unknown constraint',
    OptionError,
    /kernelConstraint: .*'maxNrm'. Did you mean 'maxNorm'/,
    () => dense(1, { kernelConstraint: 'maxNrm' as never }),
  ],
  [
    'an unknown layer',
    FormatError,
    /unknown layer 'lsmt'. Did you mean 'lstm'/,
    () => layerFromConfig({ name: 'lsmt', options: {} }),
  ],
  [
    'two clippings of an optimizer',
    OptionError,
    /adam: .*clipNorm.*clipValue/,
    () => adam({ clipNorm: 1, clipValue: 1 }),
  ],
  [
    'a word where a list of words belongs',
    OptionError,
    /adamw: excludeFromWeightDecay: expected a list of words.*'bias'/,
    () => adamw({ excludeFromWeightDecay: oops('bias') }),
  ],
  ['a momentum above 1', OptionError, /sgd: momentum: .*2/, () => sgd({ momentum: 2 })],
  ['a bound that is none', OptionError, /l2/, () => regularizers.l2(oops('much'))],
  ['a variance below 0', OptionError, /stddev|randomNormal/, () => initializers.randomNormal({ stddev: -1 })],
  ['a norm below 0', OptionError, /maxNorm/, () => constraints.maxNorm(-1)],
  [
    'a schedule without steps',
    OptionError,
    /decaySteps/,
    () => schedules.exponentialDecay(oops({ initialLearningRate: 1 })),
  ],
  ['a tensor of another size', ShapeError, /3 elements.*\[2, 2\]/, () => tensor([1, 2, 3], [2, 2])],
  ['a tensor of texts', DataError, /"a"/, () => tensor(oops(['a']))],
  [
    'an unknown activation by resolve',
    OptionError,
    /'gelo'. Did you mean/,
    () => sequential([dense(1, { activation: 'gelo' as never })]),
  ],
])('%s is refused', (_, kind, message, make) => {
  expect(make).toThrow(kind)
  expect(make).toThrow(message)
})

test('layers that do not fit together are refused where they are joined, by name', () => {
  const x = input({ shape: [6] })
  expect(() => reshape([4]).apply(x)).toThrow(ShapeError)
  expect(() => lstm(2).apply(x)).toThrow(/lstm: expected \[batch, time, features\], got shape \[null, 6\]/)
  expect(() => sequential([lstm(3), oops<Layer>(lstm(3))], { inputShape: [4, 2] })).toThrow(
    /lstm_1: expected \[batch, time/,
  )
  const shared = dense(2)
  shared.apply(x)
  expect(() => shared.apply(input({ shape: [7] }))).toThrow(/dense: .*6.*7/)
  expect(() => model({ inputs: x, outputs: x, nam: 'a' } as never)).toThrow(/'nam'/)
})

// ---- values of another kind than the option's -----------------------------------------------------------------------

const bare = (): Model => sequential([dense(1)], { inputShape: [1] }).compile({ optimizer: sgd(), loss: 'mse' })
const one = [[1]]

test.each<[string, RegExp, () => unknown]>([
  [
    'classWeight',
    /fit: classWeight: expected weights by class/,
    () => bare().fit(one, one, oops({ classWeight: null })),
  ],
  [
    'a signal',
    /findLearningRate: signal: expected an AbortSignal, got 5/,
    () => bare().findLearningRate(one, one, oops({ signal: 5 })),
  ],
  [
    'inputShape',
    /estimate: inputShape: expected a list, got 5/,
    () => bare().estimate(oops({ samples: 1, inputShape: 5 })),
  ],
  [
    'a layer',
    /inspect: layer: expected a text, got an array/,
    () => make().inspect(floats([6, 4, 3]), oops({ layer: [] })),
  ],
  ['no weights', /expected 2 weights, got null/, () => bare().setWeights(oops(null))],
  ['a place', /loadModel: place: expected a path, a URL, a File, .*got 5/, () => loadModel(oops(5))],
  ['a name', /no layer is named 'null'/, () => Promise.resolve().then(() => bare().getLayer(oops(null)))],
  ['inputs', /dense.apply: expected symbolic tensors/, () => Promise.resolve().then(() => dense(1).apply(oops(5)))],
  [
    'columns',
    /windows: columns: expected a list/,
    () => Promise.resolve().then(() => data.windows([1, 2, 3], { length: 1, targets: oops(null) })),
  ],
  [
    'classes',
    /oneHot: classes: expected a list/,
    () => Promise.resolve().then(() => data.oneHot([0], { classes: oops(null) })),
  ],
  [
    'missing values',
    /csv: missingValues: expected a list/,
    () => Promise.resolve().then(() => data.csv({ text: 'a' }, { missingValues: oops(1) })),
  ],
  [
    'an objective',
    /search: objective: expected a text, got 5/,
    () => search(() => 1, { rate: [1] }, oops({ objective: 5 })),
  ],
  ['a type', /tensor: dtype: expected one of/, () => Promise.resolve().then(() => tensor([1], [1], oops('float16')))],
  ['a shape', /tensor: shape: expected a list, got 5/, () => Promise.resolve().then(() => tensor([1], oops(5)))],
])('%s of another kind than expected is refused in typed words', async (_, message, call) => {
  const error = await Promise.resolve(call()).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(HornbeamError)
  expect(String(error)).toMatch(message)
})

// ---- files --------------------------------------------------------------------------------------------------------

test('a corrupt, truncated or foreign file is a FormatError wherever it is broken', async () => {
  const bytes = await make().toBytes()
  const changed = (at: number): Uint8Array => Uint8Array.from(bytes, (byte, i) => (i === at ? byte ^ 0x41 : byte))
  const broken: Uint8Array[] = [
    new Uint8Array(0),
    new TextEncoder().encode('{"a": 1}'),
    new TextEncoder().encode('PK\u0003\u0004 this is an archive of another kind'),
    bytes.slice(0, 5),
    bytes.slice(0, 100),
    bytes.slice(0, -1),
    Uint8Array.from([...bytes, 0]),
    ...[0, 9, 40, 200, bytes.length - 1, bytes.length - 300].map(changed),
  ]
  for (const [i, each] of broken.entries()) await expect(loadModel(each), `file ${i}`).rejects.toThrow(FormatError)
  expect((await loadModel(bytes)).countParams()).toBe(make().countParams())
})

test('an architecture with anything in the place of one of its parts is refused, or is a model all the same', () => {
  const [series, state] = [input({ shape: [null, 2], name: 'series' }), input({ shape: [3] })]
  const outputs = [
    dense(1).apply(gru(3, { returnSequences: true }).apply(series, { initialState: state })),
    sequential([bidirectional(rnn([lstmCell(2), gruCell(3)]))]).apply(series),
  ]
  const text = JSON.stringify(model({ inputs: [series, state], outputs }))
  const places: (readonly string[])[] = []
  const walk = (part: unknown, path: readonly string[]): void => {
    if (path.length > 0) places.push(path)
    if (typeof part !== 'object' || part === null) return
    for (const [key, inner] of Object.entries(part)) walk(inner, [...path, key])
  }
  walk(JSON.parse(text), [])
  expect(places.length).toBeGreaterThan(60)
  for (const place of places) {
    for (const odd of [undefined, null, 5, 'x', [], [[1]]]) {
      const json = JSON.parse(text)
      const holder = place.slice(0, -1).reduce((part, key) => part[key], json)
      holder[place[place.length - 1]] = odd
      try {
        modelFromJSON(json)
      } catch (error) {
        expect(error, `${place.join('.')}: ${JSON.stringify(odd)}`).toBeInstanceOf(HornbeamError)
      }
    }
  }
})
