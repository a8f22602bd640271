// What cannot be is refused where it is said, with a typed error that names the call or the option.
import * as hornbeam from 'hornbeam'
import {
  arange,
  batchNormalization,
  bidirectional,
  dense,
  embedding,
  grad,
  gru,
  HornbeamError,
  input,
  jit,
  type Layer,
  losses,
  lstm,
  metrics,
  model,
  ones,
  randomNormal,
  sequential,
  setSeed,
  tensor,
  zeros,
} from 'hornbeam'
import { describe, expect, test } from 'vitest'

/** A value that a caller without types may pass. */
const wrong = (value: unknown): never => value as never

const net = () => sequential([dense(2, { name: 'd' })], { inputShape: [3] })
const compiled = (options: object) => net().compile({ loss: 'mse', ...options })
const sequence = () => input({ shape: [4, 3] })
const state = (units: number) => input({ shape: [units] })

describe('refused at once', () => {
  test.each<[string, () => unknown, RegExp]>([
    [
      'tensors of a graph one after another',
      () => hornbeam.concatenate().apply(sequence(), wrong(sequence())),
      /^concatenate.apply: expected several symbolic tensors as a list, apply\(\[a, b\]\), got them one after another/,
    ],
    [
      'an emptied field as a constant',
      () => hornbeam.initializers.constant(wrong('')),
      /value: expected a number .*got ''/,
    ],
    ['an emptied field as a seed', () => randomNormal([2], { seed: wrong('') }), /^randomNormal: seed: .*got ''/],
    ['the output of a layer in no graph', () => dense(1).output, /^dense.output: .* it is not applied yet/],
    ['a shape that is a number', () => zeros(wrong(3)), /^zeros: expected a shape, .*got a? ?.*3/],
    ['a negative length', () => ones([2, -1]), /^ones: expected a shape, .*got \[2, -1\]/],
    ['a text as a shape', () => randomNormal(wrong('x')), /^randomNormal: expected a shape/],
    ['an unknown option of random numbers', () => randomNormal([2], wrong({ sed: 1 })), /sed.*seed/],
    ['a negative range', () => arange(-1), /^arange: expected a whole number of at least 0, got -1/],
    ['an unknown dtype', () => tensor([1], [1], wrong('float16')), /^tensor: dtype: expected one of .*float16/],
    ['a seed that is no number', () => setSeed(NaN), /^setSeed: expected a whole number, got NaN/],
    ['useBias that is a text', () => dense(2, { useBias: wrong('no') }), /^dense: useBias: expected true or false/],
    ['maskZero that is a number', () => embedding(5, 2, { maskZero: wrong(1) }), /^embedding: maskZero: expected true/],
    [
      'center that is a text',
      () => batchNormalization({ center: wrong('x') }),
      /^batchNormalization: center: expected/,
    ],
    [
      'weights of whole numbers',
      () => sequential([dense(2, { dtype: 'int32' })], { inputShape: [3] }),
      /^dense: dtype: expected 'float32' or 'float64' for the weight kernel, got 'int32'/,
    ],
    ['a model of nothing', () => model(wrong(undefined)), /^model: expected at least one input/],
    [
      'data where symbols belong',
      () => dense(2).apply(wrong(zeros([2, 2]))),
      /^dense\.apply: expected symbolic tensors/,
    ],
    [
      'nothing where symbols belong',
      () => dense(2).apply(wrong(undefined)),
      /^dense\.apply: expected symbolic tensors/,
    ],
    ['trainable that is a text', () => Object.assign(dense(2), { trainable: 'x' }), /^dense: trainable: expected true/],
    ['an empty name', () => dense(2).rename(''), /^dense: name: expected a text/],
    [
      'a loss that is not called',
      () => compiled({ loss: losses.huber }),
      /^compile: loss: expected a loss: what huber\(\) gives/,
    ],
    [
      'a metric that is not called',
      () => compiled({ metrics: [metrics.auc] }),
      /^compile: metrics: expected a metric: what auc\(\) gives/,
    ],
    ['a weight of a loss that is NaN', () => compiled({ lossWeights: [NaN] }), /lossWeights: expected finite numbers/],
    ['weights of losses as a text', () => compiled({ lossWeights: 'x' }), /lossWeights: expected a list or a record/],
    ['jit of no function', () => jit(wrong(5)), /^jit: expected a function, got/],
    ['grad of no function', () => grad(wrong(5)), /^grad: expected a function, got/],
  ])('%s', (_, act, message) => {
    expect(act).toThrow(HornbeamError)
    expect(act).toThrow(message)
  })

  test('nothing in compile is rmsprop without a loss, as in Keras', () => {
    expect(net().compile(wrong(undefined)).optimizer?.config.name).toBe('rmsprop')
  })
})

