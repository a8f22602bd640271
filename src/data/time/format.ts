// Dates in a format that is given, as strftime writes formats. d3-time-format reads them; what it would let pass (31
// February, a 13th month, a year of two digits where four are meant) is found by writing the date again.
// It is bundled, since windows are made at once and cannot wait for a package to be loaded.

/*!
 * d3-time-format, d3-time. Copyright 2010-2026 Mike Bostock.
 * Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby
 * granted, provided that the above copyright notice and this permission notice appear in all copies. THE SOFTWARE IS
 * PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES
 * OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR
 * CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF
 * CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS
 * SOFTWARE.
 */
import { utcFormat, utcParse } from 'd3-time-format'
import { OptionError } from '../../errors'
import { type ClockTime, readOffset } from './iso'

/** Reads texts of one format; undefined for texts of another. */
export type FormatReader = (text: string) => ClockTime | undefined

const directives = new Set('aAbBcdefgGHIjLmMpqQsSuUVwWxXyYZ%')

/** @param firstYear - the first of the hundred years that a year of two digits can be. @throws OptionError for no format. */
export function formatReader(format: string, firstYear: number, where: string): FormatReader {
  const used = usedDirectives(format, where)
  if (format === '%s') return (text) => readEpoch(text, 1000)
  if (format === '%Q') return (text) => readEpoch(text, 1)
  const [parse, write] = [utcParse(format), utcFormat(format)]
  const isShort = used.has('y') && !used.has('Y')
  const complete = fractionFiller(format)
  return (given) => {
    const text = complete(given)
    const date = parse(text)
    if (date === null || Number.isNaN(date.getTime())) return undefined
    if (isShort) {
      const year = firstYear + ((((date.getUTCFullYear() - firstYear) % 100) + 100) % 100)
      date.setUTCFullYear(year, date.getUTCMonth(), date.getUTCDate())
    } else if (date.getUTCFullYear() < 1000) return undefined
    if (!used.has('Z')) {
      return same(write(date), text) ? { clock: date.getTime(), ahead: undefined } : undefined
    }
    const zone = /z|[+-]\d\d:?\d\d/gi
    const zoneText = text.match(zone)?.at(-1) ?? ''
    const ahead = readOffset(zoneText)
    if (ahead === undefined) return undefined
    const clock = date.getTime() + ahead
    const again = utcFormat(format.replace('%Z', zoneText))(new Date(clock))
    return same(again, text) ? { clock, ahead } : undefined
  }
}

/** The letters after `%` in a format. */
function usedDirectives(format: string, where: string): ReadonlySet<string> {
  const found = [...format.matchAll(/%[-_0]?(.?)/gs)].map(([, letter]) => letter)
  const unknown = found.find((letter) => !directives.has(letter))
  if (unknown !== undefined) {
    throw new OptionError(`${where}: format: '%${unknown}' has no meaning in '${format}'`)
  }
  if (!found.some((letter) => 'yYgGcxsQ'.includes(letter))) {
    throw new OptionError(
      `${where}: format: expected a format with a year, such as '%Y-%m-%d' or '%d.%m.%Y %H:%M', got '${format}'`,
    )
  }
  return new Set(found)
}

function readEpoch(text: string, unit: number): ClockTime | undefined {
  return /^[+-]?\d+(\.\d+)?$/.test(text) ? { clock: Number(text) * unit, ahead: 0 } : undefined
}

/** Fractions of a second as `%L` and `%f` take them: with three or six digits, whatever there is beyond milliseconds cut off. */
function fractionFiller(format: string): (text: string) => string {
  const directive = /[.,]%([Lf])/.exec(format)?.[1]
  if (directive === undefined) return (text) => text
  const rest = directive === 'f' ? '000' : ''
  return (text) =>
    text.replace(
      /([.,])(\d{1,9})(?=\D*$)/,
      (_, point: string, digits: string) => point + digits.padEnd(3, '0').slice(0, 3) + rest,
    )
}

/** Whether two texts differ in letter case, spaces and leading zeros at most. */
function same(written: string, given: string): boolean {
  return written === given || plain(written) === plain(given)
}

function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(/(^|\D)0+(?=\d)/g, '$1')
    .trim()
}

const dates = /* @__PURE__ */ (() =>
  [
    [
      '%d.%m.%Y',
      '%m.%d.%Y',
      '%d/%m/%Y',
      '%m/%d/%Y',
      '%d-%m-%Y',
      '%m-%d-%Y',
      '%Y/%m/%d',
      '%Y.%m.%d',
      '%d%m%Y',
      '%m%d%Y',
    ],
    ['%d.%m.%y', '%m.%d.%y', '%d/%m/%y', '%m/%d/%y', '%d-%m-%y', '%m-%d-%y', '%y-%m-%d', '%y%m%d', '%Y%m%d', '%Y%m'],
    ['%d %b %Y', '%d-%b-%Y', '%b %d, %Y', '%d %B %Y', '%B %d, %Y', '%b-%y', '%b %Y', '%B %Y', '%b-%Y', '%d-%b-%y'],
    ['%a %b %d %Y', '%m/%Y', '%m-%Y', '%y-%m', '%Y-%j', '%Y'],
  ].flat())()
const times = ['', ' %H:%M', ' %H:%M:%S', ' %I:%M %p', ' %I:%M:%S %p', ' %H.%M', ' %H.%M.%S', ', %H:%M', 'T%H:%M:%S']

/** The usual formats that a text can be of: at most four, the likeliest first. */
export function likelyFormats(text: string): readonly string[] {
  // Longer texts are no dates.
  if (text.length > 40) return []
  const all = dates.flatMap((date) => times.map((time) => date + time))
  const found = [...all, '%s', '%Q'].filter((format) => formatReader(format, 1930, 'format')(text) !== undefined)
  return found.slice(0, 4)
}
