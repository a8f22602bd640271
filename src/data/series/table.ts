// Series as tables of numbers: rows are steps in time, columns are what was measured. Missing numbers are NaN.

import { DataError, didYouMean, OptionError, textOf } from '../../errors'
import { allocate, asTensor, castTensor, hasNames, isFloat, isTypedArray, Tensor, type TypedArray } from '../../tensor'
import { type TimeColumn, timesOf } from './times'

/** A number, or what stands for a missing one (`null`, `undefined`, NaN). */
export type Cell = number | boolean | null | undefined

/** The columns of a table by name; a column of times may hold dates or texts. */
export type Columns = Readonly<Record<string, ArrayLike<unknown> | Tensor>>

/** A row of a table by column. */
export type Row = Readonly<Record<string, unknown>>

/**
 * A series over time: numbers (`[time]`), rows of numbers (`[time, features]`), a tensor of either shape, the columns of
 * a table by name, or its rows as records.
 */
export type Series =
  | Tensor
  | TypedArray
  | readonly Cell[]
  | readonly (readonly Cell[] | TypedArray)[]
  | Columns
  | readonly Row[]

/** One series, or several that have nothing to do with one another: a list of them, or a tensor `[series, time, features]`. */
export type SeriesLike = Series | readonly (Tensor | Columns | readonly (readonly Cell[])[] | readonly Row[])[]

/** A table in memory. */
export interface Table {
  readonly rows: number
  /** What columns are called by: names, or numbers from 0. */
  readonly keys: readonly (string | number)[]
  /** Row by row, the columns in the order of `keys`. */
  readonly data: TypedArray
  /** When each row was measured, if that is known. */
  readonly times?: Float64Array | undefined
}

/** Which columns are read: a name, a number, or several. */
export type ColumnChoice = string | number | readonly (string | number)[]

/** The series one by one. */
export function listOfSeries(series: SeriesLike, where: string): readonly Series[] {
  if (series instanceof Tensor && series.rank === 3) {
    const [count, ...shape] = series.shape
    const size = series.size / Math.max(1, count)
    return Array.from(
      { length: count },
      (_, i) => new Tensor(series.data.subarray(i * size, (i + 1) * size), shape, series.dtype),
    )
  }
  if (!Array.isArray(series)) return [series as Series] // no array is a list of series
  const [first] = series
  if (series.length === 0) throw new DataError(`${where}: expected a series, got an empty array`)
  const isList =
    first instanceof Tensor ||
    (Array.isArray(first) && (Array.isArray(first[0]) || hasNames(first[0]))) ||
    (hasNames(first) && Object.values(first).some(isColumn))
  return isList ? (series as readonly Series[]) : [series as Series] // by the test before
}

/** What the columns of a series are called by: names, or numbers from 0; the column of the times is left out. */
export function columnKeys(series: Series, time?: string): readonly (string | number)[] {
  const numbered = (width: number): number[] => Array.from({ length: width }, (_, i) => i)
  if (series instanceof Tensor) return numbered(series.shape[1] ?? 1)
  if (isTypedArray(series)) return [0]
  if (!Array.isArray(series)) return hasNames(series) ? Object.keys(series).filter((name) => name !== time) : []
  const [first] = series
  if (hasNames(first)) return Object.keys(first).filter((name) => name !== time)
  return numbered(Array.isArray(first) || isTypedArray(first) ? first.length : 1)
}

/**
 * Reads columns of a series.
 *
 * @param wanted - the columns to read, by name or number; all but that of the times by default.
 * @param time - the column that says when each row was measured.
 */
export function readTable(
  series: Series,
  where: string,
  wanted?: readonly (string | number)[],
  time?: TimeColumn,
): Table {
  if (isTypedArray(series)) return readTable(asTensor(series), where, wanted, time)
  if (series instanceof Tensor) return tensorTable(series, where, wanted, time)
  if (Array.isArray(series)) {
    if (hasNames(series[0])) return columnsTable(columnsOf(series as readonly Row[]), where, wanted, time) // by its first row
    return tensorTable(nestedTensor(series as readonly unknown[], where), where, wanted, time)
  }
  if (hasNames(series)) return columnsTable(series as Columns, where, wanted, time) // no tensor and no array
  throw new DataError(`${where}: expected numbers, a tensor or the columns of a table, got ${typeof series}`)
}

