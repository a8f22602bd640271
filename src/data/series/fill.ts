// What stands in x for missing numbers. It is made of what a forecaster knows at the last step of x: of rows within x and, where
// values are carried on, before it; never of what comes after, which may be the answer.

import type { Tensor } from '../../tensor'
import type { Table } from './table'
import type { Layout } from './windowSet'

/** What becomes of windows with a missing number in x. */
export const missingKinds = ['drop', 'interpolate', 'carryForward', 'mask'] as const

/**
 * What becomes of windows with a missing number in x:
 * - `'drop'`: they are left out;
 * - `'interpolate'`: a straight line in time joins the numbers before and after, both at most at the last step of x; where one of
 *   them is lacking, the other stands for what is missing;
 * - `'carryForward'`: the last number before stands for it;
 * - `'mask'`: 0 stands for it, and x has a second feature for each, 1 where there is a number and 0 where there is none.
 */
export type MissingKind = (typeof missingKinds)[number]

/** For each number of a table the nearest row, within the same stretch of time, that has one: up to it, and from it on; -1 for none. */
export interface Known {
  readonly previous: Int32Array
  readonly next: Int32Array
  readonly width: number
}

/** @param breaks - at i: how many gaps in time there are up to row i. */
export function knownRows({ data, rows, keys }: Table, breaks: Int32Array | undefined): Known {
  const width = keys.length
  const previous = new Int32Array(rows * width)
  const next = new Int32Array(rows * width)
  const walk = (out: Int32Array, from: number, direction: 1 | -1): void => {
    const last = new Int32Array(width).fill(-1)
    for (let i = 0, row = from; i < rows; i++, row += direction) {
      if (breaks !== undefined && i > 0 && breaks[row] !== breaks[row - direction]) last.fill(-1)
      for (let k = 0; k < width; k++) {
        if (!Number.isNaN(data[row * width + k])) last[k] = row
        out[row * width + k] = last[k]
      }
    }
  }
  walk(previous, 0, 1)
  walk(next, rows - 1, -1)
  return { previous, next, width }
}

/** Whether there is something for all that is missing in x of a window, in rows from `from` on. */
export function canFill(
  known: Known,
  { missing, features, length, step }: Layout,
  start: number,
  from: number,
): boolean {
  if (missing === 'mask') return true
  // What is carried on must be there at the first step; a line needs one number up to the last.
  const row = missing === 'carryForward' ? start : start + (length - 1) * step
  return features.every((column) => known.previous[row * known.width + column] >= from)
}

/**
 * The x of a window, with what is missing filled in.
 *
 * @param from - the first row whose numbers may be used.
 */
export function copyFilled(
  { data, keys, times }: Table,
  { previous, next }: Known,
  { missing, features, length, step }: Layout,
  start: number,
  from: number,
  out: Tensor['data'],
  at: number,
): void {
  const width = keys.length
  const last = start + (length - 1) * step
  const isMask = missing === 'mask'
  const stride = features.length * (isMask ? 2 : 1)
  const timeOf = (row: number): number => (times === undefined ? row : times[row])
  const filled = (row: number, column: number): number => {
    const place = row * width + column
    const [before, after] = [previous[place], next[place]]
    const hasBefore = before >= from
    if (missing === 'carryForward' || after < 0 || after > last) return data[before * width + column]
    if (!hasBefore) return data[after * width + column]
    const share = (timeOf(row) - timeOf(before)) / (timeOf(after) - timeOf(before))
    return data[before * width + column] * (1 - share) + data[after * width + column] * share
  }
  for (let i = 0; i < length; i++) {
    const row = start + i * step
    for (const [k, column] of features.entries()) {
      const value = data[row * width + column]
      const isThere = !Number.isNaN(value)
      const place = at + i * stride + k
      if (isMask) {
        out[place] = isThere ? value : 0
        out[place + features.length] = isThere ? 1 : 0
      } else out[place] = isThere ? value : filled(row, column)
    }
  }
}
