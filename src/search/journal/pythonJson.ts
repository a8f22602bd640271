// JSON as Python writes and reads it: with NaN, Infinity and -Infinity as numbers.
import { FormatError } from '../../errors'
import type { Json } from '../../registry'

/** What JSON has no word for, as strings that no text of users begins with. */
const marked: Readonly<Record<string, number>> = {
  '\0NaN': NaN,
  '\0Infinity': Infinity,
  '\0-Infinity': -Infinity,
}

/** @throws FormatError for what is no JSON, nor Python's. */
export function parsePython(text: string): Json {
  try {
    return JSON.parse(text)
  } catch (cause) {
    if (!/NaN|Infinity/.test(text)) throw new FormatError('expected JSON', { cause })
  }
  const quoted = text.replace(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g, (token) =>
    token.startsWith('"') ? token : `"\\u0000${token}"`,
  )
  try {
    return JSON.parse(quoted, (_, value) => (typeof value === 'string' ? (marked[value] ?? value) : value))
  } catch (cause) {
    throw new FormatError('expected JSON', { cause })
  }
}

/** One line of JSON that Python reads. */
export function writePython(value: unknown): string {
  const text = JSON.stringify(value, (_, each) =>
    typeof each === 'number' && !Number.isFinite(each) ? `\0${each}` : each,
  )
  return text.replace(/"\\u0000(NaN|-?Infinity)"/g, '$1')
}
