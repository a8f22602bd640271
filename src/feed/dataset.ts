// Datasets as sources of batches: anything that can be walked and gives batches `{ x, y, sampleWeight }` or
// `[x, y, sampleWeight]`, and samples by number, which are drawn batch by batch.

import { Dataset, isSamples, type Samples } from '../data'
import { DataError } from '../errors'
import { isTypedArray, Tensor } from '../tensor'
import { arrayBatches, type Batches } from './batches'
import type { ModelData } from './binding'
import { checkFeatureNames } from './featureNames'
import type { FedModel } from './fedModel'
import type { StepData } from './stepData'
import { acceptBatch, type BatchMask, type SampleWeight, type Weighting } from './targets'

/** A batch as a dataset gives it. */
export type DatasetBatch =
  | {
      readonly x: ModelData
      readonly y?: ModelData | undefined
      readonly sampleWeight?: SampleWeight | undefined
      /** Which steps of padded sequences there are: `[samples, time]`; for a model with several inputs by name. */
      readonly mask?: BatchMask | undefined
    }
  | readonly [ModelData, ModelData]
  | readonly [ModelData, ModelData, SampleWeight]

/** Whatever gives batches: `data.from...` with `batch`, or an (async) iterable that can be walked again for each epoch. */
export type DatasetLike = Iterable<DatasetBatch> | AsyncIterable<DatasetBatch>

/** What a model is trained on: arrays, samples such as windows over a series, or a dataset of batches. */
export type FitData = ModelData | Samples | DatasetLike

/** Whether data is a dataset of batches rather than arrays. */
export function isDataset(data: unknown): data is DatasetLike & { readonly size?: number } {
  if (typeof data !== 'object' || data === null || data instanceof Tensor) return false
  if (Array.isArray(data) || ArrayBuffer.isView(data)) return false
  return Symbol.asyncIterator in data || Symbol.iterator in data
}

/** Whether data brings its own targets: a dataset, or samples such as windows. */
export function bringsTargets(data: unknown): boolean {
  return isDataset(data) || isSamples(data)
}

/**
 * Data for calls that look at all of it at once: arrays as they are, samples such as windows copied out.
 *
 * @throws DataError for a dataset.
 */
export function wholeData(
  x: ModelData | Samples | DatasetLike,
  y: ModelData | undefined,
  call: string,
): { readonly x: ModelData; readonly y: ModelData | undefined } {
  if (isSamples(x)) {
    const all = x.draw(Int32Array.from({ length: x.size }, (_, i) => i))
    return { x: all.x, y: all.y }
  }
  if (isDataset(x))
    throw new DataError(`${call}: expected arrays, or samples such as windows, got a dataset; give one of its batches`)
  return { x: x as ModelData, y } // what is neither is data
}

/**
 * The options of a call: what follows x where x brings its own targets, as a dataset does, else what follows y.
 *
 * @throws DataError for targets beside data that bring their own.
 */
export function optionsBeside(call: string, x: FitData, second: unknown, third: unknown): unknown {
  if (!bringsTargets(x)) return third
  const isTarget = second instanceof Tensor || Array.isArray(second) || isTypedArray(second)
  if (!isTarget && (second === undefined || third === undefined)) return third ?? second
  throw new DataError(`${call}: y: expected none, since x is a dataset, or samples, that brings its own targets`)
}

/** The batches of a data set to test on, in order. */
export function testBatches(
  model: FedModel,
  x: FitData,
  y: ModelData | undefined,
  weighting: Weighting,
  batchSize: number,
  call: string,
): Batches {
  if (isSamples(x)) return sampleBatches(model, x, batchSize, call)
  if (isDataset(x)) return datasetBatches(model, x, call)
  return arrayBatches(acceptBatch(model, x as ModelData, y, weighting, call), batchSize) // what is neither is arrays
}

