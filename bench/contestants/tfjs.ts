// TensorFlow.js, its layers API, on the cpu or the wasm backend. It has no clipping by the global norm and one thread in Node.
// Two gaps are filled so that it can take part: a GRU in the form of the others, and training an embedding on wasm.
import * as tf from '@tensorflow/tfjs'
import type { Contestant, Runner } from '../contestant'
import type { Inputs, NumberArray } from '../inputs'
import { adam, type Block, isBlock, type Recurrent, sgd } from '../workloads'

export async function tfjs(backend: 'cpu' | 'wasm'): Promise<Contestant> {
  if (backend === 'wasm') await import('@tensorflow/tfjs-backend-wasm')
  if (!(await tf.setBackend(backend))) throw new Error(`its ${backend} backend does not start here`)
  await tf.ready()
  return {
    about: `@tensorflow/tfjs ${tf.version.tfjs}, layers API, ${backend} backend`,
    lacks({ workload, trains, threads }) {
      if (threads > 1) return 'one thread only in Node'
      if (!isBlock(workload) || workload.block === 'school') return undefined
      if (workload.block === 'attention') return 'has no attention'
      return trains && backend === 'wasm' ? 'its wasm backend has no gradient of a depthwise convolution' : undefined
    },
    start: async ({ workload, trains }, inputs) =>
      isBlock(workload) ? startBlock(workload, trains, inputs) : start(workload, trains, inputs),
  }
}

function startBlock(block: Block, trains: boolean, inputs: Inputs): Runner {
  const model = buildBlock(block)
  model.setWeights(inBatchNormalizationsOrder(block, inputs.weights).map(toTensor))
  const x = toTensor(inputs.x)
  if (!trains) return { predict: () => predictedBy(model, x) }
  const { learningRate, beta1, beta2, epsilon } = adam
  if (block.block === 'mobileNet') {
    model.compile({ optimizer: tf.train.adam(learningRate, beta1, beta2, epsilon), loss: 'meanSquaredError' })
    const y = toTensor(inputs.y)
    return { trainStep: async () => Number(await model.trainOnBatch(x, y)) }
  }
  model.compile({ optimizer: tf.train.sgd(sgd.learningRate), loss: 'sparseCategoricalCrossentropy' })
  const y = toTensor(inputs.y).cast('float32')
  const { batch: batchSize, epochs = 1 } = block
  const fit = async () => {
    const { history } = await model.fit(x, y, { batchSize, epochs, shuffle: false, verbose: 0, yieldEvery: 'never' })
    return Number(history.loss[epochs - 1])
  }
  return { trainStep: fit }
}

/** Its model lists what is trained first, and the means and variances of batch normalizations last. */
function inBatchNormalizationsOrder({ block }: Block, weights: Inputs['weights']): NumberArray[] {
  const moving = block === 'mobileNet' ? [3, 4, 8, 9] : [2, 3]
  return [...weights.filter((_, index) => !moving.includes(index)), ...moving.map((index) => weights[index])]
}

function buildBlock({ block, shape, units = [] }: Block): tf.Sequential {
  const inputShape = [...shape]
  const width = shape[shape.length - 1]
  const normalized = (first = {}) => tf.layers.batchNormalization(first)
  if (block === 'school') {
    return tf.sequential({
      layers: [
        normalized({ inputShape }),
        tf.layers.dense({ units: units[0], activation: 'relu' }),
        tf.layers.dense({ units: units[1], activation: 'softmax' }),
      ],
    })
  }
  return tf.sequential({
    layers: [
      tf.layers.depthwiseConv2d({ kernelSize: 3, padding: 'same', useBias: false, inputShape }),
      normalized(),
      tf.layers.activation({ activation: 'relu' }),
      tf.layers.conv2d({ filters: width, kernelSize: 1, useBias: false }),
      normalized(),
      tf.layers.activation({ activation: 'relu' }),
    ],
  })
}

async function predictedBy(model: tf.LayersModel, x: tf.Tensor): Promise<ArrayLike<number>> {
  const outputs = model.predictOnBatch(x)
  if (Array.isArray(outputs)) throw new Error('one output was expected')
  const values = await outputs.data()
  outputs.dispose()
  return values
}

