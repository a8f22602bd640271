// TensorFlow.js, its layers API, on the cpu or the wasm backend. It has no clipping by the global norm and one thread in Node.
// Two gaps are filled so that it can take part: a GRU in the form of the others, and training an embedding on wasm.
import * as tf from '@tensorflow/tfjs'
import type { Contestant, Runner } from '../contestant'
import type { Inputs, NumberArray } from '../inputs'
import { adam, type Workload } from '../workloads'

export async function tfjs(backend: 'cpu' | 'wasm'): Promise<Contestant> {
  if (backend === 'wasm') await import('@tensorflow/tfjs-backend-wasm')
  if (!(await tf.setBackend(backend))) throw new Error(`its ${backend} backend does not start here`)
  await tf.ready()
  return {
    about: `@tensorflow/tfjs ${tf.version.tfjs}, layers API, ${backend} backend`,
    lacks: ({ threads }) => (threads > 1 ? 'one thread only in Node' : undefined),
    start: async ({ workload, trains }, inputs) => start(workload, trains, inputs),
  }
}

function start(workload: Workload, trains: boolean, inputs: Inputs): Runner {
  // The gradient of a gather is not in the wasm backend; that of a product with one-hot rows is.
  const oneHot = trains && tf.getBackend() === 'wasm' ? workload.vocabulary : undefined
  const model = build(workload, oneHot !== undefined)
  model.setWeights(inputs.weights.map(toTensor))
  const x = oneHot === undefined ? toTensor(inputs.x) : tf.oneHot(toTensor(inputs.x), oneHot).cast('float32')
  if (!trains) {
    const predict = async () => {
      const outputs = model.predictOnBatch(x)
      if (Array.isArray(outputs)) throw new Error('one output was expected')
      const values = await outputs.data()
      outputs.dispose()
      return values
    }
    return { predict }
  }
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
  { cell, layers, steps, features, units, vocabulary }: Workload,
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
