// The models of the training runs, as tools/make_training.py writes them in Keras.
import {
  activation,
  adam,
  adamw,
  batchNormalization,
  bidirectional,
  concatenate,
  constraints,
  conv2d,
  dense,
  embedding,
  flatten,
  gru,
  input,
  losses,
  lstm,
  masking,
  maxPooling2d,
  metrics,
  model,
  nadam,
  regularizers,
  rmsprop,
  schedules,
  sequential,
  sgd,
  timeDistributed,
} from 'hornbeam'
import { backend } from './fixtures'

const lstmRegressor = () =>
  sequential([lstm(6, { name: 'lstm' }), dense(1, { name: 'dense' })], { inputShape: [7, 3] }).compile({
    optimizer: adam({ learningRate: 0.02, globalClipNorm: 0.5 }),
    loss: 'mse',
    metrics: ['mae'],
    backend,
  })

const gruClassifier = () =>
  sequential(
    [
      embedding(13, 5, { maskZero: true, name: 'embedding' }),
      gru(6, { name: 'gru' }),
      dense(3, { activation: 'softmax', name: 'dense' }),
    ],
    { inputShape: [8] },
  ).compile({
    optimizer: rmsprop({ learningRate: 0.02 }),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
    backend,
  })

const twoInputs = () => {
  const picture = input({ shape: [6, 5, 2], name: 'picture' })
  const fact = input({ shape: [4], name: 'fact' })
  const kernelRegularizer = regularizers.l2(0.01)
  let seen = conv2d(4, 3, { padding: 'same', useBias: false, kernelRegularizer, name: 'conv' }).apply(picture)
  seen = activation('relu').apply(batchNormalization({ momentum: 0.8, name: 'norm' }).apply(seen))
  seen = flatten().apply(maxPooling2d(2).apply(seen))
  const kernelConstraint = constraints.maxNorm(0.8)
  const known = dense(5, { activation: 'tanh', kernelConstraint, name: 'known' }).apply(fact)
  const out = dense(1, { activation: 'sigmoid', name: 'out' }).apply(concatenate().apply([seen, known]))
  return model({ inputs: [picture, fact], outputs: out }).compile({
    optimizer: sgd({ learningRate: 0.05, momentum: 0.9, nesterov: true, clipNorm: 1 }),
    loss: 'binaryCrossentropy',
    metrics: ['accuracy', metrics.auc({ name: 'auc' })],
    backend,
  })
}

const maskedTagger = () =>
  sequential(
    [
      masking({ name: 'masking' }),
      bidirectional(lstm(4, { returnSequences: true }), { name: 'both' }),
      timeDistributed(dense(1), { name: 'tags' }),
    ],
    { inputShape: [7, 3] },
  ).compile({
    optimizer: adamw({
      learningRate: schedules.cosineDecay({ initialLearningRate: 0.03, decaySteps: 12, alpha: 0.1 }),
      weightDecay: 0.01,
    }),
    loss: 'huber',
    metrics: ['mse'],
    backend,
  })

const twoOutputs = () => {
  const first = input({ shape: [4], name: 'first' })
  const second = input({ shape: [4], name: 'second' })
  const shared = dense(5, { activation: 'elu', name: 'shared' })
  const both = concatenate().apply([shared.apply(first), shared.apply(second)])
  const price = dense(1, { name: 'price' }).apply(both)
  const kind = dense(3, { name: 'kind' }).apply(both)
  return model({ inputs: [first, second], outputs: [price, kind] }).compile({
    optimizer: nadam({ learningRate: 0.02 }),
    loss: [losses.logCosh(), losses.categoricalCrossentropy({ fromLogits: true, labelSmoothing: 0.1 })],
    lossWeights: [0.7, 1.3],
    metrics: [['mae'], ['accuracy']],
    backend,
  })
}

const weightedTagger = () =>
  sequential([gru(4, { returnSequences: true, name: 'gru' }), dense(1, { name: 'tags' })], {
    inputShape: [7, 3],
  }).compile({
    optimizer: sgd({ learningRate: 0.05 }),
    loss: 'mse',
    metrics: ['mae'],
    weightedMetrics: ['mae', 'mse'],
    backend,
  })

const leftOut = () => {
  const x = input({ shape: [4], name: 'x' })
  const hidden = dense(5, { activation: 'tanh', name: 'hidden' }).apply(x)
  const chance = dense(1, { activation: 'sigmoid', name: 'chance' }).apply(hidden)
  const level = dense(1, { name: 'level' }).apply(hidden)
  return model({ inputs: x, outputs: [chance, level] }).compile({
    optimizer: sgd({ learningRate: 0.1 }),
    loss: ['binaryCrossentropy', null],
    metrics: [[metrics.precision({ thresholds: [0.2, 0.5, 0.8] }), 'accuracy', 'accuracy'], ['mae']],
    weightedMetrics: [[metrics.recall({ thresholds: [0.3, 0.6] }), 'accuracy'], []],
    backend,
  })
}

const maskedWeights = () =>
  sequential(
    [masking({ name: 'masking' }), gru(4, { returnSequences: true, name: 'gru' }), dense(2, { name: 'tags' })],
    {
      inputShape: [7, 3],
    },
  ).compile({
    optimizer: sgd({ learningRate: 0.05 }),
    loss: 'mse',
    metrics: ['mae'],
    weightedMetrics: ['mae', 'mse', metrics.cosineSimilarity({ name: 'cosine' })],
    backend,
  })

/** Each compiled model by the name of its training run. */
export const models = {
  'lstm regressor': lstmRegressor,
  'torch lstm regressor': lstmRegressor,
  'gru classifier': gruClassifier,
  'two inputs': twoInputs,
  'masked tagger': maskedTagger,
  'two outputs': twoOutputs,
  'weighted tagger': weightedTagger,
  'left out': leftOut,
  'masked weights': maskedWeights,
}
