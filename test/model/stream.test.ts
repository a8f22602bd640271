// Streams: a sequence in pieces gives what it gives as a whole.

import { describe, expect, test } from 'vitest'
import {
  activation,
  add,
  additiveAttention,
  attention,
  averagePooling1d,
  batchNormalization,
  bidirectional,
  concatenate,
  conv1d,
  data,
  dense,
  depthwiseConv1d,
  dropout,
  embedding,
  flatten,
  globalAveragePooling1d,
  groupQueryAttention,
  gru,
  gruCell,
  indRNN,
  input,
  type Layer,
  layerNormalization,
  loadModel,
  lru,
  lstm,
  lstmCell,
  type Model,
  mamba,
  masking,
  minGRU,
  minLSTM,
  mLSTM,
  model,
  multiHeadAttention,
  normalization,
  OptionError,
  randomNormal,
  repeatVector,
  reshape,
  rgLRU,
  rmsNormalization,
  rnn,
  rotaryEmbedding,
  ShapeError,
  type SymbolicTensor,
  separableConv1d,
  sequential,
  setSeed,
  simpleRNN,
  sinePositionEncoding,
  sLSTM,
  type Tensor,
  tensor,
  timeDistributed,
  tokenAndPositionEmbedding,
  transformerDecoder,
} from '../../src'
import { DataError } from '../../src/errors'
import { selectBackend } from '../../src/runtime'
import { expectClose, floats, integers } from '../support'
import { fc } from '../support/random'

const backends = ['cpu', 'wasm'] as const

/** Steps [from, to) of a batch of sequences. */
function cut(x: Tensor, from: number, to: number): Tensor {
  const [batch, steps, ...rest] = x.shape
  const width = rest.reduce((product, length) => product * length, 1)
  const rows = Array.from({ length: batch }, (_, b) =>
    Array.from(x.data.subarray((b * steps + from) * width, (b * steps + to) * width)),
  )
  return tensor(rows.flat(), [batch, to - from, ...rest], x.dtype)
}

/** Pushes a sequence in chunks of these lengths; the outputs, joined over time where they have steps. */
async function inPieces(net: Model, x: Tensor, lengths: readonly number[], backend: 'cpu' | 'wasm'): Promise<Tensor[]> {
  const stream = net.stream({ batchSize: x.shape[0], backend })
  const outputs: Tensor[] = []
  let at = 0
  for (const length of lengths) {
    outputs.push(await stream.push(cut(x, at, at + length)))
    at += length
  }
  return outputs
}

const layerChoices: readonly ((returnSequences: boolean) => Layer)[] = [
  (returnSequences) => lstm(3, { returnSequences }),
  (returnSequences) => gru(4, { returnSequences, zeroOutputForMask: true }),
  (returnSequences) => gru(3, { returnSequences, numLayers: 2, resetAfter: false }),
  (returnSequences) => lstm(2, { returnSequences, numLayers: 3 }),
  (returnSequences) => simpleRNN(3, { returnSequences, activation: 'relu' }),
  (returnSequences) => rnn([lstmCell(3), gruCell(2)], { returnSequences }),
  (returnSequences) => lstm(3, { returnSequences, recurrentActivation: 'hardSigmoid' }),
  (returnSequences) => minGRU(3, { returnSequences, numLayers: 2 }),
  (returnSequences) => minLSTM(3, { returnSequences, zeroOutputForMask: true }),
  (returnSequences) => indRNN(3, { returnSequences }),
  (returnSequences) => lru(2, { returnSequences, stateUnits: 3 }),
  (returnSequences) => rgLRU(3, { returnSequences }),
  (returnSequences) => sLSTM(2, { returnSequences, numHeads: 2 }),
  (returnSequences) => mLSTM(2, { returnSequences, numHeads: 2 }),
  (returnSequences) => mamba(2, { returnSequences, stateUnits: 2, kernelSize: 3 }),
]
const between: readonly (() => Layer)[] = [
  () => dense(3, { activation: 'tanh' }),
  () => timeDistributed(dense(2)),
  () => layerNormalization(),
  () => dropout(0.5),
  () => activation('gelu'),
  () => conv1d(3, 3, { padding: 'causal', dilationRate: 2 }),
  () => depthwiseConv1d(2, { padding: 'causal', depthMultiplier: 2 }),
  () => separableConv1d(3, 2, { padding: 'causal', dilationRate: 2 }),
  () => batchNormalization(),
]

