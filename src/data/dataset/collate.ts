// From the elements of a batch to the batch: numbers and tensors stacked, records and lists part by part.

import { DataError, isList } from '../../errors'
import {
  allocate,
  asTensor,
  commonDType,
  formatShape,
  isTypedArray,
  type NestedArray,
  sameShape,
  Tensor,
  type TypedArray,
} from '../../tensor'

/** What {@link Dataset.batch} makes of elements of a type. */
export type Batched<T> = T extends Tensor | TypedArray | number | boolean | NestedArray
  ? Tensor
  : T extends undefined
    ? undefined
    : T extends string | Date | null
      ? T[]
      : T extends readonly unknown[] | object
        ? { [K in keyof T]: Batched<T[K]> }
        : T[]

/** Joins elements of the same structure. @throws DataError where they differ in structure or shape. */
export function collate<T>(elements: readonly T[]): Batched<T> {
  return joined(elements, 'batch') as Batched<T> // the type says for each case what `joined` does
}

function joined(parts: readonly unknown[], where: string): unknown {
  const [first] = parts
  if (first === undefined) return undefined
  if (isNumeric(first))
    return stacked(
      parts.map((part) => leaf(part, where)),
      where,
    )
  if (Array.isArray(first)) {
    return first.map((_, i) => joined(members(parts, i, `${where}[${i}]`), `${where}[${i}]`))
  }
  if (isRecord(first)) {
    const names = new Set(parts.flatMap((part) => (isRecord(part) ? Object.keys(part) : [])))
    return Object.fromEntries(
      [...names].map((name) => [name, joined(members(parts, name, `${where}.${name}`), `${where}.${name}`)]),
    )
  }
  return [...parts]
}

/** A number, a tensor, a typed array, or numbers nested in arrays. */
function isNumeric(value: unknown): boolean {
  if (typeof value === 'number' || typeof value === 'boolean' || value instanceof Tensor || isTypedArray(value))
    return true
  if (!Array.isArray(value)) return false
  return (
    value.length === 0 ||
    (value.every((item) => isNested(item)) && value.every((item) => Array.isArray(item) === Array.isArray(value[0])))
  )
}

/** Arrays deeper than any tensor are no numbers: an array that contains itself has no end. */
function isNested(value: unknown, depth = 0): boolean {
  if (typeof value === 'number' || typeof value === 'boolean') return true
  return isList(value) && depth < 64 && value.every((item) => isNested(item, depth + 1))
}

/** Whether this is a plain record, rather than a tensor, an array or a thing of a class such as a date. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** A member of every element; undefined in all of them or in none. */
function members(parts: readonly unknown[], key: string | number, where: string): unknown[] {
  const values = parts.map((part): unknown =>
    typeof part === 'object' && part !== null ? Reflect.get(part, key) : undefined,
  )
  const there = values.filter((value) => value !== undefined).length
  if (there === 0 || there === values.length) return values
  throw new DataError(`${where}: missing in some of the elements of a batch, but there in others`)
}

function leaf(part: unknown, where: string): Tensor {
  if (typeof part === 'number') return new Tensor(Float32Array.of(part), [])
  if (!isNumeric(part)) throw new DataError(`${where}: expected numbers as in the first element, got ${typeof part}`)
  return asTensor(part as NestedArray) // by the test before
}

/** Tensors of one shape as one, under a new first axis, of a type that holds them all. @throws DataError where shapes differ. */
export function stacked(parts: readonly Tensor[], where: string): Tensor {
  const [{ shape, size }] = parts
  const dtype = parts.reduce((common, part) => commonDType(common, part.dtype), parts[0].dtype)
  const out = allocate(dtype, size * parts.length)
  for (const [i, part] of parts.entries()) {
    if (!sameShape(part.shape, shape)) {
      const hint =
        shape.length > 0 && sameShape(part.shape.slice(1), shape.slice(1))
          ? '; paddedBatch joins sequences of different lengths'
          : ''
      throw new DataError(
        `${where}: expected elements of one shape, got ${formatShape(shape)} and ${formatShape(part.shape)}${hint}`,
      )
    }
    out.set(part.data, i * size)
  }
  return new Tensor(out, [parts.length, ...shape], dtype)
}
