// What is measured: recurrent models of six sizes, two blocks of other networks and a short training, as data. Every contestant builds its
// model from one of these records.

/** One recurrent model and the size of its batch. */
export interface Recurrent {
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

/** Part of another kind of network, or a small whole one. */
export interface Block {
  readonly name: string
  readonly about: string
  /**
   * attention: causal multi-head attention with its projections, and a feed-forward of four times the width, each with a residual and a
   * layer normalization after it. mobileNet: depthwise 3x3 and pointwise 1x1, each with batch normalization and ReLU. school: batch
   * normalization, a dense layer with ReLU and one with softmax, trained by SGD; one run is a whole `fit`.
   */
  readonly block: 'attention' | 'mobileNet' | 'school'
  readonly batch: number
  /** One sample; the last length is that of its channels. */
  readonly shape: readonly number[]
  /** Heads of attention; their width is that of the channels over their number. */
  readonly heads?: number
  /** Of the dense layers: the feed-forward of attention, or hidden units and classes. */
  readonly units?: readonly number[]
  /** Of a `fit`, with the number of its samples. */
  readonly epochs?: number
  readonly samples?: number
}

export type Workload = Recurrent | Block

export function isBlock(workload: Workload): workload is Block {
  return 'block' in workload
}

/** For contestants that know recurrent models alone, which is what their `lacks` says first. @throws Error for a block. */
export function recurrentOnly(workload: Workload): Recurrent {
  if (isBlock(workload)) throw new Error(noBlocks)
  return workload
}

export const noBlocks = 'takes part with recurrent models only'

const lstm = { cell: 'lstm', layers: 1 } as const

export const recurrentWorkloads: readonly Recurrent[] = [
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

export const workloads: readonly Workload[] = [
  ...recurrentWorkloads,
  {
    name: 'W7',
    about: 'a block of a small language model',
    block: 'attention',
    batch: 8,
    shape: [512, 512],
    heads: 8,
    units: [2048],
  },
  { name: 'W8', about: 'a block of MobileNet', block: 'mobileNet', batch: 16, shape: [56, 56, 64] },
  {
    name: 'W9',
    about: "a model trained in a school's page",
    block: 'school',
    batch: 16,
    shape: [24],
    units: [16, 4],
    epochs: 160,
    samples: 64,
  },
]

/**
 * The optimizer of all. Keras adds epsilon before the correction of the bias, PyTorch and TensorFlow.js after it: with the usual
 * 1e-7 the small gradients of long sequences come out different, so it is made too small to matter.
 */
export const adam = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-12 } as const

/** Of the short training of a school's page. */
export const sgd = { learningRate: 0.05 } as const

/** What is done with a workload: a whole training step, the forward pass of its batch, or that of a single sample. */
export type Mode = 'train' | 'predict' | 'predict1'

export const modes: readonly Mode[] = ['train', 'predict', 'predict1']

/** The workload as a mode runs it: alone in its batch, where a single sample is predicted. */
export function inMode<W extends Workload>(workload: W, mode: Mode): W {
  return mode === 'predict1' ? { ...workload, batch: 1 } : workload
}

/** Multiplications and additions in the matrix products of one run, in units of 1e9: what GFLOP/s are counted from. */
export function gflop(workload: Workload, mode: Mode): number {
  if (isBlock(workload)) return blockGflop(inMode(workload, mode), mode)
  const { cell, layers, steps, features, units, batch, vocabulary } = inMode(workload, mode)
  const gates = cell === 'lstm' ? 4 : 3
  let perStep = 0
  for (let layer = 0; layer < layers; layer++) perStep += gates * units * (units + (layer === 0 ? features : units))
  const read = vocabulary === undefined ? units / steps : units * vocabulary
  const forward = (2 * batch * steps * (perStep + read)) / 1e9
  return mode === 'train' ? 3 * forward : forward
}

function blockGflop({ block, batch, shape, units = [], epochs = 1, samples = batch }: Block, mode: Mode): number {
  const width = shape[shape.length - 1]
  const places = shape.slice(0, -1).reduce((product, length) => product * length, 1)
  // Of one place of a sample: a causal step looks at half of all steps, in the mean.
  const inner = {
    attention: () => 4 * width ** 2 + shape[0] * width + 2 * width * units[0],
    mobileNet: () => 9 * width + width ** 2,
    school: () => width * units[0] + units[0] * units[1],
  }[block]()
  const forward = (2 * places * inner) / 1e9
  return mode === 'train' ? 3 * forward * samples * epochs : forward * batch
}

/** The size of a workload in one line. */
export function describe(workload: Workload): string {
  if (isBlock(workload)) return describeBlock(workload)
  const { cell, layers, steps, features, units, batch, vocabulary } = workload
  const name = `${cell.toUpperCase()}${layers > 1 ? ` x${layers}` : ''}`
  const ends = vocabulary === undefined ? '' : `, embedding and softmax over ${vocabulary}`
  return `${name}, ${steps} steps of ${features}, ${units} units, batch ${batch}${ends}`
}

function describeBlock({ block, batch, shape, heads = 1, units = [], epochs, samples }: Block): string {
  const width = shape[shape.length - 1]
  const what = {
    attention: `causal attention of ${heads} heads of ${width / heads} and a feed-forward of ${units[0]}`,
    mobileNet: 'depthwise 3x3 and pointwise 1x1, each with batch normalization and ReLU',
    school: `batch normalization, dense ${units.join(' and ')}, ${epochs} epochs of ${samples} samples by SGD`,
  }[block]
  return `${what}, samples of ${shape.join(' x ')}, batch ${batch}`
}
