// Telling sequences of different lengths from other data.

import { isTypedArray, Tensor, type TensorLike } from '../../tensor'

/**
 * Whether data is an array of sequences that differ in length: arrays, typed arrays or tensors, of which not all have
 * the same number of steps.
 */
export function isRagged(data: unknown): data is readonly TensorLike[] {
  if (!Array.isArray(data) || data.length === 0) return false
  const first = stepsOf(data[0])
  let differ = false
  // What is no sequence ends it: arrays of very many holes are not looked through.
  for (const item of data) {
    const length = stepsOf(item)
    if (length === undefined) return false
    differ ||= length !== first
  }
  return differ
}

function stepsOf(item: unknown): number | undefined {
  if (item instanceof Tensor) return item.shape[0]
  return Array.isArray(item) || isTypedArray(item) ? item.length : undefined
}
