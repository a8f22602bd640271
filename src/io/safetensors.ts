// The safetensors file format: 8 bytes with the header's length, the header (JSON: for each tensor its type, shape and
// place), then the tensors' bytes without gaps. All numbers are little-endian, as on every machine that runs JavaScript.
import { FormatError, isList, textOf } from '../errors'
import { sizeOf, Tensor, type TypedArray } from '../tensor'
import { hasTooManyValues, mostValues } from './jsonSize'
import { type StorageType, type Stored, widen, widthOf } from './storage'

/** What a safetensors file holds. */
export interface SafetensorsContent {
  readonly tensors: ReadonlyMap<string, Tensor>
  /** Texts that go with the tensors. */
  readonly metadata: Readonly<Record<string, string>>
}

/** The same, numbers as they lie in the file. */
export interface StoredContent {
  readonly tensors: ReadonlyMap<string, Stored>
  readonly metadata: Readonly<Record<string, string>>
}

const tags: Readonly<Record<StorageType, string>> = {
  float64: 'F64',
  float32: 'F32',
  float16: 'F16',
  bfloat16: 'BF16',
  float8E4M3: 'F8_E4M3',
  float8E5M2: 'F8_E5M2',
  int64: 'I64',
  uint64: 'U64',
  int32: 'I32',
  uint32: 'U32',
  int16: 'I16',
  uint16: 'U16',
  int8: 'I8',
  uint8: 'U8',
  bool: 'BOOL',
}
const byTag = /* @__PURE__ */ typesByTag()
const metadataKey = '__metadata__'
const longestHeader = 100_000_000 // the limit of the format's own reader

/**
 * Writes tensors into the bytes of a safetensors file. Wide types come first, so that every tensor lies at a multiple
 * of its width.
 *
 * @throws FormatError for a tensor with the name the format keeps for the metadata.
 */
export function encodeSafetensors({
  tensors,
  metadata,
}: {
  readonly tensors: ReadonlyMap<string, Tensor | Stored>
  readonly metadata: Readonly<Record<string, string>>
}): Uint8Array<ArrayBuffer> {
  if (tensors.has(metadataKey)) throw new FormatError(`safetensors: a tensor cannot have the name ${metadataKey}`)
  const stored = [...tensors].map(([name, tensor]) => [name, asStored(tensor)] as const)
  const placed = [...stored].sort(([, a], [, b]) => widthOf(b.type) - widthOf(a.type))
  const offsets = new Map<string, number>()
  let end = 0
  for (const [name, { bytes }] of placed) {
    offsets.set(name, end)
    end += bytes.byteLength
  }
  const entries = stored.map(([name, { type, shape, bytes }]) => {
    const begin = offsets.get(name) ?? 0
    return [name, { dtype: tags[type], shape, data_offsets: [begin, begin + bytes.byteLength] }] as const
  })
  const start = Object.keys(metadata).length === 0 ? [] : [[metadataKey, metadata] as const]
  const header = new TextEncoder().encode(JSON.stringify(Object.fromEntries([...start, ...entries])))
  const padded = Math.ceil(header.length / 8) * 8
  const file = new Uint8Array(8 + padded + end)
  new DataView(file.buffer).setBigUint64(0, BigInt(padded), true)
  file.fill(0x20, 8, 8 + padded).set(header, 8)
  for (const [name, { bytes }] of placed) file.set(bytes, 8 + padded + (offsets.get(name) ?? 0))
  return file
}

/** A tensor as it lies in a file, its bytes not copied. */
export function asStored(tensor: Tensor | Stored): Stored {
  if (!(tensor instanceof Tensor)) return tensor
  return { type: tensor.dtype, shape: tensor.shape, bytes: bytesOf(tensor.data) }
}

