// Hornbeam itself, as built: one of its backends, with the threads asked for.
import type * as Hornbeam from '../../src/index'
import type { Contestant } from '../contestant'
import type { NumberArray } from '../inputs'
import { adam, type Workload } from '../workloads'

export async function hornbeam(name: 'cpu' | 'wasm' | 'gpu'): Promise<Contestant> {
  const library: typeof Hornbeam = await import(new URL('../../dist/index.js', import.meta.url).href)
  let about = `hornbeam, ${name} backend`
  return {
    // With the gpu's adapter, once a model has run.
    get about() {
      return about
    },
    lacks: ({ threads }) => (name !== 'wasm' && threads > 1 ? 'one thread only' : undefined),
    async start({ workload, threads, trains }, inputs) {
      const backend = name === 'wasm' ? ({ name, threads } as const) : name
      const toTensor = ({ shape, data }: NumberArray) =>
        library.tensor(data, shape, data instanceof Int32Array ? 'int32' : 'float32')
      const model = build(library, workload)
      const x = toTensor(inputs.x)
      if (!trains) {
        await model.setWeights(inputs.weights.map(toTensor))
        const predict = async () => {
          const outputs = await model.predict(x, { batchSize: workload.batch, backend })
          about = describe(name, model.backend)
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
        about = describe(name, model.backend)
        return logs.loss ?? Number.NaN
      }
      return { trainStep }
    },
  }
}

/** The backend, with the adapter where there is one. */
function describe(name: string, backend: object): string {
  const { mode, adapter, software } = { mode: '', adapter: '', software: false, ...backend }
  if (name !== 'gpu') return `hornbeam, ${name} backend`
  return `hornbeam, gpu backend, ${mode} on ${adapter}${software ? ', a software adapter' : ''}`
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
