// Numbers as small pictures: of many rows or columns several become one, by their mean.
import type { Picture } from '../events'

/** How large a picture may be. */
export interface Most {
  readonly rows: number
  readonly columns: number
}

/** A matrix as a picture. @param signed - whether 0 is to be in the middle; otherwise the least number is the beginning. */
export function pictureOf(data: ArrayLike<number>, rows: number, columns: number, most: Most, signed = true): Picture {
  const [high, wide] = [Math.min(rows, most.rows), Math.min(columns, most.columns)]
  const sums = new Float64Array(high * wide)
  const counts = new Uint32Array(high * wide)
  for (let row = 0; row < rows; row++) {
    const to = Math.floor((row * high) / rows) * wide
    for (let column = 0; column < columns; column++) {
      const place = to + Math.floor((column * wide) / columns)
      const value = data[row * columns + column]
      if (!Number.isFinite(value)) continue
      sums[place] += value
      counts[place]++
    }
  }
  const means = sums.map((sum, i) => (counts[i] === 0 ? 0 : sum / counts[i]))
  const { bytes, least, greatest } = inBytes(means, signed)
  return { rows: high, columns: wide, least, greatest, bytes, ...(signed ? { signed } : {}) }
}

/** An image with three colours, from 0 to 1 or from 0 to 255. */
export function colorPicture(data: ArrayLike<number>, rows: number, columns: number): Picture {
  let most = 0
  for (let i = 0; i < data.length; i++) most = Math.max(most, data[i])
  const scale = most <= 1 ? 255 : 1
  const bytes = Array.from(data, (value) => Math.max(0, Math.min(255, Math.round(value * scale))))
  return { rows, columns, channels: 3, least: 0, greatest: 255 / scale, bytes }
}

/** Each row by itself from its least to its greatest: features of different kinds lie beside one another. */
export function stripsOf(data: ArrayLike<number>, steps: number, features: number, most: Most): Picture {
  const turned = new Float64Array(features * steps)
  for (let feature = 0; feature < features; feature++) {
    let [least, greatest] = [Infinity, -Infinity]
    for (let step = 0; step < steps; step++) {
      const value = data[step * features + feature]
      if (value < least) least = value
      if (value > greatest) greatest = value
    }
    const range = greatest - least || 1
    for (let step = 0; step < steps; step++) {
      turned[feature * steps + step] = (data[step * features + feature] - least) / range
    }
  }
  return pictureOf(turned, features, steps, most, false)
}

function inBytes(values: Float64Array, signed: boolean): Pick<Picture, 'bytes' | 'least' | 'greatest'> {
  let [least, greatest] = [Infinity, -Infinity]
  for (const value of values) {
    if (value < least) least = value
    if (value > greatest) greatest = value
  }
  if (signed) {
    greatest = Math.max(Math.abs(least), Math.abs(greatest))
    least = -greatest
  }
  const range = greatest - least || 1
  return { least, greatest, bytes: Array.from(values, (value) => Math.round(((value - least) / range) * 255)) }
}
