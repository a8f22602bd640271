// Tensors as JSON: what JSON.stringify writes of one, and how it is read back.
import { DataError, requireOneOf, ShapeError, textOf } from '../errors'
import { allocate, type DType, dtypes, shortestDigits, type TypedArray } from './dtype'
import { formatShape, type Shape, sizeOf } from './shape'

/** A tensor as JSON. Numbers that JSON has not are words. */
export interface TensorJSON {
  readonly shape: readonly number[]
  readonly dtype: DType
  readonly data: readonly (number | 'NaN' | 'Infinity' | '-Infinity')[]
}

/** What JSON.stringify writes: of a float32 no more digits than give it back. */
export function tensorToJSON(data: TypedArray, shape: Shape, dtype: DType): TensorJSON {
  const write = (value: number): TensorJSON['data'][number] => {
    if (Number.isFinite(value)) return Number(value.toPrecision(shortestDigits(value, dtype)))
    return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity'
  }
  return { shape: [...shape], dtype, data: Array.from(data, write) }
}

/** Whether this is what JSON.parse gives of a tensor. */
export function isTensorJSON(value: unknown): value is TensorJSON {
  if (typeof value !== 'object' || value === null) return false
  const { shape, dtype, data } = value as Partial<Record<keyof TensorJSON, unknown>> // an object, of which nothing is known
  return Array.isArray(shape) && typeof dtype === 'string' && Array.isArray(data) && shape.every(Number.isInteger)
}

/** Its elements. @throws OptionError, ShapeError and DataError where it is none. */
export function readTensorJSON({ shape, dtype, data }: TensorJSON): TypedArray {
  requireOneOf('tensor', 'dtype', dtype, dtypes)
  if (sizeOf(shape) !== data.length) {
    throw new ShapeError(`tensor: shape ${formatShape(shape)} holds ${sizeOf(shape)} elements, got ${data.length}`)
  }
  const out = allocate(dtype, data.length)
  for (const [i, value] of data.entries()) {
    if (typeof value !== 'number' && !/^(NaN|-?Infinity)$/.test(String(value))) {
      throw new DataError(`tensor: expected a number at data[${i}], got ${textOf(value)}`)
    }
    out[i] = Number(value)
  }
  return out
}
