// Datasets: elements that are made while they are asked for, epoch after epoch, and the stages they pass through.

import { checkOptions, OptionError, requirePositiveInteger, textOf } from '../../errors'
import { getSeed, nextStream, normalizeSeed } from '../../tensor'
import { type Batched, collate } from './collate'
import { type PadBatchOptions, type PaddedBatch, padBatch, padBatchNames } from './padBatch'
import * as stages from './stages'

/** What a dataset reads in an epoch, counted from 0. */
export type Source<T> = (epoch: number) => Iterable<T> | AsyncIterable<T>

/** Options of {@link Dataset.batch}. */
export interface BatchOptions {
  /** Leaves out a last batch that is smaller than the others; `false` by default. */
  readonly dropRemainder?: boolean
}

/** Options of {@link Dataset.paddedBatch}. */
export interface PaddedBatchOptions extends BatchOptions, PadBatchOptions {}

/** Options of {@link Dataset.shuffle}. */
export interface ShuffleOptions {
  /** Fixes the order; by default it follows `setSeed`. */
  readonly seed?: number
  /** Whether every epoch has another order; `true` by default. */
  readonly reshuffle?: boolean
}

/**
 * Elements on their way into a model, made while they are asked for: nothing is read ahead of need, and a source is
 * closed as soon as its elements are no longer wanted. `data.fromArrays`, `data.fromIterable`, `data.fromGenerator` and
 * `data.csv` make one; every method gives a new one and leaves this as it is.
 *
 * `fit`, `evaluate` and `predict` take a dataset whose elements are batches: `{ x, y, sampleWeight }`. A dataset can be
 * walked by hand too, once for each epoch: `for await (const element of dataset)`.
 *
 * @example
 * ```ts
 * const batches = data
 *   .fromGenerator(function* () { for (let i = 0; i < 1000; i++) yield { x: [i, i + 1], y: i + 2 } })
 *   .shuffle(100, { seed: 1 })
 *   .batch(32)
 * await model.fit(batches, { epochs: 3 })
 * ```
 */
export class Dataset<T> implements AsyncIterable<T> {
  /** How many elements an epoch has: `undefined` where that is not known, `Infinity` where it has no end. */
  readonly size: number | undefined
  private readonly source: Source<T>
  private walks = 0

  constructor(source: Source<T>, size?: number) {
    this.source = source
    this.size = size
  }

  /** The elements of an epoch, counted from 0: their order depends on its number alone. */
  epoch(number: number): AsyncIterable<T> {
    return stages.walked(() => this.source(number))
  }

  /** The elements of the first epoch the first time, of the second the next time, and so on. */
  [Symbol.asyncIterator](): AsyncIterator<T> {
    return this.epoch(this.walks++)[Symbol.asyncIterator]()
  }

  /**
   * All elements of one epoch.
   *
   * @throws OptionError where there is no end to them.
   *
   * @example
   * ```ts
   * await data.fromIterable([1, 2]).toArray() // [1, 2]
   * ```
   */
  async toArray(): Promise<T[]> {
    if (this.size === Infinity) throw new OptionError('toArray: the dataset has no end; take(n) some of it')
    const all: T[] = []
    for await (const element of this) all.push(element)
    return all
  }

  /**
   * Replaces every element. The function may be async: elements keep their order, one at a time.
   *
   * @param change - also gets the element's number within the epoch.
   *
   * @example
   * ```ts
   * await data.fromIterable([1, 2]).map((n) => n * 10).toArray() // [10, 20]
   * ```
   */
  map<U>(change: (element: T, index: number) => U | Promise<U>): Dataset<U> {
    requireFunction('map', change)
    return this.pass((elements) => stages.mapped(elements, change), this.size)
  }

  /**
   * Keeps the elements for which the function says `true`; it may be async.
   *
   * @example
   * ```ts
   * await data.fromIterable([1, 2, 3]).filter((n) => n > 1).toArray() // [2, 3]
   * ```
   */
  filter(keep: (element: T, index: number) => boolean | Promise<boolean>): Dataset<T> {
    requireFunction('filter', keep)
    return this.pass((elements) => stages.filtered(elements, keep), this.size === Infinity ? Infinity : undefined)
  }

  /**
   * Joins elements to batches. Numbers, arrays of numbers and tensors of one shape become a tensor with the batch as
   * its first axis, within records and lists of them too; texts and other things become arrays.
   *
   * An element that is an array of numbers is a tensor, so pairs of arrays are best given as `{ x, y }`.
   *
   * @throws DataError where shapes differ; `paddedBatch` joins sequences of different lengths.
   *
   * @example
   * ```ts
   * const [batch] = await data.fromIterable([{ x: [1, 2], y: 3 }, { x: [4, 5], y: 6 }]).batch(2).toArray()
   * batch.x.shape // [2, 2]
   * ```
   */
  batch(size: number, options: BatchOptions = {}): Dataset<Batched<T>> {
    checkOptions('batch', options, ['dropRemainder'])
    return this.grouped('batch', size, options, (elements) => collate(elements))
  }