interface Plan {
  readonly indices: boolean
  readonly masked: boolean
  readonly layers: readonly { readonly isRecurrent: boolean; readonly choice: number }[]
  readonly returnSequences: boolean
  readonly lengths: readonly number[]
  readonly batch: number
}

const plans: fc.Arbitrary<Plan> = fc.record({
  indices: fc.boolean(),
  masked: fc.boolean(),
  layers: fc.array(fc.record({ isRecurrent: fc.boolean(), choice: fc.nat(50) }), { minLength: 1, maxLength: 3 }),
  returnSequences: fc.boolean(),
  lengths: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 }),
  batch: fc.integer({ min: 1, max: 3 }),
})

describe.each(backends)('on %s', (backend) => {
  test('any stack, pushed in pieces of any length, gives what the whole sequence gives', async () => {
    await fc.assert(
      fc.asyncProperty(plans, async ({ indices, masked, layers, returnSequences, lengths, batch }) => {
        setSeed(1)
        const steps = lengths.reduce((sum, length) => sum + length)
        const stack = layers.map(({ isRecurrent, choice }) =>
          isRecurrent ? layerChoices[choice % layerChoices.length](true) : between[choice % between.length](),
        )
        const first = indices ? [embedding(5, 3, { maskZero: masked })] : masked ? [masking()] : []
        const net = sequential(
          [...first, ...stack, layerChoices[steps % layerChoices.length](returnSequences), dense(2)],
          {
            inputShape: indices ? [null] : [null, 2],
          },
        )
        const x = indices
          ? integers([batch, steps], { to: 5 })
          : tensor(
              Array.from(floats([batch, steps, 2]).data, (value, i) => (i % 5 < 2 && masked ? 0 : value)),
              [batch, steps, 2],
            )
        const whole = await net.predict(x, { backend })
        const pieces = await inPieces(net, x, lengths, backend)
        if (!returnSequences) {
          expectClose(pieces[pieces.length - 1], whole, { absolute: 1e-5 })
          return
        }
        let at = 0
        for (const piece of pieces) {
          expectClose(piece, cut(whole, at, at + piece.shape[1]), { absolute: 1e-5 })
          at += piece.shape[1]
        }
      }),
      { numRuns: 12, seed: 4 },
    )
  })
})

const net = () => sequential([lstm(2, { returnSequences: true }), dense(1)], { inputShape: [null, 2] })
const steps = floats([1, 6, 2])

test('a graph with several inputs and outputs, shared and nested layers goes through time as well', async () => {
  setSeed(2)
  const [a, b] = [input({ shape: [null, 2], name: 'a' }), input({ shape: [null, 2], name: 'b' })]
  const shared = gru(3, { returnSequences: true, name: 'shared' })
  const joined = concatenate().apply([shared.apply(a), add().apply([shared.apply(b), dense(3).apply(a)])])
  const inner = sequential([lstm(4, { returnSequences: true, returnState: false }), dense(2)], {
    inputShape: [null, 6],
  })
  const two = model({ inputs: [a, b], outputs: [inner.apply(joined), lstm(2, { name: 'last' }).apply(joined)] })
  const [x1, x2] = [floats([2, 5, 2]), floats([2, 5, 2], { seed: 8 })]
  const [each, last] = await two.predict([x1, x2], { backend: 'cpu' })
  const stream = two.stream({ batchSize: 2, backend: 'cpu' })
  for (let i = 0; i < 5; i++) {
    const [now, lastNow] = await stream.push({ a: cut(x1, i, i + 1), b: cut(x2, i, i + 1) })
    expectClose(now, cut(each, i, i + 1))
    if (i === 4) expectClose(lastNow, last)
  }
  expect(Object.keys(await stream.state).sort()).toEqual(['last', 'lstm', 'shared', 'shared_1'])
})

test('a layer that is used twice keeps its states apart from one that is named like its second use', async () => {
  setSeed(3)
  const shared = gru(2, { returnSequences: true, name: 'shared' })
  const x = input({ shape: [null, 2] })
  const other = gru(2, { returnSequences: true, name: 'shared_1' })
  const net = model({ inputs: x, outputs: other.apply(shared.apply(shared.apply(x))) })
  const whole = await net.predict(steps, { backend: 'cpu' })
  const pieces = await inPieces(net, steps, [1, 2, 3], 'cpu')
  expectClose(pieces[2], cut(whole, 3, 6))
  const names = Object.keys(await net.stream().state)
  expect(names).toHaveLength(3)
  expect(names).toEqual(expect.arrayContaining(['shared', 'shared_1']))
})

