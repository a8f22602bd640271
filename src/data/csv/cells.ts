// From pieces of text to rows of cells. papaparse finds the cells; columns with white space between them are cut here.
// What is held in memory is one piece and the row it ends in.

import { DataError } from '../../errors'
import { type Dialect, type DialectHints, dialectOf } from './dialect'

/** A row as it stands in the file. */
export interface CellRow {
  readonly cells: string[]
  /** Counted from 1, the lines before the table and the header included. */
  readonly number: number
}

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

/** Loads papaparse, a part of the package of its own. */
async function papaparse(): Promise<typeof import('papaparse')> {
  return (await import('papaparse')).default
}

/**
 * The rows of cells, those without any left out; the rows of each piece at once, to be walked before the next.
 *
 * @throws DataError for quotes that do not close as they should.
 */
export async function* cellRows(
  pieces: Iterable<string> | AsyncIterable<string>,
  hints: DialectHints,
): AsyncGenerator<Iterable<CellRow>> {
  const reader = await papaparse()
  let parser: CellParser | undefined
  let count = 0
  let rest = ''
  // A row that goes on in the next pieces is looked at again when twice as much is there, and not with each of them.
  let enough = 0
  const rowsIn = function* (isEnd: boolean): Generator<CellRow> {
    if (parser === undefined) {
      const dialect = dialectOf(rest, hints, isEnd)
      if (dialect === undefined) return
      count = dialect.linesBefore
      rest = rest.slice(dialect.begin)
      parser = dialect.delimiter === 'whitespace' ? spacedParser(dialect, hints) : parserOf(reader, dialect, hints)
    }
    const { data, errors, meta } = parser.parse(rest, 0, !isEnd)
    rest = isEnd ? '' : rest.slice(meta.cursor)
    const problems = new Map(errors.map(({ row, message }) => [row, message]))
    for (const [i, cells] of data.entries()) {
      count++
      const problem = problems.get(i)
      if (problem !== undefined) throw new DataError(`csv: row ${count}: ${problem}`)
      if (cells.length === 0 || (cells.length === 1 && cells[0].trim() === '')) continue
      const last = cells.length - 1
      // Where lines end in two ways, one of them leaves its first half.
      if (cells[last].endsWith('\r')) cells[last] = cells[last].slice(0, -1)
      yield { cells, number: count }
    }
  }
  let isFirst = true
  for await (const piece of pieces) {
    rest += isFirst ? piece.replace(/^\uFEFF/, '') : piece
    if (piece !== '') isFirst = false
    if (rest.length < enough) continue
    yield rowsIn(false)
    enough = 2 * rest.length
  }
  if (rest !== '') yield rowsIn(true)
}

function parserOf(
  { Parser }: typeof import('papaparse'),
  { delimiter, newline }: Dialect,
  { quote, comment }: DialectHints,
): CellParser {
  return new Parser({
    delimiter,
    newline,
    quoteChar: quote,
    ...(comment === undefined ? {} : { comments: comment }),
  })
}

/** Cells with any number of spaces and tabs between them; a row is a line, also where it has quotes. */
function spacedParser({ newline }: Dialect, { quote, comment }: DialectHints): CellParser {
  const mark = quote.replace(/[\\\]^-]/g, '\\$&')
  const cell = new RegExp(`[${mark}]((?:[^${mark}]|[${mark}]{2})*)[${mark}](?!\\S)|\\S+`, 'g')
  const cellsOf = (line: string): string[] =>
    comment !== undefined && line.startsWith(comment)
      ? []
      : Array.from(line.matchAll(cell), ([all, quoted]) => quoted?.replaceAll(quote + quote, quote) ?? all)
  return {
    parse(text, _, ignoreLastRow) {
      const lines = text.split(newline)
      const last = lines[lines.length - 1]
      if (ignoreLastRow || last === '') lines.pop()
      return {
        data: lines.map(cellsOf),
        errors: [],
        meta: { cursor: ignoreLastRow ? text.length - last.length : text.length },
      }
    },
  }
}
