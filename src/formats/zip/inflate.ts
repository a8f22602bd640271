// Inflating what an archive or a chunk packed, never beyond the size it is said to have.

import { Inflate } from 'fflate'
import { FormatError } from '../../errors'

/** Deflate packs 258 bytes into two bits at best. */
const bestRatio = 1032
const pieceSize = 32_768

/**
 * Inflates bytes of raw deflate.
 *
 * @param size - how many bytes come out.
 * @throws FormatError when it is another number, before memory is taken for more, or the bytes are not deflate's.
 */
export function inflateTo(where: string, packed: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  if (size > packed.length * bestRatio + 64) {
    throw new FormatError(`${where}: ${packed.length} packed bytes cannot hold ${size}: the file is corrupt or a trap`)
  }
  const whole = new Uint8Array(size)
  let at = 0
  const stream = new Inflate((piece) => {
    if (at + piece.length > size) throw new FormatError(`${where}: expected ${size} bytes when unpacked, got more`)
    whole.set(piece, at)
    at += piece.length
  })
  try {
    for (let start = 0; start < packed.length || start === 0; start += pieceSize) {
      stream.push(packed.subarray(start, start + pieceSize), start + pieceSize >= packed.length)
    }
  } catch (cause) {
    if (cause instanceof FormatError) throw cause
    throw new FormatError(`${where}: the packed bytes are corrupt`, { cause })
  }
  if (at !== size) throw new FormatError(`${where}: expected ${size} bytes when unpacked, got ${at}`)
  return whole
}
