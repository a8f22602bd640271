// Models that are put together in odd ways: what each format that predicts has to give the same answers for.
import {
  add,
  attention,
  batchNormalization,
  bidirectional,
  concatenate,
  conv1d,
  conv2d,
  convLSTM1d,
  dense,
  dot,
  dropout,
  embedding,
  flatten,
  gaussianNoise,
  globalAveragePooling1d,
  globalMaxPooling2d,
  gru,
  gruCell,
  indRNN,
  input,
  Layer,
  lambda,
  layerNormalization,
  lru,
  lstm,
  lstmCell,
  Model,
  mamba,
  masking,
  minGRU,
  minLSTM,
  mLSTM,
  model,
  multiHeadAttention,
  multiply,
  ops,
  type PartialShape,
  permute,
  RecurrentCell,
  reLU,
  repeatVector,
  reshape,
  reversibleEmbedding,
  rgLRU,
  rnn,
  separableConv1d,
  sequential,
  simpleRNN,
  sLSTM,
  spectralNormalization,
  subtract,
  type Tensor,
  tensor,
  timeDistributed,
  tokenAndPositionEmbedding,
  transformerDecoder,
  transformerEncoder,
  upSampling1d,
  type Value,
  type Variable,
} from 'hornbeam'
import { floats, integers } from '../../support'

/** A length as the model is to have it: null where lengths are open. */
type Steps = (length: number) => number | null

type Outputs = Tensor | readonly Tensor[] | Readonly<Record<string, Tensor>>

/** A model, and what it is asked. */
export interface OddModel {
  readonly says: string
  /** Made with lengths that are open, or known. */
  make(steps: Steps): Model<Outputs>
  /** Two samples of each input. */
  readonly data: readonly Tensor[]
  /** What formats say that cannot write it. */
  readonly refused?: Readonly<Partial<Record<'hornbeam' | 'keras' | 'torch', RegExp>>>
}

const sequences = { returnSequences: true } as const
/** Steps of zeros, which masking leaves out. */
const withGaps = tensor([
  [
    [0, 0, 0],
    [1, 2, 3],
    [0, 0, 0],
    [0.5, 1, 0],
  ],
  [
    [1, 1, 1],
    [0, 0, 0],
    [0, 0, 0],
    [0, 0, 0],
  ],
])
const series = floats([2, 4, 3])
const words = tensor(
  [
    [1, 3, 0, 2],
    [4, 0, 0, 0],
  ],
  undefined,
  'int32',
)

class Scale extends Layer {
  declare factor: Variable
  override build(shape: PartialShape): void {
    this.factor = this.addWeight('factor', [shape[shape.length - 1] ?? 1], { initializer: 'ones' })
  }
  override call(x: Value): Value {
    return ops.mul(x, this.factor)
  }
  override outputShape(shape: PartialShape): PartialShape {
    return shape
  }
  override overTime(): 'apart' {
    return 'apart'
  }
}

class Residual extends Model {
  hidden: Layer = dense(3, { activation: 'tanh' })
  inner: Layer = gru(3, sequences)
  override call(x: Value): Value {
    return ops.add(x, this.hidden.apply(this.inner.apply(x)))
  }
}

class Reader extends RecurrentCell {
  readonly stateSize = 4
  cell = gruCell(4)
  override build([features]: PartialShape): void {
    const [[width]] = this.constantShapes
    this.cell.buildFor([[Number(features) + Number(width)]])
  }
  step(x: Value, states: readonly Value[], context: Parameters<RecurrentCell['step']>[2]) {
    const [memory] = context.given.tensors.constants
    return this.cell.step(this.cell.prepare(ops.concatenate([x, memory], -1), context), states, context)
  }
}

const at = (shape: readonly (number | null)[], name: string, dtype: 'float32' | 'int32' | 'bool' = 'float32') =>
  input({ shape, name, dtype })

