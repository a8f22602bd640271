// The models that are the same as the modules in tools/make_torch_files.py, by the names of its files.
import {
  batchNormalization,
  bidirectional,
  conv1d,
  conv2d,
  dense,
  dropout,
  embedding,
  flatten,
  gru,
  type Layer,
  layerNormalization,
  lstm,
  type Model,
  maxPooling2d,
  prelu,
  reLU,
  sequential,
  simpleRNN,
  type Tensor,
  tensor,
  timeDistributed,
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
