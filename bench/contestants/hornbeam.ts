// Hornbeam itself, as built: one of its backends, with the threads asked for.
import type * as Hornbeam from '../../src/index'
import type { Contestant } from '../contestant'
import type { NumberArray } from '../inputs'
import { adam, type Block, isBlock, type Recurrent, sgd, type Workload } from '../workloads'

/** A backend, or the wasm backend in another of its ways: without fused operations, or with vectors of 256 bits. */
export type Way = 'cpu' | 'wasm' | 'plain' | 'wide' | 'gpu'

const ways = {
  wasm: { name: 'wasm', wide: false },
  plain: { name: 'wasm', relaxed: false, wide: false },
  wide: { name: 'wasm', wide: true },
} as const

export async function hornbeam(way: Way): Promise<Contestant> {
  const library: typeof Hornbeam = await import(new URL('../../dist/index.js', import.meta.url).href)
  const isWasm = way !== 'cpu' && way !== 'gpu'
  let about = (): string => `hornbeam, ${way}`
  return {
    // With the gpu's adapter, once a model has run.
    get about() {
      return about()
    },
    lacks: ({ threads }) => (!isWasm && threads > 1 ? 'one thread only' : undefined),
    async start({ workload, threads, trains }, inputs) {
      const backend = isWasm ? { ...ways[way], threads } : way
      const toTensor = ({ shape, data }: NumberArray) =>
        library.tensor(data, shape, data instanceof Int32Array ? 'int32' : 'float32')
      const model = isBlock(workload) ? buildBlock(library, workload) : build(library, workload)
      const x = toTensor(inputs.x)
      about = () => describe(model.backend)
      if (!trains) {
        await model.setWeights(inputs.weights.map(toTensor))
        const predict = async () => {
          const outputs = await model.predict(x, { batchSize: workload.batch, backend })
          return outputs.data
        }
        return { predict }
      }
      const isSchool = isBlock(workload) && workload.block === 'school'
      const optimizer = isSchool ? library.sgd({ learningRate: sgd.learningRate }) : library.adam(adam)
      model.compile({ optimizer, loss: lossOf(workload), globalClipNorm: isSchool ? undefined : 1, backend })
      await model.setWeights(inputs.weights.map(toTensor))
      const y = toTensor(inputs.y)
      if (isSchool) {
        const { batch: batchSize, epochs = 1 } = workload
        const fit = async () => {
          const { history } = await model.fit(x, y, { batchSize, epochs, shuffle: false, verbose: 0 })
          return history.loss[epochs - 1]
        }
        return { trainStep: fit }
      }
      const trainStep = async () => {
        const logs = await model.trainOnBatch(x, y)
        return logs.loss ?? Number.NaN
      }
      return { trainStep }
    },
  }
}

/** The backend, with what it has to tell of itself. */
function describe(backend: object): string {
  const { name, mode, adapter, software, relaxed, wide } = {
    ...{ name: '', mode: '', adapter: '', software: false, relaxed: false, wide: false },
    ...backend,
  }
  const told = `hornbeam, ${name} backend`
  if (name === 'gpu') return `${told}, ${mode} on ${adapter}${software ? ', a software adapter' : ''}`
  if (name !== 'wasm') return told
  return `${told}, ${wide ? 'vectors of 256 bits' : 'vectors of 128 bits'}${relaxed ? '' : ' without fused operations'}, Node ${process.versions.node}`
}

function lossOf(workload: Workload): 'mse' | 'sparseCategoricalCrossentropy' {
  const classes = isBlock(workload) ? workload.block === 'school' : workload.vocabulary !== undefined
  return classes ? 'sparseCategoricalCrossentropy' : 'mse'
}

/** The model of a block. */
export function buildBlock(library: typeof Hornbeam, { block, shape, heads = 1, units = [] }: Block): Hornbeam.Model {
  const { add, batchNormalization, activation, conv2d, dense, depthwiseConv2d, input, layerNormalization } = library
  const width = shape[shape.length - 1]
  switch (block) {
    case 'attention': {
      const x = input({ shape })
      const seen = library.multiHeadAttention(heads, width / heads).apply([x, x], { useCausalMask: true })
      const h = layerNormalization().apply(add().apply([x, seen]))
      const fed = dense(width).apply(dense(units[0], { activation: 'relu' }).apply(h))
      return library.model({ inputs: x, outputs: layerNormalization().apply(add().apply([h, fed])) })
    }
    case 'mobileNet':
      return library.sequential(
        [
          depthwiseConv2d(3, { padding: 'same', useBias: false }),
          batchNormalization(),
          activation('relu'),
          conv2d(width, 1, { useBias: false }),
          batchNormalization(),
          activation('relu'),
        ],
        { inputShape: shape },
      )
    case 'school':
      return library.sequential(
        [batchNormalization(), dense(units[0], { activation: 'relu' }), dense(units[1], { activation: 'softmax' })],
        { inputShape: shape },
      )
  }
}

/** The model of a workload. */
export function build(
  { sequential, embedding, lstm, gru, dense }: typeof Hornbeam,
  { cell, layers, steps, features, units, vocabulary }: Recurrent,
): ReturnType<typeof Hornbeam.sequential> {
  const recurrent = cell === 'lstm' ? lstm : gru
  const returnSequences = vocabulary !== undefined
  return sequential(
    [
      ...(vocabulary === undefined ? [] : [embedding(vocabulary, features)]),
      ...Array.from({ length: layers }, () => recurrent(units, { returnSequences })),
      vocabulary === undefined ? dense(1) : dense(vocabulary, { activation: 'softmax' }),
    ],
    { inputShape: vocabulary === undefined ? [steps, features] : [steps] },
  )
}
