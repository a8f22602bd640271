// Code for any length from the code for a few: numbers that differ are polynomials of the length.
import { FormatError } from '../../errors'

/**
 * Joins texts that were written for different lengths into one in which `name` stands for the length.
 *
 * @throws FormatError where they differ in more than numbers that follow from the length.
 */
export function fitted(where: string, texts: readonly string[], lengths: readonly number[], name: string): string {
  // Whole numbers that are not part of a name or of a decimal.
  const parts = texts.map((text) => text.split(/(?<![\w.])(\d+)(?![\w.])/))
  const [first] = parts
  return first
    .map((part, i) => {
      const all = parts.map((own) => own[i])
      if (parts.every((own) => own.length === first.length) && all.every((other) => other === part)) return part
      const found = i % 2 === 1 ? polynomial(all.map(Number), lengths, name) : undefined
      if (found !== undefined) return found
      throw new FormatError(
        `${where}: code for any length cannot be written, as not every number in it follows from the length; give the model an inputShape without null`,
      )
    })
    .join('')
}

/** a * length ** 2 + b * length + c through all points, as code. */
function polynomial(values: readonly number[], [t0, t1, t2, t3]: readonly number[], name: string): string | undefined {
  const [y0, y1, y2, y3] = values
  const slope = (y1 - y0) / (t1 - t0)
  const a = ((y2 - y0) / (t2 - t0) - slope) / (t2 - t1)
  const b = slope - a * (t0 + t1)
  const c = y0 - a * t0 * t0 - b * t0
  if (![a, b, c].every(Number.isInteger) || a * t3 * t3 + b * t3 + c !== y3) return undefined
  const times = (factor: number, term: string): string => (factor === 1 ? term : `${factor}*${term}`)
  const terms = [
    ...(a === 0 ? [] : [times(a, `${name}*${name}`)]),
    ...(b === 0 ? [] : [times(b, name)]),
    ...(c === 0 ? [] : [String(c)]),
  ]
  return `(${terms.join('+').replaceAll('+-', '-') || '0'})`
}
