// From what a clock in a place shows to the moment it was.

import { OptionError } from '../../errors'
import { readOffset } from './iso'

/** The moments at which clocks show a time: none where they were put forward over it, two where they were put back. */
export type Clocks = (clock: number) => readonly number[]

/** The clocks of a zone: `'UTC'`, `'Europe/Berlin'`, `'+02:00'`. @throws OptionError for an unknown zone. */
export function clocksOf(zone: string, where: string): Clocks {
  const fixed = zone === 'UTC' ? 0 : readOffset(zone)
  if (fixed !== undefined) return (clock) => [clock - fixed]
  const shown = formatterOf(zone, where)
  const day = 86_400_000
  const aheadAt = (moment: number): number => {
    const whole = Math.floor(moment / 1000) * 1000
    const parts = new Map(shown.formatToParts(whole).map(({ type, value }) => [type, value]))
    const part = (name: Intl.DateTimeFormatPartTypes): number => Number(parts.get(name))
    const clock = new Date(0)
    const year = parts.get('era') === 'BC' ? 1 - part('year') : part('year')
    clock.setUTCFullYear(year, part('month') - 1, part('day'))
    clock.setUTCHours(part('hour'), part('minute'), part('second'))
    return clock.getTime() - whole
  }
  return (clock) => {
    // Of the offsets around that time, those under which clocks show it indeed; the larger one is the earlier moment.
    const offsets = [...new Set([aheadAt(clock - day), aheadAt(clock + day)])].sort((a, b) => b - a)
    return offsets.filter((ahead) => aheadAt(clock - ahead) === ahead).map((ahead) => clock - ahead)
  }
}

function formatterOf(zone: string, where: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch (cause) {
    throw new OptionError(
      `${where}: zone: expected 'UTC', an offset such as '+02:00' or a name such as 'Europe/Berlin', got '${zone}'`,
      { cause },
    )
  }
}
