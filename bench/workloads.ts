// What is measured: recurrent models of six sizes, as data. Every contestant builds its model from one of these records.

/** One model and the size of its batch. */
export interface Workload {
  readonly name: string
  readonly about: string
  readonly cell: 'lstm' | 'gru'
  /** Recurrent layers, one on top of the other. */
  readonly layers: number
  readonly steps: number
  /** Values a step, or the width of the embedding where there is a `vocabulary`. */
  readonly features: number
  readonly units: number
  readonly batch: number
  /**
   * Without it, a dense(1) reads the last hidden state and the loss is the mean squared error. With it, an embedding comes
   * first, a softmax over the vocabulary is read at each step, and the loss is the sparse categorical cross-entropy.
   */
  readonly vocabulary?: number
}

const lstm = { cell: 'lstm', layers: 1 } as const

export const workloads: readonly Workload[] = [
  { name: 'W1', about: 'the adding problem: long and narrow', ...lstm, steps: 100, features: 2, units: 128, batch: 32 },
  { name: 'W2', about: 'a big sequence model', ...lstm, steps: 100, features: 64, units: 256, batch: 64 },
  { name: 'W3', about: 'a forecaster in an app', ...lstm, steps: 30, features: 8, units: 32, batch: 32 },
  { name: 'W4', about: 'MNIST by rows', ...lstm, steps: 28, features: 28, units: 128, batch: 128 },
  { name: 'W5', about: 'W2 with GRU', cell: 'gru', layers: 1, steps: 100, features: 64, units: 256, batch: 64 },
  {
    name: 'W6',
    about: 'a character model',
    cell: 'lstm',
    layers: 2,
    steps: 64,
    features: 32,
    units: 128,
    batch: 32,
    vocabulary: 96,
  },
]

/**
 * The optimizer of all. Keras adds epsilon before the correction of the bias, PyTorch and TensorFlow.js after it: with the usual
 * 1e-7 the small gradients of long sequences come out different, so it is made too small to matter.
 */
export const adam = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-12 } as const

/** What is done with a workload: a whole training step, the forward pass of its batch, or that of a single sample. */
export type Mode = 'train' | 'predict' | 'predict1'

export const modes: readonly Mode[] = ['train', 'predict', 'predict1']

/** The workload as a mode runs it: alone in its batch, where a single sample is predicted. */
export function inMode(workload: Workload, mode: Mode): Workload {
  return mode === 'predict1' ? { ...workload, batch: 1 } : workload
}

/** Multiplications and additions in the matrix products of one run, in units of 1e9: what GFLOP/s are counted from. */
export function gflop(workload: Workload, mode: Mode): number {
  const { cell, layers, steps, features, units, batch, vocabulary } = inMode(workload, mode)
  const gates = cell === 'lstm' ? 4 : 3
  let perStep = 0
  for (let layer = 0; layer < layers; layer++) perStep += gates * units * (units + (layer === 0 ? features : units))
  const read = vocabulary === undefined ? units / steps : units * vocabulary
  const forward = (2 * batch * steps * (perStep + read)) / 1e9
  return mode === 'train' ? 3 * forward : forward
}

/** The size of a workload in one line. */
export function describe({ cell, layers, steps, features, units, batch, vocabulary }: Workload): string {
  const name = `${cell.toUpperCase()}${layers > 1 ? ` x${layers}` : ''}`
  const ends = vocabulary === undefined ? '' : `, embedding and softmax over ${vocabulary}`
  return `${name}, ${steps} steps of ${features}, ${units} units, batch ${batch}${ends}`
}
