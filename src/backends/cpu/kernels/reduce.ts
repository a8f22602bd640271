// Reductions over any axes. Sums are kept in float64 while they grow.
import { sizeOf, stridesOf } from '../../../tensor'
import { type Kernel, output } from '../kernel'
import type { View } from '../memory'

/** Makes each element i of the result of the elements at `outer[i]` plus each of the `inner` offsets. */
type Loop = (out: View, data: View, outer: Int32Array, inner: Int32Array) => void

function reduction(loop: Loop): Kernel<'sum' | 'prod' | 'max' | 'min'> {
  return (bound) => {
    const [x] = bound.inputs
    const out = output(bound)
    const axes = bound.attributes.axes
    const strides = stridesOf(x.shape)
    const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis))
    const outer = offsets(
      kept.map((axis) => x.shape[axis]),
      kept.map((axis) => strides[axis]),
    )
    const inner = offsets(
      axes.map((axis) => x.shape[axis]),
      axes.map((axis) => strides[axis]),
    )
    return () => loop(out.data, x.data, outer, inner)
  }
}

/** The offset of every element of a strided box, in row-major order. */
function offsets(shape: readonly number[], strides: readonly number[]): Int32Array {
  const all = new Int32Array(sizeOf(shape))
  const spans = stridesOf(shape)
  for (let i = 0; i < all.length; i++) {
    let offset = 0
    for (let axis = 0; axis < shape.length; axis++)
      offset += (Math.floor(i / spans[axis]) % shape[axis]) * strides[axis]
    all[i] = offset
  }
  return all
}

// Each with a loop of its own: one that calls a function for every element would put every result on the heap.
export const sum = reduction((out, data, outer, inner) => {
  for (let i = 0; i < outer.length; i++) {
    let held = 0
    for (let j = 0; j < inner.length; j++) held += data[outer[i] + inner[j]]
    out[i] = held
  }
})
export const prod = reduction((out, data, outer, inner) => {
  for (let i = 0; i < outer.length; i++) {
    let held = 1
    for (let j = 0; j < inner.length; j++) held *= data[outer[i] + inner[j]]
    out[i] = held
  }
})
export const max = reduction((out, data, outer, inner) => {
  for (let i = 0; i < outer.length; i++) {
    let held = -Infinity
    for (let j = 0; j < inner.length; j++) held = Math.max(held, data[outer[i] + inner[j]])
    out[i] = held
  }
})
export const min = reduction((out, data, outer, inner) => {
  for (let i = 0; i < outer.length; i++) {
    let held = Infinity
    for (let j = 0; j < inner.length; j++) held = Math.min(held, data[outer[i] + inner[j]])
    out[i] = held
  }
})

function argReduction(better: (x: number, best: number) => boolean): Kernel<'argMax' | 'argMin'> {
  return (bound) => {
    const [x] = bound.inputs
    const out = output(bound)
    const axis = bound.attributes.axis
    const length = x.shape[axis]
    const step = stridesOf(x.shape)[axis]
    return () => {
      for (let i = 0; i < out.data.length; i++) {
        const base = Math.floor(i / step) * step * length + (i % step)
        let best = 0
        for (let j = 1; j < length; j++) {
          const candidate = x.data[base + j * step]
          const held = x.data[base + best * step]
          // The first NaN wins, as in NumPy.
          if (!Number.isNaN(held) && (better(candidate, held) || Number.isNaN(candidate))) best = j
        }
        out.data[i] = best
      }
    }
  }
}

export const argMax = argReduction((x, best) => x > best)
export const argMin = argReduction((x, best) => x < best)
