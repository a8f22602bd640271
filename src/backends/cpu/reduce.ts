// Reductions over any axes. Sums are kept in float64 while they grow.
import { sizeOf, stridesOf } from '../../tensor'
import { type Kernel, output } from './kernel'

/** A reduction as an accumulator: where it starts, and what each element does to it. */
function reduction(start: number, combine: (sum: number, x: number) => number): Kernel {
  return (bound) => {
    const [x] = bound.inputs
    const out = output(bound)
    const axes = bound.attributes.axes as readonly number[] // by the declaration of the reductions
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
    return () => {
      for (let i = 0; i < outer.length; i++) {
        let sum = start
        const base = outer[i]
        for (let j = 0; j < inner.length; j++) sum = combine(sum, x.data[base + inner[j]])
        out.data[i] = sum
      }
    }
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

export const sum = reduction(0, (a, x) => a + x)
export const prod = reduction(1, (a, x) => a * x)
export const max = reduction(-Infinity, Math.max)
export const min = reduction(Infinity, Math.min)

function argReduction(better: (x: number, best: number) => boolean): Kernel {
  return (bound) => {
    const [x] = bound.inputs
    const out = output(bound)
    const axis = Number(bound.attributes.axis)
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
