// Plain data (numbers, texts, lists, records) with tensors in it, as a text and tensors by name, and back to the last bit: JSON alone
// loses NaN, infinities, -0 and undefined.
import { DataError, describeValue, FormatError, isList } from '../errors'
import { Tensor } from '../tensor'

/** Plain data as a text, and the tensors that stand in it. */
export interface Packed {
  readonly text: string
  readonly tensors: ReadonlyMap<string, Tensor>
}

/** What marks a record that stands for something that JSON does not have. */
const mark = '$'

/** Deeper than any state; what contains itself is deeper. */
const deepest = 64

/**
 * Packs plain data.
 *
 * @param prefix - what the names of the tensors begin with.
 * @throws DataError for what is no plain data: functions, symbols, objects of classes, and what contains itself.
 */
export function pack(where: string, value: unknown, prefix: string): Packed {
  const tensors = new Map<string, Tensor>()
  const packed = (item: unknown, at: string, depth: number): unknown => {
    if (depth > deepest) throw new DataError(`${at}: nested too deep, or in itself`)
    if (item === null || typeof item === 'boolean' || typeof item === 'string') return item
    if (typeof item === 'number') {
      return Number.isFinite(item) && !Object.is(item, -0) ? item : { [mark]: 'number', value: numberName(item) }
    }
    if (item === undefined) return { [mark]: 'undefined' }
    if (item instanceof Tensor) {
      const name = `${prefix}${tensors.size}`
      tensors.set(name, item)
      return { [mark]: 'tensor', name }
    }
    if (Array.isArray(item)) return item.map((each, i) => packed(each, `${at}[${i}]`, depth + 1))
    if (!isPlainRecord(item)) {
      throw new DataError(
        `${at}: expected numbers, texts, booleans, tensors, lists and records, got ${describeValue(item)}`,
      )
    }
    const entries = Object.entries(item).map(([key, each]) => [key, packed(each, `${at}.${key}`, depth + 1)] as const)
    return Object.hasOwn(item, mark) ? { [mark]: 'record', entries } : Object.fromEntries(entries)
  }
  return { text: JSON.stringify(packed(value, where, 0)), tensors }
}

/** What was packed. @throws FormatError for a text that `pack` did not write. */
export function unpack(where: string, text: string, tensors: ReadonlyMap<string, Tensor>): unknown {
  const unpacked = (item: unknown): unknown => {
    if (typeof item !== 'object' || item === null) return item
    if (Array.isArray(item)) return item.map(unpacked)
    if (!Object.hasOwn(item, mark)) return recordOf(Object.entries(item))
    const { [mark]: kind, value, name, entries } = item as Record<string, unknown> // by that test
    const tensor = kind === 'tensor' ? tensors.get(String(name)) : undefined
    if (tensor !== undefined) return tensor
    if (kind === 'undefined') return undefined
    if (kind === 'number') return value === '-0' ? -0 : Number(value)
    if (kind === 'record' && isList(entries) && entries.every(Array.isArray)) return recordOf(entries)
    throw new FormatError(`${where}: the text means nothing: ${JSON.stringify(item).slice(0, 80)}`)
  }
  const recordOf = (entries: readonly (readonly unknown[])[]): unknown =>
    Object.fromEntries(entries.map(([key, each]) => [String(key), unpacked(each)]))
  try {
    return unpacked(JSON.parse(text))
  } catch (cause) {
    if (cause instanceof FormatError) throw cause
    throw new FormatError(`${where}: expected JSON`, { cause })
  }
}

function numberName(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

function isPlainRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
