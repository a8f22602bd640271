// Seattle's daily weather as records, and the simplest forecast of it.
import { data } from 'hornbeam'

/** One day: what was measured, and the day of the year as a point on a circle. */
export type Day = {
  readonly date: Date
  readonly precipitation: number
  readonly temp_max: number
  readonly temp_min: number
  readonly wind: number
  readonly sine: number
  readonly cosine: number
}

/** What the forecast is made from. */
export const measures = ['precipitation', 'temp_max', 'temp_min', 'wind', 'sine', 'cosine'] as const

/** The day of the year, from 0. */
export function dayOfYear(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000)
}

/** Reads the table, in the order of time. */
export async function readDays(): Promise<Day[]> {
  const columns = {
    date: 'date',
    precipitation: 'number',
    temp_max: 'number',
    temp_min: 'number',
    wind: 'number',
  } as const
  const days = await data.csv(new URL('../data/seattle-weather.csv', import.meta.url), { columns }).toArray()
  return days.map((day) => {
    const angle = (2 * Math.PI * dayOfYear(day.date)) / 365.25
    return { ...day, sine: Math.sin(angle), cosine: Math.cos(angle) }
  })
}

/** The mean highest temperature of that day of the year in the days given. */
export function averageOfDay(days: readonly Day[], date: Date): number {
  const same = days.filter((day) => dayOfYear(day.date) === dayOfYear(date))
  const some = same.length === 0 ? days : same
  return some.reduce((sum, day) => sum + day.temp_max, 0) / some.length
}

/** The root of the mean squared difference. */
export function rootMeanSquare(a: readonly number[], b: readonly number[]): number {
  return Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0) / a.length)
}
