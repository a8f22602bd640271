// The options of each cell's layer, as plain data: the model is made of them, and the programs that are shown are written from them.
import type { CellName, Experiment } from '../state/state'

/** An initializer by its name, with a gain where that is not 1. */
export interface Start {
  readonly name: Experiment['start']
  readonly gain: number
}

export interface CellOptions {
  readonly activation?: 'relu'
  readonly recurrentInitializer?: Start
  readonly unitForgetBias?: false
  readonly chrono?: number
  readonly minRadius?: number
  readonly maxRadius?: number
}

/** What the knobs mean for a cell; what it does not know is left out. */
export function cellOptions(cell: CellName, experiment: Experiment): CellOptions {
  const { activation, start, gain, forgetBias, chrono } = experiment
  const relu = activation === 'relu' ? ({ activation: 'relu' } as const) : {}
  const recurrent = start === 'orthogonal' && gain === 1 ? {} : { recurrentInitializer: { name: start, gain } }
  const memory = chrono > 1 ? { chrono } : {}
  switch (cell) {
    case 'simpleRNN':
      return { ...relu, ...recurrent }
    case 'gru':
      return { ...recurrent, ...memory }
    case 'lstm':
      return { ...recurrent, ...memory, ...(forgetBias || chrono > 1 ? {} : { unitForgetBias: false }) }
    case 'minGRU':
    case 'minLSTM':
      return memory
    case 'indRNN':
      return {}
    case 'lru':
      // Moduli whose memory is about as long: r to the power of chrono is 1/e.
      return chrono > 1 ? { minRadius: 0.5, maxRadius: Math.round(1e4 * Math.exp(-1 / chrono)) / 1e4 } : {}
  }
}
