// Running sums along an axis, kept in float64 while they grow.
import { aroundAxis } from '../../operands'
import { type Kernel, output } from '../kernel'

export const cumSum: Kernel<'cumSum'> = (bound) => {
  const [x] = bound.inputs
  const out = output(bound)
  const [outer, length, inner] = aroundAxis(x.shape, bound.attributes.axis)
  const { reverse, exclusive } = bound.attributes
  const [first, step] = reverse ? [(length - 1) * inner, -inner] : [0, inner]
  return () => {
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        let sum = 0
        let at = o * length * inner + first + i
        for (let k = 0; k < length; k++, at += step) {
          const before = sum
          sum += x.data[at]
          out.data[at] = exclusive ? before : sum
        }
      }
    }
  }
}
