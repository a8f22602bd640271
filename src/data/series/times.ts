// The column of a series that says when each row was measured.

import { DataError } from '../../errors'
import { readISO } from '../time/iso'
import type { TimeReader } from '../time/timeReader'

/** Which column it is, and how its texts are read. */
export interface TimeColumn {
  readonly name: string
  readonly reader: TimeReader
  /** Whether numbers are read as texts of a format that was given; else they are times in a unit of their own. */
  readonly hasFormat: boolean
  /** Whether the time from row to row was given, and with it the unit of numbers. */
  readonly hasInterval: boolean
}

/**
 * Times as milliseconds, or in the unit of the numbers given. Of two moments that a text can mean, since clocks were put
 * back, it is the first one after the row before.
 */
export function timesOf(column: ArrayLike<unknown>, rows: number, time: TimeColumn, where: string): Float64Array {
  if (column.length !== rows) throw new DataError(`${where}: expected ${rows} times, got ${column.length}`)
  const times = new Float64Array(rows)
  for (let row = 0; row < rows; row++) {
    const value = column[row]
    if (typeof value === 'string' || (time.hasFormat && typeof value === 'number')) {
      times[row] = momentOf(String(value), row === 0 ? undefined : times[row - 1], time.reader, `${where}, row ${row}`)
      continue
    }
    times[row] = value instanceof Date ? value.getTime() : typeof value === 'number' ? value : Number.NaN
    if (Number.isFinite(times[row])) continue
    throw new DataError(`${where}, row ${row}: expected a number, a date or the text of one, got ${shown(value)}`)
  }
  if (!time.hasFormat && !time.hasInterval && areDays(column)) {
    throw new DataError(
      `${where}: numbers such as ${String(column[0])} look like dates; give format: '%Y%m%d', or the interval from row to row where they are none`,
    )
  }
  return times
}

function momentOf(text: string, before: number | undefined, reader: TimeReader, where: string): number {
  const moments = reader.read(text)
  const after = before === undefined ? [] : moments.filter((moment) => moment > before)
  if (moments.length === 1) return moments[0]
  if (after.length > 0) return after[0]
  throw new DataError(`${where}: ${reader.problem(text)}`)
}

/** Whether numbers are days such as 20240531: from one month to the next they would be far apart. */
function areDays(column: ArrayLike<unknown>): boolean {
  const looksLikeDay = (value: unknown): boolean =>
    typeof value === 'number' && value >= 18_000_000 && value < 22_000_000 && readISO(String(value)) !== undefined
  return column.length > 1 && Array.from(column).every(looksLikeDay)
}

function shown(value: unknown): string {
  return value instanceof Date ? 'a date that is none' : String(value)
}
