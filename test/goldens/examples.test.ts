// Examples of keras.io at a reduced size against the real Keras: from the same weights and batches the losses of 20 steps. They are
// written as there, with layers of one's own where the examples have such.
import {
  adam,
  add,
  attention,
  batchNormalization,
  bidirectional,
  type CallContext,
  concatenate,
  conv1d,
  conv2d,
  conv2dTranspose,
  conv3d,
  convLSTM2d,
  dense,
  embedding,
  globalAveragePooling1d,
  input,
  Layer,
  type LayerOptions,
  layerNormalization,
  losses,
  lstm,
  type Model,
  maxPooling2d,
  model,
  multiHeadAttention,
  ops,
  reshape,
  type SymbolicTensor,
  sequential,
  type Value,
} from 'hornbeam'
import { expect, test } from 'vitest'
import { Tensor } from '../../src/tensor'
import { backend, decode, type Encoded, expectGolden, readFixture } from './fixtures'

interface ExampleCase {
  readonly name: string
  /** Two batches in turn. */
  readonly x: readonly Encoded[]
  readonly y: Encoded
  readonly weights: Readonly<Record<string, readonly Encoded[]>>
  readonly losses: readonly number[]
  /** The last weight of each layer behind the last step. */
  readonly after: Readonly<Record<string, readonly Encoded[]>>
}

const { cases } = readFixture<ExampleCase>('examples')

type CompileOptions = Parameters<Model['compile']>[0]

/** Trains for 20 steps and holds them to Keras. */
async function hold<P extends Tensor | readonly Tensor[]>(
  name: string,
  net: Model<P>,
  options: CompileOptions,
): Promise<void> {
  const golden = cases.find((each) => each.name === name)
  if (golden === undefined) throw new Error(`no case ${name}`)
  net.compile({ ...options, backend: { name: backend } as { name: 'cpu' } })
  for (const [layer, weights] of Object.entries(golden.weights)) {
    await net.getLayer(layer).setWeights(weights.map(decode))
  }
  const [x, y] = [golden.x.map(decode), decode(golden.y)]
  for (const [step, expected] of golden.losses.entries()) {
    const half = (all: Tensor) => halfOf(all, step % 2)
    const targets = net.outputs.length > 1 ? [half(y), half(y)] : half(y)
    const { loss } = await net.trainOnBatch(x.length === 1 ? half(x[0]) : x.map(half), targets)
    expect(Math.abs(loss - expected), `step ${step}: ${loss} for ${expected}`).toBeLessThan(
      1e-4 * Math.max(1, Math.abs(expected)),
    )
  }
  for (const [layer, [weight]] of Object.entries(golden.after)) {
    const last = (await net.getLayer(layer).getWeights()).at(-1)
    if (last === undefined) throw new Error(`${layer} has no weights`)
    expectGolden(last, weight, layer, 2e-3, 0.1)
  }
}

/** The first or the second half of the samples. */
function halfOf({ data, shape: [count, ...rest], dtype }: Tensor, which: number): Tensor {
  const half = data.length / 2
  return new Tensor(data.slice(which * half, (which + 1) * half), [count / 2, ...rest], dtype)
}

test('timeseries/timeseries_classification_transformer', async () => {
  const encoder = (inputs: SymbolicTensor, number: number) => {
    const attended = multiHeadAttention(2, 6, { name: `attention${number}` }).apply([inputs, inputs])
    const res = add().apply([layerNormalization({ epsilon: 1e-6, name: `first${number}` }).apply(attended), inputs])
    const wide = conv1d(4, 1, { activation: 'relu', name: `wide${number}` }).apply(res)
    const back = conv1d(3, 1, { name: `back${number}` }).apply(wide)
    return add().apply([layerNormalization({ epsilon: 1e-6, name: `second${number}` }).apply(back), res])
  }
  const inputs = input({ shape: [10, 3] })
  const x = globalAveragePooling1d().apply(encoder(encoder(inputs, 1), 2))
  const hidden = dense(8, { activation: 'relu', name: 'hidden' }).apply(x)
  const outputs = dense(2, { activation: 'softmax', name: 'classes' }).apply(hidden)
  await hold('timeseries transformer', model({ inputs, outputs }), {
    optimizer: adam({ learningRate: 1e-3 }),
    loss: 'sparseCategoricalCrossentropy',
  })
})

/** `[1, length, length]`: who comes no later. */
const causalMask = (length: number) => {
  const steps = ops.arange(length)
  return ops.reshape(ops.greaterEqual(ops.expandDims(steps, 1), steps), [1, length, length])
}