function tensorTable(
  tensor: Tensor,
  where: string,
  wanted: readonly (string | number)[] | undefined,
  time?: TimeColumn,
): Table {
  if (time !== undefined) throw new OptionError(`${where}: time: expected a table with columns by name, got numbers`)
  if (tensor.rank !== 1 && tensor.rank !== 2) {
    throw new DataError(`${where}: expected a series [time] or [time, features], got ${tensor.rank} axes`)
  }
  const [rows, width = 1] = tensor.shape
  const all = Array.from({ length: width }, (_, i) => i)
  const keys = wanted ?? all
  for (const key of keys) {
    if (typeof key === 'number' && Number.isInteger(key) && key >= 0 && key < width) continue
    throw new OptionError(`${where}: expected columns from 0 to ${width - 1}, got ${textOf(key)}`)
  }
  const source = isFloat(tensor.dtype) ? tensor : castTensor(tensor, tensor.dtype === 'int32' ? 'float64' : 'float32')
  if (keys.length === width && keys.every((key, i) => key === i)) return { rows, keys, data: source.data }
  const data = allocate(source.dtype, rows * keys.length)
  keys.forEach((key, i) => {
    for (let row = 0; row < rows; row++) data[row * keys.length + i] = source.data[row * width + Number(key)]
  })
  return { rows, keys, data }
}

function columnsTable(
  columns: Columns,
  where: string,
  wanted?: readonly (string | number)[],
  time?: TimeColumn,
): Table {
  const names = Object.keys(columns)
  const find = (name: string | number): ArrayLike<unknown> => {
    const column = Object.hasOwn(columns, name) ? columns[name] : undefined
    if (column === undefined) {
      throw new OptionError(
        `${where}: there is no column '${name}'.${didYouMean(String(name), names)} Columns: ${names.join(', ')}.`,
      )
    }
    return column instanceof Tensor ? column.data : column
  }
  const keys = wanted ?? names.filter((name) => name !== time?.name)
  if (keys.length === 0) throw new DataError(`${where}: expected at least one column of numbers, got none`)
  const rows = find(keys[0]).length
  const data = allocate(keys.some((key) => !isSingle(columns[key])) ? 'float64' : 'float32', rows * keys.length)
  keys.forEach((key, i) => {
    const column = find(key)
    if (column.length !== rows) {
      throw new DataError(`${where}: column '${key}': expected ${rows} rows as in '${keys[0]}', got ${column.length}`)
    }
    for (let row = 0; row < rows; row++)
      data[row * keys.length + i] = cell(column[row], `${where}: column '${key}', row ${row}`)
  })
  return {
    rows,
    keys,
    data,
    times: time === undefined ? undefined : timesOf(find(time.name), rows, time, `${where}: column '${time.name}'`),
  }
}

function nestedTensor(rows: readonly unknown[], where: string): Tensor {
  if (!Array.isArray(rows[0]) && !isTypedArray(rows[0])) {
    return new Tensor(
      Float64Array.from(rows, (value, row) => cell(value, `${where}: row ${row}`)),
      [rows.length],
    )
  }
  const width = rows[0].length
  const data = new Float64Array(rows.length * width)
  for (const [row, values] of rows.entries()) {
    if (!Array.isArray(values) && !isTypedArray(values)) {
      throw new DataError(`${where}: row ${row}: expected ${width} numbers, got ${typeof values}`)
    }
    if (values.length !== width) {
      throw new DataError(
        `${where}: row ${row}: expected ${width} numbers as in the first row, got ${values.length}; several series are given as tensors, or as rows of rows`,
      )
    }
    for (let i = 0; i < width; i++) data[row * width + i] = cell(values[i], `${where}: row ${row}, column ${i}`)
  }
  return new Tensor(data, [rows.length, width])
}

function columnsOf(rows: readonly Row[]): Columns {
  return Object.fromEntries(Object.keys(rows[0]).map((name) => [name, rows.map((row) => row[name])]))
}

function cell(value: unknown, where: string): number {
  if (value === null || value === undefined) return Number.NaN
  if (typeof value === 'number' || typeof value === 'boolean') return Number(value)
  const given = value instanceof Date ? 'a date; the option time names the column of times' : typeof value
  throw new DataError(`${where}: expected a number, got ${typeof value === 'string' ? `'${value}'` : given}`)
}

/** Whether float32 holds all that a column holds. */
function isSingle(column: ArrayLike<unknown> | Tensor): boolean {
  const data = column instanceof Tensor ? column.data : column
  return data instanceof Float32Array || data instanceof Uint8Array
}

function isColumn(value: unknown): boolean {
  return Array.isArray(value) || isTypedArray(value) || value instanceof Tensor
}
