// Writing HDF5 files in their oldest form, as h5py does by default and everything reads: superblock 0, symbol tables, arrays
// that lie together, attributes of text in a global heap.

import { FormatError } from '../../errors'
import { filledBy, floatToHalf } from '../../io'
import { sizeOf, type Tensor } from '../../tensor'

/** An array, and how it is stored: as its own type, or narrower or wider. */
export interface H5Array {
  readonly tensor: Tensor
  readonly as?: 'int64' | 'float16' | undefined
}

/** What is written: arrays by path, and the groups that have a text as attribute `name`, which may be empty. */
export interface H5Content {
  readonly arrays: ReadonlyMap<string, H5Array>
  readonly names: ReadonlyMap<string, string>
}

interface Folder {
  readonly groups: Map<string, Folder>
  readonly arrays: Map<string, H5Array>
  name: string | undefined
}

const undefinedAddress = 0xffffffffffffffffn
/** Names in a leaf of the index of a group, and children in a node above. */
const fanOut = { leaf: 8, node: 32 }
const leafSize = 8 + 40 * fanOut.leaf
const nodeSize = 24 + 8 * (2 * fanOut.node + 1)
const superblockSize = 96
const pad = (size: number): number => Math.ceil(size / 8) * 8

/** The bytes of a file with these arrays. */
export function writeHdf5(content: H5Content): Uint8Array<ArrayBuffer> {
  const file = new Writer()
  const root = folderOf(content)
  const names = [...content.names.values()]
  const heap = file.writeTexts(names)
  const placed = new Map([...content.names.keys()].map((path, i) => [path, heap[i]]))
  const { header, tree, names: heapAt } = writeFolder(file, root, '', placed)
  return file.finish(header, tree, heapAt)
}

function folderOf({ arrays, names }: H5Content): Folder {
  const make = (): Folder => ({ groups: new Map(), arrays: new Map(), name: undefined })
  const root = make()
  const at = (parts: readonly string[]): Folder =>
    parts.reduce((folder, part) => {
      const found = folder.groups.get(part) ?? make()
      folder.groups.set(part, found)
      return found
    }, root)
  for (const [path, name] of names) at(path.split('/')).name = name
  for (const [path, array] of arrays) {
    const parts = path.split('/')
    at(parts.slice(0, -1)).arrays.set(parts[parts.length - 1], array)
  }
  return root
}

/** Where the parts of a group lie. */
interface PlacedFolder {
  readonly header: number
  readonly tree: number
  readonly names: number
}

function writeFolder(file: Writer, folder: Folder, path: string, texts: ReadonlyMap<string, TextPlace>): PlacedFolder {
  const items: [name: string, header: number][] = []
  for (const [name, inner] of folder.groups)
    items.push([name, writeFolder(file, inner, path === '' ? name : `${path}/${name}`, texts).header])
  for (const [name, array] of folder.arrays) items.push([name, file.writeArray(array)])
  // Bytes of UTF-8 sort as code points do.
  items.sort(([a], [b]) => (a < b ? -1 : 1))
  const { names, offsets } = file.writeNames(items.map(([name]) => name))
  const tree = file.writeIndex(
    items.map(([, header]) => header),
    offsets,
  )
  const table = new Part(16).u64(0, tree).u64(8, names)
  const text = texts.get(path)
  const messages: Message[] = [{ type: 17, data: table }]
  if (text !== undefined) messages.push({ type: 12, data: nameAttribute(text) })
  return { header: file.writeHeader(messages), tree, names }
}

interface TextPlace {
  readonly heap: number
  readonly index: number
  readonly length: number
}

interface Message {
  readonly type: number
  readonly data: Part
}

/** Bytes that are filled in place by place. */
class Part {
  readonly bytes: Uint8Array<ArrayBuffer>
  private readonly view: DataView

  constructor(size: number) {
    this.bytes = new Uint8Array(size)
    this.view = new DataView(this.bytes.buffer)
  }

  set(at: number, ...values: readonly number[]): this {
    this.bytes.set(values, at)
    return this
  }

  copy(at: number, bytes: Uint8Array): this {
    this.bytes.set(bytes, at)
    return this
  }

  u16(at: number, value: number): this {
    this.view.setUint16(at, value, true)
    return this
  }

