// Datasets as sources of batches: anything that can be walked and gives batches `{ x, y, sampleWeight }` or `[x, y]`.

import { DataError } from '../errors'
import { Tensor, type TensorLike } from '../tensor'
import type { Batches } from './batches'
import type { ModelData } from './binding'
import type { StepData } from './engine'
import type { Model } from './model'
import { acceptBatch } from './targets'

/** A batch as a dataset gives it. */
export type DatasetBatch =
  | { readonly x: ModelData; readonly y?: ModelData; readonly sampleWeight?: TensorLike }
  | readonly [ModelData, ModelData]

/** Whatever gives batches: an (async) iterable that can be walked again for each epoch, or a function that makes one. */
export type DatasetLike = Iterable<DatasetBatch> | AsyncIterable<DatasetBatch>

/** Whether data is a dataset of batches rather than arrays. */
export function isDataset(data: unknown): data is DatasetLike & { readonly size?: number } {
  if (typeof data !== 'object' || data === null || data instanceof Tensor) return false
  if (Array.isArray(data) || ArrayBuffer.isView(data)) return false
  return Symbol.asyncIterator in data || Symbol.iterator in data
}

/** The batches of a dataset, each checked as it comes. */
export function datasetBatches(model: Model, dataset: DatasetLike & { readonly size?: number }, call: string): Batches {
  return {
    count: typeof dataset.size === 'number' && Number.isFinite(dataset.size) ? dataset.size : undefined,
    async *walk(): AsyncGenerator<StepData> {
      for await (const batch of dataset) yield acceptDatasetBatch(model, batch, call)
    },
  }
}

function acceptDatasetBatch(model: Model, batch: DatasetBatch, call: string): StepData {
  if (isPair(batch)) return acceptBatch(model, batch[0], batch[1], {}, call)
  if (typeof batch !== 'object' || batch === null || !('x' in batch)) {
    throw new DataError(`${call}: expected batches { x, y } from the dataset, got ${typeof batch}`)
  }
  return acceptBatch(model, batch.x, batch.y, { sampleWeight: batch.sampleWeight }, call)
}

function isPair(batch: DatasetBatch): batch is readonly [ModelData, ModelData] {
  return Array.isArray(batch)
}

/** The inputs of a dataset's batches, for prediction. */
export async function* datasetInputs(dataset: DatasetLike): AsyncGenerator<ModelData> {
  for await (const batch of dataset) {
    if (typeof batch !== 'object' || batch === null) {
      throw new DataError(`predict: expected batches { x } or tensors from the dataset, got ${typeof batch}`)
    }
    yield isPair(batch) ? batch[0] : 'x' in batch ? batch.x : batch
  }
}