describe('initial states and masks are checked where a layer is applied', () => {
  test.each<[string, Layer, number[], RegExp]>([
    ['one state too few', lstm(2), [2], /^lstm: initialState: expected 2 of shape \[null, 2\], \[null, 2\], got 1/],
    [
      'a state of other units',
      gru(2),
      [3],
      /^gru: initialState: expected 1 of shape \[null, 2\], got 1 of shape \[null, 3\]/,
    ],
    [
      'states of one direction alone',
      bidirectional(lstm(2)),
      [2, 2],
      /^bidirectional: initialState: expected 4 states/,
    ],
  ])('%s', (_, layer, units, message) => {
    expect(() => layer.apply(sequence(), { initialState: units.map(state) })).toThrow(message)
    expect(() => layer.apply(sequence(), { initialState: wrong([1, 2]) })).toThrow(/initialState: expected symbolic/)
    expect(() => layer.apply(sequence(), { mask: state(3) })).toThrow(
      /mask: expected shape \[null, 4\], got \[null, 3\]/,
    )
  })

  test('states for both directions may be of different kinds', async () => {
    const both = bidirectional(lstm(2), { backwardLayer: gru(2, { goBackwards: true }) })
    const [x, ...states] = [randomNormal([1, 4, 3]), zeros([1, 2]), zeros([1, 2]), ones([1, 2])]
    const given = await both.run(x, { initialState: states, backend: 'cpu' })
    expect(given.toArray()).not.toEqual((await both.run(x, { backend: 'cpu' })).toArray())
  })
})

test("inputs of a model are each given once, and one of another's name gets a number", async () => {
  const [a, b] = [input({ shape: [2], name: 'a' }), input({ shape: [2], name: 'a' })]
  const joined = model({ inputs: [a, b], outputs: hornbeam.concatenate().apply([a, b]) })
  expect((await joined.predict({ a: [[1, 2]], a_1: [[3, 4]] })).toArray()).toEqual([[1, 2, 3, 4]])
  expect(() => model({ inputs: [a, a], outputs: dense(1).apply(a) })).toThrow(/inputs: expected each once, got a twice/)
})

test.each<[string, () => Promise<unknown>, RegExp]>([
  [
    'options in the place of targets',
    () => compiled({}).fit(ones([2, 3]), wrong({ epochs: 3, callbacks: [] })),
    /^y: expected targets, got the options { epochs, callbacks } in their place; options come after them/,
  ],
  [
    'an emptied field as a share',
    () => compiled({}).fit(ones([2, 3]), ones([2, 2]), { validationSplit: wrong(''), verbose: 0 }),
    /^fit: validationSplit: expected a number from 0 below 1, got ''/,
  ],
  [
    'labels that are texts',
    () => compiled({}).fit(ones([2, 3]), wrong(['cat', 'dog'])),
    /^y: expected numbers, got the text 'cat'; data.oneHot\(labels, { classes }\) makes numbers of labels/,
  ],
  [
    'a generator function',
    () => compiled({}).fit(wrong(function* () {})),
    /^x: expected data, got a function; data.fromGenerator makes a dataset of a generator function/,
  ],
  [
    'the states of one direction for both',
    () => bidirectional(lstm(2)).run(ones([1, 4, 3]), { initialState: [zeros([1, 2]), zeros([1, 2])] }),
    /^bidirectional: initialState: expected 4 states, those of the forward layer first, got 2/,
  ],
  [
    'shapes that do not fit in a layer of one’s own',
    async () => {
      class Own extends hornbeam.Layer {
        override call(x: hornbeam.Value): hornbeam.Value {
          return hornbeam.ops.add(x, ones([7]))
        }
      }
      return sequential([new Own()], { inputShape: [3] }).predict(ones([2, 3]))
    },
    /^own: add: shapes \[\d, 3\] and \[7\] do not broadcast/,
  ],
  ['weights that are no list', () => net().setWeights(wrong(undefined)), /expected 2 weights, got undefined/],
  ['no place to load from', () => hornbeam.loadModel(wrong(undefined)), /place: expected a path/],
  ['no place to save to', () => net().save(wrong(5)), /^place: expected a path, a URL/],
  [
    'classes that are no numbers',
    () => compiled({}).fit(ones([2, 3]), ones([2, 2]), { verbose: 0, classWeight: wrong({ a: 1 }) }),
    /classWeight: expected whole numbers as classes, got 'a'/,
  ],
])('%s', async (_, act, message) => {
  await expect(act()).rejects.toThrow(HornbeamError)
  await expect(act()).rejects.toThrow(message)
})
