// Hornbeam itself, as built: one of its backends, with the threads asked for.
import type * as Hornbeam from '../../src/index'
import type { Contestant } from '../contestant'
import type { NumberArray } from '../inputs'
import { adam, type Workload } from '../workloads'

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
      const model = build(library, workload)
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
      const loss = workload.vocabulary === undefined ? 'mse' : 'sparseCategoricalCrossentropy'
      model.compile({ optimizer: library.adam(adam), loss, globalClipNorm: 1, backend })
      await model.setWeights(inputs.weights.map(toTensor))
      const y = toTensor(inputs.y)
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

/** The model of a workload. */
export function build(
  { sequential, embedding, lstm, gru, dense }: typeof Hornbeam,
  { cell, layers, steps, features, units, vocabulary }: Workload,
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
