// The columns of a table: which are read, and how their cells become numbers, texts, truth values and dates.

import { DataError, didYouMean } from '../../errors'
import { timeReader } from '../time/timeReader'
import type { CSVColumn, CSVReading, CSVRow, CSVValue } from './csv'
import { decimalHint, numberReader } from './numbers'

interface Column {
  readonly name: string
  readonly at: number
  /** What a cell holds; undefined where it is not of the column's type. */
  readonly read: (cell: string) => CSVValue | undefined
  /** What stands for a missing cell. */
  readonly missing: CSVValue
  readonly keepsSpaces: boolean
  /** Why a cell could not be read. */
  readonly problem: (cell: string) => string
}

/** The columns of a table, and the reading of its rows. */
export class CSVColumns {
  /** How many cells a row has; more may follow that are empty. */
  private readonly width: number
  private readonly columns: readonly Column[]
  private readonly reading: CSVReading

  /** @param first - the first row: the names of the columns, or their values where there is no header. */
  constructor(reading: CSVReading, first: readonly string[]) {
    const { header, wanted } = reading
    this.reading = reading
    const written = header === true ? first.map((name) => name.trim()) : first.map((_, i) => `${i}`)
    const names = withoutUnnamedEnd(typeof header === 'object' ? header : written)
    this.width = names.length
    if (wanted === undefined) requireDistinct(names)
    const places = placesOf(names)
    const asked = wanted ?? new Map(names.map((name) => [name, reading.defaults]))
    const found = [...asked].map(([name, column]) => columnOf(name, this.placeOf(name, places, names), column))
    // In the order of the file, which is also that of the features.
    this.columns = found.sort((a, b) => a.at - b.at)
  }

  private placeOf(name: string, places: ReadonlyMap<string, readonly number[]>, names: readonly string[]): number {
    const [at, second] = places.get(name) ?? []
    if (at === undefined) {
      throw new DataError(`csv: there is no column '${name}'.${didYouMean(name, names)} Columns: ${listed(names)}.`)
    }
    if (second === undefined) return at
    throw new DataError(`csv: expected one column '${name}', found it twice; give all names with the option header`)
  }

  /** A row as a record; undefined where it is left out. */
  row(cells: readonly string[], number: number): CSVRow | undefined {
    const beyond = cells.length > this.width ? cells.findIndex((cell, i) => i >= this.width && cell.trim() !== '') : -1
    if (cells.length < this.width || beyond >= 0) {
      throw new DataError(
        `csv: row ${number}: expected ${this.width} cells, got ${beyond < 0 ? cells.length : beyond + 1}`,
      )
    }
    const { missing, missingValues } = this.reading
    const row: Record<string, CSVValue> = {}
    for (const { name, at, read, keepsSpaces, missing: none, problem } of this.columns) {
      const cell = cells[at].trim()
      if (missingValues.has(cell)) {
        if (missing === 'drop') return undefined
        if (missing === 'error') throw new DataError(`csv: row ${number}: column '${name}': the value is missing`)
        setOwn(row, name, none)
        continue
      }
      const value = read(keepsSpaces ? cells[at] : cell)
      if (value === undefined) throw new DataError(`csv: row ${number}: column '${name}': ${problem(cell)}`)
      setOwn(row, name, value)
    }
    return row
  }
}

/** Sets a member of a record, also where its name means something to every object. */
function setOwn(row: Record<string, CSVValue>, name: string, value: CSVValue): void {
  if (name !== '__proto__') row[name] = value
  else Object.defineProperty(row, name, { value, writable: true, enumerable: true, configurable: true })
}

/** The names up to the last that is one: rows may end in delimiters with nothing between them. */
function withoutUnnamedEnd(names: readonly string[]): readonly string[] {
  const last = names.findLastIndex((name) => name !== '')
  return names.slice(0, last + 1)
}

function placesOf(names: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>()
  for (const [i, name] of names.entries()) {
    const found = places.get(name)
    if (found === undefined) places.set(name, [i])
    else found.push(i)
  }
  return places
}

/** @throws DataError where two columns have one name. */
export function requireDistinct(names: readonly string[]): void {
  if (new Set(names).size === names.length) return
  const seen = new Set<string>()
  const twice = names.find((name) => seen.has(name) || !seen.add(name))
  throw new DataError(
    `csv: expected columns with different names, found '${twice}' twice; choose others with the option columns, or give all names with header`,
  )
}

function listed(names: readonly string[]): string {
  return names.length <= 30 ? names.join(', ') : `${names.slice(0, 30).join(', ')} and ${names.length - 30} more`
}

function columnOf(name: string, at: number, column: CSVColumn): Column {
  const base = { name, at, missing: Number.NaN, keepsSpaces: false }
  const expected = (cell: string): string => `expected a ${column.type}, got '${cell}'`
  switch (column.type) {
    case 'string':
      return { ...base, read: (cell) => cell, missing: '', keepsSpaces: true, problem: expected }
    case 'boolean':
      return { ...base, read: readBoolean, problem: expected }
    case 'date': {
      const times = timeReader(column, `csv: column '${name}'`)
      const read = (cell: string): Date | undefined => {
        const moments = times.read(cell)
        return moments.length === 1 ? new Date(moments[0]) : undefined
      }
      return { ...base, read, missing: new Date(Number.NaN), problem: (cell) => times.problem(cell) }
    }
    case 'number': {
      const readNumber = numberReader(column)
      const read = (cell: string): number | undefined => orUndefined(readNumber(cell))
      return { ...base, read, problem: (cell) => expected(cell) + decimalHint(cell) }
    }
    case 'auto': {
      const readNumber = numberReader(column)
      return { ...base, read: (cell) => numberOrText(cell, readNumber(cell)), problem: expected }
    }
  }
}

function readBoolean(cell: string): boolean | undefined {
  if (/^(true|yes|1)$/i.test(cell)) return true
  return /^(false|no|0)$/i.test(cell) ? false : undefined
}

function orUndefined(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value
}

/** Whole numbers with more digits than a number holds stay texts: two of them must not become one. */
function numberOrText(cell: string, value: number): number | string {
  if (Number.isNaN(value)) return cell
  return Number.isInteger(value) && !Number.isSafeInteger(value) && /^[+-]?\d+$/.test(cell) ? cell : value
}
