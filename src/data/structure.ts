// Data for one input, for several, or by name: told apart, turned into tensors, and mapped part by part.
import { DataError, didYouMean } from '../errors'
import { asTensor, type DType, isTypedArray, Tensor, type TensorLike } from '../tensor'
import type { DataLike, Structure } from './batch'

/** Whether the data is a record by name. */
export function isRecord<T>(data: Structure<T>): data is Readonly<Record<string, T>> {
  return typeof data === 'object' && data !== null && !Array.isArray(data) && !(data instanceof Tensor) && !isView(data)
}

/** Whether the data is a list with one tensor for each input, rather than one nested array. */
export function isTensorList(data: DataLike): data is readonly TensorLike[] {
  return Array.isArray(data) && data.some((item) => item instanceof Tensor)
}

/** The data with every part turned into a tensor. @throws DataError for what is no data, naming the part. */
export function toTensors(data: DataLike, where: string, dtype?: DType): Structure<Tensor> {
  if (isRecord(data)) {
    return Object.fromEntries(Object.entries(data).map(([name, part]) => [name, made(part, `${where}.${name}`, dtype)]))
  }
  if (isTensorList(data)) return data.map((part, i) => made(part, `${where}[${i}]`, dtype))
  return made(data as TensorLike, where, dtype) // neither a record nor a list of tensors
}

/**
 * The data as one tensor for each name, in the order of the names: a single tensor, a list in that order, or a record.
 *
 * With several names an array of as many items is taken as one item for each name.
 *
 * @throws DataError for too few or too many, and for names that are not among those expected.
 */
export function tensorsFor(names: readonly string[], data: DataLike, where: string): Tensor[] {
  if (isRecord(data)) {
    const unknown = Object.keys(data).find((name) => !names.includes(name))
    if (unknown !== undefined) {
      throw new DataError(
        `${where}: unknown name '${unknown}'.${didYouMean(unknown, names)} Expected ${names.join(', ')}.`,
      )
    }
    return names.map((name) => {
      if (data[name] === undefined) throw new DataError(`${where}: expected data for '${name}', got none`)
      return made(data[name], `${where} '${name}'`)
    })
  }
  const isList = isTensorList(data) || (names.length > 1 && Array.isArray(data) && data.length === names.length)
  const parts = isList ? (data as readonly TensorLike[]) : [data as TensorLike] // by the two tests above
  if (parts.length !== names.length) {
    const given = parts.length === 1 ? 'one' : `${parts.length}`
    throw new DataError(`${where}: expected ${names.length} tensors (${names.join(', ')}), got ${given}`)
  }
  return parts.map((part, i) => made(part, names.length === 1 ? where : `${where} '${names[i]}'`))
}

/** The parts with their names as an error message gives them: `x`, `x[1]`, `x 'price'`. */
export function namedParts<T>(data: Structure<T>, where: string): [string, T][] {
  if (isRecord(data)) return Object.entries(data).map(([name, part]) => [`${where} '${name}'`, part])
  if (Array.isArray(data)) return data.map((part, i) => [`${where}[${i}]`, part])
  return [[where, data as T]] // neither a record nor a list
}

/** The same structure with each part replaced. */
export function mapStructure<T, U>(data: Structure<T>, change: (part: T) => U): Structure<U> {
  if (isRecord(data)) return Object.fromEntries(Object.entries(data).map(([name, part]) => [name, change(part)]))
  if (Array.isArray(data)) return data.map((part: T) => change(part))
  return change(data as T) // neither a record nor a list
}

function made(part: TensorLike, where: string, dtype?: DType): Tensor {
  if (part === null || part === undefined || typeof part === 'string') {
    throw new DataError(`${where}: expected numbers, got ${typeof part === 'string' ? `'${part}'` : String(part)}`)
  }
  try {
    return asTensor(part, dtype)
  } catch (error) {
    if (error instanceof DataError) throw new DataError(error.message.replace(/^tensor/, where), { cause: error })
    throw error
  }
}

function isView(data: object): boolean {
  return isTypedArray(data) || ArrayBuffer.isView(data)
}
