// How an ONNX model is told from other files: Protocol Buffers have no mark of their own at the beginning.
import { readFields } from '../../io'

/** Whether the bytes begin as an ONNX model does: with the version of its form, then a producer, a graph or opsets. */
export function isOnnx(bytes: Uint8Array): boolean {
  if (bytes.length < 8 || bytes[0] !== 0x08 || bytes[1] < 1 || bytes[1] > 0x7f) return false
  try {
    let seen = 0
    for (const { number, kind } of readFields(bytes)) {
      const expected = number === 1 || number === 5 ? 'varint' : 'bytes'
      if (kind !== expected || number > 40) return false
      if (number === 7 || ++seen === 8) return true
    }
    return false
  } catch {
    // A file that is cut off begins right all the same: whoever reads it says what is wrong.
    return bytes[2] === 0x12 || bytes[2] === 0x3a || bytes[2] === 0x42
  }
}
