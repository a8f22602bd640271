// The models that are the same as the modules in tools/make_torch_files.py, by the names of its files.
import {
  adaptiveAveragePooling3d,
  add,
  batchNormalization,
  bidirectional,
  conv1d,
  conv1dTranspose,
  conv2d,
  conv2dTranspose,
  conv3d,
  dense,
  depthwiseConv1d,
  depthwiseConv2d,
  dropout,
  embedding,
  flatten,
  groupNormalization,
  gru,
  input,
  type Layer,
  layerNormalization,
  lstm,
  type Model,
  maxPooling2d,
  model,
  multiHeadAttention,
  positionEmbedding,
  prelu,
  reLU,
  reshape,
  rmsNormalization,
  sequential,
  simpleRNN,
  type Tensor,
  tensor,
  timeDistributed,
  transformerDecoder,
  transformerEncoder,
  type WeightMap,
} from 'hornbeam'

/** A model and how its module sees it. */
export interface TorchModel {
  make(): Model
  /** The shape of the model's input, two samples. */
  readonly inputShape: readonly number[]
  /** The names of the module's parts, each with that of the layer. */
  readonly map: WeightMap
  /** The input as the module takes it, where that has another order of axes. */
  readonly channelsFirst?: (x: Tensor) => Tensor
}

const sequence = (rnn: readonly Layer[], parts: WeightMap, ...more: readonly Layer[]): TorchModel => ({
  make: () => sequential([...rnn, ...more], { inputShape: [null, 3] }),
  inputShape: [2, 5, 3],
  map: parts,
})
const one = (kind: string): WeightMap => ({ rnn: kind, head: 'dense' })

/** A convolutional network, with what stands before it is flattened. */
export const convolutional = (...between: Layer[]): Model =>
  sequential(
    [
      conv2d(4, 3),
      batchNormalization({ epsilon: 1e-5 }),
      ...[reLU(), maxPooling2d(2), ...between],
      flatten(),
      dense(5),
      prelu(),
      dense(5),
    ],
    { inputShape: [6, 4, 2] },
  )

/** PyTorch's [batch, channels, ...lengths] with the channels last. */
export function channelsLast(x: Tensor): Tensor {
  const [batch, channels, ...lengths] = x.shape
  const out = new Float32Array(x.size)
  each(batch, channels, x.size, (first, last) => {
    out[last] = x.data[first]
  })
  return tensor(out, [batch, ...lengths, channels])
}

/** [batch, ...lengths, channels] with the channels first, as PyTorch has them. */
export function channelsFirst(x: Tensor): Tensor {
  const [batch, ...lengths] = x.shape
  const channels = lengths.pop() ?? 1
  const out = new Float32Array(x.size)
  each(batch, channels, x.size, (first, last) => {
    out[first] = x.data[last]
  })
  return tensor(out, [batch, channels, ...lengths])
}

/** Calls with the place of every number in both orders. */
function each(batch: number, channels: number, total: number, visit: (first: number, last: number) => void): void {
  const size = total / batch / channels
  for (let sample = 0; sample < batch; sample++)
    for (let channel = 0; channel < channels; channel++)
      for (let i = 0; i < size; i++)
        visit((sample * channels + channel) * size + i, (sample * size + i) * channels + channel)
}