test('what a scaler knows goes along: normalization takes each step by itself', async () => {
  const scaler = data.scaler().fit([
    [1, 2],
    [3, 6],
  ])
  const layers = [normalization(scaler), lstm(2, { returnSequences: true }), normalization(scaler, { inverse: true })]
  const net = sequential([...layers, normalization({ axis: null, mean: 1 })], { inputShape: [null, 2] })
  const pieces = await inPieces(net, steps, [2, 4], 'cpu')
  expectClose(pieces[1], cut(await net.predict(steps, { backend: 'cpu' }), 2, 6))
  expect(() => sequential([normalization({ axis: 1 }), lstm(2)], { inputShape: [6, 2] }).stream()).toThrow(OptionError)
})

test('frames go through layers of their own, step by step, as in a voice detector', async () => {
  const frames = [
    timeDistributed(reshape([16, 1])),
    timeDistributed(conv1d(4, 3, { strides: 2, activation: 'relu' })),
    timeDistributed(lstm(3)),
    lstm(5, { returnSequences: true }),
    dense(1, { activation: 'sigmoid' }),
  ]
  const net = sequential(frames, { inputShape: [null, 16] })
  const sound = randomNormal([1, 6, 16], { seed: 3 })
  const whole = await net.predict(sound)
  const stream = net.stream()
  const pieces: number[] = []
  for (const frame of (sound.toArray() as number[][][])[0]) pieces.push(...(await stream.push([[frame]])).data)
  expectClose(tensor([pieces], [1, 6]), whole.reshape([1, 6]))
})

test('calls that are not waited for are taken in order', async () => {
  const trained = net()
  const whole = await trained.predict(steps, { backend: 'wasm' })
  const stream = trained.stream({ backend: 'wasm' })
  const all = Array.from({ length: 6 }, (_, i) => stream.push(cut(steps, i, i + 1)))
  for (const [i, made] of (await Promise.all(all)).entries()) expectClose(made, cut(whole, i, i + 1))
})

test('states can be read, set and cleared', async () => {
  const trained = net()
  const stream = trained.stream({ backend: 'wasm' })
  const [zero] = (await stream.state).lstm
  expect(zero.shape).toEqual([1, 2])
  expect(Array.from(zero.data)).toEqual([0, 0])

  const first = await stream.push(cut(steps, 0, 3))
  const remembered = await stream.state
  const next = await stream.push(cut(steps, 3, 6))
  stream.state = remembered
  expectClose(await stream.push(cut(steps, 3, 6)), next)
  await stream.reset()
  expectClose(await stream.push(cut(steps, 0, 3)), first)

  const another = trained.stream({ backend: 'cpu' })
  another.state = remembered
  expectClose(await another.push(cut(steps, 3, 6)), next)
})

test('states of stacks are those of the layer: one above the other', async () => {
  const stream = sequential([gru(3, { numLayers: 2 })], { inputShape: [null, 2] }).stream({ batchSize: 4 })
  expect((await stream.state).gru.map(({ shape }) => shape)).toEqual([[2, 4, 3]])
})

test('states that do not fit are refused, and change nothing', async () => {
  const stream = net().stream({ backend: 'cpu' })
  await stream.push(steps)
  const before = await stream.state
  const set = (state: Record<string, readonly Tensor[]>) => () => {
    stream.state = state
  }
  expect(set({ lstn: before.lstm })).toThrow(/no layer 'lstn'.*lstm/)
  expect(set({ lstm: before.lstm.slice(1) })).toThrow(/lstm: expected a list of 2 tensors, got a list of 1/)
  expect(set({ lstm: [floats([1, 3]), floats([1, 2])] })).toThrow(ShapeError)
  expect((await stream.state).lstm[0].data).toEqual(before.lstm[0].data)
})