  u32(at: number, value: number): this {
    this.view.setUint32(at, value, true)
    return this
  }

  u64(at: number, value: number | bigint): this {
    this.view.setBigUint64(at, BigInt(value), true)
    return this
  }
}

/** Parts of a file, one after the other. */
class Writer {
  private readonly parts: Uint8Array[] = []
  private end = superblockSize

  private add(part: Uint8Array): number {
    const at = this.end
    this.parts.push(part)
    this.end += part.length
    const gap = pad(this.end) - this.end
    if (gap > 0) this.parts.push(new Uint8Array(gap))
    this.end += gap
    return at
  }

  writeHeader(messages: readonly Message[]): number {
    const size = messages.reduce((sum, { data }) => sum + 8 + pad(data.bytes.length), 0)
    const header = new Part(16 + size).set(0, 1).u16(2, messages.length).u32(4, 1).u32(8, size)
    let at = 16
    for (const { type, data } of messages) {
      const length = pad(data.bytes.length)
      header
        .u16(at, type)
        .u16(at + 2, length)
        .copy(at + 8, data.bytes)
      at += 8 + length
    }
    return this.add(header.bytes)
  }

  writeArray({ tensor, as }: H5Array): number {
    const { shape } = tensor
    const { type, bytes } = stored(tensor, as)
    const at = bytes.length === 0 ? undefinedAddress : this.add(bytes)
    const space = new Part(8 + 8 * shape.length).set(0, 1, shape.length)
    shape.forEach((length, axis) => {
      space.u64(8 + 8 * axis, length)
    })
    return this.writeHeader([
      { type: 1, data: space },
      { type: 3, data: type },
      { type: 5, data: new Part(8).set(0, 2, 2, 2, 0) },
      { type: 8, data: new Part(24).set(0, 3, 1).u64(2, at).u64(10, bytes.length) },
    ])
  }

  /** A heap of names that each end in a zero, after an empty one. */
  writeNames(names: readonly string[]): { names: number; offsets: readonly number[] } {
    const encoded = names.map((name) => new TextEncoder().encode(name))
    const offsets: number[] = []
    let size = 8
    for (const { length } of encoded) {
      offsets.push(size)
      size += pad(length + 1)
    }
    const data = new Part(size)
    encoded.forEach((name, i) => {
      data.copy(offsets[i], name)
    })
    const dataAt = this.add(data.bytes)
    // 1 stands for: nothing in it is free.
    const heap = new Part(32).copy(0, letters('HEAP')).u64(8, size).u64(16, 1).u64(24, dataAt)
    return { names: this.add(heap.bytes), offsets }
  }

  /** The index of a group: leaves of names in order, and nodes above them until there is one. */
  writeIndex(headers: readonly number[], offsets: readonly number[]): number {
    let level = 0
    let children: { readonly at: number; readonly last: number }[] = []
    for (let start = 0; start < headers.length; start += fanOut.leaf) {
      const count = Math.min(fanOut.leaf, headers.length - start)
      const leaf = new Part(leafSize).copy(0, letters('SNOD')).set(4, 1).u16(6, count)
      for (let i = 0; i < count; i++) leaf.u64(8 + 40 * i, offsets[start + i]).u64(16 + 40 * i, headers[start + i])
      children.push({ at: this.add(leaf.bytes), last: offsets[start + count - 1] })
    }
    do {
      const above: { readonly at: number; readonly last: number }[] = []
      const count = Math.max(1, Math.ceil(children.length / fanOut.node))
      const first = this.end
      let before = 0
      for (let n = 0; n < count; n++) {
        const own = children.slice(n * fanOut.node, (n + 1) * fanOut.node)
        const node = new Part(nodeSize)
          .copy(0, letters('TREE'))
          .set(4, 0, level)
          .u16(6, own.length)
          .u64(8, n === 0 ? undefinedAddress : first + (n - 1) * nodeSize)
          .u64(16, n === count - 1 ? undefinedAddress : first + (n + 1) * nodeSize)
          .u64(24, before)
        own.forEach(({ at, last }, i) => {
          node.u64(32 + 16 * i, at).u64(40 + 16 * i, last)
        })
        before = own.at(-1)?.last ?? 0
        above.push({ at: this.add(node.bytes), last: before })
      }
      children = above
      level++
    } while (children.length > 1)
    return children[0].at
  }

