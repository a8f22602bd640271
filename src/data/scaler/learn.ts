// What a scaler learns of a feature: its range, its mean and its deviation.

import { DataError } from '../../errors'

/** How numbers of a feature are scaled: (x / unit - shift) / scale. */
export interface Scale {
  readonly shift: number
  readonly scale: number
  /** 1, but for numbers near the largest there are, whose differences no number could hold. */
  readonly unit: number
}

/** All in the unit. */
export interface FeatureMoments {
  readonly least: number
  readonly most: number
  /** 1 for a feature that is always the same, which has no deviation to divide by; so is its mean that number exactly. */
  readonly deviation: number
  readonly mean: number
  readonly unit: number
}

const bigUnit = 2 ** 60

/** Passes over NaN. @throws DataError for infinite numbers, and where there is none at all. */
export function momentsOf(column: ArrayLike<number>, where: string): FeatureMoments {
  let [least, most] = [Infinity, -Infinity]
  for (let i = 0; i < column.length; i++) {
    const value = column[i]
    if (Number.isNaN(value)) continue
    if (!Number.isFinite(value)) throw new DataError(`${where}: expected finite numbers, got ${value}`)
    least = Math.min(least, value)
    most = Math.max(most, value)
  }
  if (most < least) throw new DataError(`${where}: expected numbers, found none`)
  const unit = Math.max(Math.abs(least), Math.abs(most)) > 1e300 ? bigUnit : 1
  least /= unit
  most /= unit
  const width = most - least
  if (width === 0) return { least, most, mean: least, deviation: 1, unit }
  // From numbers brought to 0 ... 1 first, whose squares neither overflow nor vanish.
  let [count, mean, squares] = [0, 0, 0]
  for (let i = 0; i < column.length; i++) {
    if (Number.isNaN(column[i])) continue
    const value = (column[i] / unit - least) / width
    // Welford's update.
    count++
    const off = value - mean
    mean += off / count
    squares += off * (value - mean)
  }
  return { least, most, mean: least + mean * width, deviation: Math.sqrt(squares / count) * width, unit }
}
