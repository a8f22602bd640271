// Those who train on the GPU of a page. Each gets the same weights and batches as host arrays, and trains by its own `fit`.
import * as tf from '@tensorflow/tfjs'
import * as hornbeam from 'hornbeam'
import { build as buildHornbeam } from '../contestants/hornbeam'
import { build as buildTfjs } from '../contestants/tfjs'
import type { NumberArray } from '../inputs'
import { adam, type Recurrent } from '../workloads'
import { type Counts, counts } from './counts'

export type Name = 'hornbeam-webgpu' | 'hornbeam-webgl2' | 'tfjs-webgpu' | 'tfjs-webgl'

/** A model that trains some epochs over the batches given; gives the loss of the last epoch. */
interface Trained {
  readonly adapter: string
  fit(x: NumberArray, y: NumberArray, epochs: number): Promise<number>
}

async function startHornbeam(
  mode: 'webgpu' | 'webgl2',
  workload: Recurrent,
  weights: readonly NumberArray[],
): Promise<Trained> {
  const model = buildHornbeam(hornbeam, workload)
  model.compile({ optimizer: hornbeam.adam(adam), loss: 'mse', backend: { name: 'gpu', mode } })
  await model.setWeights(weights.map(({ data, shape }) => hornbeam.tensor(data, shape)))
  return {
    get adapter() {
      return String(Reflect.get(model.backend, 'adapter'))
    },
    async fit(x, y, epochs) {
      const [given, wanted] = [hornbeam.tensor(x.data, x.shape), hornbeam.tensor(y.data, y.shape)]
      const options = { batchSize: workload.batch, epochs, shuffle: false, verbose: 0 } as const
      const { history } = await model.fit(given, wanted, options)
      return history.loss[epochs - 1]
    },
  }
}

async function startTfjs(
  backend: 'webgpu' | 'webgl',
  workload: Recurrent,
  weights: readonly NumberArray[],
): Promise<Trained> {
  if (backend === 'webgpu') await import('@tensorflow/tfjs-backend-webgpu')
  if (!(await tf.setBackend(backend))) throw new Error(`its ${backend} backend does not start here`)
  await tf.ready()
  const model = buildTfjs(workload, false)
  const { learningRate, beta1, beta2, epsilon } = adam
  model.compile({ optimizer: tf.train.adam(learningRate, beta1, beta2, epsilon), loss: 'meanSquaredError' })
  model.setWeights(weights.map(({ data, shape }) => tf.tensor(data, [...shape])))
  return {
    adapter: 'that of the page',
    async fit(x, y, epochs) {
      const [given, wanted] = [tf.tensor(x.data, [...x.shape]), tf.tensor(y.data, [...y.shape])]
      const options = { batchSize: workload.batch, epochs, shuffle: false, verbose: 0, yieldEvery: 'never' } as const
      const { history } = await model.fit(given, wanted, options)
      tf.dispose([given, wanted])
      return Number(history.loss[epochs - 1])
    },
  }
}

/** What a step costs. */
export interface Cost extends Counts {
  ms: number
}

export interface Measured {
  readonly adapter: string
  /** The losses of the runs, for comparison. */
  readonly losses: readonly number[]
  /** A step of the first epoch, whose batches are new to the device. */
  readonly step: Cost
  /** A whole later epoch over the same data, with its end. */
  readonly epoch: Cost
}

/** Measures a contestant: what as many batches more, and one more epoch, add to a run of `batches`. */
export async function measure(
  name: Name,
  workload: Recurrent,
  weights: readonly NumberArray[],
  x: NumberArray,
  y: NumberArray,
  batches: number,
): Promise<Measured> {
  const [library, mode] = name.split('-')
  const trained =
    library === 'hornbeam'
      ? await startHornbeam(mode === 'webgpu' ? mode : 'webgl2', workload, weights)
      : await startTfjs(mode === 'webgpu' ? mode : 'webgl', workload, weights)
  const losses: number[] = []
  const run = async (count: number, epochs: number): Promise<Cost> => {
    const began = { ...counts, ms: performance.now() }
    losses.push(await trained.fit(repeated(x, count), repeated(y, count), epochs))
    return difference({ ...counts, ms: performance.now() }, began, 1)
  }
  await run(1, 1) // compiles
  const once = await run(batches, 1)
  const longer = await run(2 * batches, 1)
  const twice = await run(batches, 2)
  return {
    adapter: trained.adapter,
    losses,
    step: difference(longer, once, batches),
    epoch: difference(twice, once, 1),
  }
}

function difference(after: Cost, before: Cost, steps: number): Cost {
  const each = (key: keyof Cost): number => (after[key] - before[key]) / steps
  return {
    launches: each('launches'),
    submits: each('submits'),
    bytesUp: each('bytesUp'),
    bytesDown: each('bytesDown'),
    ms: each('ms'),
  }
}

/** So many times the same batch. */
function repeated({ data, shape }: NumberArray, times: number): NumberArray {
  const all = new Float32Array(data.length * times)
  for (let i = 0; i < times; i++) all.set(data, i * data.length)
  return { data: all, shape: [shape[0] * times, ...shape.slice(1)] }
}
