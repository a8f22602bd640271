// Elements of a file as tensors and texts.

import { bfloat16ToFloat, filledBy, halfToFloat } from '../../io'
import { sizeOf, Tensor } from '../../tensor'
import { type Bytes, broken, utf8 } from './bytes'
import type { H5Type } from './type'

/** What an attribute holds: texts or numbers; a single one by itself. */
export type H5Value = string | readonly string[] | Tensor

/** Numbers as a tensor: half floats are widened, whole numbers become `int32`, or `float64` where they do not fit. */
export function toTensor(bytes: Uint8Array, type: H5Type, shape: readonly number[], note?: H5Value): Tensor {
  const count = sizeOf(shape)
  if (type.kind === 'opaque') {
    if (type.size !== 2 || note !== 'bfloat16') throw broken(`opaque data of ${type.size} bytes are not supported`)
    return new Tensor(ofHalves(aligned(bytes), bfloat16ToFloat), shape)
  }
  if (!('bigEndian' in type)) throw broken('expected numbers, got texts')
  const buffer = aligned(bytes)
  if (type.bigEndian) swapBytes(new Uint8Array(buffer), type.size)
  if (type.kind === 'bool')
    return new Tensor(
      new Uint8Array(buffer).map((byte) => Number(byte !== 0)),
      shape,
    )
  if (type.kind === 'float') {
    if (type.size === 8) return new Tensor(new Float64Array(buffer), shape)
    return new Tensor(type.size === 4 ? new Float32Array(buffer) : ofHalves(buffer, halfToFloat), shape)
  }
  return new Tensor(wholeNumbers(buffer, type.kind === 'int', type.size, count), shape)
}

function wholeNumbers(
  buffer: ArrayBuffer,
  signed: boolean,
  size: number,
  count: number,
): Int32Array<ArrayBuffer> | Float64Array<ArrayBuffer> {
  const view = new DataView(buffer)
  const read = (i: number): number => {
    if (size === 8) return Number(signed ? view.getBigInt64(8 * i, true) : view.getBigUint64(8 * i, true))
    if (size === 4) return signed ? view.getInt32(4 * i, true) : view.getUint32(4 * i, true)
    if (size === 2) return signed ? view.getInt16(2 * i, true) : view.getUint16(2 * i, true)
    return signed ? view.getInt8(i) : view.getUint8(i)
  }
  const narrow = filledBy(new Int32Array(count), read)
  let isNarrow = true
  for (let i = 0; i < count && isNarrow; i++) isNarrow = narrow[i] === read(i)
  if (isNarrow) return narrow
  const wide = filledBy(new Float64Array(count), read)
  if (wide.every(Number.isSafeInteger)) return wide
  throw broken('expected whole numbers below 2 ** 53')
}

function ofHalves(buffer: ArrayBuffer, toFloat: (bits: number) => number): Float32Array<ArrayBuffer> {
  const halves = new Uint16Array(buffer)
  return filledBy(new Float32Array(halves.length), (i) => toFloat(halves[i]))
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

/** A copy at the start of a buffer of its own, as arrays of wider numbers need it. */
function aligned(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer
}

function swapBytes(bytes: Uint8Array, width: number): void {
  for (let at = 0; at < bytes.length; at += width) {
    for (let low = at, high = at + width - 1; low < high; low++, high--) {
      const byte = bytes[low]
      bytes[low] = bytes[high]
      bytes[high] = byte
    }
  }
}