class TransformerBlock extends Layer {
  readonly att: Layer
  readonly ffn: Layer
  readonly layernorm1 = layerNormalization({ epsilon: 1e-6 })
  readonly layernorm2 = layerNormalization({ epsilon: 1e-6 })
  private readonly causal: boolean

  constructor(
    width: number,
    heads: number,
    hidden: number,
    { causal = false, ...options }: LayerOptions & { causal?: boolean },
  ) {
    super(options)
    this.att = multiHeadAttention(heads, width)
    this.ffn = sequential([dense(hidden, { activation: 'relu' }), dense(width)])
    this.causal = causal
  }

  override call(x: Value) {
    const given = this.causal ? { attentionMask: causalMask(x.shape[1]) } : {}
    const out1 = this.layernorm1.apply(ops.add(x, this.att.apply([x, x], given)))
    return this.layernorm2.apply(ops.add(out1, this.ffn.apply(out1)))
  }
}

class TokenAndPosition extends Layer {
  readonly tokens: Layer
  readonly positions: Layer

  constructor(length: number, vocabulary: number, width: number, options: LayerOptions = {}) {
    super(options)
    this.tokens = embedding(vocabulary, width)
    this.positions = embedding(length, width)
  }

  override get inputDType() {
    return 'int32' as const
  }

  override call(x: Value) {
    return ops.add(this.tokens.apply(x), this.positions.apply(ops.expandDims(ops.arange(x.shape[1]), 0)))
  }
}

test('nlp/text_classification_with_transformer', async () => {
  const inputs = input({ shape: [9], dtype: 'int32' })
  const read = new TokenAndPosition(9, 20, 6, { name: 'embedding' }).apply(inputs)
  const x = globalAveragePooling1d().apply(new TransformerBlock(6, 2, 8, { name: 'block' }).apply(read))
  const hidden = dense(5, { activation: 'relu', name: 'hidden' }).apply(x)
  const outputs = dense(2, { activation: 'softmax', name: 'classes' }).apply(hidden)
  await hold('text transformer', model({ inputs, outputs }), {
    optimizer: 'adam',
    loss: 'sparseCategoricalCrossentropy',
  })
})

test('generative/text_generation_with_miniature_gpt', async () => {
  const inputs = input({ shape: [8], dtype: 'int32' })
  const read = new TokenAndPosition(8, 15, 6, { name: 'embedding' }).apply(inputs)
  const x = new TransformerBlock(6, 2, 8, { causal: true, name: 'block' }).apply(read)
  const words = dense(15, { name: 'words' }).apply(x)
  await hold('miniature gpt', model({ inputs, outputs: [words, x] }), {
    optimizer: 'adam',
    loss: [losses.sparseCategoricalCrossentropy({ fromLogits: true }), null],
  })
})

class PositionalEmbedding extends TokenAndPosition {
  override computeMask([x]: readonly Value[]) {
    return [ops.notEqual(x, 0)]
  }
}

class TransformerEncoder extends Layer {
  readonly attention: Layer
  readonly proj: Layer
  readonly layernorm1 = layerNormalization()
  readonly layernorm2 = layerNormalization()

  constructor(width: number, hidden: number, heads: number, options: LayerOptions = {}) {
    super(options)
    this.attention = multiHeadAttention(heads, width)
    this.proj = sequential([dense(hidden, { activation: 'relu' }), dense(width)])
  }

  override call(x: Value, { mask }: CallContext) {
    const given = mask === undefined ? {} : { attentionMask: ops.expandDims(mask, 1) }
    const seen = this.layernorm1.apply(ops.add(x, this.attention.apply([x, x, x], given)))
    return this.layernorm2.apply(ops.add(seen, this.proj.apply(seen)))
  }
}

class TransformerDecoder extends Layer {
  readonly attention1: Layer
  readonly attention2: Layer
  readonly proj: Layer
  readonly norms = [layerNormalization(), layerNormalization(), layerNormalization()]

  constructor(width: number, hidden: number, heads: number, options: LayerOptions = {}) {
    super(options)
    this.attention1 = multiHeadAttention(heads, width)
    this.attention2 = multiHeadAttention(heads, width)
    this.proj = sequential([dense(hidden, { activation: 'relu' }), dense(width)])
  }

  override call([x, memory]: readonly Value[], { masks: [own, ofMemory] }: CallContext) {
    const masks = { ...(own && { queryMask: own }) }
    const attended = this.attention1.apply([x, x, x], { ...masks, attentionMask: causalMask(x.shape[1]) })
    const out1 = this.norms[0].apply(ops.add(x, attended))
    const read = this.attention2.apply([out1, memory, memory], { ...masks, ...(ofMemory && { keyMask: ofMemory }) })
    const out2 = this.norms[1].apply(ops.add(out1, read))
    return this.norms[2].apply(ops.add(out2, this.proj.apply(out2)))
  }
}

