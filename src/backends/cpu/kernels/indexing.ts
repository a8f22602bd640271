// Kernels that read and add by index. An index outside its axis reads 0 and adds nowhere.
import { aroundAxis } from '../../operands'
import { type Kernel, output } from '../kernel'

export const gather: Kernel<'gather'> = (bound) => {
  const [x, indices] = bound.inputs
  const out = output(bound)
  const [outer, length, inner] = aroundAxis(x.shape, bound.attributes.axis)
  const count = indices.data.length
  return () => {
    let to = 0
    for (let o = 0; o < outer; o++) {
      for (let k = 0; k < count; k++) {
        const index = indices.data[k]
        const from = (o * length + index) * inner
        if (index < 0 || index >= length) out.data.fill(0, to, to + inner)
        else for (let i = 0; i < inner; i++) out.data[to + i] = x.data[from + i]
        to += inner
      }
    }
  }
}

export const scatterAdd: Kernel<'scatterAdd'> = (bound) => {
  const [updates, indices] = bound.inputs
  const out = output(bound)
  const [outer, length, inner] = aroundAxis(out.shape, bound.attributes.axis)
  const count = indices.data.length
  return () => {
    out.data.fill(0)
    let from = 0
    for (let o = 0; o < outer; o++) {
      for (let k = 0; k < count; k++) {
        const index = indices.data[k]
        const to = (o * length + index) * inner
        if (index >= 0 && index < length) for (let i = 0; i < inner; i++) out.data[to + i] += updates.data[from + i]
        from += inner
      }
    }
  }
}

export const takeAlongAxis: Kernel<'takeAlongAxis'> = (bound) => {
  const [x, indices] = bound.inputs
  const out = output(bound)
  const [outer, length, inner] = aroundAxis(x.shape, bound.attributes.axis)
  const count = out.shape[bound.attributes.axis]
  return () => {
    for (let o = 0, at = 0; o < outer; o++) {
      for (let k = 0; k < count; k++) {
        for (let i = 0; i < inner; i++, at++) {
          const index = indices.data[at]
          out.data[at] = index >= 0 && index < length ? x.data[(o * length + index) * inner + i] : 0
        }
      }
    }
  }
}

export const scatterAlongAxis: Kernel<'scatterAlongAxis'> = (bound) => {
  const [updates, indices] = bound.inputs
  const out = output(bound)
  const axis = bound.attributes.axis
  const [outer, length, inner] = aroundAxis(out.shape, axis)
  const count = updates.shape[axis]
  return () => {
    out.data.fill(0)
    for (let o = 0, at = 0; o < outer; o++) {
      for (let k = 0; k < count; k++) {
        for (let i = 0; i < inner; i++, at++) {
          const index = indices.data[at]
          if (index >= 0 && index < length) out.data[(o * length + index) * inner + i] += updates.data[at]
        }
      }
    }
  }
}
