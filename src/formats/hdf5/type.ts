// Types and shapes of datasets and attributes, as their messages say.

import { type Bytes, broken } from './bytes'

/** The type of one element. */
export type H5Type =
  | { readonly kind: 'float' | 'int' | 'uint' | 'bool'; readonly size: number; readonly bigEndian: boolean }
  | { readonly kind: 'text' | 'opaque'; readonly size: number }
  | { readonly kind: 'variableText'; readonly size: 16 }

/** Reads a datatype message. @throws FormatError for one that no array of numbers or texts has. */
export function readType(message: Bytes, at = 0): H5Type {
  const kind = message.u8(at) & 15
  const bits = message.u8(at + 1)
  const size = message.u32(at + 4)
  if (size === 0) throw broken('a type without any bytes')
  switch (kind) {
    case 0: {
      if (![1, 2, 4, 8].includes(size)) throw broken(`whole numbers of ${size} bytes are not supported`)
      whole(message, at, size)
      return { kind: bits & 8 ? 'int' : 'uint', size, bigEndian: (bits & 1) === 1 }
    }
    case 1: {
      const [exponent, mantissa] = [message.u8(at + 13), message.u8(at + 15)]
      const known = { 2: [5, 10], 4: [8, 23], 8: [11, 52] }[size]
      if (known?.[0] !== exponent || known[1] !== mantissa || (bits & 0x40) !== 0) {
        throw broken(`floats of ${size} bytes with ${exponent} bits of exponent are not supported`)
      }
      whole(message, at, size)
      return { kind: 'float', size, bigEndian: (bits & 1) === 1 }
    }
    case 3:
      return { kind: 'text', size }
    case 5:
      return { kind: 'opaque', size }
    case 8: {
      // What NumPy calls bool: an enumeration of FALSE and TRUE over a byte.
      const base = readType(message, at + 8)
      if (base.size !== 1 || size !== 1) throw broken('enumerations are not supported, but for booleans')
      return { kind: 'bool', size, bigEndian: false }
    }
    case 9:
      if ((bits & 15) === 1 && size === 16) return { kind: 'variableText', size }
      throw broken('lists of variable length are not supported, but for texts')
    default:
      throw broken(`the type of class ${kind} is not supported: neither numbers nor texts`)
  }
}

/** Numbers that fill their bytes: those with padding are read by nothing that writes models. */
function whole(message: Bytes, at: number, size: number): void {
  if (message.u16(at + 8) !== 0 || message.u16(at + 10) !== size * 8)
    throw broken('numbers with padding bits are not supported')
}

/** Reads a dataspace message: the lengths of all axes; `[0]` for none at all. */
export function readShape(message: Bytes): number[] {
  const version = message.u8(0)
  const rank = message.u8(1)
  if (version !== 1 && version !== 2) throw broken(`a dataspace of version ${version} is not supported`)
  if (rank > 32) throw broken(`a dataset of ${rank} axes`)
  if (version === 2 && message.u8(3) === 2) return [0]
  const start = version === 1 ? 8 : 4
  return Array.from({ length: rank }, (_, axis) => {
    const length = message.u64(start + 8 * axis)
    if (!Number.isSafeInteger(length)) throw broken('a length that is not known')
    return length
  })
}
