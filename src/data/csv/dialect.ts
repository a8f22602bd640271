// How a table is written: where it begins, what ends its lines, what is between its cells. Found out from its first lines.

/** What a reader says of the dialect; the rest is found out. */
export interface DialectHints {
  /** The lines to pass over before the table. */
  readonly skipLines: number
  readonly delimiter: string | undefined
  readonly quote: string
  readonly comment: string | undefined
}

/** How a table is written. */
export interface Dialect {
  readonly newline: '\n' | '\r' | '\r\n'
  /** A character, or `'whitespace'`: any number of spaces and tabs. */
  readonly delimiter: string
  /** Where the table begins: the place in the text, and the lines before it. */
  readonly begin: number
  readonly linesBefore: number
}

/** Of candidates that fit equally well the first is taken: a comma also stands within cells, as a decimal point. */
const candidates = ['\t', ';', '|', ','] as const
type Candidate = (typeof candidates)[number]

/** How many rows tell the dialect, and after how much text no more are waited for. */
const [enoughRows, enoughText] = [10, 2 ** 20]

/** The dialect; undefined while there is too little text to tell. */
export function dialectOf(text: string, hints: DialectHints, isEnd: boolean): Dialect | undefined {
  const start = startOf(text, hints.skipLines, isEnd)
  if (start === undefined) return undefined
  const delimiter = hints.delimiter ?? start.delimiter
  const wanted = delimiter === undefined ? enoughRows : 1
  const isAll = isEnd || text.length > enoughText
  const { rows, newline } = firstRows(text, start.begin, hints, wanted, isAll)
  if (rows.length < wanted && !isAll) return undefined
  return {
    newline: newline ?? '\n',
    delimiter: delimiter ?? likeliest(rows),
    begin: start.begin,
    linesBefore: start.lines,
  }
}

/** Where the table begins: after the lines to skip and a line `sep=;`, as Excel writes it. */
function startOf(
  text: string,
  skipLines: number,
  isEnd: boolean,
): { readonly begin: number; readonly lines: number; readonly delimiter: string | undefined } | undefined {
  const ends = /\r\n|\n|\r/g
  let begin = 0
  const nextLine = (): string | undefined => {
    ends.lastIndex = begin
    const end = ends.exec(text)
    // The second half of a line's end may come with the next piece.
    if (end === null || (end[0] === '\r' && ends.lastIndex === text.length && !isEnd)) return undefined
    const line = text.slice(begin, end.index)
    begin = ends.lastIndex
    return line
  }
  for (let i = 0; i < skipLines; i++) {
    if (nextLine() !== undefined) continue
    return isEnd ? { begin: text.length, lines: skipLines, delimiter: undefined } : undefined
  }
  const tableBegin = begin
  const first = nextLine()
  if (first === undefined && !isEnd && text.length - begin < 8) return undefined
  const separator = /^"?sep=(.)"?\s*$/i.exec(first ?? '')?.[1]
  if (separator !== undefined) return { begin, lines: skipLines + 1, delimiter: separator }
  return { begin: tableBegin, lines: skipLines, delimiter: undefined }
}

interface FirstRow {
  readonly text: string
  /** How often each candidate occurs outside of quotes. */
  readonly counts: ReadonlyMap<string, number>
}

/** The first rows that say something: no empty ones, no comments. A quote opens at the beginning of a cell only. */
function firstRows(
  text: string,
  from: number,
  { quote, comment }: DialectHints,
  wanted: number,
  isAll: boolean,
): { readonly rows: readonly FirstRow[]; readonly newline: Dialect['newline'] | undefined } {
  const rows: FirstRow[] = []
  let newline: Dialect['newline'] | undefined
  let begin = from
  let counts = new Map<string, number>()
  const endRow = (end: number): void => {
    const row = text.slice(begin, end)
    if (row.trim() !== '' && !(comment !== undefined && row.startsWith(comment))) rows.push({ text: row, counts })
    counts = new Map()
  }
  let isQuoted = false
  let atCellStart = true
  for (let i = from; i < text.length && rows.length < wanted; i++) {
    const character = text[i]
    if (isQuoted) {
      if (character !== quote) continue
      if (text[i + 1] === quote) i++
      else isQuoted = false
    } else if (character === quote && atCellStart) isQuoted = true
    else if (character === '\n' || character === '\r') {
      if (character === '\r' && i + 1 === text.length && !isAll) break
      newline ??= character === '\n' ? '\n' : text[i + 1] === '\n' ? '\r\n' : '\r'
      endRow(i)
      if (character === '\r' && text[i + 1] === '\n') i++
      begin = i + 1
      atCellStart = true
    } else {
      atCellStart = isCandidate(character)
      if (atCellStart) counts.set(character, (counts.get(character) ?? 0) + 1)
    }
  }
  if (isAll && rows.length < wanted && begin < text.length) endRow(text.length)
  return { rows, newline }
}

/**
 * The candidate that cuts all rows into equally many cells; else one that every row has; else the one that the first
 * row has most of; white space where there are columns of numbers with none of them between.
 */
function likeliest(rows: readonly FirstRow[]): string {
  if (rows.length === 0) return ','
  const count = ({ counts }: FirstRow, candidate: Candidate): number => counts.get(candidate) ?? 0
  const inAll = candidates.filter((candidate) => rows.every((row) => count(row, candidate) > 0))
  const even = inAll.filter((candidate) => rows.every((row) => count(row, candidate) === count(rows[0], candidate)))
  if (rows.length > 1 && even.length > 0) return even[0]
  const possible = inAll.length > 0 ? inAll : candidates.filter((candidate) => count(rows[0], candidate) > 0)
  if (possible.length === 0) return areSpacedNumbers(rows) ? 'whitespace' : ','
  return possible.reduce((best, candidate) => (count(rows[0], candidate) >= count(rows[0], best) ? candidate : best))
}

function areSpacedNumbers(rows: readonly FirstRow[]): boolean {
  const cells = rows.map(({ text }) => text.trim().split(/[ \t]+/))
  const isEven = cells.every(({ length }) => length > 1 && length === cells[0].length)
  return isEven && cells.length > 1 && cells.slice(1).every((row) => row.every((cell) => !Number.isNaN(Number(cell))))
}

function isCandidate(character: string): boolean {
  return candidates.some((candidate) => candidate === character)
}
