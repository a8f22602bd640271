// Samples that can be drawn in any order, and the batches drawn from them.
import { requirePositiveInteger, ShapeError } from '../errors'
import { allocate, getSeed, nextStream, permutation, Tensor } from '../tensor'
import type { BatchSource, DataLike, Structure, TensorBatch } from './batch'
import { checkSameLength } from './checks'
import { isRecord, mapStructure, namedParts, toTensors } from './structure'

/** Which samples make a batch: those numbered `order[from]` to `order[to - 1]`, or `from` to `to - 1` without an order. */
export interface Draw {
  readonly order?: Int32Array | undefined
  readonly from: number
  readonly to: number
  /** A batch of the same size whose memory may be written to. */
  readonly reuse?: TensorBatch | undefined
}

/** Samples by number. */
export interface Rows {
  /** How many there are. */
  readonly count: number
  /** Makes a batch. */
  draw(which: Draw): TensorBatch
}

/** The samples of tensors whose first axis counts them. @throws DataError where the tensors differ in length. */
export function tensorRows(x: DataLike, y?: DataLike, sampleWeight?: DataLike): Rows {
  const whole: TensorBatch = {
    x: toTensors(x, 'x'),
    ...(y === undefined ? {} : { y: toTensors(y, 'y') }),
    ...(sampleWeight === undefined ? {} : { sampleWeight: toTensors(sampleWeight, 'sampleWeight') }),
  }
  const count = checkSameLength(
    (['x', 'y', 'sampleWeight'] as const).flatMap((part) => namedParts(whole[part] ?? [], part)),
  )
  return {
    count,
    draw: (which) => mapBatch(whole, which.reuse, (tensor, reuse) => drawRows(tensor, { ...which, reuse })),
  }
}

/** Rows of a tensor; neighbours in order are not copied but seen through a view. */
export function drawRows(source: Tensor, which: Omit<Draw, 'reuse'> & { reuse?: Tensor | undefined }): Tensor {
  const { order, from, to, reuse } = which
  const row = source.size / (source.shape[0] || 1)
  const shape = [to - from, ...source.shape.slice(1)]
  if (order === undefined) return new Tensor(source.data.subarray(from * row, to * row), shape, source.dtype)
  const out = reuse?.data ?? allocate(source.dtype, (to - from) * row)
  const { data } = source
  // A view for each row costs more than a short loop.
  if (row > 48) for (let i = from, at = 0; i < to; i++, at += row) out.set(rowView(data, order[i], row), at)
  else {
    for (let i = from, at = 0; i < to; i++) {
      for (let k = order[i] * row, end = k + row; k < end; k++) out[at++] = data[k]
    }
  }
  return reuse ?? new Tensor(out, shape, source.dtype)
}

function rowView(data: Tensor['data'], index: number, row: number): Tensor['data'] {
  return data.subarray(index * row, (index + 1) * row)
}

/** The batch with each tensor replaced, beside its counterpart in another batch of the same structure. */
function mapBatch(
  batch: TensorBatch,
  other: TensorBatch | undefined,
  change: (tensor: Tensor, counterpart: Tensor | undefined) => Tensor,
): TensorBatch {
  const part = (data: Structure<Tensor>, counterparts: Structure<Tensor> | undefined): Structure<Tensor> => {
    const others = counterparts === undefined ? [] : namedParts(counterparts, '').map(([, tensor]) => tensor)
    let next = 0
    return mapStructure(data, (tensor) => change(tensor, others[next++]))
  }
  return {
    x: part(batch.x, other?.x),
    ...(batch.y === undefined ? {} : { y: part(batch.y, other?.y) }),
    ...(batch.sampleWeight === undefined ? {} : { sampleWeight: part(batch.sampleWeight, other?.sampleWeight) }),
  }
}

/** How batches are drawn from samples. */
export interface DrawOptions {
  /** 32 by default. */
  readonly batchSize?: number | undefined
  /** Whether each epoch draws the samples in another order; `false` by default. */
  readonly shuffle?: boolean | undefined
  /** Fixes the orders; by default they follow `setSeed`. */
  readonly seed?: number | undefined
  /** Leaves out a last batch that is smaller than the others; `false` by default. */
  readonly dropRemainder?: boolean | undefined
  /**
   * Lets a batch be written over when the next one is drawn, so that an epoch allocates two batches at most; `false` by
   * default.
   */
  readonly reuse?: boolean | undefined
}

/** Batches of samples, epoch by epoch. */
export function drawBatches(rows: Rows, options: DrawOptions = {}): BatchSource<TensorBatch> & { size: number } {
  const batchSize = requirePositiveInteger('batches', 'batchSize', options.batchSize ?? 32)
  const orderOf = options.shuffle === true ? shuffledOrder(rows.count, options.seed) : undefined
  const end = options.dropRemainder === true ? rows.count - (rows.count % batchSize) : rows.count
  const reusable = new Map<number, TensorBatch>()
  return {
    size: Math.ceil(end / batchSize),
    *batches(epoch) {
      const order = orderOf?.(epoch)
      for (let from = 0; from < end; from += batchSize) {
        const to = Math.min(from + batchSize, end)
        const batch = rows.draw({ order, from, to, reuse: reusable.get(to - from) })
        // Without an order a batch may be a view of the user's own data, which nothing may write to.
        if (options.reuse === true && order !== undefined) reusable.set(to - from, batch)
        yield batch
      }
    },
  }
}

/** The order in which an epoch visits `count` samples: another one each epoch, the same for the same seed. */
export function shuffledOrder(count: number, seed?: number): (epoch: number) => Int32Array {
  const [key, stream] = seed === undefined ? [getSeed(), nextStream()] : [seed, 0]
  return (epoch) => permutation(count, key, stream, epoch)
}

/** How {@link arraysSource} draws batches. */
export interface ArraysOptions extends DrawOptions {
  /** How much each sample counts: one number for each, or these by output. */
  readonly sampleWeight?: DataLike | undefined
}

/**
 * Batches of arrays: what `fit(x, y)` trains on.
 *
 * @example
 * ```ts
 * const source = arraysSource(x, y, { batchSize: 32, shuffle: true })
 * for (const batch of source.batches(0)) console.log(batch.x, batch.y)
 * ```
 */
export function arraysSource(
  x: DataLike,
  y?: DataLike,
  options: ArraysOptions = {},
): BatchSource<TensorBatch> & { size: number } {
  const { sampleWeight, ...drawing } = options
  return drawBatches(tensorRows(x, y, sampleWeight), drawing)
}

/** The rows from one number to another of every tensor, without a copy. */
export function sliceRows(data: Structure<Tensor>, from: number, to: number): Structure<Tensor> {
  return mapStructure(data, (tensor) => drawRows(tensor, { from, to }))
}

/** The two ends of data cut in two: all but the last `share` of the rows, and those (as Keras' `validationSplit` does). */
export function splitRows(
  data: Structure<Tensor>,
  share: number,
): readonly [first: Structure<Tensor>, last: Structure<Tensor>] {
  const [, tensor] = namedParts(data, 'x')[0] ?? []
  if (tensor === undefined)
    throw new ShapeError(`splitRows: expected tensors, got an empty ${isRecord(data) ? 'record' : 'list'}`)
  const count = tensor.shape[0] ?? 0
  const cut = Math.floor(count * (1 - share))
  return [sliceRows(data, 0, cut), sliceRows(data, cut, count)]
}
