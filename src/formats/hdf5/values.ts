// Elements of a file as tensors and texts.

import { type StorageType, truths, widen } from '../../io'
import { Tensor } from '../../tensor'
import { type Bytes, broken, utf8 } from './bytes'
import type { H5Type } from './type'

/** What an attribute holds: texts or numbers; a single one by itself. */
export type H5Value = string | readonly string[] | Tensor

/** Numbers as a tensor: half floats are widened, whole numbers become `int32`, or `float64` where they do not fit. */
export function toTensor(bytes: Uint8Array, type: H5Type, shape: readonly number[], note?: H5Value): Tensor {
  if (type.kind === 'opaque') {
    if (type.size !== 2 || note !== 'bfloat16') throw broken(`opaque data of ${type.size} bytes are not supported`)
    return widen('HDF5', { type: 'bfloat16', shape, bytes })
  }
  if (!('bigEndian' in type)) throw broken('expected numbers, got texts')
  if (type.kind === 'bool') return new Tensor(truths(bytes), shape)
  const stored = `${type.kind}${8 * type.size}` as StorageType // readType takes no others
  return widen('HDF5', { type: stored, shape, bytes }, !type.bigEndian)
}

/** Texts of fixed or variable length. */
export function toTexts(file: Bytes, bytes: Bytes, type: H5Type, count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    if (type.kind === 'text') return bytes.text(i * type.size, type.size).trimEnd()
    const length = bytes.u32(16 * i)
    const heap = bytes.u64(16 * i + 4)
    // A text takes more than its bytes, while it is made.
    file.budget.take(4 * length)
    return length === 0 ? '' : utf8(fromHeap(file, heap, bytes.u32(16 * i + 12)).slice(0, length))
  })
}

/** An object of a global heap. */
function fromHeap(file: Bytes, at: number, index: number): Bytes {
  file.expect(at, 'GCOL')
  const end = at + file.u64(at + 8)
  for (let next = at + 16; next + 16 <= end; ) {
    const found = file.u16(next)
    const size = file.u64(next + 8)
    if (found === index) return file.part(next + 16, size)
    if (found === 0) break
    next += 16 + Math.ceil(size / 8) * 8
  }
  throw broken(`a text that is not where it should be`)
}
