// Telling sequences of different lengths from other data.

import { isTypedArray, Tensor, type TensorLike } from '../../tensor'

/**
 * Whether data is an array of sequences that differ in length: arrays, typed arrays or tensors, of which not all have
 * the same number of steps.
 */
export function isRagged(data: unknown): data is readonly TensorLike[] {
  if (!Array.isArray(data) || data.length === 0) return false
  const lengths = data.map(stepsOf)
  return lengths.every((length) => length !== undefined) && lengths.some((length) => length !== lengths[0])
}

function stepsOf(item: unknown): number | undefined {
  if (item instanceof Tensor) return item.shape[0]
  return Array.isArray(item) || isTypedArray(item) ? item.length : undefined
}
