// Numbers out of the bytes of a file that nobody vouches for: whatever lies outside is a FormatError.

import { FormatError } from '../../errors'
import { Budget } from '../../io'

/** "Undefined address": where a file has no such part. */
export const nowhere = Number.POSITIVE_INFINITY

/** The bytes of a file, read with checks. All numbers are little-endian. */
export class Bytes {
  readonly bytes: Uint8Array
  /** What may come out of the file that they are in. */
  readonly budget: Budget
  private readonly view: DataView

  constructor(bytes: Uint8Array, budget: Budget = new Budget('HDF5', bytes.length)) {
    this.bytes = bytes
    this.budget = budget
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get length(): number {
    return this.bytes.length
  }

  u8(at: number): number {
    return this.view.getUint8(this.check(at, 1))
  }

  u16(at: number): number {
    return this.view.getUint16(this.check(at, 2), true)
  }

  u32(at: number): number {
    return this.view.getUint32(this.check(at, 4), true)
  }

  /** 64 bits: an address or a length. All ones are `nowhere`. */
  u64(at: number): number {
    const high = this.u32(at + 4)
    const low = this.u32(at)
    if (high === 0xffffffff && low === 0xffffffff) return nowhere
    if (high >= 2 ** 21) throw broken(`a number at byte ${at} is larger than any length can be`)
    return high * 2 ** 32 + low
  }

  /** A number of 1, 2, 4 or 8 bytes. */
  uint(at: number, width: number): number {
    if (width === 1) return this.u8(at)
    if (width === 2) return this.u16(at)
    return width === 4 ? this.u32(at) : this.u64(at)
  }

  /** A part, not copied. */
  part(at: number, length: number): Bytes {
    return new Bytes(this.slice(at, length), this.budget)
  }

  slice(at: number, length: number): Uint8Array {
    this.check(at, length)
    return this.bytes.subarray(at, at + length)
  }

  /** Text up to a zero, or the end of its field. */
  text(at: number, longest: number): string {
    const field = this.slice(at, longest)
    const end = field.indexOf(0)
    return utf8(end < 0 ? field : field.subarray(0, end))
  }

  /** Four letters that begin a structure of the format. */
  expect(at: number, letters: string): void {
    const found = String.fromCharCode(...this.slice(at, letters.length))
    if (found !== letters) throw broken(`expected ${letters} at byte ${at}`)
  }

  private check(at: number, length: number): number {
    if (at >= 0 && length >= 0 && at + length <= this.view.byteLength) return at
    throw broken(
      `expected ${length} bytes at ${at}, the end is at ${this.view.byteLength}: the file is truncated or corrupt`,
    )
  }
}

/** Text of bytes; what is no UTF-8 is replaced. */
export function utf8(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

/** The error for what is wrong in the file. */
export function broken(what: string): FormatError {
  return new FormatError(`HDF5: ${what}`)
}
