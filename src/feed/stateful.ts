// Stateful layers and the size of batches: they carry a state for each sample of a batch, so that all batches have to be
// of one size. What is known beforehand is checked before anything runs.

import { DataError } from '../errors'
import type { Layer } from '../layers'
import type { Batches } from './batches'

/**
 * Checks that batches can follow one another in a stateful model.
 *
 * @param sources - those of training and of validation; nothing is checked where the number of samples is not known.
 * @throws DataError where the batches differ in size.
 */
export function requireOneSize(
  model: Layer,
  call: string,
  ...sources: readonly (Pick<Batches, 'samples' | 'batchSize'> | undefined)[]
): void {
  const stateful = statefulLayer(model)
  if (stateful === undefined) return
  const sizes = sources.flatMap(({ samples, batchSize } = {}) => {
    if (samples === undefined || batchSize === undefined) return []
    const size = Math.min(samples, batchSize)
    if (samples % size === 0) return [size]
    const fitting = Array.from({ length: size }, (_, i) => size - i).find((divisor) => samples % divisor === 0)
    throw new DataError(
      `${call}: ${stateful.name} is stateful: expected batches of one size, got ${samples} samples in batches of ${size}; ` +
        `leave out ${samples % size} of them, or take batchSize: ${fitting}`,
    )
  })
  const other = sizes.find((size) => size !== sizes[0])
  if (other === undefined) return
  throw new DataError(
    `${call}: ${stateful.name} is stateful: expected validation in batches of ${sizes[0]} samples as in training, got ${other}`,
  )
}

/** The first layer, this one or one inside it, that carries its states from batch to batch itself. */
function statefulLayer(layer: Layer): Layer | undefined {
  const inner = layer.innerLayers.find(({ isStateful }) => isStateful)
  return inner === undefined ? (layer.isStateful ? layer : undefined) : statefulLayer(inner)
}
