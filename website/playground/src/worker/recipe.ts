// What of an experiment's model and training can be said without the library: the page writes programs from it.
import type { Experiment } from '../state/state'
import type { Task } from '../tasks'

export const headActivation = ({ says }: Pick<Task, 'says'>) =>
  (({ classes: 'softmax', bit: 'sigmoid', number: 'linear' }) as const)[says]

export const lossOf = ({ says }: Pick<Task, 'says'>) =>
  (({ classes: 'sparseCategoricalCrossentropy', bit: 'binaryCrossentropy', number: 'mse' }) as const)[says]

export function clipOf({ clipping, bound }: Experiment): { globalClipNorm?: number; clipValue?: number } {
  if (clipping === 'none') return {}
  return clipping === 'norm' ? { globalClipNorm: bound } : { clipValue: bound }
}

/** The seed of the batch of a step; that of the held-out sequences is one that no step has. */
export const batchSeed = (seed: number, step: number): number => seed * 100_000 + step
export const heldOutStep = 99_999
