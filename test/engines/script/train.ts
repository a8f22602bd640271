// A model with kernels of many kinds, trained on made-up data: the same run in every engine and on every backend.
import {
  type BackendOption,
  bidirectional,
  conv1d,
  dense,
  dropout,
  gru,
  layerNormalization,
  lstm,
  type Model,
  randomNormal,
  randomUniform,
  sequential,
  setSeed,
} from 'hornbeam'
import type { Run } from './report'

const batchSize = 32
const batches = 4
/** After so many epochs the run is compared with that of the cpu backend; later they drift apart, as float32 does. */
const compared = 3
/** 200 steps. */
const epochs = 50

function makeModel(backend: BackendOption): Model {
  setSeed(7)
  return sequential(
    [
      conv1d(24, 3, { padding: 'causal', activation: 'gelu' }),
      bidirectional(lstm(24, { returnSequences: true })),
      layerNormalization(),
      dropout(0.1),
      gru(32),
      dense(32, { activation: 'tanh', kernelRegularizer: 'l2' }),
      dense(5, { activation: 'softmax' }),
    ],
    { inputShape: [16, 6] },
  ).compile({ optimizer: 'adam', learningRate: 3e-3, loss: 'categoricalCrossentropy', globalClipNorm: 1, backend })
}

/** A small one for gpus made of software, where a kernel takes longer to compile than to run. */
function makeSmallModel(backend: BackendOption): Model {
  setSeed(7)
  return sequential([lstm(8), dense(5, { activation: 'softmax' })], { inputShape: [16, 6] }).compile({
    optimizer: 'adam',
    learningRate: 3e-3,
    loss: 'categoricalCrossentropy',
    backend,
  })
}

/**
 * Trains and predicts.
 *
 * @param length - `whole` for 200 steps and the hash of the weights after them, `part` for the steps that are compared, `small` for these with a
 *   small model.
 */
export async function train(backend: BackendOption, length: 'whole' | 'part' | 'small'): Promise<Run> {
  const model = length === 'small' ? makeSmallModel(backend) : makeModel(backend)
  const samples = batchSize * batches
  const x = randomNormal([samples, 16, 6], { seed: 1 })
  const kinds = Array.from(randomUniform([samples], { seed: 2 }).data, (part) => Math.floor(part * 5))
  const y = kinds.map((kind) => [0, 1, 2, 3, 4].map((other) => (kind === other ? 1 : 0)))
  const { history } = await model.fit(x, y, { epochs: compared, batchSize, verbose: 0 })
  const losses = history.loss
  const predicted = Array.from((await model.predict(x)).data)
  if (length !== 'whole') return { backend: { ...model.backend }, losses, predicted }
  await model.fit(x, y, { initialEpoch: compared, epochs, batchSize, verbose: 0 })
  return { backend: { ...model.backend }, losses, predicted, hash: await model.weightsHash() }
}
