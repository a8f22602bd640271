// Batches of arrays: rows gathered in order or shuffled, and the split that keeps the last part for validation.

import { allocate, Tensor as HostTensor, type Tensor } from '../tensor'
import type { StepData } from './engine'

/** A source of batches that a training loop walks once an epoch. */
export interface Batches {
  /** How many there are an epoch, where that is known. */
  readonly count: number | undefined
  walk(epoch: number): Iterable<StepData> | AsyncIterable<StepData>
}

/** The number of samples in arrays that have been checked. */
export function samplesOf(data: StepData): number {
  return data.x[0]?.shape[0] ?? 0
}

/** Batches from arrays; `order` gives the rows of an epoch in the order in which they are visited. */
export function arrayBatches(data: StepData, batchSize: number, order?: (epoch: number) => Int32Array): Batches {
  const n = samplesOf(data)
  return {
    count: Math.ceil(n / batchSize),
    *walk(epoch) {
      const rows = order?.(epoch)
      for (let start = 0; start < n; start += batchSize) {
        const end = Math.min(n, start + batchSize)
        yield mapData(data, (tensor) =>
          rows === undefined ? rowsOf(tensor, start, end) : gatherRows(tensor, rows, start, end),
        )
      }
    },
  }
}

/** The same change to every tensor. */
export function mapData(data: StepData, map: (tensor: Tensor) => Tensor): StepData {
  return { x: data.x.map(map), y: data.y.map(map), weights: data.weights.map((weight) => weight && map(weight)) }
}

/** Rows [start, end), without a copy. */
export function rowsOf(tensor: Tensor, start: number, end: number): Tensor {
  const width = tensor.size / Math.max(1, tensor.shape[0])
  return new HostTensor(
    tensor.data.subarray(start * width, end * width),
    [end - start, ...tensor.shape.slice(1)],
    tensor.dtype,
  )
}

function gatherRows(tensor: Tensor, rows: Int32Array, start: number, end: number): Tensor {
  const width = tensor.size / Math.max(1, tensor.shape[0])
  const data = allocate(tensor.dtype, (end - start) * width)
  for (let i = start; i < end; i++)
    data.set(tensor.data.subarray(rows[i] * width, (rows[i] + 1) * width), (i - start) * width)
  return new HostTensor(data, [end - start, ...tensor.shape.slice(1)], tensor.dtype)
}

/** The first part, and the last `fraction` of the samples, as Keras splits them (before any shuffling). */
export function splitEnd(data: StepData, fraction: number): [StepData, StepData] {
  const n = samplesOf(data)
  const at = Math.floor(n * (1 - fraction))
  return [mapData(data, (tensor) => rowsOf(tensor, 0, at)), mapData(data, (tensor) => rowsOf(tensor, at, n))]
}
