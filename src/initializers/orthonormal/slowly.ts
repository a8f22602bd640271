// Vectors in plain JavaScript: for few and short ones, and where there are no WebAssembly vectors. Bit for bit what `assembly/index.ts` does:
// sums are as many as its vectors have lanes, products are rounded before they are added, and typed arrays round as its lanes do.
import type { RandomStream } from '../initializer'
import { normal } from './normal'
import { chunk, type Vectors } from './vectors'

export function slowVectors(count: number, length: number, { seed, stream }: RandomStream, single: boolean): Vectors {
  const Numbers = single ? Float32Array : Float64Array
  const lanes = single ? 4 : 2
  const data = new Numbers(count * length)
  const sums = new Numbers(lanes)
  const products = new Numbers(chunk)
  const one = new Numbers(1)

  function dot(a: number, b: number): number {
    sums.fill(0)
    for (let i = 0; i < length; i++) {
      one[0] = data[a + i] * data[b + i]
      sums[i % lanes] += one[0]
    }
    for (let apart = lanes >> 1; apart > 0; apart >>= 1) {
      for (let lane = 0; lane < apart; lane++) sums[lane] += sums[lane + apart]
    }
    return sums[0]
  }

  function take(from: number, times: number, q: number): void {
    for (let i = 0; i < length; i++) {
      one[0] = times * data[q + i]
      data[from + i] -= one[0]
    }
  }

  return {
    data,
    stride: length,
    draw(row, block) {
      for (let i = 0; i < length; i++) data[row * length + i] = normal(seed, stream, block + i)
    },
    few(row, count) {
      const end = (row + count) * length
      for (let q = row * length; q < end; q += length) {
        one[0] = Math.sqrt(dot(q, q))
        const norm = one[0]
        for (let i = q; i < q + length; i++) data[i] /= norm
        for (let other = q + length; other < end; other += length) take(other, dot(other, q), q)
      }
    },
    project(row, rows, onto, count) {
      const some = Math.min(count, chunk)
      for (let first = onto; first < onto + count; first += some) {
        for (let x = row * length; x < (row + rows) * length; x += length) {
          for (let k = 0; k < some; k++) products[k] = dot(x, (first + k) * length)
          for (let k = 0; k < some; k++) take(x, products[k], (first + k) * length)
        }
      }
    },
  }
}
