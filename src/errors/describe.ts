// How messages show a value that was given.

/** How much of a text or of a thing's own description a message shows. */
const longest = 60

/** A value as an error message shows it: `'relu'`, `3`, `an array`, `a function`, `a Promise`, `a Map`. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return `'${shortened(value)}'`
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'bigint') return `${shortened(String(value))}n`
  if (typeof value !== 'object' || value === null) return String(value)
  // What an object is called by the language: `[object Promise]`, `[object Float32Array]`.
  const kind = Object.prototype.toString.call(value).slice('[object '.length, -1)
  if (kind !== 'Object') return `${/^[AEIOU]/.test(kind) ? 'an' : 'a'} ${kind === 'Array' ? 'array' : kind}`
  return shortened(ownWords(value)) || 'an object'
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
