// Zip archives, read by their central directory and without trust: checksums, sizes, paths and links are checked, and only
// what is asked for is unpacked. Written without packing, as Keras does it.

import { FormatError } from '../../errors'
import { crc32 } from '../../io'
import { inflateTo } from './inflate'

export { inflateTo }

/** A file in an archive. */
interface Entry {
  readonly method: number
  readonly checksum: number
  readonly packedSize: number
  readonly size: number
  readonly offset: number
}

/** An archive whose list of files was read. */
export interface Archive {
  /** The files in it, folders left out. */
  readonly names: readonly string[]
  /** How many bytes a file says it has when it is unpacked; 0 for one that is not there. */
  sizeOf(name: string): number
  /**
   * Unpacks a file.
   *
   * @param most - the most bytes it may have.
   * @throws FormatError when it is not there, larger, or corrupt.
   */
  read(name: string, most: number): Uint8Array<ArrayBuffer>
}

const signatures = { entry: 0x02014b50, file: 0x04034b50, end: 0x06054b50, end64: 0x06064b50, locator: 0x07064b50 }
const endSize = 22
const longestComment = 65535
const mostEntries = 100_000

/** Whether these are the first bytes of an archive. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5)
}

/** The names of the files in an archive; none where it is no archive or a broken one. Never throws. */
export function zipNames(bytes: Uint8Array): readonly string[] {
  if (!isZip(bytes)) return []
  try {
    return openZip('zip', bytes).names
  } catch {
    return []
  }
}

/** Reads the list of files. @throws FormatError for an archive that is truncated, corrupt or a trap. */
export function openZip(where: string, bytes: Uint8Array): Archive {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const broken = (what: string): FormatError => new FormatError(`${where}: zip: ${what}`)
  const need = (at: number, length: number): number => {
    if (at >= 0 && length >= 0 && at + length <= bytes.length) return at
    throw broken('the archive is truncated or corrupt')
  }
  const u16 = (at: number): number => view.getUint16(need(at, 2), true)
  const u32 = (at: number): number => view.getUint32(need(at, 4), true)
  const u64 = (at: number): number => {
    const high = u32(at + 4)
    if (high >= 2 ** 21) throw broken('a size that no file has')
    return high * 2 ** 32 + u32(at)
  }

  const readDirectory = (): { count: number; at: number } => {
    const earliest = Math.max(0, bytes.length - endSize - longestComment)
    for (let at = bytes.length - endSize; at >= earliest; at--) {
      if (u32(at) !== signatures.end || at + endSize + u16(at + 20) !== bytes.length) continue
      const locator = at - 20
      if (locator < 0 || u32(locator) !== signatures.locator) return { count: u16(at + 10), at: u32(at + 16) }
      const end64 = u64(locator + 8)
      if (u32(end64) !== signatures.end64) throw broken('the archive is corrupt')
      return { count: u64(end64 + 32), at: u64(end64 + 48) }
    }
    throw broken('the list of files at its end is missing: the archive is truncated')
  }

  const entries = new Map<string, Entry>()
  const { count, at: start } = readDirectory()
  if (count > mostEntries) throw broken(`${count} files are more than a model has`)
  for (let i = 0, at = start; i < count; i++) {
    if (u32(at) !== signatures.entry) throw broken('the list of files is corrupt')
    const [nameLength, extraLength, commentLength] = [u16(at + 28), u16(at + 30), u16(at + 32)]
    const name = new TextDecoder().decode(bytes.subarray(need(at + 46, nameLength), at + 46 + nameLength))
    const entry = {
      method: u16(at + 10),
      checksum: u32(at + 16),
      packedSize: u32(at + 20),
      size: u32(at + 24),
      offset: u32(at + 42),
    }
    if (u16(at + 8) & 1) throw broken(`'${name}' is encrypted`)
    if (u32(at + 38) >>> 28 === 0xa) throw broken(`'${name}' is a symbolic link, which is not followed`)
    if (!isInside(name)) throw broken(`'${name}' is a path that leads outside the archive`)
    if (entries.has(name)) throw broken(`there are two files '${name}'`)
    if (!name.endsWith('/')) entries.set(name, widened(entry, at + 46 + nameLength, extraLength))
    at += 46 + nameLength + extraLength + commentLength
  }

  /** Sizes above 4 GB, and those written so in any case, stand in a field of their own. */
  function widened(entry: Entry, extraAt: number, extraLength: number): Entry {
    for (let at = extraAt; at + 4 <= extraAt + extraLength; at += 4 + u16(at + 2)) {
      if (u16(at) !== 1) continue
      let next = at + 4
      const wide = (value: number): number => {
        if (value !== 0xffffffff) return value
        next += 8
        return u64(next - 8)
      }
      const size = wide(entry.size)
      const packedSize = wide(entry.packedSize)
      return { ...entry, size, packedSize, offset: wide(entry.offset) }
    }
    return entry
  }

  return {
    names: [...entries.keys()],
    sizeOf: (name) => entries.get(name)?.size ?? 0,
    read(name, most) {
      const entry = entries.get(name)
      if (entry === undefined) throw new FormatError(`${where}: the archive has no ${name}`)
      const { method, checksum, packedSize, size, offset } = entry
      if (size > most) throw broken(`'${name}' says it has ${size} bytes; expected at most ${most}`)
      if (u32(offset) !== signatures.file) throw broken(`'${name}' is not where the list of files says`)
      const dataAt = offset + 30 + u16(offset + 26) + u16(offset + 28)
      const packed = bytes.subarray(need(dataAt, packedSize), dataAt + packedSize)
      if (method !== 0 && method !== 8)
        throw broken(`'${name}' is packed by method ${method}; expected deflate or none`)
      if (method === 0 && size !== packedSize) throw broken(`'${name}' has two sizes`)
      const content = method === 0 ? packed.slice() : inflateTo(`${where}: ${name}`, packed, size)
      if (crc32(content) !== checksum) throw broken(`'${name}' does not match its checksum: the file is corrupt`)
      return content
    },
  }
}

