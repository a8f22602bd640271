// What every kind of layer says of its options: values that cannot be are refused where the layer is made.
import { describe, expect, test } from 'vitest'
import type { Rule } from '../../src/errors'
import {
  activation,
  batchNormalization,
  bidirectional,
  conv1d,
  dense,
  dropout,
  embedding,
  gaussianNoise,
  globalMaxPooling1d,
  gru,
  Layer,
  type LayerOptions,
  lambda,
  layerNormalization,
  leakyReLU,
  lstm,
  lstmCell,
  masking,
  normalization,
  repeatVector,
  reshape,
  rnn,
  simpleRNN,
  spatialDropout1d,
  timeDistributed,
} from '../../src/layers'
import * as layers from '../../src/layers/public'
import { declarationOf } from '../../src/registry'

/** What a program without types may pass. */
const any = (options: unknown) => options as never

describe('refused, with the layer and the option in front:', () => {
  test.each<[string, () => unknown, string]>([
    [
      'a flag that is a word',
      () => batchNormalization({ scale: any('no') }),
      "batchNormalization: scale: expected true or false, got 'no'",
    ],
    [
      'the same elsewhere',
      () => layerNormalization({ center: any(0) }),
      'layerNormalization: center: expected true or false, got 0',
    ],
    ['a flag of a cell', () => lstm(2, { unitForgetBias: any('yes') }), 'unitForgetBias: expected true or false'],
    [
      'a flag of a sequence',
      () => gru(2, { returnSequences: any(1) }),
      'gru: returnSequences: expected true or false, got 1',
    ],
    ['a flag of pooling', () => globalMaxPooling1d({ keepdims: any('x') }), 'keepdims: expected true or false'],
    [
      'a seed that is a record',
      () => dropout(0.5, { seed: any({}) }),
      'dropout: seed: expected a whole number from 0, got an object',
    ],
    [
      'a seed that is a word',
      () => gaussianNoise(0.1, { seed: any('x') }),
      "gaussianNoise: seed: expected a whole number from 0, got 'x'",
    ],
    ['a seed that is no whole number', () => spatialDropout1d(0.1, { seed: 1.5 }), 'seed: expected a whole number'],
    [
      'an argument given twice',
      () => dropout(0.5, any({ rate: 0.9 })),
      "dropout: unknown option 'rate'. It is an argument of its own",
    ],
    ['the same elsewhere', () => repeatVector(2, any({ n: 9 })), "repeatVector: unknown option 'n'"],
    ['the same of a recurrent layer', () => lstm(2, any({ units: 3 })), "lstm: unknown option 'units'"],
    [
      'an argument that may stand among the options, given twice',
      () => leakyReLU(0.1, { negativeSlope: 0.2 }),
      'negativeSlope: expected it once',
    ],
    [
      'a shape that is a word',
      () => lambda((x) => x, { outputShape: any('x') }),
      "lambda: outputShape: expected a list of positive whole numbers or null, got 'x'",
    ],
    [
      'a mask that is no function',
      () => lambda((x) => x, { mask: any(true) }),
      'lambda: mask: expected a function of the masks, got true',
    ],
    [
      'an initializer that is none',
      () => dense(1, { kernelInitializer: 'glorotUniforn' as never }),
      "dense: kernelInitializer: unknown initializer 'glorotUniforn'. Did you mean 'glorotUniform'?",
    ],
    [
      'a regularizer that is none',
      () => embedding(2, 2, { embeddingsRegularizer: 'l3' as never }),
      "embedding: embeddingsRegularizer: unknown regularizer 'l3'",
    ],
    [
      'a constraint that is none',
      () => conv1d(1, 2, { biasConstraint: any(7) }),
      'conv1d: biasConstraint: expected a constraint',
    ],
    [
      'an activation that is none',
      () => lstmCell(2, { recurrentActivation: 'sigmod' as never }),
      "lstmCell: recurrentActivation: unknown activation 'sigmod'",
    ],
    [
      'a momentum above 1',
      () => batchNormalization({ momentum: 2 }),
      'batchNormalization: momentum: expected a number from 0 to 1, got 2',
    ],
    [
      'no number of layers',
      () => simpleRNN(2, { numLayers: 0 }),
      'simpleRNN: numLayers: expected a whole number from 1 to 1000, got 0',
    ],
    ['a value to mask that is a word', () => masking({ maskValue: any('0') }), 'masking: maskValue: expected a number'],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(message)
  })
})

