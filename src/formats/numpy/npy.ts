// One array of NumPy (.npy): a magic number, the header as the text of a Python dict, then the numbers. Format versions 1 to 3.
import { FormatError } from '../../errors'
import { asStored, type Budget, type StorageType, widen, widenedSize, widthOf } from '../../io'
import { formatShape, sizeOf, stridesOf, type Tensor } from '../../tensor'
import { gathered } from '../strided'

/** `\x93NUMPY`, as .npy files begin. */
const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] as const

/** By the kind and width of NumPy's type codes. */
const types: Readonly<Record<string, StorageType>> = {
  f8: 'float64',
  f4: 'float32',
  f2: 'float16',
  i8: 'int64',
  i4: 'int32',
  i2: 'int16',
  i1: 'int8',
  u8: 'uint64',
  u4: 'uint32',
  u2: 'uint16',
  u1: 'uint8',
  b1: 'bool',
}
/** As many as NumPy has. */
const mostAxes = 64
const longestHeader = 2 ** 20
const codes = { float64: '<f8', float32: '<f4', int32: '<i4', bool: '|b1' } as const

/** Whether the bytes begin as a .npy file does. */
export function isNpy(bytes: Uint8Array): boolean {
  return magic.every((byte, i) => bytes[i] === byte)
}

/**
 * The tensor of a .npy file.
 *
 * @param budget - what may come out of the archive that it is in.
 * @throws FormatError for arrays of objects, texts or records, and for what is corrupt.
 */
export function readNpy(where: string, bytes: Uint8Array, budget?: Budget): Tensor {
  const { type, littleEndian, columnMajor, shape, start } = readHeader(where, bytes)
  const size = sizeOf(shape)
  const found = bytes.length - start
  if (!Number.isSafeInteger(size) || found !== size * widthOf(type)) {
    throw broken(where, `the shape ${formatShape(shape)} takes ${size * widthOf(type)} bytes, it has ${found}`)
  }
  budget?.take(size * (widthOf(type) + widenedSize(type)))
  const data = bytes.subarray(start)
  const rows = columnMajor && shape.length > 1 ? toRowMajor(data, shape, widthOf(type)) : data
  return widen(where, { type, shape, bytes: rows }, littleEndian)
}

/** The bytes of a .npy file. */
export function writeNpy(tensor: Tensor): Uint8Array<ArrayBuffer> {
  const { bytes } = asStored(tensor)
  const { shape } = tensor
  const tuple = `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`
  const dict = `{'descr': '${codes[tensor.dtype]}', 'fortran_order': False, 'shape': ${tuple}, }`
  // The numbers begin at a multiple of 64 bytes, after a line break.
  const length = Math.ceil((10 + dict.length + 1) / 64) * 64
  const file = new Uint8Array(length + bytes.length)
  file.set([...magic, 1, 0])
  new DataView(file.buffer).setUint16(8, length - 10, true)
  file.set(new TextEncoder().encode(`${dict.padEnd(length - 11)}\n`), 10)
  file.set(bytes, length)
  return file
}

interface Header {
  readonly type: StorageType
  readonly littleEndian: boolean
  readonly columnMajor: boolean
  readonly shape: readonly number[]
  /** Where the numbers begin. */
  readonly start: number
}

function readHeader(where: string, bytes: Uint8Array): Header {
  if (!isNpy(bytes) || bytes.length < 12) throw broken(where, 'it does not begin as a .npy file')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const version = bytes[6]
  if (version < 1 || version > 3) throw broken(where, `the version ${version} is unknown`)
  const from = version === 1 ? 10 : 12
  const start = from + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true))
  if (start > bytes.length) throw broken(where, 'the header is cut off')
  if (start > longestHeader) throw broken(where, `the header has ${start} bytes`)
  const dict = new TextDecoder().decode(bytes.subarray(from, start))
  const [, shapeText] = /'shape': *\(([\d, ]*)\)/.exec(dict) ?? []
  const [, order] = /'fortran_order': *(True|False)/.exec(dict) ?? []
  const [, descr] = /'descr': *('[^']*'|\[)/.exec(dict) ?? []
  if (shapeText === undefined || order === undefined || descr === undefined)
    throw broken(where, 'the header is not NumPy’s')
  const lengths = shapeText.split(',', mostAxes + 2).map((text) => text.trim())
  if (lengths.length > mostAxes + 1) throw broken(where, `it has more than ${mostAxes} axes`)
  return {
    ...typeOf(where, descr),
    columnMajor: order === 'True',
    shape: lengths.filter((text) => text !== '').map(Number),
    start,
  }
}

function typeOf(where: string, descr: string): { readonly type: StorageType; readonly littleEndian: boolean } {
  const [, order, code] = /^'([<>|=]?)(\w+)'$/.exec(descr) ?? []
  const type = code === undefined ? undefined : types[code]
  if (type !== undefined) return { type, littleEndian: order !== '>' }
  if (code === 'O') {
    throw new FormatError(
      `${where}: an array of Python objects is a pickle, which may run anything, and is not read; save arrays of numbers`,
    )
  }
  const got = descr === '[' ? 'records' : descr
  throw new FormatError(
    `${where}: expected numbers or booleans of a type such as '<f4', got ${got}; save it with .astype('float32')`,
  )
}

/** Numbers whose first axis runs fastest, put in the order in which the last one does. */
function toRowMajor(data: Uint8Array, shape: readonly number[], width: number): Uint8Array {
  return gathered(data, shape, stridesOf([...shape].reverse()).reverse(), width)
}

function broken(where: string, what: string): FormatError {
  return new FormatError(`${where}: ${what}: the file is corrupt`)
}
