// Sorting the last axis: a merge sort of indices, so that equal elements stay in their order.
import type { Kernel } from '../kernel'

export const sort: Kernel<'sort'> = (bound) => {
  const [x] = bound.inputs
  const [values, indices] = bound.outputs
  const length = x.shape[x.shape.length - 1]
  const rows = length === 0 ? 0 : x.data.length / length
  const descending = bound.attributes.descending
  let order = new Int32Array(length)
  let spare = new Int32Array(length)

  /** Whether p comes before q whatever their places: NaN come last. */
  const precedes = (p: number, q: number): boolean => (Number.isNaN(q) ? !Number.isNaN(p) : descending ? p > q : p < q)

  /** Merges the sorted runs [from, middle) and [middle, to) into the spare array. */
  const merge = (base: number, from: number, middle: number, to: number): void => {
    let p = from
    let q = middle
    for (let i = from; i < to; i++) {
      const takeRight = p === middle || (q < to && precedes(x.data[base + order[q]], x.data[base + order[p]]))
      spare[i] = order[takeRight ? q++ : p++]
    }
  }

  return () => {
    for (let row = 0; row < rows; row++) {
      const base = row * length
      for (let i = 0; i < length; i++) order[i] = i
      for (let width = 1; width < length; width *= 2) {
        for (let from = 0; from < length; from += 2 * width) {
          merge(base, from, Math.min(from + width, length), Math.min(from + 2 * width, length))
        }
        const sorted = spare
        spare = order
        order = sorted
      }
      for (let i = 0; i < length; i++) {
        if (values !== undefined) values.data[base + i] = x.data[base + order[i]]
        if (indices !== undefined) indices.data[base + i] = order[i]
      }
    }
  }
}
