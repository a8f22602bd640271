// The axes around a panel: scales from numbers to pixels, ticks, grid lines and labels.

import type { ScaleContinuousNumeric } from 'd3-scale'
import type { Axis } from './figure'
import type { loadScales } from './libraries'
import { light, textSize, textWidth } from './style'
import { type Element, element } from './svg'
import { formatNumber } from './text'

/** A rectangle in pixels. */
export interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

export type Scale = ScaleContinuousNumeric<number, number>

/** The numbers that an axis can show. */
export function isShown(value: number, { scale }: Pick<Axis, 'scale'>): boolean {
  return Number.isFinite(value) && (scale !== 'log' || value > 0)
}

/** The scale for numbers, not yet in its place: its range is that of pixels from 0 to 1. */
export function scaleFor(
  { scaleLinear, scaleLog }: Awaited<ReturnType<typeof loadScales>>,
  axis: Axis,
  numbers: Iterable<number>,
  rounds: boolean,
): Scale {
  const isLog = axis.scale === 'log'
  const scale: Scale = isLog ? scaleLog() : scaleLinear()
  scale.domain(axis.domain ?? span(numbers, axis))
  if (rounds && axis.domain === undefined) scale.nice()
  return scale
}

/** The smallest and the largest of the numbers; some room around where they are the same. */
function span(numbers: Iterable<number>, axis: Axis): readonly [number, number] {
  let [from, to] = [Infinity, -Infinity]
  for (const value of numbers) {
    if (!isShown(value, axis)) continue
    from = Math.min(from, value)
    to = Math.max(to, value)
  }
  if (from < to) return [from, to]
  if (axis.scale === 'log') return from === to ? [from / 2, to * 2] : [1, 10]
  const room = Math.abs(from) / 2
  return from === to && room > 0 ? [from - room, to + room] : [0, 1]
}

/** The ticks that are worth a label, with it. Whole numbers have no ticks between them. */
export function ticksOf(scale: Scale, count: number, axis: Pick<Axis, 'scale'>, isWhole = false): Ticks {
  const format = scale.tickFormat(count)
  return scale
    .ticks(count)
    .filter((tick) => (!isWhole || Number.isInteger(tick)) && format(tick) !== '')
    .map((tick) => [tick, isWhole ? String(tick) : axis.scale === 'log' ? formatNumber(tick) : format(tick)])
}

type Ticks = readonly (readonly [tick: number, label: string])[]

/** How much room the labels of a vertical axis take on its left, its title included. */
export function roomFor(ticks: Ticks): number {
  return Math.max(16, ...ticks.map(([, label]) => textWidth(label))) + 10 + textSize + 8
}

/** The horizontal axis below a box; the scale's range must be in place. */
export function horizontalAxis(
  { left, top, width, height }: Box,
  scale: Scale,
  label: string,
  ticks: Ticks,
): Element[] {
  const bottom = top + height
  return [
    ...ticks.flatMap(([tick, text]) => [
      element('line', {
        class: 'axis',
        x1: scale(tick),
        x2: scale(tick),
        y1: bottom,
        y2: bottom + 4,
        stroke: light.axis,
      }),
      caption(text, scale(tick), bottom + 6 + textSize, { 'text-anchor': 'middle' }),
    ]),
    element('line', { class: 'axis', x1: left, x2: left + width, y1: bottom, y2: bottom, stroke: light.axis }),
    caption(label, left + width / 2, bottom + 2 * textSize + 12, { 'text-anchor': 'middle' }),
  ]
}

/** The vertical axis on the left of a box, with grid lines through it where asked for. */
export function verticalAxis(
  { left, top, width, height }: Box,
  scale: Scale,
  label: string,
  ticks: Ticks,
  hasGrid: boolean,
): Element[] {
  const grid = ticks.map(([tick]) =>
    element('line', {
      class: 'grid',
      x1: left,
      x2: left + width,
      y1: scale(tick),
      y2: scale(tick),
      stroke: light.grid,
    }),
  )
  const [x, y] = [left - roomFor(ticks) + textSize, top + height / 2]
  return [
    ...(hasGrid ? grid : []),
    ...ticks.map(([tick, text]) => caption(text, left - 6, scale(tick) + textSize * 0.35, { 'text-anchor': 'end' })),
    element('line', { class: 'axis', x1: left, x2: left, y1: top, y2: top + height, stroke: light.axis }),
    caption(label, x, y, { 'text-anchor': 'middle', transform: `rotate(-90 ${x.toFixed(1)} ${y.toFixed(1)})` }),
  ]
}

/** A text in the colour of ink. */
export function caption(
  text: string,
  x: number,
  y: number,
  attributes: Readonly<Record<string, string | number>> = {},
): Element {
  return element('text', { class: 'ink', x, y, fill: light.ink, 'font-size': textSize, ...attributes }, text)
}