  /**
   * Joins elements `{ x, y, sampleWeight }` whose x are sequences of different lengths (`[time]` or `[time, features]`)
   * to batches: padded to the longest, with a `mask` that tells `fit` which steps there are.
   *
   * @param options - `length` pads all batches to one length, so that one program serves them all; `perStep` says that
   *   there are targets for every step, which are padded too.
   *
   * @example
   * ```ts
   * const [batch] = await data.fromArrays([[1, 2, 3], [4]], [[0], [1]]).paddedBatch(2).toArray()
   * batch.x.shape // [2, 3]
   * ```
   */
  paddedBatch(size: number, options: PaddedBatchOptions = {}): Dataset<PaddedBatch> {
    checkOptions('paddedBatch', options, ['dropRemainder', ...padBatchNames])
    return this.grouped('paddedBatch', size, options, (elements) => padBatch(elements, options, 'paddedBatch'))
  }

  /**
   * Gives the elements in random order: the next one is drawn from `bufferSize` of them, which are held in memory. Every
   * epoch has another order.
   *
   * @param bufferSize - as many as there are give a fair shuffle, which is the default; 1 changes nothing.
   *
   * @example
   * ```ts
   * data.fromIterable([1, 2, 3]).shuffle(100, { seed: 1 })
   * ```
   */
  shuffle(bufferSize = Infinity, options: ShuffleOptions = {}): Dataset<T> {
    if (bufferSize !== Infinity) requirePositiveInteger('shuffle', 'bufferSize', bufferSize)
    checkOptions('shuffle', options, ['seed', 'reshuffle'])
    const { seed, reshuffle = true } = options
    const [key, stream] = seed === undefined ? [getSeed(), nextStream()] : [normalizeSeed(seed), 0]
    if (this.size === Infinity && bufferSize === Infinity) {
      throw new OptionError('shuffle: bufferSize: expected a number, since the dataset has no end')
    }
    return this.pass(
      (elements, epoch) => stages.shuffled(elements, bufferSize, key, stream, reshuffle ? epoch : 0),
      this.size,
    )
  }

  /**
   * Gives all elements `count` times over, each time reshuffled where they are shuffled; without end by default.
   *
   * @example
   * ```ts
   * await data.fromIterable([1, 2]).repeat(2).toArray() // [1, 2, 1, 2]
   * ```
   */
  repeat(count = Infinity): Dataset<T> {
    if (count !== Infinity) requirePositiveInteger('repeat', 'count', count)
    const size = this.size === 0 ? 0 : this.size === undefined ? undefined : this.size * count
    return new Dataset((epoch) => stages.repeated(this, count, epoch), size ?? (count === Infinity ? count : size))
  }

  /**
   * The first `count` elements. No more are read.
   *
   * @example
   * ```ts
   * await data.fromIterable([1, 2, 3]).take(2).toArray() // [1, 2]
   * ```
   */
  take(count: number): Dataset<T> {
    const wanted = requireCount('take', count)
    const size = this.size === undefined ? undefined : Math.min(this.size, wanted)
    return this.pass((elements) => stages.taken(elements, wanted), size)
  }

  /**
   * All but the first `count` elements.
   *
   * @example
   * ```ts
   * await data.fromIterable([1, 2, 3]).skip(2).toArray() // [3]
   * ```
   */
  skip(count: number): Dataset<T> {
    const left = requireCount('skip', count)
    const size = left === Infinity ? 0 : this.size === undefined ? undefined : Math.max(0, this.size - left)
    return this.pass((elements) => stages.skipped(elements, left), size)
  }

  /**
   * Keeps all elements in memory once an epoch has been walked to its end; later epochs come from there. Stages before
   * it run once: put `shuffle` after it.
   *
   * @example
   * ```ts
   * data.csv({ text: 'a\n1\n2\n' }).cache().shuffle(100).batch(2)
   * ```
   */
  cache(): Dataset<T> {
    let kept: readonly T[] | undefined
    const keep = (all: readonly T[]): void => {
      kept = all
    }
    return new Dataset((epoch) => kept ?? stages.collected(this.epoch(epoch), keep), this.size)
  }

  /**
   * Asks for up to `count` elements before they are needed, so that reading goes on while a model trains.
   *
   * @example
   * ```ts
   * data.csv({ text: 'a\n1\n2\n' }).batch(2).prefetch(1)
   * ```
   */
  prefetch(count = 1): Dataset<T> {
    requirePositiveInteger('prefetch', 'count', count)
    return this.pass((elements) => stages.prefetched(elements, count), this.size)
  }

  private grouped<U>(
    where: string,
    size: number,
    { dropRemainder = false }: BatchOptions,
    join: (elements: readonly T[]) => U,
  ): Dataset<U> {
    requirePositiveInteger(where, 'size', size)
    const round = dropRemainder ? Math.floor : Math.ceil
    return this.pass(
      (elements) => stages.mapped(stages.grouped(elements, size, dropRemainder), join),
      this.size === undefined ? undefined : round(this.size / size),
    )
  }

  private pass<U>(
    stage: (elements: AsyncIterable<T>, epoch: number) => AsyncIterable<U>,
    size: number | undefined,
  ): Dataset<U> {
    return new Dataset((epoch) => stage(this.epoch(epoch), epoch), size)
  }
}

function requireFunction(where: string, given: unknown): void {
  if (typeof given !== 'function') throw new OptionError(`${where}: expected a function, got ${typeof given}`)
}

function requireCount(where: string, count: number): number {
  if (count === Infinity || (Number.isInteger(count) && count >= 0)) return count
  throw new OptionError(`${where}: count: expected a whole number of at least 0, got ${textOf(count)}`)
}
