// From pieces of text to rows: papaparse finds the cells, here they get names and types. What is held in memory is one
// piece and the row it ends in.

import { BackendError, DataError, didYouMean } from '../../errors'
import type { CSVReading, CSVRow, CSVType, CSVValue } from './csv'

/** The part of papaparse that is used: it finds the cells of whole rows, and tells where the last one ended. */
interface CellParser {
  parse(
    text: string,
    baseIndex: number,
    ignoreLastRow: boolean,
  ): {
    readonly data: string[][]
    readonly errors: readonly { readonly message: string; readonly row?: number }[]
    readonly meta: { readonly cursor: number }
  }
}

/** What is loaded of papaparse. */
export type CSVReader = typeof import('papaparse')

/** Loads papaparse. @throws BackendError where it is not installed. */
export async function readerOf(): Promise<CSVReader> {
  try {
    const loaded = await import('papaparse')
    return loaded.default
  } catch (cause) {
    throw new BackendError("csv: the package 'papaparse' is missing; install it: npm install papaparse", { cause })
  }
}

/** The rows of a table, one by one. */
export async function* rowsOf(
  pieces: Iterable<string> | AsyncIterable<string>,
  reader: CSVReader,
  reading: CSVReading,
): AsyncGenerator<CSVRow> {
  let parser: CellParser | undefined
  let table: Table | undefined
  let rest = ''
  let count = 0
  const rowsIn = function* (text: string, isEnd: boolean): Generator<CSVRow> {
    if (parser === undefined) {
      const dialect = dialectOf(text, reading, isEnd)
      if (dialect === undefined) return
      const { quote, comment } = reading
      parser = new reader.Parser({
        ...dialect,
        quoteChar: quote,
        ...(comment === undefined ? {} : { comments: comment }),
      })
    }
    const { data, errors, meta } = parser.parse(text, 0, !isEnd)
    rest = isEnd ? '' : text.slice(meta.cursor)
    for (const [i, cells] of data.entries()) {
      count++
      const problem = errors.find(({ row }) => row === i)
      if (problem !== undefined) throw new DataError(`csv: row ${count}: ${problem.message}`)
      if (cells.length === 1 && cells[0].trim() === '') continue
      const last = cells.length - 1
      // Where lines end in two ways, one of them leaves its first half.
      if (cells[last].endsWith('\r')) cells[last] = cells[last].slice(0, -1)
      if (table === undefined) {
        table = new Table(reading, cells)
        if (reading.header === true) continue
      }
      const row = table.row(cells, count)
      if (row !== undefined) yield row
    }
  }
  let isFirst = true
  for await (const piece of pieces) {
    rest += isFirst ? piece.replace(/^\uFEFF/, '') : piece
    if (piece !== '') isFirst = false
    yield* rowsIn(rest, false)
  }
  if (rest !== '') yield* rowsIn(rest, true)
}

/** How a text is written: what ends its lines and what is between its cells. */
interface Dialect {
  readonly newline: '\n' | '\r' | '\r\n'
  readonly delimiter: string
}

const delimiters = [',', '\t', ';', '|']

/**
 * The dialect, as the first line tells it: of the usual delimiters the one that occurs most often outside of quotes.
 * Undefined while the line is not complete.
 */
function dialectOf(text: string, { delimiter, quote, comment }: CSVReading, isEnd: boolean): Dialect | undefined {
  const counts = new Map(delimiters.map((candidate) => [candidate, 0]))
  let isQuoted = false
  let begin = 0
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (character === quote) isQuoted = !isQuoted
    if (isQuoted) continue
    const count = counts.get(character)
    if (count !== undefined) counts.set(character, count + 1)
    if (character !== '\n' && character !== '\r') continue
    // After the first half of a line's end the second may come with the next piece.
    if (character === '\r' && i + 1 === text.length && !isEnd) return undefined
    const newline = character === '\n' ? '\n' : text[i + 1] === '\n' ? '\r\n' : '\r'
    const line = text.slice(begin, i)
    const isTelling = line.trim() !== '' && !(comment !== undefined && line.startsWith(comment))
    if (isTelling) return { newline, delimiter: delimiter ?? mostFrequent(counts) }
    for (const candidate of delimiters) counts.set(candidate, 0)
    begin = i + newline.length
    i = begin - 1
  }
  return isEnd ? { newline: '\n', delimiter: delimiter ?? mostFrequent(counts) } : undefined
}

function mostFrequent(counts: ReadonlyMap<string, number>): string {
  return delimiters.reduce((best, candidate) =>
    (counts.get(candidate) ?? 0) > (counts.get(best) ?? 0) ? candidate : best,
  )
}

/** The columns of a table, and the reading of its rows. */
class Table {
  private readonly names: readonly string[]
  private readonly read: readonly { readonly name: string; readonly at: number; readonly type: CSVType }[]
  private readonly reading: CSVReading

  constructor(reading: CSVReading, first: readonly string[]) {
    const { header, wanted } = reading
    this.reading = reading
    this.names =
      typeof header === 'object' ? header : header ? first.map((name) => name.trim()) : first.map((_, i) => `${i}`)
    requireDistinct(this.names)
    const missing = [...(wanted?.keys() ?? [])].find((name) => !this.names.includes(name))
    if (missing !== undefined) {
      throw new DataError(
        `csv: there is no column '${missing}'.${didYouMean(missing, this.names)} Columns: ${this.names.join(', ')}.`,
      )
    }
    this.read = this.names.flatMap((name, at) => {
      const type = wanted === undefined ? 'auto' : wanted.get(name)
      return type === undefined ? [] : [{ name, at, type }]
    })
  }

  /** A row as a record; undefined where it is left out. */
  row(cells: readonly string[], number: number): CSVRow | undefined {
    if (cells.length !== this.names.length) {
      throw new DataError(`csv: row ${number}: expected ${this.names.length} cells, got ${cells.length}`)
    }
    const { missing, missingValues } = this.reading
    const row: Record<string, CSVValue> = {}
    for (const { name, at, type } of this.read) {
      const cell = cells[at].trim()
      if (!missingValues.has(cell)) {
        row[name] = cellValue(type === 'string' ? cells[at] : cell, type, name, number)
        continue
      }
      if (missing === 'drop') return undefined
      if (missing === 'error') throw new DataError(`csv: row ${number}: column '${name}': the value is missing`)
      row[name] = missingOf(type)
    }
    return row
  }
}

function missingOf(type: CSVType): CSVValue {
  if (type === 'string') return ''
  return type === 'date' ? new Date(Number.NaN) : Number.NaN
}

function cellValue(cell: string, type: CSVType, name: string, row: number): CSVValue {
  switch (type) {
    case 'string':
      return cell
    case 'auto': {
      const value = Number(cell)
      return Number.isNaN(value) ? cell : value
    }
    case 'number': {
      const value = Number(cell)
      if (!Number.isNaN(value)) return value
      break
    }
    case 'boolean': {
      if (/^(true|yes|1)$/i.test(cell)) return true
      if (/^(false|no|0)$/i.test(cell)) return false
      break
    }
    case 'date': {
      const value = new Date(cell)
      if (!Number.isNaN(value.getTime())) return value
      break
    }
  }
  throw new DataError(`csv: row ${row}: column '${name}': expected a ${type}, got '${cell}'`)
}

/** @throws DataError where two columns have one name. */
export function requireDistinct(names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new DataError(`csv: expected columns with different names, found '${twice}' twice`)
}
