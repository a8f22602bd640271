// Host tensors: a shape, an element type and a typed array. They hold data; what computes is a graph.
import { DataError, describeValue, requireList, requireOneOf, ShapeError, shortened } from '../errors'
import { allocate, type DType, dtypeOf, dtypes, type IntegerArray, type TypedArray } from './dtype'
import { isTensorJSON, readTensorJSON, type TensorJSON, tensorToJSON } from './json'
import { printTensor } from './print'
import { formatShape, type Shape, sizeOf, stridesOf } from './shape'

/** Numbers (or booleans) nested to any depth, as `toArray` gives them. */
export type NestedArray = number | boolean | readonly NestedArray[]

/** Numbers nested as deep as a tensor of that rank; any depth where the rank is not known. */
export type ArrayOfRank<Rank extends number> = number extends Rank
  ? NestedArray
  : [number, number[], number[][], number[][][], number[][][][], number[][][][][]][Rank]

/** A typed array of numbers. */
export type NumberArray = TypedArray | IntegerArray

/** Whatever is accepted where a tensor is: a tensor (also from JSON), a number, a nested array, a typed array (one axis). */
export type TensorLike = Tensor | TensorJSON | NestedArray | NumberArray | readonly NumberArray[]

/**
 * Data with a shape, on the host. Immutable by convention: nothing in the library writes to a tensor it was given.
 *
 * @example
 * ```ts
 * const t = tensor([[1, 2], [3, 4]])
 * t.shape // [2, 2]
 * ```
 */
export class Tensor {
  /** The length of each axis. */
  readonly shape: Shape
  /** The type of the elements. */
  readonly dtype: DType
  /** The elements in row-major order. */
  readonly data: TypedArray

  constructor(data: TypedArray, shape: Shape, dtype: DType = dtypeOf(data)) {
    showInNode()
    if (sizeOf(shape) !== data.length) {
      throw new ShapeError(`tensor: shape ${formatShape(shape)} holds ${sizeOf(shape)} elements, got ${data.length}`)
    }
    this.data = data
    this.shape = shape
    this.dtype = dtype
  }

  /** The number of axes. */
  get rank(): number {
    return this.shape.length
  }

  /** The number of elements. */
  get size(): number {
    return this.data.length
  }

  /**
   * The only element of a tensor of size 1.
   *
   * @example
   * ```ts
   * tensor([[7]]).item() // 7
   * ```
   */
  item(): number {
    if (this.size !== 1) {
      throw new ShapeError(`item: expected a tensor with one element, got shape ${formatShape(this.shape)}`)
    }
    return this.data[0]
  }

  /**
   * The data as nested arrays (a number for a scalar; booleans of a `bool` tensor).
   *
   * @typeParam Rank - the number of axes, where you know it: the compiler then knows how deep the arrays are.
   *
   * @example
   * ```ts
   * tensor([[1, 2], [3, 4]]).toArray<2>()[1] // [3, 4]
   * ```
   */
  toArray<Rank extends number = number>(): ArrayOfRank<Rank> {
    const isBool = this.dtype === 'bool'
    const nest = (axis: number, start: number, span: number): NestedArray => {
      if (axis === this.rank) return isBool ? this.data[start] !== 0 : this.data[start]
      const length = this.shape[axis]
      const inner = span / length
      return Array.from({ length }, (_, i) => nest(axis + 1, start + i * inner, inner))
    }
    const nested = this.size === 0 && this.rank > 0 ? emptyNest(this.shape) : nest(0, 0, this.size)
    return nested as ArrayOfRank<Rank> // as deep as whoever asks says
  }

  /**
   * The same data under another shape; one length may be -1 and is worked out.
   *
   * @example
   * ```ts
   * tensor([1, 2, 3, 4]).reshape([2, -1]).shape // [2, 2]
   * ```
   */
  reshape(shape: Shape | number): Tensor {
    return new Tensor(this.data, completeShape(shape, this.size), this.dtype)
  }

  toString(): string {
    const shown = Array.from(this.data.slice(0, 8), (x) => Number(x.toPrecision(6))).join(', ')
    return `Tensor(${this.dtype} ${formatShape(this.shape)}: ${shown}${this.size > 8 ? ', ...' : ''})`
  }

