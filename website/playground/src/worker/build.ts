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
import type { ReadyTask } from '../tasks/ready'
import { clipOf, headActivation, lossOf } from './recipe'

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

function initializerOf({ name, gain }: Start) {
  if (name === 'glorotUniform') return initializers.glorotUniform()
  return name === 'identity' ? initializers.identity({ gain }) : initializers.orthogonal({ gain })
}