/** The bytes of a typed array, not copied. */
export function bytesOf(data: TypedArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

/**
 * Reads the bytes of a safetensors file. Nothing in them is trusted: a file that is not exactly right is refused.
 *
 * @throws FormatError that says what is wrong.
 */
export function decodeSafetensors(bytes: Uint8Array): SafetensorsContent {
  const { tensors, metadata } = readSafetensors(bytes)
  const widened = [...tensors].map(([name, stored]) => [name, widen(`safetensors: tensor '${name}'`, stored)] as const)
  return { tensors: new Map(widened), metadata }
}

/** The same, with numbers as the file has them: their bytes are those of the file, not a copy. */
export function readSafetensors(bytes: Uint8Array): StoredContent {
  const { header, dataStart } = readHeader(bytes)
  const metadata = readMetadata(header[metadataKey])
  const entries = Object.entries(header).filter(([name]) => name !== metadataKey)
  const places = entries.map(([name, entry]) => readEntry(name, entry))
  checkCoverage(places, bytes.length - dataStart)
  const stored = places.map(({ name, type, shape, begin, end }) => {
    return [name, { type, shape, bytes: bytes.subarray(dataStart + begin, dataStart + end) }] as const
  })
  return { tensors: new Map(stored), metadata }
}

interface HeaderEntry {
  readonly name: string
  readonly type: StorageType
  readonly shape: readonly number[]
  readonly begin: number
  readonly end: number
}

function readHeader(bytes: Uint8Array): { header: Record<string, unknown>; dataStart: number } {
  if (bytes.length < 8) throw broken(`expected at least 8 bytes, got ${bytes.length}: the file is empty or truncated`)
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)
  // The first bytes of a file of another kind read as a number are huge; those of a truncated one are not.
  if (length > longestHeader || (bytes.length > 8 && bytes[8] !== 0x7b)) {
    throw broken('this is a file of another kind: it does not begin with the length of a header and the header')
  }
  const dataStart = 8 + Number(length)
  if (dataStart > bytes.length) {
    throw broken(`the header takes ${length} bytes, got ${bytes.length - 8}: the file is truncated`)
  }
  const text = bytes.subarray(8, dataStart)
  if (hasTooManyValues(text)) throw broken(`a header of more than ${mostValues} values, which no model has`)
  let header: unknown
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text))
  } catch (error) {
    throw broken('the header is not JSON: the file is corrupt or of another kind', error)
  }
  if (!isObject(header)) throw broken('the header is not an object')
  return { header, dataStart }
}

function readMetadata(given: unknown): Record<string, string> {
  if (given === undefined) return {}
  if (!isObject(given)) throw broken('the metadata is not an object')
  const texts: [string, string][] = []
  for (const [key, text] of Object.entries(given)) {
    if (typeof text !== 'string') throw broken(`the metadata '${key}' is not a text`)
    texts.push([key, text])
  }
  return Object.fromEntries(texts)
}

function readEntry(name: string, entry: unknown): HeaderEntry {
  if (!isObject(entry)) throw broken(`tensor '${name}': its entry in the header is not an object`)
  const type = byTag.get(entry.dtype)
  if (type === undefined) {
    const known = [...byTag.keys()].join(', ')
    throw broken(`tensor '${name}': expected one of the types ${known}, got ${textOf(entry.dtype)}`)
  }
  const { shape, data_offsets: offsets } = entry
  if (!isCounts(shape)) throw broken(`tensor '${name}': its shape is not a list of lengths`)
  if (!isCounts(offsets) || offsets.length !== 2) throw broken(`tensor '${name}': its place is not a pair of offsets`)
  const [begin, end] = offsets
  const size = sizeOf(shape) * widthOf(type)
  if (end - begin !== size) {
    throw broken(`tensor '${name}': its shape [${shape.join(', ')}] takes ${size} bytes, its place has ${end - begin}`)
  }
  return { name, type, shape, begin, end }
}

/** Together the tensors must cover the data exactly: neither gaps, nor overlaps, nor anything missing at the end. */
function checkCoverage(places: readonly HeaderEntry[], dataSize: number): void {
  let covered = 0
  for (const { name, begin, end } of [...places].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== covered)
      throw broken(`tensor '${name}': expected to begin at byte ${covered} of the data, got ${begin}`)
    covered = end
  }
  if (covered > dataSize) throw broken(`the tensors take ${covered} bytes, got ${dataSize}: the file is truncated`)
  if (covered < dataSize) throw broken(`the tensors take ${covered} bytes, got ${dataSize}: the rest belongs to none`)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isCounts(value: unknown): value is number[] {
  return isList(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0)
}

function broken(what: string, cause?: unknown): FormatError {
  return new FormatError(`safetensors: ${what}`, { cause })
}

function typesByTag(): ReadonlyMap<unknown, StorageType> {
  return new Map(Object.entries(tags).map(([type, tag]) => [tag, type as StorageType])) // keys of `tags`
}
