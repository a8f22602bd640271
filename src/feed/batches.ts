// Batches of arrays: rows gathered in order or shuffled, and the split that keeps the last part for validation.

import { padded } from '../data'
import { allocate, Tensor as HostTensor, sizeOf, type Tensor } from '../tensor'
import type { StepData } from './stepData'

/** A source of batches that a training loop walks once an epoch. */
export interface Batches {
  /** How many there are an epoch, where that is known. */
  readonly count: number | undefined
  /** How many samples there are in all, and in each batch but perhaps the last, where that is known. */
  readonly samples?: number
  readonly batchSize?: number
  /** Whether an epoch has no end, so that its number of steps must be given. */
  readonly isEndless?: boolean
  /** The batches of an epoch, without the first `from` of them. */
  walk(epoch: number, from?: number): Iterable<StepData> | AsyncIterable<StepData>
  /** Ends what is still open between two epochs. */
  close?(): Promise<void>
}

/** Where in the data a run is: which walk over them, and how many of its batches were taken. */
export interface DataPosition {
  readonly walk: number
  readonly taken: number
  /** The data came to an end, and are walked anew. */
  beginWalk(): void
}

/** Batches that each walk goes on with where the one before stopped; where they end, they begin anew. */
export function continued(batches: Batches, position: DataPosition): Batches {
  let open: AsyncGenerator<StepData> | undefined
  return {
    ...batches,
    async *walk() {
      for (let isEmpty = false; !isEmpty; ) {
        isEmpty = open === undefined && position.taken === 0
        open ??= walked(batches, position)
        for (let step = await open.next(); !step.done; step = await open.next()) {
          isEmpty = false
          yield step.value
        }
        open = undefined
        if (!isEmpty) position.beginWalk()
      }
    },
    close: async () => {
      await open?.return(undefined)
    },
  }
}

async function* walked(batches: Batches, { walk, taken }: DataPosition): AsyncGenerator<StepData> {
  yield* batches.walk(walk, taken)
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
    samples: n,
    batchSize,
    *walk(epoch, from = 0) {
      const rows = order?.(epoch)
      for (let start = from * batchSize; start < n; start += batchSize) {
        const end = Math.min(n, start + batchSize)
        yield mapData(data, (tensor) =>
          rows === undefined ? rowsOf(tensor, start, end) : gatherRows(tensor, rows, start, end),
        )
      }
    },
  }
}

/** The same change to every tensor. */
function mapData(data: StepData, map: (tensor: Tensor) => Tensor): StepData {
  const each = (tensor: Tensor | undefined): Tensor | undefined => tensor && map(tensor)
  const { x, y, weights, masks } = data
  return {
    ...data,
    x: x.map(map),
    y: y.map(map),
    weights: weights.map(each),
    ...(masks === undefined ? {} : { masks: masks.map(each) }),
  }
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

/** Tensors one below the other; outputs for the steps of sequences are filled up with 0 to the longest. */
export function joinRows(parts: readonly Tensor[]): Tensor {
  if (parts.length === 1) return parts[0]
  if (parts.some(({ shape }) => shape[1] !== parts[0].shape[1])) {
    return padded(parts.flatMap((part) => Array.from({ length: part.shape[0] }, (_, i) => rowOf(part, i)))).sequences
  }
  const [{ dtype, shape }] = parts
  const data = allocate(
    dtype,
    parts.reduce((sum, part) => sum + part.size, 0),
  )
  let at = 0
  for (const part of parts) {
    data.set(part.data, at)
    at += part.size
  }
  return new HostTensor(data, [parts.reduce((sum, part) => sum + part.shape[0], 0), ...shape.slice(1)], dtype)
}

/** Tensors side by side, along their second axis. */
export function joinColumns(parts: readonly Tensor[]): Tensor {
  if (parts.length === 1) return parts[0]
  const [{ shape, dtype }] = parts
  const [rows, , ...rest] = shape
  const width = parts.reduce((sum, part) => sum + part.shape[1], 0)
  const data = allocate(dtype, rows * width * sizeOf(rest))
  let at = 0
  for (let row = 0; row < rows; row++) {
    for (const part of parts) {
      const { data: own } = rowsOf(part, row, row + 1)
      data.set(own, at)
      at += own.length
    }
  }
  return new HostTensor(data, [rows, width, ...rest], dtype)
}

function rowOf(tensor: Tensor, index: number): Tensor {
  const { data, shape, dtype } = rowsOf(tensor, index, index + 1)
  return new HostTensor(data, shape.slice(1), dtype)
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
