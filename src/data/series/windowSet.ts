// The windows over series: numbered, cut out when a batch is drawn, split without a copy.

import { DataError, describeValue, OptionError, requireNumber, requireWalkable } from '../../errors'
import { allocate, dtypeOf, Tensor } from '../../tensor'
import type { Samples } from '../samples'
import { canFill, copyFilled, type Known, type MissingKind } from './fill'
import type { Table } from './table'

/** A batch of windows. */
export interface WindowBatch {
  /** `[samples, length, features]` */
  readonly x: Tensor
  /** `[samples, targets]`; with a horizon of several steps `[samples, horizon, targets]`, `[samples, horizon]` for one target. */
  readonly y: Tensor
}

/** Where windows stand in their series, or when: for every step of x and y. */
export interface WindowSteps {
  /** `[samples, length]` */
  readonly x: Tensor
  /** `[samples, horizon]` */
  readonly y: Tensor
}

/** Rows of a series: from `from` up to, without, `to`. */
export interface RowRange {
  readonly from: number
  readonly to: number
}

/** One series, the rows at which its windows begin, and the rows they may use. */
export interface Part extends RowRange {
  readonly table: Table
  readonly starts: Int32Array
  /** Where missing numbers are filled: the rows that have one. */
  readonly known?: Known | undefined
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
  readonly missing: MissingKind
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
  /** What the features of x are called: the names of columns, or their numbers; after those of `missing: 'mask'` their masks. */
  readonly features: readonly (string | number)[]
  /** What the targets in y are called. */
  readonly targets: readonly (string | number)[]
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
    const { keys } = parts[0].table
    const features = layout.features.map((place) => keys[place])
    this.features = layout.missing === 'mask' ? [...features, ...features.map((key) => `${key} is known`)] : features
    this.targets = layout.targets.map((place) => keys[place])
  }

  /** The windows of these numbers, in their order. @throws DataError for a number that is none. */
  draw(numbers: ArrayLike<number>): WindowBatch {
    const { length, horizon, features, targets, lead, step } = this.layout
    const count = countOf('draw', numbers)
    const width = this.features.length
    const dtype = dtypeOf(this.parts[0].table.data)
    const x = allocate(dtype, count * length * width)
    const y = allocate(dtype, count * horizon * targets.length)
    for (let i = 0; i < count; i++) {
      const { part, start } = this.find(numbers[i])
      const { table, known, from } = part
      const at = i * length * width
      if (known === undefined) copySteps(table, start, length, step, features, x, at)
      else copyFilled(table, known, this.layout, start, from, x, at)
      copySteps(table, start + lead, horizon, step, targets, y, i * horizon * targets.length)
    }
    return {
      x: new Tensor(x, [count, length, width], dtype),
      y: new Tensor(y, [count, ...this.targetShape], dtype),
    }
  }

  /** All windows, copied out. */
  toTensors(): WindowBatch {
    return this.draw(this.all())
  }

  /**
   * The rows in their series of the steps of x and of y; of all windows, or of those of these numbers. `int32`.
   *
   * @example
   * ```ts
   * const windows = data.windows([9, 11, 10, 12], { length: 2 })
   * windows.rows([1]).y.toArray() // [[3]]
   * ```
   */
  rows(numbers: ArrayLike<number> = this.all()): WindowSteps {
    return this.stepsOf('rows', numbers, 'int32', (_, row) => row)
  }

  /**
   * When the steps of x and of y were measured, to draw a forecast where it belongs: milliseconds since 1970, or in the unit of the
   * numbers in the column of times. `float64`.
   *
   * @throws OptionError where `data.windows` was told of no column of times.
   *
   * @example
   * ```ts
   * const series = { day: ['2024-05-01', '2024-05-02', '2024-05-03'], rain: [0, 2, 1] }
   * const windows = data.windows(series, { length: 2, time: 'day' })
   * new Date(windows.times([0]).y.item()) // 3 May 2024
   * ```
   */
  times(numbers: ArrayLike<number> = this.all()): WindowSteps {
    return this.stepsOf('times', numbers, 'float64', ({ times }, row) => {
      if (times !== undefined) return times[row]
      throw new OptionError(
        'windows: times: expected windows made with the option time, which names the column of times',
      )
    })
  }

  /** The rows that these windows may use of each series. */
  get ranges(): readonly RowRange[] {
    return this.parts.map(({ from, to }) => ({ from, to }))
  }

  /**
   * The numbers of each column, once for each of the rows that these windows may use, series by series: what a scaler learns from.
   *
   * @example
   * ```ts
   * data.windows({ rain: [0, 2, 1] }, { length: 1 }).columns().get('rain') // Float64Array [0, 2, 1]
   * ```
   */
  columns(): ReadonlyMap<string | number, Float64Array> {
    const { keys } = this.parts[0].table
    const count = this.parts.reduce((sum, { from, to }) => sum + to - from, 0)
    return new Map(
      keys.map((key, column) => {
        const numbers = new Float64Array(count)
        let at = 0
        for (const { table, from, to } of this.parts) {
          for (let row = from; row < to; row++) numbers[at++] = table.data[row * keys.length + column]
        }
        return [key, numbers]
      }),
    )
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
      const { known } = part
      const starts = part.starts.filter(
        (start) =>
          start >= first &&
          start + this.layout.span <= end &&
          (known === undefined || canFill(known, this.layout, start, first)),
      )
      return { table: part.table, starts, from: first, to: end, known }
    })
    return new Windows(parts, this.layout)
  }

  private all(): Int32Array {
    return Int32Array.from({ length: this.size }, (_, i) => i)
  }

  private get targetShape(): readonly number[] {
    const { horizon, targets } = this.layout
    if (horizon === 1) return [targets.length]
    return targets.length === 1 ? [horizon] : [horizon, targets.length]
  }

  private stepsOf(
    call: string,
    numbers: ArrayLike<number>,
    dtype: 'int32' | 'float64',
    valueAt: (table: Table, row: number) => number,
  ): WindowSteps {
    const { length, horizon, lead, step } = this.layout
    const all = countOf(call, numbers)
    const steps = (count: number, offset: number): Tensor => {
      const out = allocate(dtype, all * count)
      for (let i = 0; i < all; i++) {
        const { part, start } = this.find(numbers[i])
        for (let k = 0; k < count; k++) out[i * count + k] = valueAt(part.table, start + offset + k * step)
      }
      return new Tensor(out, [all, count], dtype)
    }
    return { x: steps(length, 0), y: steps(horizon, lead) }
  }

  private find(number: number): { readonly part: Part; readonly start: number } {
    if (!Number.isInteger(number) || number < 0 || number >= this.size) {
      throw new DataError(`windows: expected a number from 0 to ${this.size - 1}, got ${number}`)
    }
    // The last part that begins at or before the number.
    let [low, high] = [0, this.parts.length - 1]
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if (this.firsts[middle] <= number) low = middle
      else high = middle - 1
    }
    return { part: this.parts[low], start: this.parts[low].starts[number - this.firsts[low]] }
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

/** How many numbers of windows there are. @throws DataError for what is no list of them. */
function countOf(call: string, numbers: unknown): number {
  const count: unknown = Object(numbers).length
  if (typeof count !== 'number') {
    throw new DataError(`windows.${call}: expected the numbers of windows, got ${describeValue(numbers)}`)
  }
  requireWalkable(`windows.${call}`, numbers)
  return count
}
