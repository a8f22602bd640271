// What training draws its data from: batches, and sources of batches epoch by epoch.
import type { Tensor, TensorLike } from '../tensor'

/** One thing, a list of them, or a record of them by the name of the input or output they are for. */
export type Structure<T> = T | readonly T[] | Readonly<Record<string, T>>

/** Data for the inputs (or outputs) of a model: for one, for several in order, or by name. */
export type DataLike = Structure<TensorLike>

/** A batch: inputs, and what training needs beside them. All have the batch as their first axis. */
export interface Batch {
  readonly x: DataLike
  readonly y?: DataLike | undefined
  /** How much each sample counts. */
  readonly sampleWeight?: DataLike | undefined
}

/** A batch made of tensors. */
export interface TensorBatch extends Batch {
  readonly x: Structure<Tensor>
  readonly y?: Structure<Tensor> | undefined
  readonly sampleWeight?: Structure<Tensor> | undefined
}

/** Where batches come from, epoch after epoch. */
export interface BatchSource<B extends Batch = Batch> {
  /** Batches in an epoch, where known. */
  readonly size?: number | undefined
  /** The batches of one epoch (counted from 0); the order may depend on the epoch. */
  batches(epoch: number): Iterable<B> | AsyncIterable<B>
}

/** Whether this is a source of batches, such as a dataset. */
export function isBatchSource(value: unknown): value is BatchSource {
  return typeof value === 'object' && value !== null && 'batches' in value && typeof value.batches === 'function'
}
