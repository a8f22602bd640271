// Texts cut into pieces: characters, words, and the stretches within which byte pairs are joined.

/** The words of a text: runs of letters, digits and marks, and whatever else is no space, one character each. */
export function wordsOf(text: string, keepsPunctuation: boolean): string[] {
  return (
    text.match(keepsPunctuation ? /[\p{L}\p{N}\p{M}_'’]+|[^\s\p{L}\p{N}\p{M}_]/gu : /[\p{L}\p{N}\p{M}_'’]+/gu) ?? []
  )
}

/** The characters of a text, by code point. */
export function charactersOf(text: string): string[] {
  return Array.from(text)
}

/**
 * A text cut where byte pairs are not joined: a word or number or other signs, each with the space before it, and runs
 * of space. Together they are the whole text.
 */
export function stretchesOf(text: string): string[] {
  return text.match(/ ?[\p{L}\p{M}]+| ?\p{N}+| ?[^\s\p{L}\p{M}\p{N}]+|\s+(?!\S)|\s+/gu) ?? []
}

/** A text cut at special tokens, which come out whole. */
export function cutAt(
  text: string,
  special: readonly string[],
): { readonly part: string; readonly isSpecial: boolean }[] {
  if (special.length === 0) return [{ part: text, isSpecial: false }]
  const longestFirst = [...special].sort((a, b) => b.length - a.length)
  const pattern = new RegExp(`(${longestFirst.map((token) => token.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})`)
  return text
    .split(pattern)
    .map((part, i) => ({ part, isSpecial: i % 2 === 1 }))
    .filter(({ part }) => part !== '')
}
