// Kernels that move elements: strided boxes, indices, windows.
import { describe, expect, it } from 'vitest'
import { Opcode } from '../../../../src/backends/wasm/assembly/opcodes'
import { builds, expectClose, KernelBench, numbers } from './bench'

/** Visits every index of a box, the last axis fastest. */
function eachIndex(dims: readonly number[], visit: (index: readonly number[]) => void, index: number[] = []): void {
  if (index.length === dims.length) visit(index)
  else for (let i = 0; i < dims[index.length]; i++) eachIndex(dims, visit, [...index, i])
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i], 0)

interface Copy {
  readonly name: string
  readonly dims: readonly number[]
  readonly from: readonly number[]
  readonly to: readonly number[]
  readonly offset?: number
}

const copies: readonly Copy[] = [
  { name: 'a plain copy', dims: [37], from: [1], to: [1] },
  { name: 'a transpose', dims: [9, 6], from: [1, 9], to: [6, 1] },
  { name: 'a transpose with odd edges', dims: [7, 5], from: [1, 7], to: [5, 1] },
  { name: 'a batch of transposes', dims: [3, 11, 10], from: [110, 1, 11], to: [110, 10, 1] },
  { name: 'exchanged outer axes', dims: [4, 3, 5], from: [5, 20, 1], to: [15, 5, 1] },
  { name: 'stretching', dims: [3, 4, 6], from: [0, 1, 0], to: [24, 6, 1] },
  { name: 'a slice with steps', dims: [3, 4], from: [24, 2], to: [4, 1], offset: 13 },
  { name: 'turning round', dims: [3, 5], from: [5, -1], to: [5, 1], offset: 4 },
  { name: 'spreading out', dims: [3, 5], from: [5, 1], to: [30, 3] },
]

describe.each(builds)('movement, %s build', (build) => {
  it.each(copies)('a box is copied: $name', async ({ dims, from, to, offset = 0 }) => {
    const bench = await KernelBench.make(build)
    const x = numbers(400)
    const target = new Float32Array(400).fill(-7)
    const at = bench.floats(target)
    bench.run(Opcode.copyBox, [dims.length, bench.floats(x) + offset * 4, at, ...dims, ...from, ...to])
    eachIndex(dims, (index) => {
      target[dot(index, to)] = x[offset + dot(index, from)]
    })
    expect(bench.readFloats(at, 400)).toEqual(target)
  })

  it.each([1, 2, 5, 64, 67])('%i places are filled, and no more', async (count) => {
    const bench = await KernelBench.make(build)
    const to = bench.integers(new Array(count + 1).fill(3))
    bench.run(Opcode.fill, [count, 42, to])
    expect([...bench.readIntegers(to, count + 1)]).toEqual([...new Array(count).fill(42), 3])
  })

  it.each([1, 3, 8, 13])(
    'rows of %i are gathered and added by index; an index outside counts for nothing',
    async (inner) => {
      const bench = await KernelBench.make(build)
      const [outer, length] = [2, 4]
      const indices = [3, 0, 3, -1, 4, 1]
      const x = numbers(outer * length * inner)
      const updates = numbers(outer * indices.length * inner, 1, 2)
      const at = bench.integers(indices)
      const size = [outer, length, inner, indices.length]
      const gathered = bench.take(updates.length * 4)
      bench.run(Opcode.gather, [...size, bench.floats(x), at, gathered])
      const added = bench.take(x.length * 4)
      bench.run(Opcode.scatterAdd, [...size, bench.floats(updates), at, added, 0])
      const [expected, sums] = [new Float32Array(updates.length), new Float64Array(x.length)]
      eachIndex([outer, indices.length, inner], ([o, k, i]) => {
        const index = indices[k]
        if (index < 0 || index >= length) return
        expected[(o * indices.length + k) * inner + i] = x[(o * length + index) * inner + i]
        sums[(o * length + index) * inner + i] += updates[(o * indices.length + k) * inner + i]
      })
      expect(bench.readFloats(gathered, updates.length)).toEqual(expected)
      expectClose(bench.readFloats(added, x.length), sums)
      const whole = bench.integers(updates.map((value) => Math.round(value * 9)))
      bench.run(Opcode.scatterAdd, [...size, whole, at, added, 1])
      const total = bench.readIntegers(added, x.length).reduce((a, b) => a + b, 0)
      const inside = (i: number): boolean => ![3, 4].includes(Math.floor(i / inner) % indices.length)
      expect(total).toBe(
        updates.reduce((sum, value, i) => sum + (inside(i) ? Math.round(Math.fround(value * 9)) : 0), 0),
      )
    },
  )

  it('elements are taken and put along an axis, each line with indices of its own', async () => {
    const bench = await KernelBench.make(build)
    const [outer, length, inner, count] = [2, 4, 3, 5]
    const size = [outer, length, inner, count]
    const x = numbers(outer * length * inner)
    const updates = numbers(outer * count * inner, 1, 2)
    const indices = numbers(outer * count * inner, 1, 3).map((value) => Math.floor(value * 3 + 2))
    const at = bench.integers(indices)
    const [taken, put] = [bench.take(updates.length * 4), bench.take(x.length * 4)]
    bench.run(Opcode.takeAlong, [...size, bench.floats(x), at, taken])
    bench.run(Opcode.scatterAlong, [...size, bench.floats(updates), at, put, 0])
    const [expected, sums] = [new Float32Array(updates.length), new Float64Array(x.length)]
    eachIndex([outer, count, inner], ([o, k, i]) => {
      const here = (o * count + k) * inner + i
      const index = indices[here]
      if (index < 0 || index >= length) return
      expected[here] = x[(o * length + index) * inner + i]
      sums[(o * length + index) * inner + i] += updates[here]
    })
    expect(bench.readFloats(taken, updates.length)).toEqual(expected)
    expectClose(bench.readFloats(put, x.length), sums)
  })

  it.each([1, 3, 5])('windows of images with %i channels are laid out and added back', async (channels) => {
    const bench = await KernelBench.make(build)
    const [batch, height, width] = [2, 6, 5]
    const [kernel, strides, dilation, [top, left]] = [
      [3, 2],
      [2, 1],
      [1, 2],
      [1, 1],
    ]
    const [rows, columns] = [3, 5]
    const image = numbers(batch * height * width * channels)
    const count = batch * rows * columns * kernel[0] * kernel[1] * channels
    const windows = numbers(count, 1, 2)
    const size = [batch, height, width, channels, rows, columns, ...kernel, ...strides, ...dilation, top, left]
    const bits = new Int32Array(Float32Array.of(-1.5).buffer)[0]
    const [laid, folded] = [bench.take(count * 4), bench.take(image.length * 4)]
    bench.run(Opcode.unfold, [...size, bench.floats(image), laid, bits])
    bench.run(Opcode.fold, [...size, folded, bench.floats(windows)])
    const [expected, sums] = [new Float32Array(count).fill(-1.5), new Float64Array(image.length)]
    eachIndex([batch, rows, columns, ...kernel, channels], ([b, row, column, i, j, c]) => {
      const [y, x] = [row * strides[0] - top + i * dilation[0], column * strides[1] - left + j * dilation[1]]
      if (y < 0 || y >= height || x < 0 || x >= width) return
      const window = (((b * rows + row) * columns + column) * kernel[0] + i) * kernel[1] + j
      const pixel = ((b * height + y) * width + x) * channels + c
      expected[window * channels + c] = image[pixel]
      sums[pixel] += windows[window * channels + c]
    })
    expect(bench.readFloats(laid, count)).toEqual(expected)
    expectClose(bench.readFloats(folded, image.length), sums)
  })
})
