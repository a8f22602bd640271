// Texts of dates and times to moments: ISO 8601 or a format that is given, in UTC or a zone that is given. Nothing is
// guessed: what could be several dates is refused, with the formats it could be.

import { OptionError, requireText, textOf } from '../../errors'
import { formatReader, likelyFormats } from './format'
import { readISO } from './iso'
import { clocksOf } from './zone'

/** How dates and times are written. */
export interface TimeFormat {
  /**
   * The format of dates and times, with the directives of strftime (as d3-time-format has them): `'%d.%m.%Y %H:%M'`, `'%Y%m%d'`, `'%b-%y'`,
   * `'%s'` for seconds since 1970, `'%Q'` for milliseconds. ISO 8601 by default.
   */
  readonly format?: string
  /** The zone of times that name none: `'UTC'` (the default), `'Europe/Berlin'`, `'+02:00'`. */
  readonly zone?: string
  /** The first of the hundred years that a year of two digits (`%y`) can be; 1930 by default: 30 is 1930, 29 is 2029. */
  readonly firstYear?: number
}

/** The names of all options in {@link TimeFormat}. */
export const timeFormatNames = ['format', 'zone', 'firstYear'] as const

/** Reads texts of dates and times. */
export interface TimeReader {
  /** The moments a text can mean, in milliseconds since 1970: none for what is no time, two where clocks were put back. */
  read(text: string): readonly number[]
  /** Why `read` did not find a single moment, as an error says it. */
  problem(text: string): string
}

/** @throws OptionError for an unknown zone or a format without meaning. */
export function timeReader({ format, zone = 'UTC', firstYear = 1930 }: TimeFormat, where: string): TimeReader {
  if (format !== undefined) requireText(where, 'format', format)
  if (!Number.isInteger(firstYear)) {
    throw new OptionError(`${where}: firstYear: expected a whole number, got ${textOf(firstYear)}`)
  }
  const clocks = clocksOf(requireText(where, 'zone', zone), where)
  const readText = format === undefined ? readISO : formatReader(format, firstYear, where)
  const read = (text: string): readonly number[] => {
    const found = readText(text)
    if (found === undefined) return []
    return found.ahead === undefined ? clocks(found.clock) : [found.clock - found.ahead]
  }
  const problem = (text: string): string => {
    if (readText(text) !== undefined) {
      return read(text).length === 0
        ? `'${text}' never was in ${zone}: clocks were put forward over it`
        : `'${text}' was twice in ${zone}, before and after clocks were put back; write times with their offset`
    }
    if (format !== undefined) return `expected a date of the format '${format}', got '${text}'`
    const formats = likelyFormats(text).map((one) => `'${one}'`)
    const hint = formats.length === 0 ? '' : `; as format it could be ${formats.join(' or ')}`
    return `expected a date in ISO 8601 such as 2024-05-31 or 2024-05-31T12:00Z, got '${text}'${hint}`
  }
  return { read, problem }
}
