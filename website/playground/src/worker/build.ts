// The model of an experiment with one of its cells.
import {
  dense,
  dropout,
  gru,
  indRNN,
  initializers,
  type Layer,
  lru,
  lstm,
  type Model,
  minGRU,
  minLSTM,
  sequential,
  setSeed,
  simpleRNN,
} from 'hornbeam'
import { cellOptions, type Start } from '../cells/options'
import type { CellName, Experiment } from '../state/state'
import type { ReadyTask } from '../tasks'

const factories = { simpleRNN, gru, lstm, minGRU, minLSTM, indRNN, lru }

/** A model, compiled, with the weights that its seed gives. */
export function makeModel(experiment: Experiment, task: ReadyTask, cell: CellName): Model {
  const { units, layers, dropout: rate, seed } = experiment
  setSeed(seed)
  const { recurrentInitializer, ...others } = cellOptions(cell, experiment)
  const options = {
    ...others,
    ...(recurrentInitializer === undefined ? {} : { recurrentInitializer: initializerOf(recurrentInitializer) }),
  }
  const make = factories[cell] as (units: number, options: object) => Layer // each takes what `cellOptions` gives for it
  const body = Array.from({ length: layers }, (_, level) => [
    make(units, { ...options, returnSequences: task.everyStep || level < layers - 1 }),
    ...(rate > 0 ? [dropout(rate)] : []),
  ])
  const head = dense(task.outputs.length, { activation: headActivation(task) })
  return sequential([...body.flat(), head], { inputShape: [null, task.inputs.length] }).compile({
    optimizer: experiment.optimizer,
    learningRate: experiment.rate,
    loss: lossOf(task),
    ...clipOf(experiment),
    backend: experiment.backend,
  })
}

export const headActivation = ({ says }: Pick<ReadyTask, 'says'>) =>
  (({ classes: 'softmax', bit: 'sigmoid', number: 'linear' }) as const)[says]

export const lossOf = ({ says }: Pick<ReadyTask, 'says'>) =>
  (({ classes: 'sparseCategoricalCrossentropy', bit: 'binaryCrossentropy', number: 'mse' }) as const)[says]

export function clipOf({ clipping, bound }: Experiment): { globalClipNorm?: number; clipValue?: number } {
  if (clipping === 'none') return {}
  return clipping === 'norm' ? { globalClipNorm: bound } : { clipValue: bound }
}

function initializerOf({ name, gain }: Start) {
  if (name === 'glorotUniform') return initializers.glorotUniform()
  return name === 'identity' ? initializers.identity({ gain }) : initializers.orthogonal({ gain })
}

/** The seed of the batch of a step; that of the held-out sequences is one that no step has. */
export const batchSeed = (seed: number, step: number): number => seed * 100_000 + step
export const heldOutStep = 99_999
