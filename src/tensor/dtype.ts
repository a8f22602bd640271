// The element types of tensors and the typed arrays that hold them.
import { describeValue, OptionError, ShapeError } from '../errors'

/** Element type of a tensor. `float64` runs on the cpu backend only. */
export type DType = 'float32' | 'float64' | 'int32' | 'bool'

/** The element types of real numbers. */
export type FloatType = 'float32' | 'float64'

/** The typed array behind a tensor: one class for each {@link DType}; `bool` is held as bytes 0 and 1. */
export type TypedArray = Float32Array | Float64Array | Int32Array | Uint8Array

/** Whole numbers as they come from pictures, sound and files. They become an `int32` tensor. */
export type IntegerArray = Int8Array | Uint8Array | Uint8ClampedArray | Int16Array | Uint16Array | Uint32Array

/** All element types, widest last within a kind. */
export const dtypes: readonly DType[] = ['bool', 'int32', 'float32', 'float64']

const arrays = { bool: Uint8Array, int32: Int32Array, float32: Float32Array, float64: Float64Array } as const

/**
 * Makes the typed array a tensor of `size` elements of this type is held in, filled with zeros.
 *
 * @throws ShapeError where there is no memory for so many.
 */
export function allocate(dtype: FloatType, size: number, where?: string): Float32Array | Float64Array
export function allocate(dtype: DType, size: number, where?: string): TypedArray
export function allocate(dtype: DType, size: number, where = 'tensor'): TypedArray {
  if (typeof dtype !== 'string' || !Object.hasOwn(arrays, dtype)) {
    throw new OptionError(`${where}: dtype: expected one of ${dtypes.join(', ')}, got ${describeValue(dtype)}`)
  }
  try {
    return new arrays[dtype](size)
  } catch (cause) {
    throw new ShapeError(`${where}: expected no more elements than memory has room for, got ${size} of ${dtype}`, {
      cause,
    })
  }
}

/** The element type a typed array stands for. */
export function dtypeOf(data: TypedArray): DType {
  if (data instanceof Float32Array) return 'float32'
  if (data instanceof Float64Array) return 'float64'
  if (data instanceof Int32Array) return 'int32'
  return 'bool'
}

/** Whether the type is one of the floating-point ones: only those have gradients. */
export function isFloat(dtype: DType): dtype is FloatType {
  return dtype === 'float32' || dtype === 'float64'
}

/** The float type of what is computed from numbers of this type: its own, else float32. */
export function floatOf(dtype: DType): FloatType {
  return isFloat(dtype) ? dtype : 'float32'
}

/** The type two operands meet in: the wider float if there is one, else the wider of the rest. */
export function commonDType(a: DType, b: DType): DType {
  return dtypes.indexOf(a) >= dtypes.indexOf(b) ? a : b
}

/** The fewest digits that give an element back. */
export function shortestDigits(value: number, dtype: DType): number {
  const most = dtype === 'float32' ? 9 : 17
  for (let count = 1; count < most; count++) {
    const read = Number(value.toPrecision(count))
    if ((dtype === 'float32' ? Math.fround(read) : read) === value) return count
  }
  return most
}
