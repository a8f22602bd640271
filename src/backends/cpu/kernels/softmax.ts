// Softmax, its logarithm, and the cross-entropy of class indices with its gradient: one row of the last axis at a time.
import { sizeOf } from '../../../tensor'
import { type Kernel, output } from '../kernel'
import type { View } from '../memory'

/** The largest element of a row; NaN if one is NaN. */
function largest(data: View, from: number, to: number): number {
  let top = -Infinity
  for (let i = from; i < to; i++) top = Math.max(top, data[i])
  return top
}

/** The sum of exp(x - shift) over a row. */
function sumOfPowers(data: View, from: number, to: number, shift: number): number {
  let sum = 0
  for (let i = from; i < to; i++) sum += Math.exp(data[i] - shift)
  return sum
}

/** Runs something for every row of the first input's last axis. */
function byRow(make: (bound: Parameters<Kernel>[0]) => (row: number, from: number, to: number) => void): Kernel {
  return (bound) => {
    const { shape } = bound.inputs[0]
    const length = shape[shape.length - 1]
    const rows = sizeOf(shape.slice(0, -1))
    const run = make(bound)
    return () => {
      for (let row = 0; row < rows; row++) run(row, row * length, (row + 1) * length)
    }
  }
}

export const softmax = byRow((bound) => {
  const x = bound.inputs[0].data
  const out = output(bound).data
  return (_, from, to) => {
    const top = largest(x, from, to)
    const scale = 1 / sumOfPowers(x, from, to, top)
    for (let i = from; i < to; i++) out[i] = Math.exp(x[i] - top) * scale
  }
})

export const logSoftmax = byRow((bound) => {
  const x = bound.inputs[0].data
  const out = output(bound).data
  return (_, from, to) => {
    const top = largest(x, from, to)
    const shift = Math.log(sumOfPowers(x, from, to, top))
    for (let i = from; i < to; i++) out[i] = x[i] - top - shift
  }
})

export const softmaxCrossEntropy = byRow((bound) => {
  const [{ data: x }, { data: labels }] = bound.inputs
  const out = output(bound).data
  return (row, from, to) => {
    const top = largest(x, from, to)
    // Rows with an infinite logit are not shifted, so that they give what the decomposition gives.
    const shift = Number.isFinite(top) ? top : 0
    const label = labels[row]
    const chosen = label >= 0 && label < to - from ? x[from + label] : 0
    out[row] = Math.log(sumOfPowers(x, from, to, shift)) + shift - chosen
  }
})

export const softmaxCrossEntropyGradient = byRow((bound) => {
  const [{ data: x }, { data: labels }, { data: upstream }] = bound.inputs
  const out = output(bound).data
  return (row, from, to) => {
    const top = largest(x, from, to)
    const scale = 1 / sumOfPowers(x, from, to, top)
    for (let i = from; i < to; i++) {
      out[i] = (Math.exp(x[i] - top) * scale - (i - from === labels[row] ? 1 : 0)) * upstream[row]
    }
  }
})
