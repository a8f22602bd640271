// Datasets: their bytes, whether they lie together, in the header, or in chunks found through a B-tree.

import { type Bytes, broken, nowhere } from './bytes'
import { type Filter, readFilters, unfilter } from './filters'
import { type Message, messages } from './header'

const deepest = 16

/** All bytes of a dataset, in the order of its elements. */
export function readStored(
  file: Bytes,
  header: readonly Message[],
  shape: readonly number[],
  width: number,
): Uint8Array {
  const layout = header.find(({ type }) => type === messages.layout)?.data
  if (layout === undefined) throw broken('a dataset without a layout')
  if (header.some(({ type }) => type === messages.externalFiles)) throw broken('data in other files are not read')
  const size = shape.reduce((product, length) => product * length, width)
  const { kind, at, length, chunk } = readLayout(layout)
  if (kind === 'compact') {
    if (length !== size) throw broken(`expected ${size} bytes in a header, got ${length}`)
    return layout.slice(at, size)
  }
  if (size === 0) return new Uint8Array(0)
  if (kind === 'contiguous') {
    if (at === nowhere) {
      file.budget.take(size)
      return filled(header, size, width)
    }
    if (length < size) throw broken(`expected ${size} bytes of a dataset, got ${length}`)
    return file.slice(at, size)
  }
  file.budget.take(size)
  const whole = filled(header, size, width)
  const filters = header.filter(({ type }) => type === messages.filters).flatMap(({ data }) => readFilters(data))
  if (at !== nowhere) readChunks({ file, shape, chunk, width, filters, whole }, at)
  return whole
}

interface Layout {
  readonly kind: 'compact' | 'contiguous' | 'chunked'
  readonly at: number
  readonly length: number
  /** The lengths of a chunk, the width of an element last. */
  readonly chunk: readonly number[]
}

const kinds = ['compact', 'contiguous', 'chunked'] as const

function readLayout(message: Bytes): Layout {
  const version = message.u8(0)
  const number = message.u8(version < 3 ? 2 : 1)
  if (number === 3) throw broken('virtual datasets, which lie in other files, are not read')
  const kind = kinds[number]
  if (version < 1 || version > 4 || kind === undefined) throw broken(`a layout of version ${version} is not supported`)
  const lengths = (start: number, count: number): number[] => {
    if (count < 1 || count > 33) throw broken(`chunks of ${count} axes`)
    return Array.from({ length: count }, (_, i) => message.u32(start + 4 * i))
  }
  if (version < 3) {
    const rank = message.u8(1)
    if (kind === 'compact') {
      const at = 12 + 4 * rank
      return { kind, at, length: message.u32(at - 4), chunk: [] }
    }
    // How long data that lie together are is told by the shape alone.
    const at = message.u64(8)
    if (kind === 'contiguous') return { kind, at, length: Number.POSITIVE_INFINITY, chunk: [] }
    return { kind, at, length: 0, chunk: lengths(16, rank) }
  }
  if (kind === 'compact') return { kind, at: 4, length: message.u16(2), chunk: [] }
  if (kind === 'contiguous') return { kind, at: message.u64(2), length: message.u64(10), chunk: [] }
  if (version === 4) {
    throw broken(
      "chunks of the newest form (libver='latest') are not supported; write the file with libver='earliest', h5py's default",
    )
  }
  return { kind, at: message.u64(3), length: 0, chunk: lengths(11, message.u8(2)) }
}

/** Bytes that hold the fill value everywhere, which is zero where none was chosen. */
function filled(header: readonly Message[], size: number, width: number): Uint8Array {
  const whole = new Uint8Array(size)
  const value = readFill(header)
  if (value?.length !== width || value.every((byte) => byte === 0)) return whole
  for (let at = 0; at < size; at += width) whole.set(value, at)
  return whole
}

function readFill(header: readonly Message[]): Uint8Array | undefined {
  const message = header.find(({ type }) => type === messages.fill)?.data
  if (message === undefined) return undefined
  const version = message.u8(0)
  if (version === 3) return message.u8(1) & 0x20 ? message.slice(6, message.u32(2)) : undefined
  const isDefined = message.u8(3) !== 0
  if (!isDefined || message.length < 8) return undefined
  const size = message.u32(4)
  return size > 0 && size < 2 ** 31 ? message.slice(8, size) : undefined
}

interface ChunkedData {
  readonly file: Bytes
  readonly shape: readonly number[]
  readonly chunk: readonly number[]
  readonly width: number
  readonly filters: readonly Filter[]
  readonly whole: Uint8Array
}

function readChunks(data: ChunkedData, root: number): void {
  const { file, shape, chunk, width, filters, whole } = data
  const rank = shape.length
  if (chunk.length !== rank + 1 || chunk[rank] !== width || chunk.some((n) => n < 1)) {
    throw broken('chunks whose shape does not go with their dataset')
  }
  const chunkSize = chunk.reduce((product, n) => product * n, 1)
  file.budget.take(chunkSize)
  const mostChunks = shape.reduce((product, n, axis) => product * Math.ceil(n / chunk[axis]), 1)
  const keySize = 8 + 8 * (rank + 1)
  const seen = new Set<number>()
  let found = 0
  const visit = (at: number, depth: number): void => {
    if (seen.has(at) || depth > deepest) throw broken('chunks whose index goes round in circles')
    seen.add(at)
    file.expect(at, 'TREE')
    if (file.u8(at + 4) !== 1) throw broken('the index of chunks is that of something else')
    const level = file.u8(at + 5)
    const count = file.u16(at + 6)
    for (let i = 0; i < count; i++) {
      const key = at + 24 + i * (keySize + 8)
      const child = file.u64(key + keySize)
      if (level > 0) {
        visit(child, depth + 1)
        continue
      }
      if (++found > mostChunks) throw broken('more chunks than the dataset has')
      const start = shape.map((_, axis) => file.u64(key + 8 + 8 * axis))
      if (start.some((n, axis) => n >= shape[axis])) throw broken('a chunk that lies outside its dataset')
      const packed = file.slice(child, file.u32(key))
      copyChunk(unfilter(packed, filters, file.u32(key + 4), chunkSize), whole, start, data)
    }
  }
  visit(root, 0)
}

/** Copies the part of a chunk that lies inside the dataset, row by row of the last axis. */
function copyChunk(
  from: Uint8Array,
  to: Uint8Array,
  start: readonly number[],
  { shape, chunk, width }: ChunkedData,
): void {
  const copy = (axis: number, fromAt: number, toAt: number): void => {
    if (axis === shape.length) {
      to.set(from.subarray(fromAt * width, (fromAt + 1) * width), toAt * width)
      return
    }
    const count = Math.min(chunk[axis], shape[axis] - start[axis])
    if (axis === shape.length - 1) {
      const [source, target] = [fromAt * chunk[axis], toAt * shape[axis] + start[axis]]
      to.set(from.subarray(source * width, (source + count) * width), target * width)
      return
    }
    for (let i = 0; i < count; i++) copy(axis + 1, fromAt * chunk[axis] + i, toAt * shape[axis] + start[axis] + i)
  }
  copy(0, 0, 0)
}
