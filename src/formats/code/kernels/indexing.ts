// Kernels that read and add by index. An index outside its axis reads 0 and adds nowhere.
import { aroundAxis } from '../../../backends/operands'
import { sizeOf } from '../../../tensor'
import type { ArraySlice } from '../layout'
import { indexOf, loops } from '../nest'
import type { CodeKernels } from '../write'
import { fill, outputOf } from './movement'

const element = ({ array, from }: ArraySlice, strides: readonly number[], variables: readonly string[]): string =>
  `${array}[${indexOf(from, strides, variables)}]`

export const indexing: CodeKernels = {
  gather: (bound, { language: { int } }) => {
    const [x, indices] = bound.inputs
    const out = outputOf(bound)
    const [outer, length, inner] = aroundAxis(x.shape, bound.attributes.axis)
    const count = sizeOf(indices.shape)
    return loops(int, 'i', [outer, count], ([o, n]) => {
      const copied = loops(int, 'j', [inner], ([j]) => {
        const read = element(x, [length * inner, inner, 1], [o, 'k', j])
        return `${element(out, [count * inner, inner, 1], [o, n, j])}=k<0||k>=${length}?0:${read};`
      })
      return `const ${int === 'int' ? 'int ' : ''}k=${element(indices, [1], [n])};${copied}`
    })
  },
  takeAlongAxis: (bound, { language: { int } }) => {
    const [x, indices] = bound.inputs
    const out = outputOf(bound)
    const [outer, length, inner] = aroundAxis(x.shape, bound.attributes.axis)
    const count = out.shape[bound.attributes.axis]
    return loops(int, 'i', [outer, count, inner], ([o, n, j]) => {
      const strides = [count * inner, inner, 1]
      const read = element(x, [length * inner, inner, 1], [o, 'k', j])
      const index = element(indices, strides, [o, n, j])
      return `const ${int === 'int' ? 'int ' : ''}k=${index};${element(out, strides, [o, n, j])}=k<0||k>=${length}?0:${read};`
    })
  },
  scatterAdd: (bound, scribe) => {
    const { int } = scribe.language
    const [updates, indices] = bound.inputs
    const out = outputOf(bound)
    const [outer, length, inner] = aroundAxis(out.shape, bound.attributes.axis)
    const count = sizeOf(indices.shape)
    const added = loops(int, 'i', [outer, count], ([o, n]) => {
      const each = loops(int, 'j', [inner], ([j]) => {
        const read = element(updates, [count * inner, inner, 1], [o, n, j])
        return `${element(out, [length * inner, inner, 1], [o, 'k', j])}+=${read};`
      })
      return `const ${int === 'int' ? 'int ' : ''}k=${element(indices, [1], [n])};if(k>=0&&k<${length})${each}`
    })
    return `${fill(scribe, out, 0)}${added}`
  },
  scatterAlongAxis: (bound, scribe) => {
    const { int } = scribe.language
    const [updates, indices] = bound.inputs
    const out = outputOf(bound)
    const { axis } = bound.attributes
    const [outer, length, inner] = aroundAxis(out.shape, axis)
    const count = updates.shape[axis]
    const added = loops(int, 'i', [outer, count, inner], ([o, n, j]) => {
      const strides = [count * inner, inner, 1]
      const add = `${element(out, [length * inner, inner, 1], [o, 'k', j])}+=${element(updates, strides, [o, n, j])};`
      return `const ${int === 'int' ? 'int ' : ''}k=${element(indices, strides, [o, n, j])};if(k>=0&&k<${length})${add}`
    })
    return `${fill(scribe, out, 0)}${added}`
  },
}
