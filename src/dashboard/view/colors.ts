// Colours on the ground that the page has: read from the styles, so that they follow light and dark.
import { lineColors } from '../../vis'

export type Rgb = readonly [red: number, green: number, blue: number]

/** What charts are drawn with. */
export interface Ground {
  readonly paper: Rgb
  readonly ink: string
  readonly axis: string
  readonly grid: string
}

/** The colours in force at an element. */
export function groundAt(element: Element): Ground {
  const style = getComputedStyle(element)
  const value = (name: string): string => style.getPropertyValue(name).trim()
  return { paper: rgbOf(value('--paper')), ink: value('--ink'), axis: value('--axis'), grid: value('--grid') }
}

/** The colour of a run, by its number from 1 on. */
export function colorOf(run: number): string {
  return lineColors[(run - 1) % lineColors.length]
}

export const negative: Rgb = rgbOf('#3b7dd8')
export const positive: Rgb = rgbOf('#d55e00')

/** `#rrggbb` as numbers. */
export function rgbOf(color: string): Rgb {
  const number = Number.parseInt(color.slice(1), 16)
  return [(number >> 16) & 255, (number >> 8) & 255, number & 255]
}

/** A colour between two. @param share - 0 is the first, 1 the second. */
export function between(from: Rgb, to: Rgb, share: number): Rgb {
  const mix = (i: 0 | 1 | 2): number => Math.round(from[i] + (to[i] - from[i]) * share)
  return [mix(0), mix(1), mix(2)]
}