test('streams go on apart from one another and from what a stateful layer carries', async () => {
  const stateful = sequential([lstm(2, { stateful: true, returnSequences: true })], { inputShape: [null, 2] })
  const [one, two] = [stateful.stream(), stateful.stream()]
  const first = await one.push(steps)
  await one.push(steps)
  expectClose(await two.push(steps), first)
  expectClose(await stateful.predict(steps), first)
})

test('a stream sees the weights of the model as they are', async () => {
  const trained = net().compile({ optimizer: 'sgd', loss: 'mse', backend: 'wasm' })
  const stream = trained.stream()
  await stream.push(steps)
  await trained.fit(steps, floats([1, 6, 1]), { verbose: 0 })
  await stream.reset()
  expectClose(await stream.push(steps), await trained.predict(steps))
})

test('a model without an input shape is built by the first push; a saved one streams the same', async () => {
  const open = sequential([gru(3, { returnSequences: true }), dense(1)])
  const made = await open.stream({ backend: 'cpu' }).push(steps)
  const loaded = await loadModel(await open.toBytes())
  expectClose(await loaded.stream({ backend: 'cpu' }).push(steps), made)
})

test('chunks of many lengths take no more memory than some of them', async () => {
  const backend = await selectBackend({ name: 'wasm', threads: 1 })
  const bytes = () => Number(backend.info.bytesInUse)
  const stream = net().stream({ backend: { name: 'wasm', threads: 1 } })
  for (let length = 64; length > 32; length--) await stream.push(floats([1, length, 2]))
  const some = bytes()
  for (let length = 32; length > 0; length--) await stream.push(floats([1, length, 2]))
  expect(bytes()).toBeLessThan(some)
  await stream.push(floats([1, 64, 2])) // a length whose program was given up
  await stream.dispose()
})

test('a stream that was disposed of goes on where it was', async () => {
  const trained = net()
  const whole = await trained.predict(steps)
  const stream = trained.stream()
  await stream.push(cut(steps, 0, 2))
  await stream.dispose()
  expectClose(await stream.push(cut(steps, 2, 6)), cut(whole, 2, 6))
})

describe('a chunk that does not fit is refused', () => {
  test.each([
    ['another batch', floats([2, 1, 2]), /expected shape \[1, steps, 2\], got \[2, 1, 2\]/],
    ['other features', floats([1, 1, 3]), /expected shape \[1, steps, 2\], got \[1, 1, 3\]/],
    ['no axis of time', floats([1, 2]), /expected shape \[1, steps, 2\], got \[1, 2\]/],
    ['no steps', tensor([], [1, 0, 2]), /expected shape \[1, steps, 2\], got \[1, 0, 2\]/],
  ])('%s', async (_, chunk, message) => {
    const failing = net().stream().push(chunk)
    await expect(failing).rejects.toThrow(ShapeError)
    await expect(failing).rejects.toThrow(message)
  })

  test('numbers that are not finite, indices outside the vocabulary', async () => {
    await expect(
      net()
        .stream()
        .push([[[NaN, 1]]]),
    ).rejects.toThrow(DataError)
    const words = sequential([embedding(4, 2), lstm(2)], { inputShape: [null] })
    await expect(words.stream().push([[4]])).rejects.toThrow(/whole numbers from 0 to 3, got 4/)
  })
})

describe('a layer that cannot take a sequence in parts is named', () => {
  const cases: readonly (readonly [string, readonly Layer[], RegExp])[] = [
    ['bidirectional', [bidirectional(lstm(2))], /'bidirectional'.*from its end/],
    ['goBackwards', [lstm(2, { goBackwards: true, name: 'back' })], /'back'.*backwards/],
    ['pooling', [averagePooling1d(2), lstm(2)], /'averagePooling1d'/],
    ['global pooling', [globalAveragePooling1d(), dense(1)], /'globalAveragePooling1d'/],
    ['flatten', [flatten(), dense(1)], /'flatten'.*all steps together/],
    ['convolution', [conv1d(2, 2), lstm(2)], /'conv1d'.*causal/],
    ['strides', [conv1d(2, 2, { padding: 'causal', strides: 2 })], /'conv1d'.*strides: 1/],
    ['normalisation over time', [layerNormalization({ axis: [1, 2] })], /'layerNormalization'/],
    ['a second sequence', [lstm(2), repeatVector(3), lstm(2)], /'lstm_1'.*no sequence of the model/],
  ]
  test.each(cases)('%s', (_, layers, message) => {
    const made = () => sequential(layers, { inputShape: [4, 2] }).stream()
    expect(made).toThrow(OptionError)
    expect(made).toThrow(message)
  })

  test('a model without sequences is no stream', () => {
    expect(() => sequential([dense(1)], { inputShape: [3] }).stream()).toThrow(/sequences as input/)
  })

  test('options are checked', () => {
    expect(() => net().stream({ batchSize: 0 })).toThrow(/batchSize/)
    // @ts-expect-error no such option
    expect(() => net().stream({ batchsize: 1 })).toThrow(/batchSize/)
  })
})

