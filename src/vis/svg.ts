// SVG as text.

/** What an element may hold: text is escaped, elements are not. */
export type Content = readonly Element[] | string

/** An element that has been written. */
export interface Element {
  readonly text: string
}

/** Writes an element. Attributes that are undefined are left out; numbers keep two decimals. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
  content: Content = [],
): Element {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? rounded(value) : escaped(String(value))}"`)
    .join('')
  const inner = typeof content === 'string' ? escaped(content) : content.map(({ text }) => text).join('')
  return { text: inner === '' ? `<${name}${written}/>` : `<${name}${written}>${inner}</${name}>` }
}

/** The path through points; it is interrupted where there is none. */
export function pathThrough(points: readonly (readonly [x: number, y: number] | undefined)[]): string {
  let isDown = false
  const parts: string[] = []
  for (const point of points) {
    if (point !== undefined) parts.push(`${isDown ? 'L' : 'M'}${rounded(point[0])} ${rounded(point[1])}`)
    isDown = point !== undefined
  }
  return parts.join('')
}

/** Two decimals, without trailing zeros. */
export function rounded(value: number): string {
  return String(Math.round(value * 100) / 100)
}

function escaped(text: string): string {
  // Control characters have no place in XML, however they are written.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const clean = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, ' ')
  return clean.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;')
}
