// How messages show a value that was given.

/** How much of a text or of a thing's own description a message shows. */
const longest = 60

/** A value as an error message shows it: `'relu'`, `3`, `an array`, `a function`, `a Promise`, `a Map`. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return `'${shortened(value)}'`
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'bigint') return `${shortened(String(value))}n`
  if (typeof value !== 'object' || value === null) return shortened(String(value))
  // What an object is called by the language: `[object Promise]`, `[object Float32Array]`.
  const kind = Object.prototype.toString.call(value).slice('[object '.length, -1)
  if (kind !== 'Object') return `${/^[AEIOU]/.test(kind) ? 'an' : 'a'} ${kind === 'Array' ? 'array' : kind}`
  return shortened(ownWords(value)) || 'an object'
}

/** How much a message shows of a value in its own words. */
const mostWords = 200

/** How many elements an array may have that a message shows whole. */
const mostElements = 100

/** A value as JavaScript writes it, for messages that show it so; described where that is not possible, or long. */
export function textOf(value: unknown): string {
  return inWords(value, String)
}

/** A value as JSON, likewise. */
export function jsonOf(value: unknown): string {
  return inWords(value, (given) => JSON.stringify(given) ?? String(given))
}

function inWords(value: unknown, write: (value: unknown) => string): string {
  if (Array.isArray(value) && value.length > mostElements) return describeValue(value)
  try {
    const words = write(value)
    return words.length <= mostWords ? words : `${words.slice(0, mostWords)}...`
  } catch {
    return describeValue(value)
  }
}

/** What an object says of itself, in the way of tensors and symbolic values; nothing where it says nothing. */
function ownWords(value: object): string {
  try {
    const words = String(value)
    return words.startsWith('[object ') ? '' : words
  } catch {
    return ''
  }
}

/** The text, or its beginning where it is long. */
export function shortened(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest)}...`
}
