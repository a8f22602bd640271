// Dates and times in ISO 8601, calendar dates alone: read to the letter, so that nothing is guessed.

/** What a text says: the reading of a clock as milliseconds since 1970 in UTC, and how far that clock is ahead of UTC. */
export interface ClockTime {
  readonly clock: number
  /** In milliseconds; undefined where the text names no zone. */
  readonly ahead: number | undefined
}

const zone = '(?: ?(Z|[+-]\\d\\d(?::?\\d\\d)?))?'
const extended = /* @__PURE__ */ (() =>
  new RegExp(
    `^(\\d{4}|[+-]\\d{6})-(\\d\\d)(?:-(\\d\\d)(?:[T ] *(\\d\\d)(?::(\\d\\d)(?::(\\d\\d)(?:[.,](\\d{1,9}))?)?)?${zone})?)?$`,
    'i',
  ))()
const basic = /* @__PURE__ */ (() =>
  new RegExp(`^(\\d{4})(\\d\\d)(\\d\\d)(?:T(\\d\\d)(?:(\\d\\d)(?:(\\d\\d)(?:[.,](\\d{1,9}))?)?)?${zone})?$`, 'i'))()

/** Before this year ISO 8601 is a matter of agreement, and eight digits are hardly a date. */
const firstYearOfBasic = 1583

/** Reads `2024-05-01`, `2024-05`, `2024-05-01T10:30:00.5Z`, `20240501T1030+02`; undefined for anything else. */
export function readISO(text: string): ClockTime | undefined {
  const found = extended.exec(text) ?? basic.exec(text)
  if (found === null) return undefined
  const [, year, month, day = '1', hour = '0', minute = '0', second = '0', fraction = '', ahead] = found
  if (!text.includes('-', 1) && Number(year) < firstYearOfBasic) return undefined
  const isMidnight = Number(hour) === 24 && Number(minute) === 0 && Number(second) === 0
  if ((Number(hour) > 23 && !isMidnight) || Number(minute) > 59 || Number(second) > 59) return undefined
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined
  const milliseconds = Math.floor(Number(`0.${fraction || '0'}`) * 1000)
  const clock = date.getTime() + ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000 + milliseconds
  return { clock, ahead: ahead === undefined ? undefined : readOffset(ahead) }
}

/** `Z`, `+02`, `+02:00`, `-0330` in milliseconds; undefined for anything else. */
export function readOffset(text: string): number | undefined {
  if (/^z$/i.test(text)) return 0
  const found = /^([+-])(\d\d):?(\d\d)?$/.exec(text)
  if (found === null) return undefined
  const minutes = Number(found[2]) * 60 + Number(found[3] ?? 0)
  return (found[1] === '-' ? -1 : 1) * minutes * 60_000
}
