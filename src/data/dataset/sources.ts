// Where datasets begin: arrays, things that can be walked, generators.

import { checkOptions, DataError, OptionError, requireWalkable, textOf } from '../../errors'
import { asTensor, isTypedArray, Tensor, type TensorLike } from '../../tensor'
import { isRecord } from './collate'
import { Dataset } from './dataset'

/** Data for one input (an array of sequences may differ in their lengths), or for several by name. */
export type ArraysLike = TensorLike | readonly TensorLike[] | Readonly<Record<string, TensorLike>>

/** An element of a dataset made from arrays. */
export interface ArraysElement {
  readonly x: Tensor | Readonly<Record<string, Tensor>>
  readonly y: Tensor | Readonly<Record<string, Tensor>>
  readonly sampleWeight: Tensor
}

/**
 * A dataset of the samples of arrays: elements `{ x, y }`, or `{ x }` without targets.
 *
 * @param x - `[samples, ...]`, sequences of different lengths, or a record of these by input.
 * @param options - `sampleWeight`: how much each sample counts.
 * @throws DataError where there are not as many of each.
 *
 * @example
 * ```ts
 * const batches = data.fromArrays([[1, 2], [3, 4], [5, 6]], [0, 1, 0]).shuffle().batch(2)
 * await model.fit(batches, { epochs: 10 })
 * ```
 */
export function fromArrays(x: ArraysLike): Dataset<Pick<ArraysElement, 'x'>>
export function fromArrays(x: ArraysLike, y: ArraysLike): Dataset<Pick<ArraysElement, 'x' | 'y'>>
export function fromArrays(
  x: ArraysLike,
  y: ArraysLike,
  options: { readonly sampleWeight: TensorLike },
): Dataset<ArraysElement>
export function fromArrays(
  x: ArraysLike,
  y?: ArraysLike,
  options: { readonly sampleWeight?: TensorLike } = {},
): Dataset<Partial<ArraysElement>> {
  checkOptions('fromArrays', options, ['sampleWeight'])
  if (x === undefined || x === null) throw new DataError(`fromArrays: x: expected samples, got ${textOf(x)}`)
  for (const given of [x, y]) requireWalkable('fromArrays', given)
  const parts = Object.entries({ x, y, sampleWeight: options.sampleWeight }).flatMap(([name, data]) =>
    data === undefined ? [] : [[name, rowsOf(data, name)] as const],
  )
  const count = parts[0][1].count
  for (const [name, rows] of parts) {
    if (rows.count !== count) {
      throw new DataError(`fromArrays: ${name}: expected ${count} samples as in x, got ${rows.count}`)
    }
  }
  return new Dataset(function* () {
    for (let i = 0; i < count; i++) yield Object.fromEntries(parts.map(([name, { row }]) => [name, row(i)]))
  }, count)
}

interface Rows<T> {
  readonly count: number
  readonly row: (index: number) => T
}

function rowsOf(data: ArraysLike, where: string): Rows<Tensor | Readonly<Record<string, Tensor>>> {
  if (!isRecord(data)) return tensorRows(data as TensorLike | readonly TensorLike[], where) // it is no record
  const parts = Object.entries(data).map(([name, part]) => [name, tensorRows(part, `${where}.${name}`)] as const)
  if (parts.length === 0) throw new DataError(`fromArrays: ${where}: expected tensors by name, got an empty record`)
  const differing = parts.find(([, { count }]) => count !== parts[0][1].count)
  if (differing !== undefined) {
    throw new DataError(
      `fromArrays: ${where}.${differing[0]}: expected ${parts[0][1].count} samples as in ${parts[0][0]}, got ${differing[1].count}`,
    )
  }
  return {
    count: parts[0][1].count,
    row: (index) => Object.fromEntries(parts.map(([name, { row }]) => [name, row(index)])),
  }
}

function tensorRows(data: TensorLike | readonly TensorLike[], where: string): Rows<Tensor> {
  if (areSequences(data)) return { count: data.length, row: (index) => asTensor(data[index]) }
  const { data: all, shape, dtype } = asTensor(data as TensorLike) // a list of tensors is told apart above
  if (shape.length === 0) throw new DataError(`fromArrays: ${where}: expected a batch of samples, got a single number`)
  const [count, ...rest] = shape
  const size = all.length / Math.max(1, count)
  return { count, row: (index) => new Tensor(all.subarray(index * size, (index + 1) * size), rest, dtype) }
}

/** Whether these are sequences that differ in length (a list of tensors is one even where they do not). */
function areSequences(data: TensorLike | readonly TensorLike[]): data is readonly TensorLike[] {
  if (!Array.isArray(data)) return false
  const items: readonly unknown[] = data
  return items[0] instanceof Tensor || items.some((item) => lengthOf(item) !== lengthOf(items[0]))
}

function lengthOf(item: unknown): number | undefined {
  return Array.isArray(item) || isTypedArray(item) ? item.length : undefined
}

/**
 * A dataset of whatever can be walked, also asynchronously: an array, a set, an iterable of one's own.
 *
 * A generator object can be walked once only; for more epochs give the function that makes it to `fromGenerator`.
 *
 * @example
 * ```ts
 * const squares = await data.fromIterable([1, 2, 3]).map((n) => n * n).toArray() // [1, 4, 9]
 * ```
 */
export function fromIterable<T>(elements: Iterable<T> | AsyncIterable<T>): Dataset<T> {
  if (!isWalkable(elements)) {
    throw new OptionError(`fromIterable: expected something that can be walked, got ${describe(elements)}`)
  }
  let isUsed = false
  return new Dataset(() => {
    const isOneShot = 'next' in elements
    if (isOneShot && isUsed) {
      throw new DataError(
        'fromIterable: these elements were walked already and can be walked once only; for several epochs give the function that makes them to fromGenerator',
      )
    }
    isUsed = true
    return elements as Iterable<T> // one of the two, which the dataset tells apart
  }, sizeOfIterable(elements))
}

/**
 * A dataset of what a function gives anew for every epoch, such as a generator, also an async one.
 *
 * @param make - gets the number of the epoch, counted from 0.
 * @param options - `size`: how many elements there are, where that is known.
 *
 * @example
 * ```ts
 * const noisy = data.fromGenerator(function* (epoch) {
 *   for (let i = 0; i < 100; i++) yield { x: [Math.sin(i + epoch)], y: Math.sin(i + epoch + 1) }
 * })
 * ```
 */
export function fromGenerator<T>(
  make: (epoch: number) => Iterable<T> | AsyncIterable<T>,
  options: { readonly size?: number } = {},
): Dataset<T> {
  checkOptions('fromGenerator', options, ['size'])
  if (typeof make !== 'function') {
    throw new OptionError(`fromGenerator: expected a function that makes a generator, got ${describe(make)}`)
  }
  const { size } = options
  if (size !== undefined && !(size === Infinity || (Number.isInteger(size) && size >= 0))) {
    throw new OptionError(`fromGenerator: size: expected a whole number or Infinity, got ${textOf(size)}`)
  }
  return new Dataset((epoch) => {
    const made = make(epoch)
    if (isWalkable(made)) return made
    throw new DataError(
      `fromGenerator: expected the function to give something that can be walked, got ${describe(made)}`,
    )
  }, size)
}

function isWalkable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value)
}

function sizeOfIterable(elements: object): number | undefined {
  const size = 'length' in elements ? elements.length : 'size' in elements ? elements.size : undefined
  return typeof size === 'number' ? size : undefined
}

function describe(value: unknown): string {
  return value === null ? 'null' : typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
