// Samples by number: what can be shuffled, split and cut into batches without a copy of the whole.

import type { Tensor } from '../tensor'

/** A batch of samples: inputs, and the targets where there are any. */
export interface SampleBatch {
  readonly x: Tensor
  readonly y?: Tensor
}

/** Samples that are made when a batch is drawn. `fit` shuffles, splits and batches them as it does arrays. */
export interface Samples {
  /** How many there are. */
  readonly size: number
  /** What the features along the last axis of x are called, where that is known; numbers for columns without names. */
  readonly features?: readonly (string | number)[]
  /** What the targets in y are called. */
  readonly targets?: readonly (string | number)[]
  /** The samples of these numbers, in their order. */
  draw(numbers: ArrayLike<number>): SampleBatch
  /** All but the last `share` of the samples, and those, with nothing in common. */
  splitEnd(share: number): readonly [Samples, Samples]
}

/** Whether this gives samples by number. */
export function isSamples(value: unknown): value is Samples {
  return typeof value === 'object' && value !== null && 'draw' in value && typeof value.draw === 'function'
}
