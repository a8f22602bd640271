// Records in JSON lines as datasets: a record a line, read piece by piece.

import { checkOptions, DataError, describeValue, OptionError, requireList, textOf } from '../../errors'
import { isRecord } from '../dataset/collate'
import { Dataset } from '../dataset/dataset'
import { type TextSource, textPieces } from './source'

/** Options of {@link jsonLines}. */
export interface JSONLinesOptions<C extends string = string> {
  /** The members to read; all by default. Where one is not in a record it is null. */
  readonly columns?: readonly C[]
  /** The encoding of bytes; by default what a byte order mark says, else `'utf-8'`. */
  readonly encoding?: string
}

/** A record of JSON lines. */
export type JSONRecord<C extends string = string> = Readonly<Record<C, unknown>>

/**
 * The records of a file in JSON lines (also called NDJSON) as a dataset, read while they are asked for. Empty lines are left out.
 *
 * @param source - a path or `file:` URL (Node), another URL, a `File`, `Blob` or `Response`, bytes, `{ text }`, or a function that
 *   gives pieces of text for every epoch.
 * @throws DataError, while it is read, for a line that is no record; the message names the line.
 *
 * @example
 * ```ts
 * const text = '{"text":"sunny","label":1}\n{"text":"wet","label":0}\n'
 * await data.jsonLines({ text }, { columns: ['label'] }).toArray() // [{ label: 1 }, { label: 0 }]
 * ```
 */
export function jsonLines<const C extends string = string>(
  source: TextSource,
  options: JSONLinesOptions<C> = {},
): Dataset<JSONRecord<C>> {
  checkOptions('jsonLines', options, ['columns', 'encoding'])
  const { columns, encoding } = options
  if (columns !== undefined) requireList('jsonLines', 'columns', columns)
  if (encoding !== undefined && typeof encoding !== 'string') {
    throw new OptionError(`jsonLines: encoding: expected a name, got ${textOf(encoding)}`)
  }
  const pieces = textPieces(source, encoding, 'jsonLines')
  return new Dataset(async function* () {
    let number = 0
    for await (const lines of linesOf(pieces())) {
      for (const line of lines) {
        number++
        if (line.trim() === '') continue
        // Its members are those that were asked for, or all there are.
        yield recordOf(line, number, columns) as JSONRecord<C>
      }
    }
  })
}

function recordOf(line: string, number: number, columns: readonly string[] | undefined): JSONRecord {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (cause) {
    const shown = line.length > 40 ? `${line.slice(0, 40)}...` : line
    throw new DataError(`jsonLines: line ${number}: expected JSON, got ${shown}`, { cause })
  }
  if (!isRecord(value)) {
    throw new DataError(`jsonLines: line ${number}: expected a record { ... }, got ${describeValue(value)}`)
  }
  const record = value
  if (columns === undefined) return record
  return Object.fromEntries(columns.map((name) => [name, Object.hasOwn(record, name) ? record[name] : null]))
}

/** The lines of a text in pieces, those of each piece at once. A line in many pieces is joined once. */
async function* linesOf(pieces: Iterable<string> | AsyncIterable<string>): AsyncGenerator<readonly string[]> {
  let begun: string[] = []
  let isFirst = true
  for await (const piece of pieces) {
    const lines = (isFirst ? piece.replace(/^\uFEFF/, '') : piece).split('\n')
    if (piece !== '') isFirst = false
    begun.push(lines[0])
    if (lines.length === 1) continue
    lines[0] = begun.join('')
    begun = [lines[lines.length - 1]]
    lines.pop()
    yield lines
  }
  yield [begun.join('')]
}
