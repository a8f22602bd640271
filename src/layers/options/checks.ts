// Checks and readings of options and shapes that several layers share.

import { jsonOf, OptionError, requirePositiveInteger, ShapeError, textOf } from '../../errors'
import { formatShape, normalizeAxis, type PartialShape } from '../../tensor'

/** Two numbers: for rows and columns, or for what comes before and after. */
export type Pair = readonly [number, number]

/** Three numbers: for the axes of a volume. */
export type Triple = readonly [number, number, number]

/**
 * The options of a layer whose first argument is an option too: `maxPooling1d(3, { strides: 1 })` says the same as
 * `maxPooling1d({ poolSize: 3, strides: 1 })`.
 */
export function withLeading<O extends object, K extends keyof O>(option: K, first: O[K] | O, rest: O | undefined): O {
  const isOptions = typeof first === 'object' && first !== null && !Array.isArray(first)
  if (isOptions && rest === undefined) return first as O // an option that leads is a number or an array
  if (first !== undefined && rest !== undefined && rest[option] !== undefined) {
    throw new OptionError(`${textOf(option)}: expected it once, got it before the options and among them`)
  }
  return (first === undefined ? { ...rest } : { ...rest, [option]: first }) as O // options are optional, and K is one
}

/** One positive whole number for all of `count` axes, or a list of one for each. */
export function positiveSizes(where: string, option: string, value: unknown, count: number): readonly number[] {
  const list = Array.isArray(value) ? value : Array.from({ length: count }, () => value)
  if (list.length === count) return list.map((element) => requirePositiveInteger(where, option, element))
  const expected = count === 1 ? 'one number' : `one number or ${count}`
  throw new OptionError(`${where}: ${option}: expected ${expected}, got ${list.length}`)
}

/** The same of whole numbers of at least 0. */
export function wholeSizes(where: string, option: string, value: unknown, count: number): readonly number[] {
  const list = Array.isArray(value) ? value : Array.from({ length: count }, () => value)
  if (list.length === count) return list.map((element) => requireWholeNumber(where, option, element))
  throw new OptionError(`${where}: ${option}: expected one number or ${count}, got ${list.length}`)
}

/** One whole number of at least 0 for both of a pair, or a pair of them. */
export function wholePair(where: string, option: string, value: unknown): Pair {
  const list = Array.isArray(value) ? value : [value, value]
  if (list.length !== 2) throw new OptionError(`${where}: ${option}: expected one number or two, got ${list.length}`)
  return [requireWholeNumber(where, option, list[0]), requireWholeNumber(where, option, list[1])]
}

/** The number, if it is a whole one of at least 0. @throws OptionError otherwise. */
export function requireWholeNumber(where: string, option: string, value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value
  throw new OptionError(`${where}: ${option}: expected a whole number of at least 0, got ${textOf(value)}`)
}

/** A length that has to be known. @throws ShapeError where it is not. */
export function knownLength(where: string, what: string, shape: PartialShape, axis: number): number {
  const length = shape.at(axis)
  if (length != null) return length
  throw new ShapeError(`${where}: expected a known number of ${what}, got shape ${formatShape([null, ...shape])}`)
}

/** The axis counted from the front, the batch being axis 0, which it must not be. */
export function requireAxis(where: string, option: string, axis: number, rank: number): number {
  const normal = normalizeAxis(axis, rank, `${where}: ${option}`)
  if (normal > 0) return normal
  throw new ShapeError(`${where}: ${option}: expected an axis from 1 to ${rank - 1} (0 is the batch), got ${axis}`)
}

/** The same for one axis or several, in ascending order. */
export function requireAxes(where: string, option: string, axes: number | readonly number[], rank: number): number[] {
  const normal = listOf(axes).map((axis) => requireAxis(where, option, axis, rank))
  if (new Set(normal).size === normal.length) return normal.sort((a, b) => a - b)
  throw new OptionError(`${where}: ${option}: expected each axis once, got [${listOf(axes).join(', ')}]`)
}

/** The axis or axes, if they are whole numbers. @throws OptionError otherwise. */
export function checkAxes<T>(where: string, option: string, axes: T): T {
  const list = Array.isArray(axes) ? axes : [axes]
  if (list.length > 0 && list.every((axis) => Number.isInteger(axis) && axis !== 0)) return axes
  throw new OptionError(
    `${where}: ${option}: expected a whole number but 0 (which is the batch), or a list of them, got ${jsonOf(axes)}`,
  )
}

function listOf(axes: number | readonly number[]): readonly number[] {
  return typeof axes === 'number' ? [axes] : axes
}
