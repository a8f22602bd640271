// Types of storage: how files hold numbers. Those that tensors do not have are widened when they are read, each exactly or not at all.
import { FormatError } from '../errors'
import { type DType, sizeOf, Tensor, type TypedArray } from '../tensor'
import { bfloat16ToFloat, float8E4M3ToFloat, float8E5M2ToFloat, halfToFloat } from './halfFloats'

/** A type of storage: its width in bytes, and how its numbers are read where no typed array of tensors has them. */
interface Kind {
  readonly width: number
  /** The type of the tensor; that of whole numbers of eight bytes follows from their size. */
  readonly dtype: DType
  readonly read?: (view: DataView, at: number, littleEndian: boolean) => number
}

const kinds = {
  float64: { width: 8, dtype: 'float64', read: (view, at, little) => view.getFloat64(at, little) },
  float32: { width: 4, dtype: 'float32', read: (view, at, little) => view.getFloat32(at, little) },
  float16: { width: 2, dtype: 'float32', read: (view, at, little) => halfToFloat(view.getUint16(at, little)) },
  bfloat16: { width: 2, dtype: 'float32', read: (view, at, little) => bfloat16ToFloat(view.getUint16(at, little)) },
  float8E4M3: { width: 1, dtype: 'float32', read: (view, at) => float8E4M3ToFloat(view.getUint8(at)) },
  float8E5M2: { width: 1, dtype: 'float32', read: (view, at) => float8E5M2ToFloat(view.getUint8(at)) },
  int64: { width: 8, dtype: 'int32', read: (view, at, little) => Number(view.getBigInt64(at, little)) },
  uint64: { width: 8, dtype: 'int32', read: (view, at, little) => Number(view.getBigUint64(at, little)) },
  int32: { width: 4, dtype: 'int32', read: (view, at, little) => view.getInt32(at, little) },
  uint32: { width: 4, dtype: 'int32', read: (view, at, little) => view.getUint32(at, little) },
  int16: { width: 2, dtype: 'int32', read: (view, at, little) => view.getInt16(at, little) },
  uint16: { width: 2, dtype: 'int32', read: (view, at, little) => view.getUint16(at, little) },
  int8: { width: 1, dtype: 'int32', read: (view, at) => view.getInt8(at) },
  uint8: { width: 1, dtype: 'int32', read: (view, at) => view.getUint8(at) },
  bool: { width: 1, dtype: 'bool', read: (view, at) => view.getUint8(at) },
} as const satisfies Record<string, Kind>

/** The name of a type of storage. */
export type StorageType = keyof typeof kinds

/** The number of bytes that one number takes. */
export function widthOf(type: StorageType): number {
  return kinds[type].width
}

/** The bytes that one number takes in a tensor, at least. */
export function widenedSize(type: StorageType): number {
  const { dtype } = kinds[type]
  return dtype === 'float64' ? 8 : dtype === 'bool' ? 1 : 4
}

/** Numbers as a file holds them. */
export interface Stored {
  readonly type: StorageType
  readonly shape: readonly number[]
  /** Row-major, as many bytes as the shape takes. */
  readonly bytes: Uint8Array
}

/**
 * The tensor of stored numbers: halves become float32; whole numbers int32, or float64 where one is too large for that.
 * The data is a copy.
 *
 * @param where - what is read, for messages.
 * @throws FormatError for a whole number that no float64 holds exactly, and for booleans other than 0 and 1.
 */
export function widen(where: string, { type, shape, bytes }: Stored, littleEndian = true): Tensor {
  const { width, dtype, read }: Kind = kinds[type]
  const size = sizeOf(shape)
  if (bytes.length !== size * width) {
    throw new FormatError(`${where}: expected ${size * width} bytes of ${type}, got ${bytes.length}`)
  }
  if (type === 'bool') return new Tensor(booleans(where, bytes), shape)
  if (littleEndian && (type === 'float32' || type === 'float64' || type === 'int32')) {
    // Node's Buffer has a slice of its own, which copies nothing; a typed array needs memory aligned to its width.
    const { buffer } = Uint8Array.prototype.slice.call(bytes)
    return new Tensor(typed(type, buffer), shape)
  }
  if (read === undefined) throw new FormatError(`${where}: ${type} is not read`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (dtype === 'int32')
    return new Tensor(
      wholeNumbers(where, size, (i) => read(view, i * width, littleEndian)),
      shape,
    )
  const data = dtype === 'float64' ? new Float64Array(size) : new Float32Array(size)
  for (let i = 0; i < size; i++) data[i] = read(view, i * width, littleEndian)
  return new Tensor(data, shape)
}

/** Booleans of which any byte but 0 counts as true, as NumPy's do. */
export function truths(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return filledBy(new Uint8Array(bytes.length), (i) => Number(bytes[i] !== 0))
}

/** Arrays of one type, one behind the other. */
export function joinedArrays<T extends TypedArray | Uint16Array>(
  type: new (size: number) => T,
  parts: readonly ArrayLike<number>[],
): T {
  const whole = new type(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Fills an array place by place: `from` with a function makes a list of all numbers first, in eight times the memory and time. */
export function filledBy<T extends TypedArray | Uint16Array>(array: T, numberAt: (i: number) => number): T {
  for (let i = 0; i < array.length; i++) array[i] = numberAt(i)
  return array
}

function typed(type: 'float32' | 'float64' | 'int32', buffer: ArrayBuffer): TypedArray {
  switch (type) {
    case 'float32':
      return new Float32Array(buffer)
    case 'float64':
      return new Float64Array(buffer)
    case 'int32':
      return new Int32Array(buffer)
  }
}

function booleans(where: string, bytes: Uint8Array): Uint8Array {
  const wrong = bytes.find((byte) => byte > 1)
  if (wrong !== undefined) throw new FormatError(`${where}: expected booleans 0 and 1, got ${wrong}`)
  return Uint8Array.prototype.slice.call(bytes)
}

/** So many whole numbers, int32, or float64 where one is too large for that. @throws FormatError where no float64 holds one exactly. */
export function wholeNumbers(where: string, size: number, read: (i: number) => number): Int32Array | Float64Array {
  const data = new Int32Array(size)
  for (let i = 0; i < size; i++) {
    data[i] = read(i)
    if (data[i] !== read(i)) return wideWholeNumbers(where, size, read)
  }
  return data
}

function wideWholeNumbers(where: string, size: number, read: (i: number) => number): Float64Array {
  const data = new Float64Array(size)
  for (let i = 0; i < size; i++) {
    data[i] = read(i)
    if (!Number.isSafeInteger(data[i])) {
      throw new FormatError(`${where}: expected whole numbers below 2 ** 53, got ${data[i]}`)
    }
  }
  return data
}