/** The batches of a dataset, each checked as it comes. */
export function datasetBatches(
  model: FedModel,
  dataset: DatasetLike & { readonly size?: number },
  call: string,
  classWeight?: Weighting['classWeight'],
): Batches {
  const count = typeof dataset.size === 'number' && dataset.size !== Infinity ? dataset.size : undefined
  return {
    count,
    isEndless: dataset.size === Infinity,
    async *walk(epoch, from = 0): AsyncGenerator<StepData> {
      const batches = dataset instanceof Dataset ? dataset.epoch(epoch) : dataset
      let passed = 0
      for await (const batch of batches) {
        if (passed++ >= from) yield acceptDatasetBatch(model, batch, call, classWeight)
      }
    },
  }
}

/** How samples are drawn. */
export interface SampleOptions extends Pick<Weighting, 'classWeight'> {
  /** The numbers of an epoch in the order in which they are visited; from the first to the last by default. */
  readonly order?: ((epoch: number) => Int32Array) | undefined
}

/** Batches drawn from samples. */
export function sampleBatches(
  model: FedModel,
  samples: Samples,
  batchSize: number,
  call: string,
  { order, classWeight }: SampleOptions = {},
): Batches {
  return {
    count: Math.ceil(samples.size / batchSize),
    samples: samples.size,
    batchSize,
    *walk(epoch, from = 0) {
      const numbers = order?.(epoch)
      let isChecked = false
      for (const drawn of drawnInTurn(samples, batchSize, numbers, from)) {
        const batch = acceptBatch(model, drawn.x, drawn.y, { classWeight }, call)
        // The first batch may have built the model.
        if (!isChecked) checkFeatureNames(model, samples, call)
        isChecked = true
        yield batch
      }
    },
  }
}

function* drawnInTurn(samples: Samples, batchSize: number, numbers?: Int32Array, from = 0) {
  for (let start = from * batchSize; start < samples.size; start += batchSize) {
    const length = Math.min(batchSize, samples.size - start)
    const batch = numbers?.subarray(start, start + length) ?? Int32Array.from({ length }, (_, i) => start + i)
    yield samples.draw(batch)
  }
}

function acceptDatasetBatch(
  model: FedModel,
  batch: DatasetBatch,
  call: string,
  classWeight: Weighting['classWeight'],
): StepData {
  if (isList(batch)) {
    const [x, y, sampleWeight] = batch
    return acceptBatch(model, x, y, { sampleWeight, classWeight }, call)
  }
  if (typeof batch !== 'object' || batch === null || !('x' in batch)) {
    throw new DataError(`${call}: expected batches { x, y } from the dataset, got ${describe(batch)}`)
  }
  return acceptBatch(model, batch.x, batch.y, { sampleWeight: batch.sampleWeight, classWeight }, call, batch.mask)
}

function isList(batch: DatasetBatch): batch is Extract<DatasetBatch, readonly unknown[]> {
  return Array.isArray(batch)
}

function describe(value: unknown): string {
  if (value instanceof Tensor) return 'a tensor'
  return typeof value === 'object' && value !== null ? `{ ${Object.keys(value).join(', ')} }` : typeof value
}

/** The inputs of batches, for prediction. */
export interface InputBatch {
  readonly x: ModelData
  readonly mask?: BatchMask | undefined
}

/** The inputs of a dataset's batches: those of `{ x }` and of `[x, y]`, or the batches themselves. */
export async function* datasetInputs(dataset: DatasetLike): AsyncGenerator<InputBatch> {
  // As evaluate does: a dataset that is shuffled comes in the same order each time.
  for await (const batch of dataset instanceof Dataset ? dataset.epoch(0) : dataset) {
    if (typeof batch !== 'object' || batch === null) {
      throw new DataError(`predict: expected batches { x } or tensors from the dataset, got ${typeof batch}`)
    }
    yield isList(batch) ? { x: batch[0] } : 'x' in batch ? batch : { x: batch }
  }
}

/** The inputs of samples, batch by batch. */
export function* sampleInputs(samples: Samples, batchSize: number): Generator<InputBatch> {
  for (const { x } of drawnInTurn(samples, batchSize)) yield { x }
}