  /**
   * What `JSON.stringify` writes; `tensor`, `setWeights` and whatever else takes a tensor read it back exactly.
   *
   * @example
   * ```ts
   * const text = JSON.stringify(tensor([[1, 2], [3, 4]])) // {"shape":[2,2],"dtype":"float32","data":[1,2,3,4]}
   * tensor(JSON.parse(text)).shape // [2, 2]
   * ```
   */
  toJSON(): TensorJSON {
    return tensorToJSON(this.data, this.shape, this.dtype)
  }
}

/**
 * What `console.log` shows in Node: type, shape and values. It is put into the prototype by the first tensor: a bundler
 * cannot leave out a class that works out the name of a method.
 */
function showInNode(): void {
  if (inspection in Tensor.prototype) return
  Object.defineProperty(Tensor.prototype, inspection, {
    value(this: Tensor): string {
      return printTensor(this.data, this.shape, this.dtype)
    },
  })
}

const inspection = /* @__PURE__ */ Symbol.for('nodejs.util.inspect.custom')

function emptyNest(shape: Shape): NestedArray {
  const [length, ...rest] = shape
  return length === 0 ? [] : Array.from({ length }, () => emptyNest(rest))
}

/** Replaces a single -1 in a shape by the length that makes the sizes agree; a number by itself is the only length. */
export function completeShape(given: Shape | number, size: number, where = 'reshape'): Shape {
  const shape = typeof given === 'number' ? [given] : requireList(where, 'shape', given)
  const unknown = shape.indexOf(-1)
  const known = shape.reduce((product, length) => (length === -1 ? product : product * length), 1)
  const complete = unknown < 0 ? shape : shape.map((length, axis) => (axis === unknown ? size / known : length))
  if (complete.some((length) => !Number.isInteger(length) || length < 0) || sizeOf(complete) !== size) {
    throw new ShapeError(`${where}: ${size} elements do not fit the shape ${formatShape(shape)}`)
  }
  return complete
}

/**
 * Makes a host tensor.
 *
 * @param data - a number, a nested array, or a typed array, which is not copied unless it is converted.
 * @param shape - needed for typed arrays of more than one axis; otherwise it reshapes. One length may be -1.
 * @param dtype - `float32` by default; a typed array keeps its own type, of whole numbers `int32`; booleans become `bool`.
 * @throws DataError for ragged arrays and values that are not numbers.
 * @throws ShapeError when the shape does not hold the data.
 *
 * @example
 * ```ts
 * tensor([[1, 2], [3, 4]]).shape // [2, 2]
 * tensor(Float32Array.of(1, 2, 3, 4), [-1, 2]).toArray() // [[1, 2], [3, 4]]
 * ```
 */
export function tensor(data: TensorLike, shape?: Shape, dtype?: DType): Tensor {
  if (dtype !== undefined) requireOneOf('tensor', 'dtype', dtype, dtypes)
  if (shape !== undefined) requireList('tensor', 'shape', shape)
  const made = convert(data, dtype)
  return shape === undefined ? made : made.reshape(shape)
}

/** The tensor itself, or one made of whatever stands for it. */
export function asTensor(data: TensorLike, dtype?: DType): Tensor {
  return data instanceof Tensor && (dtype === undefined || data.dtype === dtype) ? data : convert(data, dtype)
}

function convert(data: TensorLike, dtype?: DType): Tensor {
  if (data instanceof Tensor) return dtype === undefined ? data : castTensor(data, dtype)
  if (isIntegerArray(data)) return ofIntegers(data, dtype ?? 'int32')
  if (isTypedArray(data)) return castTensor(new Tensor(data, [data.length]), dtype ?? dtypeOf(data))
  if (isTensorJSON(data)) {
    const read = new Tensor(readTensorJSON(data), data.shape, data.dtype)
    return dtype === undefined ? read : castTensor(read, dtype)
  }
  if (ArrayBuffer.isView(data)) {
    throw new DataError(`tensor: expected numbers, got ${describe(data)}`)
  }
  const { shape, leaf } = measured(data)
  const out = allocate(dtype ?? (typeof leaf === 'boolean' ? 'bool' : 'float32'), sizeOf(shape))
  fill(data, shape, 0, out, 0)
  return new Tensor(out, shape, dtype ?? dtypeOf(out))
}

