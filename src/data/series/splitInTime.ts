// Splitting what is ordered in time: the last parts are kept for validation and test, nothing is shuffled.

import { checkOptions, DataError, requireWalkable } from '../../errors'
import { hasNames, isTypedArray, Tensor } from '../../tensor'
import { requireShares } from '../shares'
import { listOfSeries, type SeriesLike } from './table'
import { type RowRange, Windows } from './windowSet'

/** Options of {@link splitInTime}. */
export interface SplitInTimeOptions {
  /** The share for validation, before that for testing; 0 by default. */
  readonly validation?: number
  /** The share for testing, at the end; 0 by default. */
  readonly test?: number
}

/** What was split, in three. */
export interface TimeSplit<T> {
  /** The earliest part. */
  readonly train: T
  /** What comes after it. */
  readonly validation: T
  /** The latest part. */
  readonly test: T
  /** The rows of each part, series by series: what stands beside the data (times, other columns) is cut there. */
  readonly rows: {
    readonly train: readonly RowRange[]
    readonly validation: readonly RowRange[]
    readonly test: readonly RowRange[]
  }
}

/**
 * Splits series or windows in the order of time: training data first, then validation, then test data. Of several series
 * each is split. Windows that would reach over a border are left out, so what is tested on was never seen in training,
 * as input or as target.
 *
 * @param given - a series as `data.windows` takes it (tensors, arrays and columns are split by rows, without a copy
 *   where that is possible), or windows.
 * @throws OptionError for shares that leave nothing to train on.
 *
 * @example
 * ```ts
 * const { train, validation } = data.splitInTime(data.windows(series, { length: 30 }), { validation: 0.2 })
 * await model.fit(train, { validationData: validation })
 *
 * const days = data.splitInTime({ rain: [0, 2, 1, 4] }, { test: 0.25 })
 * days.rows.test // [{ from: 3, to: 4 }]
 * ```
 */
export function splitInTime<T extends SeriesLike | Windows>(given: T, options: SplitInTimeOptions): TimeSplit<T> {
  requireWalkable('splitInTime', given)
  checkOptions('splitInTime', options, ['validation', 'test'])
  const { validation, test } = requireShares('splitInTime', options)
  const [first, second] = [1 - validation - test, 1 - test]
  // What is split is of the same type as what was given.
  const cut = (from: number, to: number): T =>
    (given instanceof Windows ? given.between(from, to) : sliced(given as SeriesLike, from, to)) as T
  const ranges = rangesOf(given)
  const rows = (from: number, to: number): readonly RowRange[] =>
    ranges.map((range) => {
      const count = range.to - range.from
      return { from: range.from + Math.round(from * count), to: range.from + Math.round(to * count) }
    })
  return {
    train: cut(0, first),
    validation: cut(first, second),
    test: cut(second, 1),
    rows: { train: rows(0, first), validation: rows(first, second), test: rows(second, 1) },
  }
}

/** The rows of each series. */
function rangesOf(given: SeriesLike | Windows): readonly RowRange[] {
  if (given instanceof Windows) return given.ranges
  return listOfSeries(given, 'splitInTime').map((series) => {
    const first: unknown = hasNames(series) ? Object.values(series)[0] : series
    return { from: 0, to: first instanceof Tensor ? first.shape[0] : lengthOf(first) }
  })
}

function lengthOf(column: unknown): number {
  return Array.isArray(column) || isTypedArray(column) ? column.length : 0
}

function sliced(series: SeriesLike, from: number, to: number): unknown {
  const list = listOfSeries(series, 'splitInTime')
  if (list.length > 1 || list[0] !== series) return list.map((one) => slicedRows(one, from, to))
  return slicedRows(series, from, to)
}

/** @throws DataError where the columns of a table differ in length: they would be cut at different times. */
function requireOneLength(columns: readonly (readonly [string, unknown])[]): void {
  const lengthOf = (column: unknown): unknown =>
    column instanceof Tensor
      ? column.shape[0]
      : Array.isArray(column) || isTypedArray(column)
        ? column.length
        : undefined
  const [first, ...others] = columns
  for (const [name, column] of others) {
    if (lengthOf(column) === lengthOf(first[1])) continue
    throw new DataError(
      `splitInTime: column '${name}': expected ${lengthOf(first[1])} rows as in '${first[0]}', got ${lengthOf(column)}`,
    )
  }
}

function slicedRows(series: unknown, from: number, to: number): unknown {
  const borders = (rows: number): [number, number] => [Math.round(from * rows), Math.round(to * rows)]
  if (series instanceof Tensor) {
    const [rows, ...rest] = series.shape
    const [first, end] = borders(rows)
    const size = series.size / Math.max(1, rows)
    return new Tensor(series.data.subarray(first * size, end * size), [end - first, ...rest], series.dtype)
  }
  if (isTypedArray(series)) return series.subarray(...borders(series.length))
  if (Array.isArray(series)) return series.slice(...borders(series.length))
  if (typeof series === 'object' && series !== null) {
    const columns = Object.entries(series).map(([name, column]) => [name, column] as const)
    requireOneLength(columns)
    return Object.fromEntries(columns.map(([name, column]) => [name, slicedRows(column, from, to)]))
  }
  throw new DataError(`splitInTime: expected a series or windows, got ${typeof series}`)
}