export const oddModels: readonly OddModel[] = [
  {
    says: 'two inputs and two outputs',
    make: () => {
      const [a, b] = [at([2], 'a'), at([3], 'b')]
      const joined = concatenate().apply([dense(4).apply(a), dense(2, { activation: 'relu' }).apply(b)])
      return model({
        inputs: [a, b],
        outputs: [dense(1).apply(joined), dense(2, { activation: 'softmax' }).apply(joined)],
      })
    },
    data: [floats([2, 2]), floats([2, 3])],
  },
  {
    says: 'a shared lstm of twins',
    make: (steps) => {
      const [a, b] = [at([steps(4), 3], 'left'), at([steps(4), 3], 'right')]
      const shared = lstm(4)
      return model({ inputs: [a, b], outputs: dense(1).apply(subtract().apply([shared.apply(a), shared.apply(b)])) })
    },
    data: [series, floats([2, 4, 3], { seed: 2 })],
  },
  {
    says: 'a layer called upon what it gave',
    make: () => {
      const x = at([3], 'x')
      const shared = dense(3, { activation: 'tanh' })
      return model({ inputs: x, outputs: shared.apply(shared.apply(shared.apply(x))) })
    },
    data: [floats([2, 3])],
  },
  {
    says: 'a model inside a model, twice',
    make: () => {
      const y = at([3], 'y')
      const inner = model({
        inputs: y,
        outputs: dense(2, { activation: 'relu' }).apply(batchNormalization().apply(y)),
        name: 'inner',
      })
      const [a, b] = [at([3], 'a'), at([3], 'b')]
      return model({ inputs: [a, b], outputs: add().apply([inner.apply(a), inner.apply(b)]) })
    },
    data: [floats([2, 3]), floats([2, 3], { seed: 2 })],
  },
  {
    says: 'a model inside a model inside a model',
    make: () => sequential([sequential([dense(4), sequential([reLU(), dense(2)])]), dense(1)], { inputShape: [3] }),
    data: [floats([2, 3])],
  },
  {
    says: 'an inner model of several inputs and outputs',
    make: () => {
      const [p, q] = [at([2], 'p'), at([3], 'q')]
      const inner = model({ inputs: [p, q], outputs: [dense(2).apply(q), dense(3).apply(p)], name: 'cross' })
      const [a, b] = [at([2], 'a'), at([3], 'b')]
      const [one, two] = inner.apply([a, b])
      return model({ inputs: [a, b], outputs: [add().apply([one, a]), multiply().apply([two, b])] })
    },
    data: [floats([2, 2]), floats([2, 3])],
  },
  {
    says: 'a film: a convolutional model at each step, then an lstm',
    make: (steps) =>
      sequential(
        [timeDistributed(sequential([conv2d(2, 2, { activation: 'relu' }), globalMaxPooling2d()])), lstm(3), dense(2)],
        { inputShape: [steps(3), 3, 4, 1] },
      ),
    data: [floats([2, 3, 3, 4, 1])],
  },
  {
    says: 'both directions of a stack of cells',
    make: (steps) =>
      sequential([bidirectional(rnn([gruCell(2), lstmCell(3)], sequences)), dense(1)], { inputShape: [steps(4), 3] }),
    data: [series],
    refused: { torch: /PyTorch has no module/ },
  },
  {
    says: 'both directions of a stack of layers, masked',
    make: (steps) =>
      sequential([embedding(5, 3, { maskZero: true }), bidirectional(lstm(2, { numLayers: 2 })), dense(1)], {
        inputShape: [steps(4)],
      }),
    data: [words],
    refused: { keras: /a stack by numLayers cannot be written/, torch: /PyTorch has no module/ },
  },
  {
    says: 'both directions at each step of a step',
    make: (steps) =>
      sequential([timeDistributed(bidirectional(gru(2))), simpleRNN(2)], { inputShape: [steps(3), 4, 3] }),
    data: [floats([2, 3, 4, 3])],
  },
  {
    says: 'several cells with states in and out',
    make: (steps) => {
      const x = at([steps(4), 3], 'x')
      const [h, c, g] = [at([2], 'h'), at([2], 'c'), at([3], 'g')]
      const outputs = rnn([lstmCell(2), gruCell(3)], { ...sequences, returnState: true }).apply(x, {
        initialState: [h, c, g],
      })
      return model({ inputs: [x, h, c, g], outputs })
    },
    data: [series, floats([2, 2]), floats([2, 2], { seed: 2 }), floats([2, 3])],
    refused: { torch: /PyTorch has no module/ },
  },
  {
    says: 'stateful layers one on another',
    make: () =>
      sequential([lstm(3, { stateful: true, ...sequences }), gru(2, { stateful: true }), dense(1)], {
        inputShape: [4, 3],
      }),
    data: [series],
    refused: { keras: /must know the batch size of stateful layers/ },
  },
  {
    says: 'a stateful layer of both directions',
    make: () =>
      sequential([bidirectional(lstm(2, { stateful: true, ...sequences })), dense(1)], { inputShape: [4, 3] }),
    data: [series],
    refused: { keras: /must know the batch size of stateful layers/ },
  },
  {
    says: 'an encoder whose states a decoder begins with',
    make: (steps) => {
      const [source, target] = [at([steps(4), 3], 'source'), at([steps(3), 2], 'target')]
      const [, h, c] = lstm(4, { returnState: true }).apply(source)
      return model({
        inputs: [source, target],
        outputs: dense(2).apply(lstm(4, sequences).apply(target, { initialState: [h, c] })),
      })
    },
    data: [series, floats([2, 3, 2])],
  },
  {
    says: 'an encoder and a decoder that attends to it',
    make: () => {
      const [source, target] = [at([5], 'source', 'int32'), at([4], 'target', 'int32')]
      const memory = lstm(4, sequences).apply(embedding(6, 3, { maskZero: true }).apply(source))
      const queries = gru(4, sequences).apply(embedding(6, 3, { maskZero: true }).apply(target))
      const read = attention().apply([queries, memory])
      return model({ inputs: [source, target], outputs: dense(3).apply(concatenate().apply([queries, read])) })
    },
    data: [
      tensor(
        [
          [1, 2, 5, 0, 0],
          [3, 0, 4, 1, 2],
        ],
        undefined,
        'int32',
      ),
      words,
    ],
  },
  {
    says: 'masks that are joined',
    make: () => {
      const x = at([4], 'x', 'int32')
      const left = embedding(5, 3, { maskZero: true }).apply(x)
      const right = embedding(5, 3).apply(x)
      const joined = add().apply([left, right])
      return model({ inputs: x, outputs: globalAveragePooling1d().apply(timeDistributed(dense(2)).apply(joined)) })
    },
    data: [words],
  },
  {
    says: 'a masked sequence that is repeated and read again',
    make: (steps) =>
      sequential([masking(), gru(3), repeatVector(3), lstm(2, sequences), timeDistributed(dense(1))], {
        inputShape: [steps(4), 3],
      }),
    data: [withGaps],
  },
  {
    says: 'a block of convolutions with a way around',
    make: () => {
      const x = at([6, 5, 2], 'x')
      const one = reLU().apply(batchNormalization().apply(conv2d(4, 3, { padding: 'same', useBias: false }).apply(x)))
      const two = batchNormalization().apply(conv2d(4, 3, { padding: 'same', useBias: false }).apply(one))
      const around = conv2d(4, 1).apply(x)
      return model({ inputs: x, outputs: dense(2).apply(flatten().apply(reLU().apply(add().apply([two, around])))) })
    },
    data: [floats([2, 6, 5, 2])],
  },
  {
    says: 'a class of its own',
    make: () => {
      const net = new Residual()
      net.buildFor([[4, 3]])
      return net
    },
    data: [series],
    refused: {
      hornbeam: /cannot be saved; make it a class and name it with register/,
      keras: /cannot be saved; make it a class and name it with register/,
    },
  },
  {
    says: 'a layer of its own',
    make: (steps) => sequential([new Scale({ name: 'scale' }), dense(2)], { inputShape: [steps(4), 3] }),
    data: [series],
    refused: {
      hornbeam: /cannot be saved; make it a class and name it with register/,
      keras: /cannot be saved; make it a class and name it with register/,
      torch: /PyTorch has no module/,
    },
  },
  {
    says: 'low rank beside its kernels',
    make: () => {
      const net = sequential([embedding(5, 3), lstm(3, sequences), conv1d(2, 2, { padding: 'causal' }), dense(2)], {
        inputShape: [4],
      })
      net.enableLora({ rank: 2 })
      return net
    },
    data: [words],
    refused: { keras: /call mergeLora first/, torch: /call mergeLora first/ },
  },
  {
    says: 'a spectral norm around a convolution',
    make: () => sequential([spectralNormalization(conv1d(3, 2)), globalAveragePooling1d()], { inputShape: [6, 2] }),
    data: [floats([2, 6, 2])],
    refused: { torch: /PyTorch has no module/ },
  },
  {
    says: 'a transformer that shares its embedding with its scores',
    make: () => {
      const x = at([4], 'x', 'int32')
      const tokens = reversibleEmbedding(5, 4)
      const block = transformerDecoder(6, 2).apply(tokens.apply(x))
      return model({ inputs: x, outputs: tokens.apply(block, { reverse: true }) })
    },
    data: [words],
  },
  {
    says: 'a masked transformer with places',
    make: () =>
      sequential(
        [
          tokenAndPositionEmbedding(5, 4, 4, { maskZero: true }),
          transformerEncoder(6, 2),
          transformerDecoder(6, 2),
          layerNormalization(),
          dense(2),
        ],
        { inputShape: [4] },
      ),
    data: [words],
  },
  {
    says: 'attention of a sequence to itself, with scores out',
    make: () => {
      const x = at([4, 4], 'x')
      const [y, scores] = multiHeadAttention(2, 2).apply([x, x], { useCausalMask: true, returnAttentionScores: true })
      return model({ inputs: x, outputs: { y, scores } })
    },
    data: [floats([2, 4, 4])],
  },
  {
    says: 'an input that is an output, and an output given twice',
    make: () => {
      const x = at([3], 'x')
      const y = dense(2).apply(x)
      return model({ inputs: x, outputs: [x, y, y] })
    },
    data: [floats([2, 3])],
  },
  {
    says: 'an input that nothing reads',
    make: () => {
      const [x, unread] = [at([3], 'x'), at([2], 'unread')]
      return model({ inputs: [x, unread], outputs: dense(2).apply(x) })
    },
    data: [floats([2, 3]), floats([2, 2])],
  },
  {
    says: 'words beside numbers, by name',
    make: () => {
      // Keras puts names in the order of the alphabet.
      const [text, numbers] = [at([4], 'text', 'int32'), at([3], 'numbers')]
      const read = gru(3).apply(embedding(5, 2, { maskZero: true }).apply(text))
      const joined = concatenate().apply([read, numbers])
      return model({
        inputs: { text, numbers },
        outputs: { price: dense(1).apply(joined), rooms: dense(2).apply(joined) },
      })
    },
    data: [floats([2, 3]), words],
  },
  {
    says: 'names that languages keep for themselves',
    make: () => {
      const [a, b] = [at([2], 'class'), at([2], 'for')]
      const y = dense(2, { name: 'double' }).apply(add({ name: 'x y.z' }).apply([a, b]))
      return model({ inputs: [a, b], outputs: y, name: '2 café-models' })
    },
    data: [floats([2, 2]), floats([2, 2], { seed: 2 })],
  },
  {
    says: 'no weights',
    make: () =>
      sequential([permute([2, 1]), flatten(), reshape([3, 4]), reLU({ negativeSlope: 0.1 })], { inputShape: [4, 3] }),
    data: [series],
  },
  {
    says: 'whole numbers and truths as outputs',
    make: () => {
      const x = at([4, 3], 'x')
      const y = dense(3).apply(x)
      const best = lambda((v) => ops.argMax(v, { axis: -1 })).apply(y)
      const large = lambda((v) => ops.greater(v, 0)).apply(y)
      return model({ inputs: x, outputs: [best, large] })
    },
    data: [series],
    refused: {
      hornbeam: /cannot be saved; make it a class and name it with register/,
      keras: /cannot be saved; make it a class and name it with register/,
    },
  },
  {
    says: 'a mask as an input',
    make: () => {
      const [x, mask] = [at([4, 3], 'x'), at([4], 'mask', 'bool')]
      return model({ inputs: [x, mask], outputs: dense(1).apply(lstm(2).apply(x, { mask })) })
    },
    data: [
      series,
      tensor([
        [true, false, true, true],
        [false, true, false, false],
      ]),
    ],
  },
  {
    says: 'a cell that sees a constant',
    make: () => {
      const [x, constant] = [at([4, 3], 'x'), at([2], 'constant')]
      return model({ inputs: [x, constant], outputs: rnn(new Reader(), sequences).apply(x, { constants: constant }) })
    },
    data: [series, floats([2, 2])],
    refused: {
      hornbeam: /cannot be saved; make it a class and name it with register/,
      keras: /cannot be saved; make it a class and name it with register/,
    },
  },
  {
    says: 'recurrent layers beyond the three, one on another',
    make: (steps) =>
      sequential(
        [
          minGRU(3, sequences),
          minLSTM(3, sequences),
          indRNN(3, sequences),
          lru(3, sequences),
          rgLRU(3, sequences),
          mamba(3, { stateUnits: 2, ...sequences }),
          sLSTM(3, sequences),
          mLSTM(2, sequences),
          dense(1),
        ],
        { inputShape: [steps(4), 3] },
      ),
    data: [series],
    refused: { torch: /PyTorch has no module/ },
  },
  {
    says: 'recurrent layers beyond the three, masked and backwards',
    make: (steps) =>
      sequential(
        [
          masking(),
          bidirectional(minGRU(2, sequences)),
          bidirectional(mLSTM(2, sequences)),
          bidirectional(sLSTM(2, sequences)),
          bidirectional(mamba(2, sequences)),
          bidirectional(lru(2)),
          dense(1),
        ],
        { inputShape: [steps(4), 3] },
      ),
    data: [withGaps],
    refused: { torch: /PyTorch has no module/ },
  },
  {
    says: 'a stack of gates with states given back',
    make: (steps) => {
      const x = at([steps(4), 3], 'x')
      return model({ inputs: x, outputs: gru(2, { numLayers: 3, returnState: true, ...sequences }).apply(x) })
    },
    data: [series],
    refused: { keras: /a stack by numLayers cannot be written/ },
  },
  {
    says: 'films that are read as wholes',
    make: (steps) =>
      sequential([convLSTM1d(2, 2, sequences), timeDistributed(flatten()), lstm(2)], { inputShape: [steps(3), 4, 2] }),
    data: [floats([2, 3, 4, 2])],
    refused: { torch: /PyTorch has no module/ },
  },
  {
    says: 'words of letters',
    make: (steps) =>
      sequential([timeDistributed(embedding(6, 3)), timeDistributed(gru(2)), lstm(3)], { inputShape: [steps(3), 4] }),
    data: [tensor(Float32Array.from(integers([2, 3, 4], { to: 6 }).data), [2, 3, 4])],
  },
  {
    says: 'noise and drop-out, which prediction leaves out',
    make: (steps) =>
      sequential([gaussianNoise(0.3), lstm(3, { dropout: 0.2, recurrentDropout: 0.2 }), dropout(0.5), dense(2)], {
        inputShape: [steps(4), 3],
      }),
    data: [series],
  },
  {
    says: 'float64',
    make: () =>
      sequential([bidirectional(gru(2, sequences)), separableConv1d(3, 2), flatten(), dense(2)], {
        inputShape: [4, 3],
        dtype: 'float64',
      }),
    data: [tensor(Float64Array.from(series.data), [2, 4, 3], 'float64')],
    refused: { torch: /PyTorch has no module/ },
  },
  {
    says: 'a sequence that is halved, doubled and joined with itself',
    make: () => {
      const x = at([4, 3], 'x')
      const half = conv1d(2, 2, { strides: 2 }).apply(x)
      return model({ inputs: x, outputs: concatenate().apply([x, upSampling1d(2).apply(half), x]) })
    },
    data: [series],
  },
  {
    says: 'similarity of two sentences by one embedding',
    make: () => {
      const [a, b] = [at([4], 'a', 'int32'), at([4], 'b', 'int32')]
      const shared = embedding(5, 3)
      const meaning = (x: typeof a) => globalAveragePooling1d().apply(shared.apply(x))
      return model({ inputs: [a, b], outputs: dot(1, { normalize: true }).apply([meaning(a), meaning(b)]) })
    },
    data: [words, integers([2, 4], { to: 5 })],
  },
]
