// Batches of sequences of about the same length, so that little is filled in.

import { checkOptions, DataError, isList, jsonOf, OptionError, requireList, requirePositiveInteger } from '../../errors'
import { isTypedArray, Tensor } from '../../tensor'
import { isRecord } from './collate'
import { Dataset } from './dataset'
import { type PadBatchOptions, type PaddedBatch, padBatch } from './padBatch'

/** Options of {@link bucketByLength}. */
export interface BucketByLengthOptions extends Omit<PadBatchOptions, 'length'> {
  /** The longest length in each bucket, in ascending order. What is longer than the last has a bucket of its own. */
  readonly boundaries: readonly number[]
  /** 32 by default; or one for each bucket, which is one more than there are boundaries. */
  readonly batchSize?: number | readonly number[]
  /** Leaves out what does not fill a batch; `false` by default. */
  readonly dropRemainder?: boolean
}

/**
 * Joins elements `{ x, y, sampleWeight }` whose x are sequences to batches with others of about their length. All
 * batches of a bucket are padded to its boundary, so a model needs one program for each bucket; those of the last, which
 * has no boundary, to their longest. A `mask` tells which steps there are. A batch is given as soon as it is full, the
 * rest at the end, so not more than a batch for each bucket is held in memory.
 *
 * @example
 * ```ts
 * const batches = data.bucketByLength(data.fromArrays(sequences, labels).shuffle(), { boundaries: [10, 20, 40] })
 * await model.fit(batches, { epochs: 5 })
 * ```
 */
export function bucketByLength<T>(elements: Dataset<T>, options: BucketByLengthOptions): Dataset<PaddedBatch> {
  const where = 'bucketByLength'
  checkOptions(where, options, ['boundaries', 'batchSize', 'dropRemainder', 'padding', 'value', 'perStep'])
  if (!(elements instanceof Dataset)) {
    throw new OptionError(`${where}: expected a dataset, as data.fromArrays(x, y) makes one`)
  }
  const { boundaries, batchSize = 32, dropRemainder = false, ...padding } = options ?? {}
  const areAscending =
    isList(boundaries) &&
    boundaries.length > 0 &&
    boundaries.every((length, i) => Number.isInteger(length) && length > (boundaries[i - 1] ?? 0))
  if (!areAscending) {
    throw new OptionError(`${where}: boundaries: expected lengths in ascending order, got ${jsonOf(boundaries)}`)
  }
  const sizes =
    typeof batchSize === 'number' ? [...boundaries, 0].map(() => batchSize) : requireList(where, 'batchSize', batchSize)
  for (const size of sizes) requirePositiveInteger(where, 'batchSize', size)
  if (sizes.length !== boundaries.length + 1) {
    throw new OptionError(
      `${where}: batchSize: expected one for each of ${boundaries.length + 1} buckets, got ${sizes.length}`,
    )
  }
  const join = (bucket: readonly T[], index: number): PaddedBatch =>
    padBatch(bucket, { ...padding, ...(index < boundaries.length ? { length: boundaries[index] } : {}) }, where)
  return new Dataset(async function* (epoch) {
    const buckets = sizes.map((): T[] => [])
    for await (const element of elements.epoch(epoch)) {
      const length = lengthOf(element)
      const found = boundaries.findIndex((boundary) => length <= boundary)
      const index = found < 0 ? boundaries.length : found
      buckets[index].push(element)
      if (buckets[index].length < sizes[index]) continue
      yield join(buckets[index], index)
      buckets[index] = []
    }
    if (dropRemainder) return
    for (const [index, bucket] of buckets.entries()) if (bucket.length > 0) yield join(bucket, index)
  })
}

function lengthOf(element: unknown): number {
  const x = isRecord(element) ? element.x : undefined
  if (x instanceof Tensor && x.rank > 0) return x.shape[0]
  if (Array.isArray(x) || isTypedArray(x)) return x.length
  throw new DataError('bucketByLength: expected elements { x, y } with a sequence as x')
}
