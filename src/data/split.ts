// Splitting at random what is not ordered in time: samples are shuffled, then cut.

import { checkOptions, DataError, OptionError, requireWalkable } from '../errors'
import {
  getSeed,
  hasNames,
  isTypedArray,
  nextStream,
  normalizeSeed,
  permutation,
  Tensor,
  type TypedArray,
} from '../tensor'
import { requireShares } from './shares'

/** Options of {@link split}. */
export interface SplitOptions {
  /** The share for validation; 0 by default. */
  readonly validation?: number
  /** The share for testing; 0 by default. */
  readonly test?: number
  /** Fixes what goes where; by default it follows `setSeed`. */
  readonly seed?: number
  /** A label for each sample: each part gets the same share of every label. */
  readonly stratify?: ArrayLike<string | number | boolean> | Tensor
}

/** What can be split: a tensor or array of samples, rows, or several of one length by name. */
export type SplitData =
  | Tensor
  | TypedArray
  | readonly unknown[]
  | Readonly<Record<string, Tensor | TypedArray | readonly unknown[]>>

/** What was split, in three. */
export interface RandomSplit<T> {
  readonly train: T
  readonly validation: T
  readonly test: T
}

/**
 * Splits samples at random: every sample is in one of the parts. What is ordered in time is split by `splitInTime`, where the
 * test data are not among what was seen before them.
 *
 * @param given - a tensor or typed array (by its first axis), an array of samples or rows, or a record of these, which are split alike: `{ x, y }`,
 *   the columns of a table.
 * @throws OptionError for shares that leave nothing to train on; DataError for members of different lengths.
 *
 * @example
 * ```ts
 * const x = [[1], [2], [3], [4], [5]]
 * const y = [0, 0, 1, 1, 1]
 * const { train, test } = data.split({ x, y }, { test: 0.2, seed: 1 })
 * await model.fit(train.x, train.y)
 * ```
 */
export function split<T extends SplitData>(given: T, options: SplitOptions): RandomSplit<T> {
  requireWalkable('split', given)
  checkOptions('split', options, ['validation', 'test', 'seed', 'stratify'])
  const { validation, test } = requireShares('split', options)
  const count = countOf(given)
  const [key, stream] = options.seed === undefined ? [getSeed(), nextStream()] : [normalizeSeed(options.seed), 0]
  const parts: [number[], number[], number[]] = [[], [], []]
  for (const group of groupsOf(count, options.stratify)) {
    const order = permutation(group.length, key, stream, 0)
    const first = Math.round((1 - validation - test) * group.length)
    const second = Math.round((1 - test) * group.length)
    for (let i = 0; i < order.length; i++) parts[i < first ? 0 : i < second ? 1 : 2].push(group[order[i]])
  }
  // Taking samples leaves the kind of data as it is.
  const [train, held, last] = parts.map((numbers) => taken(given, numbers) as T)
  return { train, validation: held, test: last }
}

/** The numbers of the samples, label by label; all as one without labels. */
function groupsOf(count: number, labels: SplitOptions['stratify']): readonly (readonly number[])[] {
  if (labels === undefined) return [Array.from({ length: count }, (_, i) => i)]
  const list = labels instanceof Tensor ? labels.data : labels
  if (list.length !== count) {
    throw new DataError(`split: stratify: expected ${count} labels, one for each sample, got ${list.length}`)
  }
  const groups = new Map<unknown, number[]>()
  for (let i = 0; i < count; i++) {
    const group = groups.get(list[i])
    if (group === undefined) groups.set(list[i], [i])
    else group.push(i)
  }
  return [...groups.values()]
}

function countOf(given: SplitData): number {
  if (given instanceof Tensor) {
    if (given.rank > 0) return given.shape[0]
    throw new DataError('split: expected samples, got a single number')
  }
  if (isTypedArray(given) || Array.isArray(given)) return given.length
  if (!hasNames(given) || 'draw' in given || Symbol.asyncIterator in given) {
    throw new OptionError(
      'split: expected a tensor, an array of samples or a record of these; windows are split by splitInTime, since they overlap',
    )
  }
  const counts = membersOf(given).map(([name, part]) => [name, countOf(part)] as const)
  if (counts.length === 0) throw new DataError('split: expected samples, got an empty record')
  const other = counts.find(([, count]) => count !== counts[0][1])
  if (other === undefined) return counts[0][1]
  throw new DataError(`split: ${other[0]}: expected ${counts[0][1]} samples as in ${counts[0][0]}, got ${other[1]}`)
}

/** The members of a record, each of which is data of one kind. */
function membersOf(given: SplitData): [string, SplitData][] {
  return Object.entries(given as Readonly<Record<string, SplitData>>) // what is no tensor and no array
}

function taken(given: SplitData, numbers: readonly number[]): SplitData {
  if (isTypedArray(given)) {
    const rows = given.slice(0, numbers.length)
    numbers.forEach((row, i) => {
      rows[i] = given[row]
    })
    return rows
  }
  if (given instanceof Tensor) {
    const [count, ...rest] = given.shape
    const size = given.size / Math.max(1, count)
    const out = given.data.slice(0, numbers.length * size)
    for (const [i, number] of numbers.entries()) {
      out.set(given.data.subarray(number * size, (number + 1) * size), i * size)
    }
    return new Tensor(out, [numbers.length, ...rest], given.dtype)
  }
  if (Array.isArray(given)) return numbers.map((number) => given[number] as unknown)
  // What is neither is a record of these.
  return Object.fromEntries(membersOf(given).map(([name, part]) => [name, taken(part, numbers)])) as SplitData
}