function ofIntegers(data: IntegerArray, dtype: DType): Tensor {
  // Of the rest float32 does not hold every number either, but a float is what was asked for.
  const large = dtype === 'int32' && data instanceof Uint32Array ? data.findIndex((value) => value > 0x7fffffff) : -1
  if (large >= 0)
    throw new DataError(
      `tensor: expected numbers below 2^31, got ${data[large]} at [${large}]; dtype 'float64' holds them`,
    )
  return new Tensor(converted(data, dtype), [data.length], dtype)
}

/** The tensor with its elements converted; `bool` is 1 where the number is not 0. */
export function castTensor(source: Tensor, dtype: DType): Tensor {
  if (source.dtype === dtype) return source
  return new Tensor(converted(source.data, dtype), source.shape, dtype)
}

function converted(data: NumberArray, dtype: DType): TypedArray {
  const out = allocate(dtype, data.length)
  if (dtype === 'bool') for (let i = 0; i < out.length; i++) out[i] = data[i] !== 0 ? 1 : 0
  else out.set(data)
  return out
}

/** Whether this is an object whose members have names: no array, typed array or tensor. */
export function hasNames(value: unknown): value is object {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !ArrayBuffer.isView(value) &&
    !(value instanceof Tensor) &&
    !isTensorJSON(value)
  )
}

/** Whether it is an array of numbers of one of the kinds that tensors are made of. */
export function isTypedArray(data: unknown): data is NumberArray {
  return (
    isIntegerArray(data) || data instanceof Float32Array || data instanceof Float64Array || data instanceof Int32Array
  )
}

function isIntegerArray(data: unknown): data is IntegerArray {
  return (
    data instanceof Uint8Array ||
    data instanceof Uint8ClampedArray ||
    data instanceof Int8Array ||
    data instanceof Int16Array ||
    data instanceof Uint16Array ||
    data instanceof Uint32Array
  )
}

/** More axes than anything has; an array that contains itself has no end of them. */
const mostAxes = 64

/** The shape that nested arrays have if they are not ragged, and the first thing in them that is no array. */
function measured(data: unknown): { shape: number[]; leaf: unknown } {
  const shape: number[] = []
  let leaf = data
  for (; Array.isArray(leaf) || isTypedArray(leaf); leaf = leaf[0]) {
    if (shape.length === mostAxes) {
      throw new DataError(
        `tensor: expected at most ${mostAxes} axes, got arrays nested deeper, or an array within itself`,
      )
    }
    shape.push(leaf.length)
  }
  if (!shape.includes(0) && !isNumeric(leaf)) throw noNumber(leaf, 0, shape)
  return { shape, leaf }
}

/** What lies first in nested arrays; an array where they are empty, or nested without end. */
export function firstLeaf(data: unknown): unknown {
  let item = data
  for (let depth = 0; depth < mostAxes && Array.isArray(item) && item.length > 0; depth++) item = item[0]
  return item
}

function isNumeric(value: unknown): value is number | boolean {
  return typeof value === 'number' || typeof value === 'boolean'
}

function noNumber(got: unknown, at: number, shape: Shape): DataError {
  return new DataError(`tensor: expected a number ${place(at, shape, shape.length)}, got ${describe(got)}`)
}

function fill(data: unknown, shape: Shape, axis: number, out: TypedArray, at: number): number {
  const isArray = Array.isArray(data) || isTypedArray(data)
  if (axis === shape.length) {
    if (isArray) {
      throw new DataError(
        `tensor: ragged array: expected a number ${place(at, shape, axis)}, got an array of ${data.length}`,
      )
    }
    if (!isNumeric(data)) throw noNumber(data, at, shape)
    out[at] = out instanceof Uint8Array ? Number(Number(data) !== 0) : Number(data)
    return at + 1
  }
  if (!isArray || data.length !== shape[axis]) {
    const got = isArray ? `${data.length}` : describe(data)
    throw new DataError(
      `tensor: ragged array: expected an array of ${shape[axis]} ${place(at, shape, axis)}, got ${got}`,
    )
  }
  let next = at
  for (let i = 0; i < data.length; i++) next = fill(data[i], shape, axis + 1, out, next)
  return next
}

/** Where in the nested array the element with this flat index begins, for error messages. */
function place(at: number, shape: Shape, depth: number): string {
  const strides = stridesOf(shape)
  const path = strides.slice(0, depth).map((stride, axis) => Math.floor(at / stride) % shape[axis])
  return `at [${path.join(', ')}]`
}

function describe(value: unknown): string {
  return typeof value === 'string' ? `the string "${shortened(value)}"` : describeValue(value)
}
