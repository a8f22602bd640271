// Windows over series: what was, as x, and what came after, as y. They are cut out when a batch is drawn.

import {
  checkOptions,
  DataError,
  OptionError,
  requireList,
  requireNumber,
  requireOneOf,
  requirePositiveInteger,
  requireWalkable,
} from '../../errors'
import { type TimeFormat, timeFormatNames, timeReader } from '../time/timeReader'
import { knownRows, type MissingKind, missingKinds } from './fill'
import { breaksUpTo, startsOf } from './gaps'
import { type ColumnChoice, columnKeys, listOfSeries, readTable, type SeriesLike, type Table } from './table'
import type { TimeColumn } from './times'
import { type Layout, type Part, Windows } from './windowSet'

/** Options of {@link windows}. */
export interface WindowsOptions extends TimeFormat {
  /** The steps in x. */
  readonly length: number
  /** The steps in y, right after those in x; 1 by default. */
  readonly horizon?: number
  /** How many steps after the last of x the first of y is; 1 by default, the next one. */
  readonly offset?: number
  /** How many rows the next window begins after this one; 1 by default. */
  readonly stride?: number
  /** The rows from one step to the next, in x and y: 1, the default, takes every row, 6 makes ten minutes hours. */
  readonly step?: number
  /** The columns in x; all by default. */
  readonly features?: ColumnChoice
  /** The columns in y; those in x by default. */
  readonly targets?: ColumnChoice
  /** What becomes of windows with a missing number in x; `'drop'` by default, which leaves them out. */
  readonly missing?: MissingKind
  /**
   * The column that says when each row was measured, in ascending order: dates, numbers, or texts in ISO 8601 or the option
   * `format`.
   */
  readonly time?: string
  /** The time from row to row, as it should be: in milliseconds for dates; the median by default. */
  readonly interval?: number
}

/**
 * Cuts series into windows to learn forecasts from: x is a stretch of the past, y what came after it, and no step of
 * y's is among x's. `fit`, `evaluate` and `predict` take windows as they are: nothing is copied until a batch is
 * drawn. Shuffled or not, each window stays whole; `data.splitInTime` splits them without mixing past and future.
 *
 * With r the row at which a window begins, x has the rows `r + i * step` for `i < length`, y the rows
 * `r + (length - 1 + offset + i) * step` for `i < horizon`. Windows begin at row 0, `stride`, `2 * stride`, ... of each
 * series; none reaches from one series into the next. Left out are windows that touch a gap: a missing number (NaN,
 * `null`) in a row and column they use, or, where there are times, two neighbouring rows within their span that are more than
 * one and a half intervals apart. With `missing` what lacks in x is filled in, from what is known at its last step; a window
 * whose target is missing, or that spans a gap in time, is left out all the same.
 *
 * Numbers of nested arrays and records keep all their digits (float64); a model takes them in its own type.
 *
 * Shapes: x `[samples, length, features]`; y `[samples, targets]`, with a horizon of several steps
 * `[samples, horizon, targets]`, or `[samples, horizon]` where there is one target.
 *
 * @param series - numbers, rows of numbers, a tensor, a table (columns by name, or rows as records), or a list of such.
 * @throws OptionError for columns that are not there; DataError where not one window fits, for rows that are not in the
 *   order of time, and for infinite numbers.
 *
 * @example
 * ```ts
 * const table = { temperature: [9, 11, 14, 13, 12], rain: [0, 0, 2, 1, 0] }
 * const samples = data.windows(table, { length: 3, targets: 'temperature' })
 * samples.size // 2
 * samples.toTensors().y.toArray() // [[13], [12]]
 * await sequential([lstm(8), dense(1)]).compile({ optimizer: 'adam', loss: 'mse' }).fit(samples, { epochs: 2 })
 * ```
 */
