// What scalers take: tensors, tables by columns or by rows, series as windows take them, windows; as columns of numbers.

import { DataError, didYouMean, jsonOf, OptionError, requireList } from '../../errors'
import { asTensor, hasNames, isTypedArray, Tensor, type TensorLike } from '../../tensor'
import { isRecord } from '../dataset/collate'
import { type Columns, columnKeys, listOfSeries, type Row, readTable, type SeriesLike } from '../series/table'
import { Windows } from '../series/windowSet'
import type { ScalerFitOptions } from './scaler'

/** The columns of a table by name. */
export type ScalerTable = Readonly<Record<string, ArrayLike<number | null | undefined> | Tensor>>

/** Features as columns of numbers, NaN where one is missing. */
export interface Features {
  /** Undefined where they have none. */
  readonly names: readonly string[] | undefined
  readonly columns: readonly ArrayLike<number>[]
}

/** The features to learn from. @throws DataError for what is no numbers. */
export function featuresOf(data: TensorLike | ScalerTable | SeriesLike | Windows, options: ScalerFitOptions): Features {
  const { features, time } = options
  const chosen = features === undefined ? undefined : typeof features === 'object' ? features : [features]
  if (chosen !== undefined) requireList('scaler.fit', 'features', chosen)
  if (data instanceof Windows) {
    const columns = data.columns()
    return named(chosen ?? [...columns.keys()], (key) => {
      const column = columns.get(key)
      if (column !== undefined) return column
      throw noColumn(key, [...columns.keys()])
    })
  }
  if (isRecord(data)) {
    const table = data as Columns // by the test before
    return named(chosen ?? Object.keys(table).filter((name) => name !== time), (name) => {
      if (Object.hasOwn(table, name)) return numbersOf(table[name], `scaler.fit: feature ${name}`)
      throw noColumn(name, Object.keys(table))
    })
  }
  if (isSeries(data)) {
    const list = listOfSeries(data, 'scaler.fit')
    const keys = chosen ?? columnKeys(list[0], time)
    const tables = list.map((series, i) =>
      readTable(series, list.length > 1 ? `scaler.fit: series ${i}` : 'scaler.fit', keys),
    )
    return named(keys, (key) => {
      const at = keys.indexOf(key)
      return Float64Array.from(
        tables.flatMap(({ data: numbers, rows }) =>
          Array.from({ length: rows }, (_, row) => numbers[row * keys.length + at]),
        ),
      )
    })
  }
  if (chosen !== undefined || time !== undefined) {
    throw new OptionError(
      'scaler.fit: expected a table or windows with the options features and time, got numbers alone',
    )
  }
  return { names: undefined, columns: lastAxis(tensorOf(data, 'fit')) }
}

function noColumn(name: string | number, known: readonly (string | number)[]): OptionError {
  const names = known.map(String)
  return new OptionError(
    `scaler.fit: there is no column '${name}'.${didYouMean(String(name), names)} Columns: ${names.join(', ')}.`,
  )
}

function named(keys: readonly (string | number)[], columnOf: (key: string | number) => ArrayLike<number>): Features {
  const names = keys.filter((key) => typeof key === 'string')
  return { names: names.length === keys.length ? names : undefined, columns: keys.map(columnOf) }
}

/** Whether these are rows as records, or a list of series. */
function isSeries(data: TensorLike | SeriesLike): data is Extract<SeriesLike, readonly unknown[]> {
  if (!Array.isArray(data)) return false
  const [first]: readonly unknown[] = data
  return hasNames(first) || first instanceof Tensor || (Array.isArray(first) && hasNames(first[0]))
}

/** Whether these are the rows of a table as records. */
export function areRows(data: unknown): data is readonly Row[] {
  return Array.isArray(data) && hasNames(data[0]) && !(data[0] instanceof Date)
}

/** Whether a column holds numbers, as far as its first values that are there tell. */
export function isNumeric(column: unknown): boolean {
  if (!Array.isArray(column)) return true
  const first: unknown = column.find((value) => value !== null && value !== undefined)
  return !(first instanceof Date) && typeof first !== 'string'
}

/** A tensor; numbers in nested arrays keep all their digits. */
export function tensorOf(data: unknown, call: string): Tensor {
  try {
    // What is no tensor is refused by name.
    if (data instanceof Tensor || isTypedArray(data)) return asTensor(data)
    return asTensor(data as TensorLike, 'float64')
  } catch (cause) {
    if (!(cause instanceof DataError)) throw cause
    const problem = cause.message.replace(/^tensor: /, '')
    throw new DataError(`scaler.${call}: expected numbers [..., features], or columns by name (${problem})`, { cause })
  }
}

/** The numbers of a column, NaN where one is missing. @throws DataError for anything else. */
export function numbersOf(column: ArrayLike<unknown> | Tensor, where: string): ArrayLike<number> {
  if (column instanceof Tensor) return column.data
  if (isTypedArray(column)) return column
  if (column === null || column === undefined) throw new DataError(`${where}: expected numbers, got ${jsonOf(column)}`)
  return Array.from(column, (value: unknown, row) => {
    if (typeof value === 'number') return value
    if (value === null || value === undefined) return Number.NaN
    throw new DataError(`${where}, row ${row}: expected a number, got ${jsonOf(value)}`)
  })
}

/** The numbers of each feature: the last axis. */
function lastAxis({ data, shape }: Tensor): ArrayLike<number>[] {
  const width = shape.length < 2 ? 1 : shape[shape.length - 1]
  return Array.from({ length: width }, (_, feature) =>
    Float64Array.from({ length: data.length / Math.max(1, width) }, (_, i) => data[i * width + feature]),
  )
}
