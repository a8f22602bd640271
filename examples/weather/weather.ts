// Seattle's daily weather as sequences: 30 days in, tomorrow's highest temperature out.
import { readFile } from 'node:fs/promises'

/** One day. */
export interface Day {
  readonly date: Date
  readonly rain: number
  readonly highest: number
  readonly lowest: number
  readonly wind: number
}

/** Days in, by default. */
export const length = 30

/** Reads the table, in the order of time. */
export async function readDays(): Promise<Day[]> {
  const text = await readFile(new URL('../data/seattle-weather.csv', import.meta.url), 'utf8')
  const [, ...rows] = text.trim().split('\n')
  return rows.map((row) => {
    const [date, rain, highest, lowest, wind] = row.split(',')
    return { date: new Date(`${date}T00:00:00Z`), rain: +rain, highest: +highest, lowest: +lowest, wind: +wind }
  })
}

/** The day of the year, from 0. */
export function dayOfYear({ date }: Day): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000)
}

/** The four measures, and the day of the year as sine and cosine. */
function features(day: Day): number[] {
  const angle = (2 * Math.PI * dayOfYear(day)) / 365.25
  return [day.rain, day.highest, day.lowest, day.wind, Math.sin(angle), Math.cos(angle)]
}

/** Mean and standard deviation of every feature, from training days only. */
export interface Scale {
  readonly mean: readonly number[]
  readonly deviation: readonly number[]
}

/** Fits the scale. */
export function scaleOf(days: readonly Day[]): Scale {
  const rows = days.map(features)
  const mean = rows[0].map((_, k) => rows.reduce((sum, row) => sum + row[k], 0) / rows.length)
  const deviation = mean.map((m, k) => Math.sqrt(rows.reduce((sum, row) => sum + (row[k] - m) ** 2, 0) / rows.length))
  return { mean, deviation }
}

/** Sequences whose day to forecast lies in one of the years, and that day itself. */
export interface Sequences {
  readonly x: number[][][]
  readonly y: number[][]
  readonly days: Day[]
  /** The day before each. */
  readonly before: Day[]
}

/** Cuts windows of `length` days; the target is the highest temperature in scaled units. */
export function sequencesOf(days: readonly Day[], years: readonly number[], { mean, deviation }: Scale): Sequences {
  const scaled = days.map((day) => features(day).map((value, k) => (value - mean[k]) / deviation[k]))
  const targets = days.flatMap((day, i) => (i >= length && years.includes(day.date.getUTCFullYear()) ? [i] : []))
  return {
    x: targets.map((i) => scaled.slice(i - length, i)),
    y: targets.map((i) => [scaled[i][1]]),
    days: targets.map((i) => days[i]),
    before: targets.map((i) => days[i - 1]),
  }
}

/** The root of the mean squared difference. */
export function rootMeanSquare(a: readonly number[], b: readonly number[]): number {
  return Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0) / a.length)
}

/** For each day the mean highest temperature of that day of the year in earlier years. */
export function dayOfYearAverage(days: readonly Day[], past: readonly Day[]): number[] {
  const overall = past.reduce((sum, day) => sum + day.highest, 0) / past.length
  return days.map((day) => {
    const same = past.filter((other) => dayOfYear(other) === dayOfYear(day))
    return same.length === 0 ? overall : same.reduce((sum, other) => sum + other.highest, 0) / same.length
  })
}