export function windows(series: SeriesLike, options: WindowsOptions): Windows {
  checkOptions('windows', options, [
    'length',
    'horizon',
    'offset',
    'stride',
    'step',
    'features',
    'targets',
    'missing',
    'time',
    'interval',
    ...timeFormatNames,
  ])
  const { time, interval } = options ?? {}
  const missing = requireOneOf('windows', 'missing', options?.missing ?? 'drop', missingKinds)
  const positive = (name: 'length' | 'horizon' | 'offset' | 'stride' | 'step'): number =>
    requirePositiveInteger('windows', name, options?.[name] ?? (name === 'length' ? undefined : 1))
  const [length, horizon, offset, stride, step] = [
    positive('length'),
    positive('horizon'),
    positive('offset'),
    positive('stride'),
    positive('step'),
  ]
  if (interval !== undefined) requireNumber('windows', 'interval', interval, Number.MIN_VALUE)
  const timeColumn = timeColumnOf(options)
  const features = listOf(options.features)
  const targets = listOf(options.targets)
  requireWalkable('windows', series)
  const list = listOfSeries(series, 'windows')
  const inX = features ?? columnKeys(list[0], time)
  const keys = [...new Set([...inX, ...(targets ?? [])])]
  const tables = list.map((one, i) => {
    if (features === undefined) requireColumns(columnKeys(one, time), inX, i)
    return readTable(one, list.length > 1 ? `windows: series ${i}` : 'windows', keys, timeColumn)
  })
  const place = (key: string | number): number => keys.indexOf(key)
  const lead = (length - 1 + offset) * step
  const layout: Layout = {
    length,
    horizon,
    step,
    lead,
    span: lead + (horizon - 1) * step + 1,
    features: inX.map(place),
    targets: (targets ?? inX).map(place),
    missing,
  }
  const parts = tables.map((table): Part => {
    checkNumbers(table)
    const breaks = breaksUpTo(table, interval)
    const known = missing === 'drop' ? undefined : knownRows(table, breaks)
    return { table, starts: startsOf(table, layout, stride, breaks, known), from: 0, to: table.rows, known }
  })
  const found = new Windows(parts, layout)
  if (found.size > 0) return found
  const longest = Math.max(...tables.map(({ rows }) => rows))
  throw new DataError(
    longest < layout.span
      ? `windows: expected at least ${layout.span} rows for a window of length ${length} and what follows it, got ${longest}`
      : `windows: expected stretches of ${layout.span} rows without a gap, found none`,
  )
}

/** The column of times, if there is one. @throws OptionError for options about times without it. */
function timeColumnOf(options: WindowsOptions): TimeColumn | undefined {
  const { time, interval, format, zone, firstYear } = options
  if (time !== undefined) {
    const reader = timeReader(options, 'windows')
    return { name: time, reader, hasFormat: format !== undefined, hasInterval: interval !== undefined }
  }
  const given = Object.entries({ interval, format, zone, firstYear }).find(([, value]) => value !== undefined)
  if (given === undefined) return undefined
  throw new OptionError(`windows: ${given[0]}: expected the option time with it, which names the column of times`)
}

/** @throws DataError where a series has other columns than the first; their order does not matter. */
function requireColumns(given: readonly (string | number)[], expected: readonly (string | number)[], at: number): void {
  if (given.length === expected.length && given.every((key) => expected.includes(key))) return
  throw new DataError(
    `windows: series ${at}: expected the columns ${expected.join(', ')} as in the first, got ${given.join(', ')}`,
  )
}

function listOf(choice: ColumnChoice | undefined): readonly (string | number)[] | undefined {
  if (choice === undefined) return undefined
  const list = typeof choice === 'object' ? requireList('windows', 'columns', choice) : [choice]
  if (list.length === 0) throw new OptionError('windows: expected at least one column, got an empty list')
  return list
}

function checkNumbers({ data, keys }: Table): void {
  const at = data.findIndex((value) => value === Infinity || value === -Infinity)
  if (at < 0) return
  throw new DataError(
    `windows: expected finite numbers (NaN for missing ones), got ${data[at]} in row ${Math.floor(at / keys.length)}, column ${keys[at % keys.length]}`,
  )
}
