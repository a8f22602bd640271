// Tables in CSV files as datasets: read piece by piece, so that memory does not grow with the file.

import { checkOptions, isList, jsonOf, OptionError, requireList, requireOneOf, textOf } from '../../errors'
import { Dataset } from '../dataset/dataset'
import { type TextSource, textPieces } from '../files/source'
import { type TimeFormat, timeFormatNames, timeReader } from '../time/timeReader'
import { requireDistinct } from './columns'
import type { DialectHints } from './dialect'
import { checkNumberFormat, type NumberFormat, numberFormatNames } from './numbers'
import { rowsOf } from './rows'

/** A value of a table: a number, a text, a truth value, a date. */
export type CSVValue = number | string | boolean | Date

/** A row of a table by column. */
export type CSVRow = Readonly<Record<string, CSVValue>>

/**
 * What the cells of a column are:
 * - `'auto'`: numbers where they look like numbers, else texts (so are whole numbers with more digits than a number holds);
 * - `'number'`: every cell must be one;
 * - `'string'`: texts as they stand, with their spaces and leading zeros;
 * - `'boolean'`: true, yes, 1 or false, no, 0, in any case;
 * - `'date'`: ISO 8601 or the option `format`, in UTC or the option `zone`.
 */
export type CSVType = 'auto' | 'number' | 'string' | 'boolean' | 'date'

const types = ['auto', 'number', 'string', 'boolean', 'date'] as const

/** What a column is, and how its numbers or dates are written where that differs from the rest of the table. */
export interface CSVColumn<T extends CSVType = CSVType> extends NumberFormat, TimeFormat {
  readonly type: T
}

/** Options of {@link csv}. */
export interface CSVOptions<T extends CSVType = CSVType> extends NumberFormat, TimeFormat {
  /** The columns to read: their names, or what each of them is; all by default, each `'auto'`. */
  readonly columns?: readonly string[] | Readonly<Record<string, T | CSVColumn<T>>>
  /** Whether the first row names the columns (the default), or the names of all columns of a file that does not. */
  readonly header?: boolean | readonly string[]
  /** How many lines to pass over before the table begins; 0 by default. */
  readonly skipLines?: number
  /** What is between cells: a character, or `'whitespace'` for any number of spaces and tabs; found out by default. */
  readonly delimiter?: string
  /** What stands around cells with delimiters in them; `'"'` by default. */
  readonly quote?: string
  /** What begins lines that are left out; none by default. */
  readonly comment?: string
  /**
   * Texts that stand for a missing value, in place of `''`, `'NA'`, `'N/A'`, `'n/a'`, `'NaN'`, `'nan'`, `'NULL'`, `'null'`, `'None'`, `'<NA>'`,
   * `'#N/A'`, `'#NA'` and `'?'`.
   */
  readonly missingValues?: readonly string[]
  /**
   * What becomes of rows with a missing value: kept, with NaN (and `''` for texts), by default; left out with `'drop'`; an
   * error with `'error'`.
   */
  readonly missing?: 'keep' | 'drop' | 'error'
  /**
   * The encoding of bytes, such as `'windows-1252'`, `'latin1'` or `'utf-16le'`; by default what a byte order mark says, else
   * `'utf-8'`. Bytes that are not in it are an error.
   */
  readonly encoding?: string
}

/** The rows that {@link csv} gives for columns whose types are told. */
export type TypedRow<C> =
  C extends Readonly<Record<string, CSVType | CSVColumn>>
    ? { readonly [K in keyof C]: CellOf<C[K] extends { readonly type: infer T } ? T : C[K]> }
    : CSVRow

type CellOf<T> = T extends 'number'
  ? number
  : T extends 'string'
    ? string
    : T extends 'boolean'
      ? boolean
      : T extends 'date'
        ? Date
        : number | string

/** How rows are read, with all defaults filled in. */
export interface CSVReading extends DialectHints {
  readonly header: boolean | readonly string[]
  readonly wanted: ReadonlyMap<string, CSVColumn> | undefined
  /** What a column is of which nothing is said. */
  readonly defaults: CSVColumn
  readonly missingValues: ReadonlySet<string>
  readonly missing: 'keep' | 'drop' | 'error'
}

