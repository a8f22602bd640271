// Everything that makes a moment of the playground: what is trained and how, for how long, and what is looked at. It is plain data; the
// address of the page holds all of it.

export const taskNames = ['echo', 'copy', 'adding', 'parity', 'brackets', 'sine', 'text', 'table'] as const
export type TaskName = (typeof taskNames)[number]

export const cellNames = ['simpleRNN', 'gru', 'lstm', 'minGRU', 'minLSTM', 'indRNN', 'lru'] as const
export type CellName = (typeof cellNames)[number]

export const optimizerNames = ['adam', 'sgd', 'rmsprop', 'nadam'] as const
export const clippings = ['none', 'norm', 'value'] as const
export const starts = ['orthogonal', 'identity', 'glorotUniform'] as const
export const activationNames = ['tanh', 'relu'] as const
export const backendNames = ['wasm', 'cpu', 'gpu'] as const

/** What is trained: with the same experiment every weight is the same after as many steps. */
export interface Experiment {
  readonly task: TaskName
  /** The distance in time, or the number of steps, that the task is made for. */
  readonly length: number
  /** The text of the task `text`. */
  readonly text: string
  /** The table of the task `table`, as CSV. */
  readonly table: string
  /** The column of the table that is forecast; the first where it is empty. */
  readonly column: string
  readonly cells: readonly CellName[]
  readonly units: number
  readonly layers: number
  /** Of simpleRNN and indRNN. */
  readonly activation: (typeof activationNames)[number]
  /** What the recurrent kernel begins with, times `gain`. */
  readonly start: (typeof starts)[number]
  readonly gain: number
  readonly forgetBias: boolean
  /** The longest memory that gates begin with; 0 for none. */
  readonly chrono: number
  readonly dropout: number
  readonly optimizer: (typeof optimizerNames)[number]
  readonly rate: number
  readonly clipping: (typeof clippings)[number]
  readonly bound: number
  /** The steps after which the gradient is cut; 0 for whole sequences. */
  readonly truncate: number
  readonly batch: number
  readonly seed: number
  readonly backend: (typeof backendNames)[number]
}

/** A hidden value that is set by hand after a step. */
export interface Poke {
  readonly layer: number
  readonly step: number
  readonly unit: number
  readonly value: number
}

/** What is looked at. */
export interface View {
  /** The cell whose inside is shown. */
  readonly cell: CellName
  /** Which of the held-out sequences. */
  readonly sample: number
  readonly layer: number
  /** The step and the unit that are pointed at. */
  readonly step: number
  readonly unit: number
  /** The moment of training that is shown; -1 for the present. */
  readonly moment: number
  readonly poke: Poke | undefined
  readonly lesson: string
}

export interface State extends Experiment, View {
  /** How many steps of training have been made. */
  readonly steps: number
}

export const defaults: State = {
  task: 'echo',
  length: 8,
  text: '',
  table: '',
  column: '',
  cells: ['simpleRNN', 'gru', 'lstm'],
  units: 12,
  layers: 1,
  activation: 'tanh',
  start: 'orthogonal',
  gain: 1,
  forgetBias: true,
  chrono: 0,
  dropout: 0,
  optimizer: 'adam',
  rate: 0.01,
  clipping: 'norm',
  bound: 1,
  truncate: 0,
  batch: 32,
  seed: 1,
  backend: 'wasm',
  cell: 'lstm',
  sample: 0,
  layer: 0,
  step: -1,
  unit: 0,
  moment: -1,
  poke: undefined,
  lesson: '',
  steps: 0,
}

/** What must be trained anew where it changes. */
export function experimentOf(state: State): Experiment {
  const { cell, sample, layer, step, unit, moment, poke, lesson, steps, ...experiment } = state
  return experiment
}

/** The bounds of what is a number. */
export const bounds = {
  length: [2, 100],
  units: [1, 64],
  layers: [1, 3],
  gain: [0.1, 3],
  chrono: [0, 200],
  dropout: [0, 0.8],
  rate: [0.00001, 1],
  bound: [0.001, 10],
  truncate: [0, 100],
  batch: [1, 128],
  seed: [0, 99],
  steps: [0, 60_000],
  sample: [0, 31],
  layer: [0, 2],
  step: [-1, 200],
  unit: [0, 63],
  moment: [-1, 60_000],
} as const satisfies Partial<Record<keyof State, readonly [number, number]>>

/** The most characters of a text or a table of one's own: the link has to hold them. */
export const mostCharacters = 20_000
