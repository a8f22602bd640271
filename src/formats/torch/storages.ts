// Tensors of PyTorch: views of storages, with an offset and a stride for each axis; several may lie in one storage.
import { FormatError, isList } from '../../errors'
import { type StorageType, widen, widthOf } from '../../io'
import { formatShape, sizeOf, stridesOf, type Tensor } from '../../tensor'
import { gathered } from '../strided'

/** The numbers behind tensors, as they lie in the file. */
export interface TorchStorage {
  readonly key: string
  /** Unknown where the tensors say it. */
  readonly type: StorageType | undefined
  readonly bytes: Uint8Array
}

/** A tensor as a pickle describes it. */
export class TorchTensor {
  constructor(
    readonly storage: TorchStorage,
    readonly type: StorageType,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}
}

/** The types of `torch.FloatStorage` and its kin. */
export const storageTypes: Readonly<Record<string, StorageType>> = {
  DoubleStorage: 'float64',
  FloatStorage: 'float32',
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  LongStorage: 'int64',
  IntStorage: 'int32',
  ShortStorage: 'int16',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  BoolStorage: 'bool',
}

/** The types by the names that `torch.float32` and its kin have. */
export const tensorTypes: Readonly<Record<string, StorageType>> = {
  float64: 'float64',
  float32: 'float32',
  float16: 'float16',
  bfloat16: 'bfloat16',
  float8_e4m3fn: 'float8E4M3',
  float8_e5m2: 'float8E5M2',
  int64: 'int64',
  int32: 'int32',
  int16: 'int16',
  int8: 'int8',
  uint64: 'uint64',
  uint32: 'uint32',
  uint16: 'uint16',
  uint8: 'uint8',
  bool: 'bool',
}

/** @throws FormatError for a tensor that does not lie within its storage. */
export function makeTorchTensor(
  storage: TorchStorage,
  type: StorageType | undefined,
  offset: unknown,
  shape: unknown,
  strides: unknown,
): TorchTensor {
  if (type === undefined) throw broken(storage, 'expected a type of its numbers')
  if (!isCount(offset) || !isCounts(shape) || !isCounts(strides) || shape.length !== strides.length) {
    throw broken(storage, 'expected whole numbers for the offset, the shape and the strides')
  }
  if (!isCount(sizeOf(shape))) throw broken(storage, `the shape ${formatShape(shape)} is too large`)
  const last = shape.reduce((at, length, axis) => at + (length - 1) * strides[axis], offset)
  const held = storage.bytes.length / widthOf(type)
  if (!shape.includes(0) && last >= held) {
    throw broken(storage, `a tensor ${formatShape(shape)} takes numbers up to ${last}, it has ${Math.floor(held)}`)
  }
  return new TorchTensor(storage, type, offset, shape, strides)
}

/** The tensor's numbers, row-major. */
export function readTorchTensor(name: string, tensor: TorchTensor, littleEndian: boolean): Tensor {
  const { type, shape } = tensor
  return widen(`pytorch: ${name}`, { type, shape, bytes: rowMajor(tensor) }, littleEndian)
}

function rowMajor({ storage, type, offset, shape, strides }: TorchTensor): Uint8Array {
  const width = widthOf(type)
  const size = sizeOf(shape)
  const { bytes } = storage
  if (size === 0) return new Uint8Array(0)
  // The stride of an axis of one place says nothing.
  const plain = stridesOf(shape)
  if (shape.every((length, axis) => length === 1 || strides[axis] === plain[axis])) {
    return bytes.subarray(offset * width, (offset + size) * width)
  }
  return gathered(bytes, shape, strides, width, offset)
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function isCounts(value: unknown): value is number[] {
  return isList(value) && value.every(isCount)
}

function broken({ key }: TorchStorage, what: string): FormatError {
  return new FormatError(`pytorch: storage ${key.slice(0, 40)}: ${what}: the file is corrupt`)
}