/**
 * The rows of a CSV file as a dataset of records, read while they are asked for: a file of any length takes little
 * memory.
 *
 * What is between cells is found out from the first ten rows; a line `sep=;` says it. Columns without a name at the end, and
 * rows without any value at the end, as spreadsheets write them, are left out.
 *
 * @param source - a path or `file:` URL (Node), another URL, a `File`, `Blob` or `Response`, bytes, `{ text }`, or a function that
 *   gives pieces of text for every epoch.
 * @throws DataError, while it is read, for a row with too few or too many cells, a cell that is not of its column's type,
 *   a column that is not there, two columns of one name that is asked for, and bytes of another encoding; the message names the row.
 *
 * @example
 * ```ts
 * const rows = data.csv({ text: 'day,temperature,rain\nMon,9.5,0\nTue,11,2.5' })
 * const batches = rows.map(({ temperature, rain }) => ({ x: [temperature], y: rain })).batch(32)
 *
 * const text = 'Tag;Grad\n01.02.2020;9,5\n'
 * const days = data.csv({ text }, { decimal: ',', format: '%d.%m.%Y', columns: { Tag: 'date', Grad: 'number' } })
 * await days.toArray() // [{ Tag: 1 February 2020, Grad: 9.5 }]
 * ```
 */
export function csv<
  const C extends readonly string[] | Readonly<Record<string, CSVType | CSVColumn>> | undefined = undefined,
>(source: TextSource, options: Omit<CSVOptions, 'columns'> & { readonly columns?: C } = {}): Dataset<TypedRow<C>> {
  const reading = checkReading(options)
  const { encoding } = options
  if (encoding !== undefined && typeof encoding !== 'string') {
    throw new OptionError(`csv: encoding: expected a name, got ${textOf(encoding)}`)
  }
  const pieces = textPieces(source, encoding, 'csv')
  return new Dataset(async function* () {
    // Cells are read as the columns say, which is what the type says.
    yield* rowsOf(pieces(), reading) as AsyncGenerator<TypedRow<C>>
  })
}

const usuallyMissing = ['', 'NA', 'N/A', 'n/a', 'NaN', 'nan', 'NULL', 'null', 'None', '<NA>', '#N/A', '#NA', '?']

const cellFormats = /* @__PURE__ */ (() => [...numberFormatNames, ...timeFormatNames])()

function checkReading(options: CSVOptions): CSVReading {
  checkOptions('csv', options, [
    'columns',
    'header',
    'skipLines',
    'delimiter',
    'quote',
    'comment',
    'missingValues',
    'missing',
    'encoding',
    ...cellFormats,
  ])
  const { header = true, skipLines = 0, delimiter, quote = '"', comment, columns } = options
  for (const [name, value] of Object.entries({ delimiter, quote, comment })) {
    if (value === undefined || (typeof value === 'string' && value.length === 1)) continue
    if (name === 'comment' && typeof value === 'string' && value !== '') continue
    if (name === 'delimiter' && value === 'whitespace') continue
    const expected = name === 'delimiter' ? "a character or 'whitespace'" : 'a character'
    throw new OptionError(`csv: ${name}: expected ${expected}, got ${jsonOf(value)}`)
  }
  if (typeof header !== 'boolean' && !(isList(header) && header.every((name) => typeof name === 'string'))) {
    throw new OptionError(`csv: header: expected true, false or the names of all columns, got ${textOf(header)}`)
  }
  if (typeof header !== 'boolean') requireDistinct(header)
  if (!Number.isInteger(skipLines) || skipLines < 0) {
    throw new OptionError(`csv: skipLines: expected a whole number of at least 0, got ${textOf(skipLines)}`)
  }
  const { decimal, thousands, format, zone, firstYear } = options
  const defaults = checkColumn('csv', defined({ type: 'auto' as const, decimal, thousands, format, zone, firstYear }))
  return {
    header,
    skipLines,
    wanted: columns === undefined ? undefined : wantedColumns(columns, defaults),
    defaults,
    missingValues: new Set(requireList('csv', 'missingValues', options.missingValues ?? usuallyMissing)),
    missing: requireOneOf('csv', 'missing', options.missing ?? 'keep', ['keep', 'drop', 'error'] as const),
    delimiter,
    quote,
    comment,
  }
}

function wantedColumns(columns: NonNullable<CSVOptions['columns']>, defaults: CSVColumn): Map<string, CSVColumn> {
  if (isList(columns)) return new Map(columns.map((name) => [name, defaults]))
  return new Map(
    Object.entries(columns).map(([name, column]) => {
      const where = `csv: columns: ${name}`
      if (typeof column === 'string') return [name, { ...defaults, type: requireOneOf(where, 'type', column, types) }]
      checkOptions(where, column, ['type', ...cellFormats])
      requireOneOf(where, 'type', column.type, types)
      return [name, checkColumn(where, { ...defaults, ...column })]
    }),
  )
}

/** @throws OptionError for formats without meaning. */
function checkColumn(where: string, column: CSVColumn): CSVColumn {
  checkNumberFormat(column, where)
  timeReader(column, where)
  return column
}

/** The members that are there: an option may be given as undefined. */
function defined<T extends object>(options: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T // what is left is defined
}