test('nlp/neural_machine_translation_with_transformer', async () => {
  const source = input({ shape: [7], dtype: 'int32' })
  const target = input({ shape: [6], dtype: 'int32' })
  const read = new PositionalEmbedding(7, 12, 6, { name: 'source' }).apply(source)
  const encoded = new TransformerEncoder(6, 8, 2, { name: 'encoder' }).apply(read)
  const before = new PositionalEmbedding(6, 13, 6, { name: 'target' }).apply(target)
  const decoded = new TransformerDecoder(6, 8, 2, { name: 'decoder' }).apply([before, encoded])
  const outputs = dense(13, { activation: 'softmax', name: 'words' }).apply(decoded)
  await hold('translation', model({ inputs: [source, target], outputs }), {
    optimizer: 'rmsprop',
    loss: losses.sparseCategoricalCrossentropy({ ignoreClass: 0 }),
  })
})

test('dates as people write them, by a recurrent encoder and decoder with attention', async () => {
  const written = input({ shape: [9], dtype: 'int32' })
  const before = input({ shape: [6], dtype: 'int32' })
  const characters = embedding(16, 5, { maskZero: true, name: 'characters' }).apply(written)
  const reader = lstm(4, { returnSequences: true, returnState: true })
  const [encoded, ...states] = bidirectional(reader, { name: 'encoder' }).apply(characters)
  const both = (i: number, j: number) => concatenate().apply([states[i], states[j]])
  const digits = embedding(12, 5, { name: 'digits' }).apply(before)
  const writer = lstm(8, { returnSequences: true, name: 'decoder' })
  const decoded = writer.apply(digits, { initialState: [both(0, 2), both(1, 3)] })
  const gathered = attention({ name: 'attention' }).apply([decoded, encoded])
  const joined = dense(8, { activation: 'tanh', name: 'joined' }).apply(concatenate().apply([decoded, gathered]))
  const outputs = dense(12, { activation: 'softmax', name: 'answer' }).apply(joined)
  await hold('dates', model({ inputs: [written, before], outputs }), {
    optimizer: adam({ learningRate: 1e-2 }),
    loss: 'sparseCategoricalCrossentropy',
  })
})

test('vision/autoencoder', async () => {
  const net = sequential(
    [
      conv2d(4, 3, { activation: 'relu', padding: 'same', name: 'conv1' }),
      maxPooling2d(2, { padding: 'same' }),
      conv2d(4, 3, { activation: 'relu', padding: 'same', name: 'conv2' }),
      maxPooling2d(2, { padding: 'same' }),
      conv2dTranspose(4, 3, { strides: 2, activation: 'relu', padding: 'same', name: 'up1' }),
      conv2dTranspose(4, 3, { strides: 2, activation: 'relu', padding: 'same', name: 'up2' }),
      conv2d(1, 3, { activation: 'sigmoid', padding: 'same', name: 'image' }),
    ],
    { inputShape: [8, 8, 1] },
  )
  await hold('autoencoder', net, { optimizer: 'adam', loss: 'binaryCrossentropy' })
})

test('vision/conv_lstm', async () => {
  const reader = (size: number, i: number) =>
    convLSTM2d(3, size, { padding: 'same', returnSequences: true, activation: 'relu', name: `conv_lstm${i}` })
  const net = sequential(
    [
      reader(5, 0),
      batchNormalization({ name: 'norm0' }),
      reader(3, 1),
      batchNormalization({ name: 'norm1' }),
      reader(1, 2),
      conv3d(1, 3, { activation: 'sigmoid', padding: 'same', name: 'frames' }),
    ],
    { inputShape: [4, 6, 6, 1] },
  )
  await hold('next frame', net, { optimizer: 'adam', loss: 'binaryCrossentropy' })
})

test('vision/captcha_ocr', async () => {
  const net = sequential(
    [
      conv2d(3, 3, { activation: 'relu', padding: 'same', name: 'conv1' }),
      maxPooling2d(2),
      conv2d(4, 3, { activation: 'relu', padding: 'same', name: 'conv2' }),
      maxPooling2d(2),
      reshape([8, 8]),
      dense(6, { activation: 'relu', name: 'dense' }),
      bidirectional(lstm(4, { returnSequences: true }), { name: 'lstm1' }),
      bidirectional(lstm(3, { returnSequences: true }), { name: 'lstm2' }),
      dense(7, { name: 'letters' }),
    ],
    { inputShape: [32, 8, 1] },
  )
  await hold('handwriting', net, { optimizer: 'adam', loss: 'ctc' })
})