function start(workload: Recurrent, trains: boolean, inputs: Inputs): Runner {
  // The gradient of a gather is not in the wasm backend; that of a product with one-hot rows is.
  const oneHot = trains && tf.getBackend() === 'wasm' ? workload.vocabulary : undefined
  const model = build(workload, oneHot !== undefined)
  model.setWeights(inputs.weights.map(toTensor))
  const x = oneHot === undefined ? toTensor(inputs.x) : tf.oneHot(toTensor(inputs.x), oneHot).cast('float32')
  if (!trains) return { predict: () => predictedBy(model, x) }
  const { learningRate, beta1, beta2, epsilon } = adam
  const loss = workload.vocabulary === undefined ? 'meanSquaredError' : 'sparseCategoricalCrossentropy'
  model.compile({ optimizer: tf.train.adam(learningRate, beta1, beta2, epsilon), loss })
  const y = workload.vocabulary === undefined ? toTensor(inputs.y) : toTensor(inputs.y).cast('float32').expandDims(-1)
  const trainStep = async () => {
    const value = await model.trainOnBatch(x, y)
    if (typeof value !== 'number') throw new Error('one loss was expected')
    return value
  }
  return { trainStep }
}

export function build(
  { cell, layers, steps, features, units, vocabulary }: Recurrent,
  isOneHot: boolean,
): tf.Sequential {
  const model = tf.sequential()
  if (vocabulary !== undefined) {
    const embedding = isOneHot
      ? tf.layers.dense({ units: features, useBias: false, inputShape: [steps, vocabulary] })
      : tf.layers.embedding({ inputDim: vocabulary, outputDim: features, inputShape: [steps] })
    model.add(embedding)
  }
  for (let layer = 0; layer < layers; layer++) {
    const inputShape = vocabulary === undefined && layer === 0 ? { inputShape: [steps, features] } : {}
    const shape = { ...inputShape, returnSequences: vocabulary !== undefined }
    if (cell === 'gru') model.add(tf.layers.rnn({ cell: resetAfterGruCell(units), ...shape }))
    else model.add(tf.layers.lstm({ units, recurrentActivation: 'sigmoid', ...shape }))
  }
  model.add(
    vocabulary === undefined
      ? tf.layers.dense({ units: 1 })
      : tf.layers.dense({ units: vocabulary, activation: 'softmax' }),
  )
  return model
}

type RnnCell = Exclude<Parameters<typeof tf.layers.rnn>[0]['cell'], unknown[]>

/** Its own GRU has only the older form, with the reset gate before the product; this is the form of Keras 3 and PyTorch. */
class ResetAfterGruCell extends tf.layers.Layer {
  static className = 'ResetAfterGruCell'
  readonly stateSize: number
  #kernel: tf.LayerVariable | undefined
  #recurrentKernel: tf.LayerVariable | undefined
  #bias: tf.LayerVariable | undefined

  constructor(readonly units: number) {
    super({})
    this.stateSize = units
  }

  override build([, features]: [number, number]): void {
    const zeros = tf.initializers.zeros()
    this.#kernel = this.addWeight('kernel', [features, 3 * this.units], 'float32', zeros)
    this.#recurrentKernel = this.addWeight('recurrent_kernel', [this.units, 3 * this.units], 'float32', zeros)
    this.#bias = this.addWeight('bias', [2, 3 * this.units], 'float32', zeros)
    this.built = true
  }

  override call([x, h]: [tf.Tensor2D, tf.Tensor2D]): tf.Tensor[] {
    const [kernel, recurrentKernel, bias] = [this.#kernel, this.#recurrentKernel, this.#bias]
    if (!kernel || !recurrentKernel || !bias) throw new Error('the cell is not built')
    return tf.tidy(() => {
      const [inputBias, recurrentBias] = tf.unstack(bias.read())
      const [xz, xr, xh] = tf.split(tf.add(tf.matMul(x, kernel.read()), inputBias), 3, 1)
      const [hz, hr, hh] = tf.split(tf.add(tf.matMul(h, recurrentKernel.read()), recurrentBias), 3, 1)
      const z = tf.sigmoid(tf.add(xz, hz))
      const r = tf.sigmoid(tf.add(xr, hr))
      const candidate = tf.tanh(tf.add(xh, tf.mul(r, hh)))
      const next = tf.add(tf.mul(z, h), tf.mul(tf.sub(1, z), candidate))
      return [next, next]
    })
  }
}

function resetAfterGruCell(units: number): RnnCell {
  const cell: unknown = new ResetAfterGruCell(units)
  return cell as RnnCell // The library does not export the class of its cells, only its use.
}

function toTensor({ shape, data }: NumberArray): tf.Tensor {
  return tf.tensor(data, [...shape], data instanceof Int32Array ? 'int32' : 'float32')
}
