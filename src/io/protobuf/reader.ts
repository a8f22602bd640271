// A reader of Protocol Buffers' wire format: a message as its fields, in the order in which they come. It knows no schema.
import { FormatError } from '../../errors'

/** A field of a message: its number, and what it holds by the kind of its wire. A whole number is one of 64 bits with its sign. */
export type Field =
  | { readonly number: number; readonly kind: 'varint'; readonly value: number }
  | { readonly number: number; readonly kind: 'bytes'; readonly value: Uint8Array }
  | { readonly number: number; readonly kind: 'fixed'; readonly value: Uint8Array }

/** The fields of a message. @throws FormatError where the bytes are none. */
export function* readFields(bytes: Uint8Array): Generator<Field> {
  const cursor = { bytes, at: 0 }
  while (cursor.at < bytes.length) {
    const tag = readVarint(cursor)
    const number = Math.floor(tag / 8)
    if (number < 1 || number > 0x1fffffff) throw broken(`a field cannot have the number ${number}`)
    switch (tag % 8) {
      case 0:
        yield { number, kind: 'varint', value: readVarint(cursor) }
        break
      case 1:
        yield { number, kind: 'fixed', value: take(cursor, 8) }
        break
      case 2:
        yield { number, kind: 'bytes', value: take(cursor, readVarint(cursor)) }
        break
      case 5:
        yield { number, kind: 'fixed', value: take(cursor, 4) }
        break
      default:
        throw broken(`a field has the unknown kind ${tag % 8}`)
    }
  }
}

/** Whole numbers one behind the other, as a packed field holds them, with their signs; those beyond 2 ** 53 are rounded. */
export function readIntegers(bytes: Uint8Array): Float64Array {
  let count = 0
  for (let i = 0; i < bytes.length; i++) if (bytes[i] < 0x80) count++
  const values = new Float64Array(count)
  const cursor = { bytes, at: 0 }
  for (let i = 0; cursor.at < bytes.length; i++) values[i] = readVarint(cursor)
  return values
}

interface Cursor {
  readonly bytes: Uint8Array
  at: number
}

function readVarint(cursor: Cursor): number {
  let low = 0
  // Most fit into 28 bits, which numbers hold without the cost of bigints.
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = next(cursor)
    low |= (byte & 0x7f) << shift
    if (byte < 0x80) return low
  }
  let value = BigInt(low)
  for (let shift = 28n; shift < 70n; shift += 7n) {
    const byte = next(cursor)
    value |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) return Number(BigInt.asIntN(64, value))
  }
  throw broken('a number of more than ten bytes')
}

function next(cursor: Cursor): number {
  if (cursor.at >= cursor.bytes.length) throw broken('it is cut off')
  return cursor.bytes[cursor.at++]
}

function take(cursor: Cursor, count: number): Uint8Array {
  if (!(count >= 0 && count <= cursor.bytes.length - cursor.at)) throw broken('it is cut off')
  const from = cursor.at
  cursor.at += count
  return cursor.bytes.subarray(from, cursor.at)
}

function broken(what: string): FormatError {
  return new FormatError(`protobuf: ${what}: the file is corrupt or of another kind`)
}