/** By the name of the file. */
export const torchModels: Readonly<Record<string, TorchModel>> = {
  lstm: fresh(() => sequence([lstm(4)], one('lstm'), dense(2))),
  gru: fresh(() => sequence([gru(4)], one('gru'), dense(2))),
  rnn: fresh(() => sequence([simpleRNN(4)], one('simpleRNN'), dropout(0.5), dense(2))),
  'lstm-no-bias': fresh(() => sequence([lstm(4, { useBias: false })], one('lstm'), dense(2))),
  'gru-no-bias': fresh(() => sequence([gru(4, { useBias: false })], one('gru'), dense(2))),
  'rnn-relu': fresh(() => sequence([simpleRNN(4, { activation: 'relu' })], one('simpleRNN'), dense(2))),
  'lstm-deep': fresh(() => sequence([lstm(4, { numLayers: 3 })], one('lstm'), dense(2))),
  'gru-deep': fresh(() => sequence([gru(4, { numLayers: 2 })], one('gru'), dense(2))),
  'lstm-both': fresh(() =>
    sequence(
      [bidirectional(lstm(4, { returnSequences: true }))],
      { rnn: 'bidirectional', head: 'timeDistributed/dense' },
      timeDistributed(dense(2)),
    ),
  ),
  'gru-both-deep': fresh(() =>
    sequence(
      [bidirectional(gru(4, { returnSequences: true })), bidirectional(gru(4, { returnSequences: true }))],
      { rnn: ['bidirectional', 'bidirectional_1'], head: 'dense' },
      dense(2),
    ),
  ),
  classifier: {
    make: () =>
      sequential([embedding(7, 4), gru(3), layerNormalization({ epsilon: 1e-5 }), dense(2)], { inputShape: [null] }),
    inputShape: [2, 5],
    map: { rnn: 'gru', norm: 'layerNormalization', head: 'dense' },
  },
  conv2d: {
    make: () => convolutional(),
    inputShape: [2, 6, 4, 2],
    map: { 0: 'conv2d', 1: 'batchNormalization', 5: 'dense', 6: 'prelu', 7: 'dense_1' },
    channelsFirst,
  },
  conv1d: {
    make: () => sequential([conv1d(4, 3, { activation: 'relu' }), flatten(), dense(3)], { inputShape: [8, 2] }),
    inputShape: [2, 8, 2],
    map: { 0: 'conv1d', 3: 'dense' },
    channelsFirst,
  },
  deep: {
    make: () => {
      const hidden = () => dense(4, { activation: 'tanh' })
      return sequential([hidden(), hidden(), hidden(), dense(2)], { inputShape: [3] })
    },
    inputShape: [2, 3],
    map: { 0: 'dense', 2: 'dense_1', 4: 'dense_2', 6: 'dense_3' },
  },
  // A convolution in a model inside, flattened outside of it: its channels come first in PyTorch.
  'conv3d-inside': {
    make: () =>
      sequential(
        [
          sequential([conv3d(2, 2), groupNormalization(2, { epsilon: 1e-5 }), adaptiveAveragePooling3d([2, 1, 2])], {
            name: 'body',
          }),
          sequential([flatten(), dense(3)], { name: 'head' }),
        ],
        { inputShape: [3, 4, 5, 2] },
      ),
    inputShape: [2, 3, 4, 5, 2],
    map: { 'body.0': 'body/conv3d', 'body.1': 'body/groupNormalization', 'head.1': 'head/dense' },
    channelsFirst,
  },
  tokens: {
    make: () => {
      const x = input({ shape: [5, 3], name: 'x' })
      const tokens = dense(4, { name: 'tokens' }).apply(x)
      const places = positionEmbedding(5, { name: 'places' }).apply(tokens)
      const read = rmsNormalization({ name: 'norm' }).apply(add().apply([tokens, places]))
      return model({ inputs: x, outputs: dense(2, { name: 'head' }).apply(read) })
    },
    inputShape: [2, 5, 3],
    map: {},
  },
  convolutions: {
    make: () =>
      sequential(
        [
          conv2dTranspose(3, [2, 3], { strides: 2 }),
          depthwiseConv2d(3, { depthMultiplier: 2 }),
          reshape([20, 6]),
          depthwiseConv1d(2),
          conv1dTranspose(2, 3, { activation: 'relu' }),
          flatten(),
          dense(2),
        ],
        { inputShape: [3, 3, 2] },
      ),
    inputShape: [2, 3, 3, 2],
    map: { 0: 'conv2dTranspose', 1: 'depthwiseConv2d', 3: 'depthwiseConv1d', 4: 'conv1dTranspose', 7: 'dense' },
    channelsFirst,
  },
  attention: {
    make: () => {
      const x = input({ shape: [4, 6], name: 'x' })
      return model({ inputs: x, outputs: dense(2).apply(multiHeadAttention(3, 2).apply([x, x])) })
    },
    inputShape: [2, 4, 6],
    map: { attn: 'multiHeadAttention', head: 'dense' },
  },
  // Keys and values of other widths than the queries'.
  'attention-across': {
    make: () => {
      const x = input({ shape: [4, 6], name: 'x' })
      const memory = dense(5, { activation: 'tanh' }).apply(x)
      const read = multiHeadAttention(2, 3, { useBias: false }).apply([x, memory, dense(4).apply(x)])
      return model({ inputs: x, outputs: read })
    },
    inputShape: [2, 4, 6],
    map: { attn: 'multiHeadAttention', values: 'dense', keys: 'dense_1' },
  },
  transformer: {
    make: () =>
      sequential([transformerEncoder(8, 2), transformerEncoder(8, 2, { normalizeFirst: true }), dense(2)], {
        inputShape: [4, 6],
      }),
    inputShape: [2, 4, 6],
    map: { 'blocks.0': 'transformerEncoder', 'blocks.1': 'transformerEncoder_1', head: 'dense' },
  },
  'transformer-decoder': {
    make: () => {
      const x = input({ shape: [4, 6], name: 'x' })
      return model({ inputs: x, outputs: transformerDecoder(8, 2).apply([x, dense(6).apply(x)]) })
    },
    inputShape: [2, 4, 6],
    map: { memory: 'dense', decoder: 'transformerDecoder' },
  },
  'lstm-cell': {
    make: () => sequential([lstm(4)], { inputShape: [null, 3] }),
    inputShape: [2, 5, 3],
    map: { cell: 'lstm' },
  },
}

/** Makes the layers anew for each model: one layer belongs to one model. */
function fresh(make: () => TorchModel): TorchModel {
  return { ...make(), make: () => make().make() }
}
