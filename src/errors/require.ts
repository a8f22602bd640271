// Checks of single values that many options share.
import { DataError, OptionError } from './classes'
import { describeValue } from './describe'

/** The number, if it is a whole one above 0. @throws OptionError otherwise. */
export function requirePositiveInteger(where: string, option: string, value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value > 0) return value
  throw new OptionError(`${where}: ${option}: expected a positive whole number, got ${describeValue(value)}`)
}

/** The number, if it lies in the range (both ends included). @throws OptionError otherwise. */
export function requireNumber(where: string, option: string, value: unknown, from = -Infinity, to = Infinity): number {
  if (typeof value === 'number' && value >= from && value <= to) return value
  const range =
    to === Infinity
      ? from === -Infinity
        ? 'a number'
        : `a number of at least ${from}`
      : `a number from ${from} to ${to}`
  throw new OptionError(`${where}: ${option}: expected ${range}, got ${describeValue(value)}`)
}

/** The word, if it is one of those known. @throws OptionError otherwise. */
export function requireOneOf<T extends string>(where: string, option: string, value: unknown, known: readonly T[]): T {
  const found = known.find((word) => word === value)
  if (found !== undefined) return found
  throw new OptionError(
    `${where}: ${option}: expected one of ${known.map((word) => `'${word}'`).join(', ')}, got ${describeValue(value)}`,
  )
}

/** The truth value, if it is one. @throws OptionError otherwise. */
export function requireBoolean(where: string, option: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw new OptionError(`${where}: ${option}: expected true or false, got ${describeValue(value)}`)
}

/** More elements than any list of options, layers or lengths has. */
const mostElements = 4_194_304

/** Whether it is a list that can be walked: `new Array(2 ** 32 - 1)` is one in name alone. */
// biome-ignore lint/suspicious/noExplicitAny: as Array.isArray has it.
export function isList(value: unknown): value is any[] {
  return Array.isArray(value) && value.length <= mostElements
}

/** Whether it is a function that can be called as it is: a class cannot. */
export function isCallable(value: unknown): value is (...given: never) => unknown {
  return typeof value === 'function' && !/^class\b/.test(Function.prototype.toString.call(value))
}

/** More elements than any array of data has that fits into memory. */
const mostData = 268_435_456

/** @throws DataError for an array that is one of data in name alone, such as `new Array(2 ** 32 - 1)`: to walk it takes minutes. */
export function requireWalkable(where: string, data: unknown): void {
  if (!Array.isArray(data) || data.length <= mostData) return
  throw new DataError(`${where}: expected data, got an array of ${data.length} elements, most of which cannot be there`)
}

/** The list, if it is one. @throws OptionError otherwise. */
export function requireList<T>(where: string, option: string, value: readonly T[]): readonly T[] {
  if (isList(value)) return value as readonly T[] // its elements are checked by who walks it
  throw new OptionError(`${where}: ${option}: expected a list, got ${describeValue(value)}`)
}

/** The text, if it is one. @throws OptionError otherwise. */
export function requireText(where: string, option: string, value: unknown): string {
  if (typeof value === 'string') return value
  throw new OptionError(`${where}: ${option}: expected a text, got ${describeValue(value)}`)
}

/** The signal, if it is one, or none. @throws OptionError otherwise. */
export function requireSignal(where: string, value: unknown): AbortSignal | undefined {
  if (value === undefined || value instanceof AbortSignal) return value
  throw new OptionError(`${where}: signal: expected an AbortSignal, got ${describeValue(value)}`)
}
