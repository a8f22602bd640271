// JSON from files: parsed once, and taken apart with checks.

import { describeValue, FormatError } from '../errors'
import { hasTooManyValues, mostValues } from '../io'
import type { Json } from '../registry'

/** A JSON object. */
export type JsonObject = { readonly [name: string]: Json }

/** Deeper than any model is nested; calls that go down a text from somebody else stop here. */
const deepest = 200
/** Entries of one record, of which there is one for each layer at most. */
const mostKeys = 32_768
/** How much text a file may hold: so much, and so much for each byte of the file, which may be packed. */
const longestText = { ever: 67_108_864, spare: 4_194_304, growth: 64 }

/** The most bytes that the text of a model may have in a file. @param size - the number of bytes of the file. */
export function mostText(size: number): number {
  return Math.min(longestText.ever, longestText.spare + longestText.growth * size)
}

const parsed = new WeakMap<Uint8Array, JsonObject | undefined>()

/** The object that the bytes are the text of; undefined where they are none. */
export function jsonObjectOf(bytes: Uint8Array): JsonObject | undefined {
  if (parsed.has(bytes)) return parsed.get(bytes)
  const found = beginsLikeObject(bytes) && !isTooLarge(bytes) ? parseQuietly(bytes) : undefined
  parsed.set(bytes, found)
  return found
}

function beginsLikeObject(bytes: Uint8Array): boolean {
  const start = new TextDecoder().decode(bytes.subarray(0, 64)).trimStart()
  return start.startsWith('{')
}

function parseQuietly(bytes: Uint8Array): JsonObject | undefined {
  try {
    const value: Json = JSON.parse(new TextDecoder().decode(bytes))
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** The object that a text is. @throws FormatError when it is none, or nested deeper than any model. */
export function parseObject(where: string, text: string | Uint8Array): JsonObject {
  if (isTooLarge(text)) {
    throw new FormatError(
      `${where}: expected a model, got a text of more than ${mostValues} values or ${longestText.ever} bytes`,
    )
  }
  let value: Json
  try {
    value = JSON.parse(typeof text === 'string' ? text : new TextDecoder().decode(text))
  } catch (cause) {
    throw new FormatError(`${where}: expected JSON`, { cause })
  }
  checkDepth(where, value)
  return objectIn(where, value)
}

function isTooLarge(text: string | Uint8Array): boolean {
  return text.length > longestText.ever || hasTooManyValues(text)
}

/** Throws a FormatError for what is nested too deep. */
export function checkDepth(where: string, value: Json, depth = 0): void {
  if (typeof value !== 'object' || value === null) return
  if (depth > deepest) throw new FormatError(`${where}: nested deeper than ${deepest} levels`)
  const keys = isList(value) ? [] : Object.keys(value)
  if (keys.length > mostKeys)
    throw new FormatError(`${where}: expected at most ${mostKeys} entries in a record, got more`)
  if (Object.hasOwn(value, '__proto__')) throw new FormatError(`${where}: the key __proto__ has no business in a model`)
  for (const inner of Object.values(value)) checkDepth(where, inner, depth + 1)
}

/** What a table says of a name out of a file, which may be one that every object has, such as `constructor`. */
export function said<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}

/** Whether it is an object, not a list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether it is a list. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

/** The object, if it is one. @throws FormatError otherwise. */
export function objectIn(where: string, value: Json | undefined): JsonObject {
  if (isObject(value)) return value
  throw new FormatError(`${where}: expected an object, got ${describeValue(value)}`)
}

/** The list, if it is one. @throws FormatError otherwise. */
export function listIn(where: string, value: Json | undefined): readonly Json[] {
  if (isList(value)) return value
  throw new FormatError(`${where}: expected a list, got ${describeValue(value)}`)
}

/** The text, if it is one. @throws FormatError otherwise. */
export function textIn(where: string, value: Json | undefined): string {
  if (typeof value === 'string') return value
  throw new FormatError(`${where}: expected a text, got ${describeValue(value)}`)
}

/** The whole number from 0, if it is one. @throws FormatError otherwise. */
export function countIn(where: string, value: Json | undefined): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw new FormatError(`${where}: expected a whole number from 0, got ${describeValue(value)}`)
}