test('null stands for no regularizer and no constraint, as in Keras', () => {
  expect(() => dense(1, { kernelRegularizer: any(null), biasConstraint: any(null) })).not.toThrow()
})

test('the options of a layer of one’s own may be called what they like', () => {
  interface Options extends LayerOptions {
    readonly noActivation?: boolean
    readonly useBias?: string
  }
  class Own extends Layer {
    constructor(options: Options = {}) {
      super(options, 'own', ['noActivation', 'useBias'])
    }
    override call(x: never) {
      return x
    }
  }
  expect(new Own({ noActivation: true, useBias: 'sometimes' }).kind).toBe('own')
})

test('a layer of one’s own may say defaults and rules, and has them checked', () => {
  const share: Rule = { from: 0, to: 1 }
  class Own extends Layer {
    constructor(options: LayerOptions & { readonly part?: number; readonly loud?: boolean } = {}) {
      super(options, 'own', { defaults: { part: 0.5, loud: false }, rules: { part: share } })
    }
    override call(x: never) {
      return x
    }
  }
  expect(() => new Own({ part: 2 })).toThrow('own: part: expected a number from 0 to 1, got 2')
  expect(() => new Own({ loud: any('very') })).toThrow('own: loud: expected true or false')
  expect(() => new Own(any({ lod: true }))).toThrow("own: unknown option 'lod'. Did you mean 'loud'?")
})

test('every layer that is exported is declared under its own name', () => {
  const undeclared = ['input', 'lambda', 'layerFromConfig', 'layerToConfig', 'registerLayer']
  for (const [name, each] of Object.entries<unknown>(layers)) {
    if (typeof each !== 'function' || /^[A-Z]/.test(name) || undeclared.includes(name)) continue
    expect([name, declarationOf(each)?.name]).toEqual([name, name])
  }
})

test('options are refused before anything is made', () => {
  const inner = lstm(2)
  expect(() => bidirectional(inner, any({ mergeMod: 'sum' }))).toThrow("Did you mean 'mergeMode'?")
  expect(() => timeDistributed(dense(1), any({ layer: inner }))).toThrow("unknown option 'layer'")
  expect(() => rnn(lstmCell(2), any({ cell: 1 }))).toThrow("unknown option 'cell'")
  expect(() => reshape([2], any({ targetShape: [1] }))).toThrow("unknown option 'targetShape'")
  expect(() => activation('relu', any({ activation: 'tanh' }))).toThrow("unknown option 'activation'")
  expect(() => normalization({ inverse: any('x') })).toThrow('normalization: inverse: expected true or false')
})

describe('what Keras takes and changes nothing here', () => {
  // Those with a data_format in keras.layers 3.15.
  const withChannels = [
    'averagePooling1d, averagePooling2d, conv1d, conv2d, cropping2d, flatten, globalAveragePooling1d, globalAveragePooling2d',
    'globalMaxPooling1d, globalMaxPooling2d, maxPooling1d, maxPooling2d, spatialDropout2d, upSampling2d, zeroPadding1d, zeroPadding2d',
  ].flatMap((names) => names.split(', '))
  const leading: Readonly<Record<string, readonly unknown[]>> = {
    conv1d: [1, 2],
    conv2d: [1, 2],
    spatialDropout2d: [0.5],
  }

  test.for(withChannels)('%s takes the data format it has, and no other', (kind) => {
    const make = (dataFormat: string): Layer =>
      (layers as unknown as Record<string, (...given: unknown[]) => Layer>)[kind](...(leading[kind] ?? []), {
        dataFormat,
      })
    expect(make('channelsLast').config().dataFormat).toBe('channelsLast')
    expect(() => make('channelsFirst')).toThrow(
      `${kind}: dataFormat: expected 'channelsLast' (permute() brings the channels to the end), got 'channelsFirst'`,
    )
  })

  test.for([lstm, gru, simpleRNN])('recurrent layers take unroll', async (make) => {
    const rolled = make(2, { unroll: true })
    const plain = make(2)
    const x = [[[1], [2], [3]]]
    const y = await rolled.run(x)
    await plain.run(x)
    await plain.setWeights(await rolled.getWeights())
    expect((await plain.run(x)).toArray()).toEqual(y.toArray())
    expect(() => make(2, { unroll: any(1) })).toThrow('unroll: expected true or false, got 1')
  })
})
