// Kernels that move elements: copies, transposes, stretching, slicing, padding, joining, turning round. All but joining
// are one strided walk.
import { broadcastStrides, sizeOf, stridesOf } from '../../../tensor'
import { type Kernel, output } from '../kernel'
import type { View } from '../memory'

/** A walk over a box of elements: from one strided place to another. */
interface Walk {
  readonly shape: readonly number[]
  readonly from: readonly number[]
  readonly fromOffset: number
  readonly to: readonly number[]
  readonly toOffset: number
}

/** Copies a box of elements between strided places. */
function strided(source: View, target: View, { shape, from, fromOffset, to, toOffset }: Walk): () => void {
  const rank = shape.length
  const width = rank === 0 ? 1 : shape[rank - 1]
  const rows = sizeOf(shape.slice(0, -1))
  const [fromStep, toStep] = rank === 0 ? [1, 1] : [from[rank - 1], to[rank - 1]]
  const index = new Int32Array(Math.max(1, rank))
  return () => {
    index.fill(0)
    let p = fromOffset
    let q = toOffset
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < width; i++) target[q + i * toStep] = source[p + i * fromStep]
      for (let axis = rank - 2; axis >= 0; axis--) {
        p += from[axis]
        q += to[axis]
        index[axis]++
        if (index[axis] < shape[axis]) break
        p -= from[axis] * shape[axis]
        q -= to[axis] * shape[axis]
        index[axis] = 0
      }
    }
  }
}

export const copy: Kernel<'copy'> = (bound) => {
  const source = bound.inputs[0].data
  const target = output(bound).data
  return () => target.set(source)
}

export const transpose: Kernel<'transpose'> = (bound) => {
  const [x] = bound.inputs
  const out = output(bound)
  const permutation = bound.attributes.permutation
  const strides = stridesOf(x.shape)
  const from = permutation.map((axis) => strides[axis])
  return strided(x.data, out.data, { shape: out.shape, from, fromOffset: 0, to: stridesOf(out.shape), toOffset: 0 })
}

export const broadcastTo: Kernel<'broadcastTo'> = (bound) => {
  const [x] = bound.inputs
  const out = output(bound)
  const from = broadcastStrides(x.shape, out.shape)
  return strided(x.data, out.data, { shape: out.shape, from, fromOffset: 0, to: stridesOf(out.shape), toOffset: 0 })
}

export const slice: Kernel<'slice'> = (bound) => {
  const [x] = bound.inputs
  const out = output(bound)
  const begin = bound.attributes.begin
  const stride = bound.attributes.stride
  const strides = stridesOf(x.shape)
  const from = strides.map((step, axis) => step * stride[axis])
  const fromOffset = strides.reduce((sum, step, axis) => sum + step * begin[axis], 0)
  return strided(x.data, out.data, { shape: out.shape, from, fromOffset, to: stridesOf(out.shape), toOffset: 0 })
}

export const pad: Kernel<'pad'> = (bound) => {
  const [x] = bound.inputs
  const out = output(bound)
  const before = bound.attributes.before
  const interior = bound.attributes.interior
  const value = bound.attributes.value
  const strides = stridesOf(out.shape)
  const to = strides.map((step, axis) => step * (interior[axis] + 1))
  const toOffset = strides.reduce((sum, step, axis) => sum + step * before[axis], 0)
  const put = strided(x.data, out.data, { shape: x.shape, from: stridesOf(x.shape), fromOffset: 0, to, toOffset })
  return () => {
    out.data.fill(value)
    put()
  }
}

export const concatenate: Kernel<'concatenate'> = (bound) => {
  const out = output(bound)
  const axis = bound.attributes.axis
  const to = stridesOf(out.shape)
  let at = 0
  const parts = bound.inputs.map(({ shape, data }) => {
    const toOffset = at * to[axis]
    at += shape[axis]
    return strided(data, out.data, { shape, from: stridesOf(shape), fromOffset: 0, to, toOffset })
  })
  return () => {
    for (const part of parts) part()
  }
}

export const reverse: Kernel<'reverse'> = (bound) => {
  const [x] = bound.inputs
  const out = output(bound)
  const axes = bound.attributes.axes
  const strides = stridesOf(x.shape)
  const from = strides.map((step, axis) => (axes.includes(axis) ? -step : step))
  const fromOffset = axes.reduce((sum, axis) => sum + strides[axis] * (x.shape[axis] - 1), 0)
  return strided(x.data, out.data, { shape: out.shape, from, fromOffset, to: strides, toOffset: 0 })
}