/** Names are never taken for places, and yet: a colon belongs to `dense/kernel:0`, and not behind the letter of a drive. */
function isInside(name: string): boolean {
  if (/^[a-z]:(\/|$)/i.test(name)) return false
  const parts = (name.endsWith('/') ? name.slice(0, -1) : name).split('/')
  return parts.every((part) => part !== '' && part !== '..' && part !== '.' && !/[\\\0]/.test(part))
}

/** An archive of files, not packed. */
export function writeZip(files: ReadonlyMap<string, Uint8Array>): Uint8Array<ArrayBuffer> {
  const named = [...files].map(([name, content]) => ({
    name: new TextEncoder().encode(name),
    content,
    sum: crc32(content),
  }))
  const dataSize = named.reduce((sum, { name, content }) => sum + 30 + name.length + content.length, 0)
  const listSize = named.reduce((sum, { name }) => sum + 46 + name.length, 0)
  if (dataSize + listSize >= 2 ** 32 - 1)
    throw new FormatError('zip: a model of 4 GB or more cannot be written as one archive')
  const bytes = new Uint8Array(dataSize + listSize + endSize)
  const view = new DataView(bytes.buffer)
  const firstDay = 0x21 // 1 January 1980, as Keras writes it: the same model gives the same bytes
  let at = 0
  let list = dataSize
  for (const { name, content, sum } of named) {
    const common = (start: number): void => {
      view.setUint16(start, 20, true)
      view.setUint16(start + 8, firstDay, true)
      view.setUint32(start + 10, sum, true)
      view.setUint32(start + 14, content.length, true)
      view.setUint32(start + 18, content.length, true)
      view.setUint16(start + 22, name.length, true)
    }
    view.setUint32(list, signatures.entry, true)
    view.setUint16(list + 4, 20, true)
    common(list + 6)
    view.setUint32(list + 42, at, true)
    bytes.set(name, list + 46)
    list += 46 + name.length
    view.setUint32(at, signatures.file, true)
    common(at + 4)
    bytes.set(name, at + 30)
    bytes.set(content, at + 30 + name.length)
    at += 30 + name.length + content.length
  }
  view.setUint32(list, signatures.end, true)
  view.setUint16(list + 8, named.length, true)
  view.setUint16(list + 10, named.length, true)
  view.setUint32(list + 12, listSize, true)
  view.setUint32(list + 16, dataSize, true)
  return bytes
}