describe('attention remembers keys and values', () => {
  const causal = (layer: Layer, x: SymbolicTensor): SymbolicTensor => layer.apply([x, x], { useCausalMask: true })
  const blocks: Readonly<Record<string, () => Model>> = {
    'a miniature GPT': () =>
      sequential(
        [
          tokenAndPositionEmbedding(20, 12, 8),
          transformerDecoder(10, 2, { normalizeFirst: true }),
          transformerDecoder(10, 2),
          dense(20),
        ],
        { inputShape: [null] },
      ),
    'attention of several kinds, with rotations, masks and a window': () => {
      const tokens = input({ shape: [null], dtype: 'int32' })
      const x = embedding(20, 8, { maskZero: true }).apply(tokens)
      const y = add().apply([x, sinePositionEncoding().apply(x)])
      const a = causal(multiHeadAttention(2, 4, { useGate: true }), rotaryEmbedding().apply(y))
      const b = causal(groupQueryAttention(4, 4, 2, { slidingWindow: 3 }), a)
      const c = causal(attention({ useScale: true }), b)
      const d = causal(additiveAttention(), rmsNormalization().apply(c))
      return model({ inputs: tokens, outputs: d })
    },
  }

  describe.each(Object.entries(blocks))('%s', (_, make) => {
    test.each(backends)('one step at a time equals the whole, on %s', async (backend) => {
      const net = make()
      const x = integers([2, 12], { from: 1, to: 20 })
      const whole = await net.predict(x, { backend })
      const stream = net.stream({ batchSize: 2, backend })
      for (const [from, to] of [
        [0, 1],
        [1, 5],
        [5, 6],
        [6, 12],
      ]) {
        expectClose(await stream.push(cut(x, from, to)), cut(whole, from, to), { absolute: 1e-5, relative: 1e-4 })
      }
      await stream.reset()
      expectClose(await stream.push(cut(x, 0, 2)), cut(whole, 0, 2), { absolute: 1e-5, relative: 1e-4 })
    })
  })

  test('a step attends to as many steps before it as the window has', async () => {
    const make = (slidingWindow?: number): Model => {
      setSeed(4)
      const x = input({ shape: [null, 6] })
      const layer = multiHeadAttention(2, 3, slidingWindow === undefined ? {} : { slidingWindow })
      return model({ inputs: x, outputs: causal(layer, x) })
    }
    const x = floats([1, 10, 6])
    const expected = await make(4).predict(x)
    const stream = make().stream({ window: 4 })
    for (let step = 0; step < 10; step++) {
      const got = await stream.push(cut(x, step, step + 1))
      expectClose(got, cut(expected, step, step + 1), { absolute: 1e-5, relative: 1e-4 })
    }
    const narrow = make(4).stream({ window: 20 })
    expectClose(await narrow.push(cut(x, 0, 7)), cut(expected, 0, 7), { absolute: 1e-5, relative: 1e-4 })
    expectClose(await narrow.push(cut(x, 7, 10)), cut(expected, 7, 10), { absolute: 1e-5, relative: 1e-4 })
  })

  test('places end where they end, and attention that looks ahead is named', async () => {
    const net = blocks['a miniature GPT']()
    const stream = net.stream()
    await stream.push(integers([1, 10], { from: 0, to: 20 }))
    await expect(stream.push(integers([1, 3], { from: 0, to: 20 }))).rejects.toThrow(
      /layer '.*position.*': expected at most 12 steps in all, got 13; reset\(\) begins anew/i,
    )
    const x = input({ shape: [null, 6] })
    expect(() => model({ inputs: x, outputs: multiHeadAttention(2, 3).apply([x, x]) }).stream()).toThrow(
      /multiHeadAttention.* it attends to all steps; with useCausalMask/,
    )
  })
})
