// Windows over series: what was, as x, and what came after, as y. They are cut out when a batch is drawn.

import { checkOptions, DataError, OptionError, requireList, requireNumber, requirePositiveInteger } from '../../errors'
import { allocate, dtypeOf, Tensor } from '../../tensor'
import type { Samples } from '../samples'
import { startsOf } from './gaps'
import { type ColumnChoice, columnKeys, listOfSeries, readTable, type SeriesLike, type Table } from './table'

/** Options of {@link windows}. */
export interface WindowsOptions {
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
  /** The column that says when each row was measured: numbers, dates or texts of dates, in ascending order. */
  readonly time?: string
  /** The time from row to row, as it should be: in milliseconds for dates; the median by default. */
  readonly interval?: number
}

/** A batch of windows. */
export interface WindowBatch {
  /** `[samples, length, features]` */
  readonly x: Tensor
  /** `[samples, targets]`; with a horizon of several steps `[samples, horizon, targets]`, `[samples, horizon]` for one target. */
  readonly y: Tensor
}

/** One series, the rows at which its windows begin, and the rows they may use: from `from` up to `to`. */
interface Part {
  readonly table: Table
  readonly starts: Int32Array
  readonly from: number
  readonly to: number
}

/** What all windows have in common. */
export interface Layout {
  readonly length: number
  readonly horizon: number
  readonly step: number
  /** The rows from the first of a window to the first of y, and to the row after the last of y. */
  readonly lead: number
  readonly span: number
  /** Places in a row. */
  readonly features: readonly number[]
  readonly targets: readonly number[]
}

/**
 * Windows over series, as {@link windows} makes them: numbered in the order of time, series by series.
 *
 * @example
 * ```ts
 * const windows = data.windows({ degrees: [9, 11, 10, 12, 13] }, { length: 3 })
 * const { x, y } = windows.toTensors() // [2, 3, 1], [2, 1]
 * ```
 */
export class Windows implements Samples {
  /** How many there are. */
  readonly size: number
  private readonly parts: readonly Part[]
  private readonly layout: Layout
  /** The number of the first window of each part, and of all. */
  private readonly firsts: readonly number[]

  constructor(parts: readonly Part[], layout: Layout) {
    this.parts = parts
    this.layout = layout
    const firsts = [0]
    for (const { starts } of parts) firsts.push(firsts[firsts.length - 1] + starts.length)
    this.firsts = firsts
    this.size = firsts[firsts.length - 1]
  }

  /** The windows of these numbers, in their order. @throws DataError for a number that is none. */
  draw(numbers: ArrayLike<number>): WindowBatch {
    const { length, horizon, features, targets, lead, step } = this.layout
    const count = numbers.length
    const dtype = dtypeOf(this.parts[0].table.data)
    const x = allocate(dtype, count * length * features.length)
    const y = allocate(dtype, count * horizon * targets.length)
    for (let i = 0; i < count; i++) {
      const { table, start } = this.find(numbers[i])
      copySteps(table, start, length, step, features, x, i * length * features.length)
      copySteps(table, start + lead, horizon, step, targets, y, i * horizon * targets.length)
    }
    return {
      x: new Tensor(x, [count, length, features.length], dtype),
      y: new Tensor(y, [count, ...this.targetShape], dtype),
    }
  }

  /** All windows, copied out. */
  toTensors(): WindowBatch {
    return this.draw(Int32Array.from({ length: this.size }, (_, i) => i))
  }

  /** The windows of all but the last `share` of each series, and those of that share; none reaches over the border. */
  splitEnd(share: number): readonly [Windows, Windows] {
    const cut = 1 - requireNumber('splitEnd', 'share', share, 0, 1)
    return [this.between(0, cut), this.between(cut, 1)]
  }

  /** The windows within a stretch of each series, from and to a share of the rows that windows may use now. */
  between(from: number, to: number): Windows {
    const parts = this.parts.map((part): Part => {
      const rows = part.to - part.from
      // Shares such as 1 - 0.2 - 0.1 are not exact.
      const [first, end] = [part.from + Math.round(from * rows), part.from + Math.round(to * rows)]
      const starts = part.starts.filter((start) => start >= first && start + this.layout.span <= end)
      return { table: part.table, starts, from: first, to: end }
    })
    return new Windows(parts, this.layout)
  }

  private get targetShape(): readonly number[] {
    const { horizon, targets } = this.layout
    if (horizon === 1) return [targets.length]
    return targets.length === 1 ? [horizon] : [horizon, targets.length]
  }

  private find(number: number): { readonly table: Table; readonly start: number } {
    if (!Number.isInteger(number) || number < 0 || number >= this.size) {
      throw new DataError(`windows: expected a number from 0 to ${this.size - 1}, got ${number}`)
    }
    let part = 0
    while (this.firsts[part + 1] <= number) part++
    return { table: this.parts[part].table, start: this.parts[part].starts[number - this.firsts[part]] }
  }
}

/** Copies columns of `count` rows, each `step` after the one before. */
function copySteps(
  { data, keys }: Table,
  row: number,
  count: number,
  step: number,
  columns: readonly number[],
  out: Tensor['data'],
  at: number,
): void {
  const [width, chosen] = [keys.length, columns.length]
  if (step === 1 && chosen === width && columns.every((column, i) => column === i)) {
    out.set(data.subarray(row * width, (row + count) * width), at)
    return
  }
  for (let i = 0; i < count; i++) {
    const from = (row + i * step) * width
    for (let k = 0; k < chosen; k++) out[at + i * chosen + k] = data[from + columns[k]]
  }
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
 * one and a half intervals apart.
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
    'time',
    'interval',
  ])
  const { time, interval } = options ?? {}
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
  const features = listOf(options.features)
  const targets = listOf(options.targets)
  const list = listOfSeries(series, 'windows')
  const inX = features ?? columnKeys(list[0], time)
  const keys = [...new Set([...inX, ...(targets ?? [])])]
  const tables = list.map((one, i) => {
    if (features === undefined) requireColumns(columnKeys(one, time), inX, i)
    return readTable(one, list.length > 1 ? `windows: series ${i}` : 'windows', keys, time)
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
  }
  const parts = tables.map((table): Part => {
    checkNumbers(table)
    return { table, starts: startsOf(table, layout, stride, interval), from: 0, to: table.rows }
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