  /** Texts in global heaps, to which attributes point. */
  writeTexts(texts: readonly string[]): TextPlace[] {
    const encoded = texts.map((text) => new TextEncoder().encode(text))
    const places: TextPlace[] = []
    const most = 60_000 // an index in a heap has 16 bits
    for (let start = 0; start < encoded.length; start += most) {
      const own = encoded.slice(start, start + most)
      const used = own.reduce((sum, { length }) => sum + 16 + pad(length), 16)
      const size = Math.max(4096, used + 16)
      const heap = new Part(size).copy(0, letters('GCOL')).set(4, 1).u64(8, size)
      let at = 16
      const heapAt = this.end
      own.forEach((text, i) => {
        heap
          .u16(at, i + 1)
          .u16(at + 2, 1)
          .u64(at + 8, text.length)
          .copy(at + 16, text)
        at += 16 + pad(text.length)
        places.push({ heap: heapAt, index: i + 1, length: text.length })
      })
      heap.u64(at + 8, size - at)
      this.add(heap.bytes)
    }
    return places
  }

  finish(root: number, tree: number, names: number): Uint8Array<ArrayBuffer> {
    const block = new Part(superblockSize)
      .set(0, 0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a)
      .set(13, 8, 8)
      .u16(16, fanOut.leaf / 2)
      .u16(18, fanOut.node / 2)
      .u64(32, undefinedAddress)
      .u64(40, this.end)
      .u64(48, undefinedAddress)
      .u64(64, root)
      .u32(72, 1)
      .u64(80, tree)
      .u64(88, names)
    const whole = new Uint8Array(this.end)
    whole.set(block.bytes)
    let at = superblockSize
    for (const part of this.parts) {
      whole.set(part, at)
      at += part.length
    }
    return whole
  }
}

function letters(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** An attribute `name` that holds one text of any length. */
function nameAttribute({ heap, index, length }: TextPlace): Part {
  const type = [0x19, 1, 1, 0, 16, 0, 0, 0, 0x13, 0x10, 0, 0, 1, 0, 0, 0]
  return new Part(56)
    .set(0, 1)
    .u16(2, 5)
    .u16(4, 16)
    .u16(6, 8)
    .copy(8, letters('name'))
    .set(16, ...type)
    .set(32, 1)
    .u32(40, length)
    .u64(44, heap)
    .u32(52, index)
}

function floatType(
  size: number,
  bits: readonly [sign: number, exponentAt: number, exponent: number, mantissa: number],
): Part {
  const [sign, exponentAt, exponent, mantissa] = bits
  return new Part(20)
    .set(0, 0x11, 0x20, sign, 0)
    .u32(4, size)
    .u16(10, 8 * size)
    .set(12, exponentAt, exponent, 0, mantissa)
    .u32(16, 2 ** (exponent - 1) - 1)
}

function wholeType(size: number, isSigned: boolean): Part {
  return new Part(12)
    .set(0, 0x10, isSigned ? 8 : 0)
    .u32(4, size)
    .u16(10, 8 * size)
}

function stored({ data, dtype, shape }: Tensor, as: H5Array['as']): { type: Part; bytes: Uint8Array } {
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  if (as === 'int64') {
    const wide = new BigInt64Array(data.length)
    for (let i = 0; i < wide.length; i++) wide[i] = BigInt(Math.trunc(data[i]))
    return { type: wholeType(8, true), bytes: new Uint8Array(wide.buffer) }
  }
  if (as === 'float16' && (data instanceof Float32Array || data instanceof Float64Array)) {
    return {
      type: floatType(2, [15, 10, 5, 10]),
      bytes: new Uint8Array(filledBy(new Uint16Array(data.length), (i) => floatToHalf(data[i])).buffer),
    }
  }
  if (dtype === 'float32') return { type: floatType(4, [31, 23, 8, 23]), bytes: raw }
  if (dtype === 'float64') return { type: floatType(8, [63, 52, 11, 52]), bytes: raw }
  if (dtype === 'int32') return { type: wholeType(4, true), bytes: raw }
  if (dtype === 'bool') return { type: wholeType(1, false), bytes: raw }
  throw new FormatError(`HDF5: ${sizeOf(shape)} numbers of the type ${String(dtype)} cannot be written`)
}
