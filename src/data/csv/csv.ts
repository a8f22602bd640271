// Tables in CSV files as datasets: read piece by piece, so that memory does not grow with the file.

import { checkOptions, OptionError, requireList, requireOneOf } from '../../errors'
import { Dataset } from '../dataset/dataset'
import { readerOf, requireDistinct, rowsOf } from './rows'
import { type CSVSource, textPieces } from './source'

/** A value of a table: a number, a text, a truth value, a date. */
export type CSVValue = number | string | boolean | Date

/** A row of a table by column. */
export type CSVRow = Readonly<Record<string, CSVValue>>

/** What the cells of a column are: with `'auto'` numbers where they look like numbers, else texts. */
export type CSVType = 'auto' | 'number' | 'string' | 'boolean' | 'date'

const types = ['auto', 'number', 'string', 'boolean', 'date'] as const

/** Options of {@link csv}. */
export interface CSVOptions<T extends CSVType = CSVType> {
  /** The columns to read: their names, or what each of them is; all by default, each `'auto'`. */
  readonly columns?: readonly string[] | Readonly<Record<string, T>>
  /** Whether the first row names the columns (the default), or the names of all columns of a file that does not. */
  readonly header?: boolean | readonly string[]
  /** What is between cells; found out by default. */
  readonly delimiter?: string
  /** What stands around cells with delimiters in them; `'"'` by default. */
  readonly quote?: string
  /** What begins lines that are left out; none by default. */
  readonly comment?: string
  /** Texts that stand for a missing value; `''`, `'NA'`, `'N/A'`, `'NaN'`, `'null'` and `'?'` by default. */
  readonly missingValues?: readonly string[]
  /**
   * What becomes of rows with a missing value: kept, with NaN (and `''` for texts), by default; left out with `'drop'`; an
   * error with `'error'`.
   */
  readonly missing?: 'keep' | 'drop' | 'error'
  /** The encoding of bytes; `'utf-8'` by default. */
  readonly encoding?: string
}

/** The rows that {@link csv} gives for columns whose types are told. */
export type TypedRow<C> =
  C extends Readonly<Record<string, CSVType>> ? { readonly [K in keyof C]: CellOf<C[K]> } : CSVRow

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
export interface CSVReading {
  readonly header: boolean | readonly string[]
  readonly wanted: ReadonlyMap<string, CSVType> | undefined
  readonly missingValues: ReadonlySet<string>
  readonly missing: 'keep' | 'drop' | 'error'
  readonly delimiter: string | undefined
  readonly quote: string
  readonly comment: string | undefined
}

/**
 * The rows of a CSV file as a dataset of records, read while they are asked for: a file of any length takes little
 * memory. It needs the package `papaparse` (an optional dependency), which is loaded at the first row.
 *
 * @param source - a path or `file:` URL (Node), another URL, a `File` or `Blob`, `{ text }`, or a function that gives
 *   pieces of text for every epoch.
 * @throws DataError, while it is read, for a row with too few or too many cells, a cell that is not of its column's type,
 *   and a column that is not there; the message names the row.
 *
 * @example
 * ```ts
 * const rows = data.csv({ text: 'day,temperature,rain\nMon,9.5,0\nTue,11,2.5' })
 * const batches = rows.map(({ temperature, rain }) => ({ x: [temperature], y: rain })).batch(32)
 * ```
 */
export function csv<const C extends readonly string[] | Readonly<Record<string, CSVType>> | undefined = undefined>(
  source: CSVSource,
  options: Omit<CSVOptions, 'columns'> & { readonly columns?: C } = {},
): Dataset<TypedRow<C>> {
  const reading = checkReading(options)
  const { encoding = 'utf-8' } = options
  if (typeof encoding !== 'string') throw new OptionError(`csv: encoding: expected a name, got ${String(encoding)}`)
  const pieces = textPieces(source, encoding)
  return new Dataset(async function* () {
    const reader = await readerOf()
    // Cells are read as the columns say, which is what the type says.
    yield* rowsOf(pieces(), reader, reading) as AsyncGenerator<TypedRow<C>>
  })
}

const usuallyMissing = ['', 'NA', 'N/A', 'NaN', 'nan', 'null', '?']

function checkReading(options: CSVOptions): CSVReading {
  checkOptions('csv', options, [
    'columns',
    'header',
    'delimiter',
    'quote',
    'comment',
    'missingValues',
    'missing',
    'encoding',
  ])
  const { header = true, delimiter, quote = '"', comment, columns } = options
  for (const [name, value] of Object.entries({ delimiter, quote, comment })) {
    if (value === undefined || (typeof value === 'string' && value.length === 1)) continue
    if (name === 'comment' && typeof value === 'string' && value !== '') continue
    throw new OptionError(`csv: ${name}: expected a character, got ${JSON.stringify(value)}`)
  }
  if (typeof header !== 'boolean' && !(Array.isArray(header) && header.every((name) => typeof name === 'string'))) {
    throw new OptionError(`csv: header: expected true, false or the names of all columns, got ${String(header)}`)
  }
  if (typeof header !== 'boolean') requireDistinct(header)
  const entries: readonly (readonly [string, CSVType])[] = isList(columns)
    ? columns.map((name) => [name, 'auto'] as const)
    : Object.entries(columns ?? {})
  for (const [name, type] of entries) requireOneOf('csv', `columns: ${name}`, type, types)
  return {
    header,
    wanted: columns === undefined ? undefined : new Map(entries),
    missingValues: new Set(requireList('csv', 'missingValues', options.missingValues ?? usuallyMissing)),
    missing: requireOneOf('csv', 'missing', options.missing ?? 'keep', ['keep', 'drop', 'error'] as const),
    delimiter,
    quote,
    comment,
  }
}

function isList(columns: CSVOptions['columns']): columns is readonly string[] {
  return Array.isArray(columns)
}
