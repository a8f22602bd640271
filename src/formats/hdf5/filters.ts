// Filters: what was done to the bytes of a chunk, undone.

import { inflateTo } from '../zip'
import { type Bytes, broken } from './bytes'

/** One step of the pipeline by which chunks were written. */
export interface Filter {
  readonly id: number
  /** What the filter was told, such as the width of an element. */
  readonly values: readonly number[]
}

const names: Readonly<Record<number, string>> = { 4: 'szip', 5: 'nbit', 6: 'scaleoffset', 32000: 'lzf' }
const ids = { deflate: 1, shuffle: 2, fletcher32: 3 } as const

/** Reads a filter pipeline message. @throws FormatError for a filter that is not known. */
export function readFilters(message: Bytes): readonly Filter[] {
  const version = message.u8(0)
  const count = message.u8(1)
  if (version !== 1 && version !== 2) throw broken(`filters of version ${version} are not supported`)
  let at = version === 1 ? 8 : 2
  return Array.from({ length: count }, () => {
    const id = message.u16(at)
    const hasName = version === 1 || id >= 256
    const nameLength = hasName ? message.u16(at + 2) : 0
    if (hasName) at += 2
    const values = message.u16(at + 4)
    at += 6 + (version === 1 ? Math.ceil(nameLength / 8) * 8 : nameLength)
    const told = Array.from({ length: values }, (_, i) => message.u32(at + 4 * i))
    at += 4 * values + (version === 1 && values % 2 === 1 ? 4 : 0)
    if (id < 1 || id > 3) {
      const filter = names[id] ?? `number ${id}`
      throw broken(`data packed by the filter ${filter} is not supported; expected gzip, shuffle or fletcher32`)
    }
    return { id, values: told }
  })
}

/** Undoes all filters but those the chunk was spared (bits of `mask`), the last first. */
export function unfilter(packed: Uint8Array, filters: readonly Filter[], mask: number, size: number): Uint8Array {
  let bytes = packed
  for (let i = filters.length - 1; i >= 0; i--) {
    if (mask & (1 << i)) continue
    const { id, values } = filters[i]
    if (id === ids.fletcher32) bytes = checked(bytes)
    // A checksum that was added before packing is in the packed bytes.
    else if (id === ids.deflate)
      bytes = inflated(bytes, size + (filters.slice(0, i).some((f) => f.id === ids.fletcher32) ? 4 : 0))
    else bytes = unshuffled(bytes, values[0] ?? 1)
  }
  if (bytes.length !== size) throw broken(`expected a chunk of ${size} bytes, got ${bytes.length}`)
  return bytes
}

function inflated(packed: Uint8Array, size: number): Uint8Array {
  if (packed.length < 6 || (packed[0] & 15) !== 8) throw broken('a chunk that is not packed as it says')
  return inflateTo('HDF5: a chunk', packed.subarray(2, -4), size)
}

/** Bytes of the same place in each element lie together: brought back to where they were. */
function unshuffled(bytes: Uint8Array, width: number): Uint8Array {
  if (width <= 1) return bytes
  const count = Math.floor(bytes.length / width)
  const whole = bytes.slice()
  for (let place = 0; place < width; place++) {
    for (let i = 0; i < count; i++) whole[i * width + place] = bytes[place * count + i]
  }
  return whole
}

/** Fletcher's checksum of 16-bit words, which stands behind the bytes. */
function checked(bytes: Uint8Array): Uint8Array {
  const data = bytes.subarray(0, Math.max(0, bytes.length - 4))
  let [a, b] = [0, 0]
  for (let i = 0; i < data.length; i += 2) {
    a = (a + ((data[i] << 8) | (i + 1 < data.length ? data[i + 1] : 0))) % 65535
    b = (b + a) % 65535
  }
  const [low, high] = [
    bytes[data.length] | (bytes[data.length + 1] << 8),
    bytes[data.length + 2] | (bytes[data.length + 3] << 8),
  ]
  // Sums of zero may stand as 65535: both are the same number there.
  if (low % 65535 !== a || high % 65535 !== b) throw broken('a chunk does not match its checksum: the file is corrupt')
  return data
}
