// How numbers are spread: how many fall between the edges of buckets of one width.

/** Numbers in buckets of one width from the least to the greatest. */
export interface Spread {
  readonly least: number
  readonly greatest: number
  /** How many are in each bucket; empty where no number is finite. */
  readonly counts: Float64Array
}

const bucketCount = 30

/** How often numbers fall between two edges, in 30 buckets; what is not finite is left out. */
export function spreadOf(numbers: ArrayLike<number>): Spread {
  let [least, greatest, count] = [Infinity, -Infinity, 0]
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i]
    if (!Number.isFinite(value)) continue
    if (value < least) least = value
    if (value > greatest) greatest = value
    count++
  }
  const rows = count === 0 ? 0 : bucketCount
  const width = (greatest - least) / bucketCount
  const counts = new Float64Array(rows)
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i]
    // All the same stand in the last one, as in TensorFlow.
    if (Number.isFinite(value))
      counts[width === 0 ? rows - 1 : Math.min(rows - 1, Math.floor((value - least) / width))]++
  }
  return { least, greatest, counts }
}
