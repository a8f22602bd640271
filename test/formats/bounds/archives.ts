// Writes what no honest program writes: archives that say more than they hold, pickles and messages by their bytes.

import { deflateRawSync } from 'node:zlib'
import { crc32 } from '../../../src/io'

/** The bytes of a text. */
export const text = (content: string): Uint8Array => new TextEncoder().encode(content)

/** So many bytes of zeros, which are packed a thousand to one. */
export const zeros = (count: number): Uint8Array => new Uint8Array(count)

/** Bytes one after the other. */
export function joined(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts.map((part) => Uint8Array.from(part))))
}

/** A file of an archive: its content, or packed bytes that say they are more; or the place of another file once more. */
export interface Member {
  readonly name: string
  readonly content: Uint8Array
  /** What the list of files says, where that is not so. */
  readonly size?: number
  /** The file whose bytes it points to. */
  readonly at?: number
}

/** A zip archive of packed files. */
export function packed(members: readonly Member[]): Uint8Array {
  const parts: Uint8Array[] = []
  const list: Uint8Array[] = []
  const places: number[] = []
  let at = 0
  for (const { name, content, size = content.length, at: shared } of members) {
    const bytes = deflateRawSync(content, { level: 1 })
    const label = text(name)
    const head = (length: number, start: number): [Uint8Array, DataView] => {
      const entry = new Uint8Array(length + label.length)
      const view = new DataView(entry.buffer)
      view.setUint16(start, 8, true)
      view.setUint32(start + 6, crc32(content), true)
      view.setUint32(start + 10, bytes.length, true)
      view.setUint32(start + 14, size, true)
      view.setUint16(start + 18, label.length, true)
      entry.set(label, length)
      return [entry, view]
    }
    const place = shared === undefined ? at : places[shared]
    places.push(place)
    if (shared === undefined) {
      const [entry, view] = head(30, 8)
      view.setUint32(0, 0x04034b50, true)
      parts.push(entry, bytes)
      at += entry.length + bytes.length
    }
    const [entry, view] = head(46, 10)
    view.setUint32(0, 0x02014b50, true)
    view.setUint32(42, place, true)
    list.push(entry)
  }
  const end = new DataView(new ArrayBuffer(22))
  end.setUint32(0, 0x06054b50, true)
  end.setUint16(8, members.length, true)
  end.setUint16(10, members.length, true)
  end.setUint32(12, joined(...list).length, true)
  end.setUint32(16, at, true)
  return joined(...parts, ...list, new Uint8Array(end.buffer))
}

/** An array of NumPy. */
export function npy(shape: string, data: Uint8Array, type = '<f4', isFortran = false): Uint8Array {
  const dict = `{'descr': '${type}', 'fortran_order': ${isFortran ? 'True' : 'False'}, 'shape': ${shape}, }`
  const length = Math.ceil((12 + dict.length + 1) / 64) * 64
  const head = new Uint8Array(length)
  head.set([0x93, ...text('NUMPY'), 2, 0])
  new DataView(head.buffer).setUint32(8, length - 12, true)
  head.set(text(`${dict.padEnd(length - 13)}\n`), 12)
  return joined(head, data)
}

/** A safetensors file of this header. */
export function safetensors(header: string, data: Uint8Array = zeros(0)): Uint8Array {
  const length = new DataView(new ArrayBuffer(8))
  length.setBigUint64(0, BigInt(text(header).length), true)
  return joined(new Uint8Array(length.buffer), text(header), data)
}

/** Instructions of pickles. */
export const pickle = {
  text: (content: string) => joined([0x58, content.length & 255, content.length >> 8, 0, 0], text(content)),
  number: (value: number) => [0x4a, value & 255, (value >> 8) & 255, (value >> 16) & 255, value >> 24],
  name: (module: string, name: string) => joined([0x63], text(`${module}\n${name}\n`)),
  get: (place: number) => [0x68, place],
  put: (place: number) => [0x71, place],
  dict: [0x7d],
  set: [0x73],
  pop: [0x30],
  many: (code: number, count: number) => new Uint8Array(count).fill(code),
  /** A tensor of four floats, as a view of any shape. */
  tensor: (shape: readonly number[], strides: readonly number[]) =>
    joined(
      pickle.name('torch._utils', '_rebuild_tensor_v2'),
      [0x28, 0x28],
      ...['storage'].map(pickle.text),
      pickle.name('torch', 'FloatStorage'),
      ...['0', 'cpu'].map(pickle.text),
      pickle.number(4),
      [0x74, 0x51, 0x4b, 0, 0x28],
      ...shape.map(pickle.number),
      [0x74, 0x28],
      ...strides.map(pickle.number),
      [0x74, 0x89],
      pickle.name('collections', 'OrderedDict'),
      [0x29, 0x52, 0x74, 0x52],
    ),
  /** A file of torch.save. */
  file: (...parts: readonly (Uint8Array | readonly number[])[]) =>
    packed([
      { name: 'm/data.pkl', content: joined([0x80, 2], ...parts, [0x2e]) },
      { name: 'm/data/0', content: zeros(16) },
    ]),
}

/** Fields of Protocol Buffers. */
export const proto = {
  varint: (value: number | bigint): number[] => {
    const bytes: number[] = []
    let rest = BigInt(value)
    for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
    return [...bytes, Number(rest)]
  },
  int: (field: number, value: number | bigint) => joined(proto.varint(field * 8), proto.varint(value)),
  bytes: (field: number, content: Uint8Array | readonly number[]) =>
    joined(proto.varint(field * 8 + 2), proto.varint(content.length), content),
  /** A model whose graph has these fields. */
  model: (...graph: readonly Uint8Array[]) =>
    joined(proto.int(1, 8), proto.bytes(2, text('maker')), proto.bytes(7, joined(...graph))),
}
