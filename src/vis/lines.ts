// A panel of lines: learning curves, norms over time, a loss over learning rates.

import {
  type Box,
  caption,
  horizontalAxis,
  isShown,
  roomFor,
  type Scale,
  scaleFor,
  ticksOf,
  verticalAxis,
} from './axes'
import type { Line, LinePanel } from './figure'
import { loadScales } from './libraries'
import { light, lineColors, textSize, textWidth } from './style'
import { type Element, element, pathThrough } from './svg'

/** Up to so many points a line has a dot at each. */
const mostDots = 24

/** The height of a panel of lines with its labels, in pixels. */
export const linesHeight = 240

/** Draws the panel into the box, labels included. */
export async function drawLines(panel: LinePanel, box: Box): Promise<Element[]> {
  const scales = await loadScales()
  const { x, y, lines, marks = [] } = panel
  const xs = lines.map((line) => Array.from(line.y, (_, i) => line.x?.[i] ?? i))
  const across = scaleFor(scales, x, [...xs.flat(), ...marks.flatMap((mark) => mark.x ?? [])], false)
  const up = scaleFor(
    scales,
    y,
    numbersOf(
      lines,
      marks.map((mark) => mark.y),
    ),
    true,
  )
  const isWhole = x.scale !== 'log' && xs.flat().every((value) => Number.isInteger(value))
  const ticksUp = ticksOf(up, 5, y)
  const legend = legendOf(lines, box)
  const room = roomFor(ticksUp)
  const inner: Box = {
    left: box.left + room,
    top: box.top + legend.height + 6,
    width: box.width - room - 14,
    height: box.height - legend.height - 6 - 2 * textSize - 20,
  }
  across.range([inner.left, inner.left + inner.width])
  up.range([inner.top + inner.height, inner.top])
  return [
    ...verticalAxis(inner, up, y.label, ticksUp, true),
    ...horizontalAxis(inner, across, x.label, ticksOf(across, Math.max(2, inner.width / 70), x, isWhole)),
    ...lines.flatMap((line, i) => drawLine(line, i, xs[i], panel, across, up)),
    ...marks
      .flatMap((mark) => [
        ...(mark.x !== undefined && isShown(mark.x, x) ? [upright(mark.label, across(mark.x), inner)] : []),
        ...(mark.y !== undefined && isShown(mark.y, y) ? [along(mark.label, up(mark.y), inner)] : []),
      ])
      .flat(),
    ...legend.elements,
  ]
}

function* numbersOf(lines: readonly Line[], more: readonly (number | undefined)[]): Iterable<number> {
  for (const { y } of lines) yield* Array.from(y)
  for (const value of more) if (value !== undefined) yield value
}

function drawLine(
  line: Line,
  index: number,
  xs: readonly number[],
  { x, y }: LinePanel,
  across: Scale,
  up: Scale,
): readonly Element[] {
  const stroke = colorOf(line, index)
  const points = xs.map((at, i) =>
    isShown(at, x) && isShown(line.y[i], y) ? ([across(at), up(line.y[i])] as const) : undefined,
  )
  const shown = points.filter((point) => point !== undefined)
  // A point without neighbours has no line to be seen by.
  const dots = shown.length <= mostDots ? shown : points.filter(isAlone).filter((point) => point !== undefined)
  return [
    element('g', { fill: 'none', stroke, 'stroke-width': 1.8, 'stroke-linejoin': 'round', 'stroke-linecap': 'round' }, [
      element('title', {}, line.label),
      element('path', { d: pathThrough(points), 'stroke-dasharray': line.dashed === true ? '5 4' : undefined }),
      ...dots.map(([cx, cy]) => element('circle', { cx, cy, r: 2, fill: stroke, stroke: 'none' })),
    ]),
  ]
}

function isAlone(_: unknown, index: number, points: readonly unknown[]): boolean {
  return points[index - 1] === undefined && points[index + 1] === undefined
}

function colorOf(line: Line, index: number): string {
  return lineColors[(line.color ?? index) % lineColors.length]
}

/** A vertical line through the panel at a place of the x axis. */
function upright(label: string, x: number, { left, top, width, height }: Box): Element[] {
  const fits = x + 5 + textWidth(label) < left + width
  return [
    element('line', { class: 'axis', x1: x, x2: x, y1: top, y2: top + height, ...thin }),
    caption(label, fits ? x + 5 : x - 5, top + textSize, { 'text-anchor': fits ? 'start' : 'end' }),
  ]
}

/** A horizontal line through the panel at a place of the y axis. */
function along(label: string, y: number, { left, top, width }: Box): Element[] {
  const under = y - 4 - textSize < top
  return [
    element('line', { class: 'axis', x1: left, x2: left + width, y1: y, y2: y, ...thin }),
    caption(label, left + width, under ? y + textSize + 2 : y - 4, { 'text-anchor': 'end' }),
  ]
}

const thin = /* @__PURE__ */ (() => ({ stroke: light.axis, 'stroke-dasharray': '3 3' }))()

/** The names of the lines, in as many rows as they need; none for a single line. */
function legendOf(lines: readonly Line[], { left, top, width }: Box): { elements: Element[]; height: number } {
  if (lines.length < 2) return { elements: [], height: 0 }
  const row = textSize + 6
  let [x, y] = [left + 4, top + row - 4]
  const elements = lines.flatMap((line, i) => {
    const size = 24 + textWidth(line.label) + 16
    if (x + size > left + width && x > left + 4) [x, y] = [left + 4, y + row]
    const at = x
    x += size
    return [
      element('line', {
        x1: at,
        x2: at + 18,
        y1: y - 4,
        y2: y - 4,
        stroke: colorOf(line, i),
        'stroke-width': 2.4,
        'stroke-dasharray': line.dashed === true ? '5 4' : undefined,
      }),
      caption(line.label, at + 24, y),
    ]
  })
  return { elements, height: y - top + 6 }
}
