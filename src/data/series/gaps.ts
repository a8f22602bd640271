// Gaps in series: numbers that are missing, rows that are too far apart in time; and where windows begin that no gap spoils.

import { DataError } from '../../errors'
import { canFill, type Known } from './fill'
import type { Table } from './table'
import type { Layout } from './windowSet'

/** The rows at which a window can begin: no gap in time, no missing target, no missing number in x that is not filled. */
export function startsOf(
  table: Table,
  layout: Layout,
  stride: number,
  breaks: Int32Array | undefined,
  known: Known | undefined,
): Int32Array {
  const { length, horizon, lead, span, step, features, targets } = layout
  const missingX = known === undefined ? missingUpTo(table, features, step) : undefined
  const missingY = missingUpTo(table, targets, step)
  // How many of the rows start, start + step, ... lack a number, `count` rows in all.
  const lacking = (missing: Int32Array, start: number, count: number): number =>
    missing[start + count * step] - missing[start]
  const starts: number[] = []
  for (let start = 0; start + span <= table.rows; start += stride) {
    if (missingX !== undefined && lacking(missingX, start, length) > 0) continue
    if (lacking(missingY, start + lead, horizon) > 0) continue
    if (breaks !== undefined && breaks[start + span - 1] > breaks[start]) continue
    if (known !== undefined && !canFill(known, layout, start, 0)) continue
    starts.push(start)
  }
  return Int32Array.from(starts)
}

/** At i + step: how many of the rows i, i - step, i - 2 step, ... lack a number in one of the columns. */
function missingUpTo({ data, rows, keys }: Table, columns: readonly number[], step: number): Int32Array {
  const counts = new Int32Array(rows + step)
  for (let row = 0; row < rows; row++) {
    const isMissing = columns.some((column) => Number.isNaN(data[row * keys.length + column]))
    counts[row + step] = counts[row] + (isMissing ? 1 : 0)
  }
  return counts
}

/** At i: how many gaps in time there are up to row i. @throws DataError for rows that are not in the order of time. */
export function breaksUpTo({ times, rows }: Table, interval: number | undefined): Int32Array | undefined {
  if (times === undefined) return undefined
  const between = Float64Array.from({ length: Math.max(0, rows - 1) }, (_, i) => times[i + 1] - times[i])
  const backwards = between.findIndex((difference) => !(difference > 0))
  if (backwards >= 0) {
    throw new DataError(
      `windows: expected rows in the order of time, but row ${backwards + 1} is not after the one before`,
    )
  }
  const usual = interval ?? between.slice().sort()[Math.floor(between.length / 2)]
  const counts = new Int32Array(rows)
  for (let row = 1; row < rows; row++) counts[row] = counts[row - 1] + (between[row - 1] > 1.5 * usual ? 1 : 0)
  return counts
}
