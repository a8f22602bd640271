// Tables in Parquet files as datasets. The package hyparquet reads them, one group of rows at a time.

import {
  checkOptions,
  DataError,
  didYouMean,
  FormatError,
  HornbeamError,
  OptionError,
  requireList,
  textOf,
} from '../../errors'
import { hasNode } from '../../host'
import { type Place, readPlace } from '../../io'
import { Dataset } from '../dataset/dataset'

/** Options of {@link parquet}. */
export interface ParquetOptions<C extends string = string> {
  /** The columns to read; all by default. */
  readonly columns?: readonly C[]
}

/** A row of a Parquet file: numbers, texts, truth values, dates, lists and records of these; null where a value is missing. */
export type ParquetRow<C extends string = string> = Readonly<Record<C, unknown>>

type Reader = typeof import('hyparquet')
type Bytes = Awaited<ReturnType<Reader['asyncBufferFromUrl']>>

/**
 * The rows of a Parquet file as a dataset of records, a group of rows in memory at a time; of files and URLs only the columns asked for
 * are read.
 *
 * Whole numbers of 64 bits are numbers where a number holds them, else texts.
 *
 * @param source - a path or `file:` URL (Node), another URL, a `File`, `Blob` or `Response`, or bytes.
 * @throws DataError for a column that is not there; FormatError for a file that is
 *   no Parquet file, or broken.
 *
 * @example
 * ```ts
 * const rows = data.parquet('weather.parquet', { columns: ['day', 'temperature'] })
 * const windows = data.windows(await rows.toArray(), { length: 14, time: 'day' })
 * ```
 */
export function parquet<const C extends string = string>(
  source: Place,
  options: ParquetOptions<C> = {},
): Dataset<ParquetRow<C>> {
  checkOptions('parquet', options, ['columns'])
  const { columns } = options
  if (columns !== undefined) requireList('parquet', 'columns', columns)
  if (source === undefined || source === null || typeof source === 'function') {
    throw new OptionError(
      `parquet: source: expected a path, a URL, a File, Blob or Response, or bytes, got ${textOf(source)}`,
    )
  }
  // A Response can be read once; later epochs read what came with the first.
  let opened: Promise<Bytes> | undefined
  return new Dataset(async function* () {
    const reader = await import('hyparquet')
    opened ??= open(source, reader)
    const file = await opened
    // The columns are those that were asked for, or all there are.
    yield* rowsOf(reader, file, columns) as AsyncGenerator<ParquetRow<C>>
  })
}

async function* rowsOf(reader: Reader, file: Bytes, wanted: readonly string[] | undefined): AsyncGenerator<ParquetRow> {
  const metadata = await typed(() => reader.parquetMetadataAsync(file))
  const names = reader.parquetSchema(metadata).children.map(({ element }) => element.name)
  const unknown = wanted?.find((name) => !names.includes(name))
  if (unknown !== undefined) {
    throw new DataError(
      `parquet: there is no column '${unknown}'.${didYouMean(unknown, names)} Columns: ${names.slice(0, 30).join(', ')}.`,
    )
  }
  const compressors = await compressorsFor(metadata)
  const columns = [...(wanted ?? names)]
  let rowStart = 0
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows)
    const rows = await typed(() =>
      reader.parquetReadObjects({ file, metadata, columns, rowStart, rowEnd, ...(compressors && { compressors }) }),
    )
    for (const row of rows) yield Object.fromEntries(columns.map((name) => [name, plainValue(row[name])]))
    rowStart = rowEnd
  }
}

function plainValue(value: unknown): unknown {
  if (value === undefined) return null
  if (typeof value !== 'bigint') return value
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
}

async function open(source: Place, reader: Reader): Promise<Bytes> {
  const text = typeof source === 'string' || source instanceof URL ? String(source) : undefined
  const isURL = text !== undefined && /^https?:/i.test(text)
  if (isURL) return typed(() => reader.asyncBufferFromUrl({ url: text }))
  const isPath = text !== undefined && !/^[a-z][a-z0-9+.-]+:/i.test(text) && hasNode()
  if (isPath && 'asyncBufferFromFile' in reader) {
    return reader.asyncBufferFromFile(text).catch((cause: unknown) => {
      throw new OptionError(
        `parquet: cannot read '${text}': ${cause instanceof Error ? cause.message : String(cause)}`,
        { cause },
      )
    })
  }
  const bytes = await readPlace(source)
  return {
    byteLength: bytes.byteLength,
    // A copy, which lies at the beginning of a buffer of its own.
    slice: (from, to) => new Uint8Array(bytes.subarray(from, to)).buffer,
  }
}

/** @throws FormatError for what the reader cannot make out. */
async function typed<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    if (cause instanceof HornbeamError) throw cause
    throw new FormatError(
      `parquet: expected a Parquet file that is whole: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
      },
    )
  }
}

type Metadata = Awaited<ReturnType<Reader['parquetMetadataAsync']>>

/** What decompresses a file; undefined where the reader does it by itself. */
async function compressorsFor({ row_groups }: Metadata) {
  const codecs = new Set(row_groups.flatMap(({ columns }) => columns.map(({ meta_data }) => meta_data?.codec)))
  const other = [...codecs].find((codec) => codec !== undefined && codec !== 'UNCOMPRESSED' && codec !== 'SNAPPY')
  // It is large, and rare: most files use Snappy.
  if (other === undefined) return undefined
  const { compressors } = await import('hyparquet-compressors')
  return compressors
}
