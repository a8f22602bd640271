// The cells: what they are called, what can be seen of them, and what they compute.
import type { CellName } from '../state/state'

export interface CellKind {
  readonly name: CellName
  readonly label: string
  readonly about: string
  /** What the layer carries from step to step, by the names of `inspect`, in the order of its states. */
  readonly states: readonly string[]
  /** What `inspect` shows of it, in the order of the formulas. */
  readonly parts: readonly string[]
}

export const cells: Readonly<Record<CellName, CellKind>> = {
  simpleRNN: {
    name: 'simpleRNN',
    label: 'SimpleRNN',
    about: 'One state, multiplied by a matrix at every step.',
    states: ['hidden'],
    parts: ['hidden'],
  },
  gru: {
    name: 'gru',
    label: 'GRU',
    about: 'One state, and two gates that say what stays of it.',
    states: ['hidden'],
    parts: ['updateGate', 'resetGate', 'candidate', 'hidden'],
  },
  lstm: {
    name: 'lstm',
    label: 'LSTM',
    about: 'A cell that is added to, behind three gates.',
    states: ['hidden', 'cell'],
    parts: ['forgetGate', 'inputGate', 'candidate', 'outputGate', 'cell', 'hidden'],
  },
  minGRU: {
    name: 'minGRU',
    label: 'minGRU',
    about: 'A gate that looks at the input alone (2024).',
    states: ['hidden'],
    parts: ['updateGate', 'candidate', 'hidden'],
  },
  minLSTM: {
    name: 'minLSTM',
    label: 'minLSTM',
    about: 'Two gates that look at the input alone (2024).',
    states: ['hidden'],
    parts: ['forgetGate', 'inputGate', 'candidate', 'hidden'],
  },
  indRNN: {
    name: 'indRNN',
    label: 'IndRNN',
    about: 'Every unit remembers only itself (2018).',
    states: ['hidden'],
    parts: ['hidden'],
  },
  lru: {
    name: 'lru',
    label: 'LRU',
    about: 'Complex numbers that turn and fade (2023).',
    states: ['real', 'imaginary'],
    parts: ['real', 'imaginary'],
  },
}

/** What parts are called on the page. */
export const partLabels: Readonly<Record<string, string>> = {
  forgetGate: 'forget gate f',
  inputGate: 'input gate i',
  outputGate: 'output gate o',
  updateGate: 'update gate z',
  resetGate: 'reset gate r',
  candidate: 'candidate g',
  cell: 'cell c',
  hidden: 'hidden h',
  real: 'state, real part',
  imaginary: 'state, imaginary part',
}

/** Gates lie between 0 and 1; the others have a sign. */
export const isGate = (part: string): boolean => part.endsWith('Gate')
