// A panel of colours: units by time. The grid is one image, so that a picture of many cells stays small.

import { type Box, caption, horizontalAxis, roomFor, scaleFor, ticksOf, verticalAxis } from './axes'
import type { HeatPanel } from './figure'
import { loadColors, loadImages, loadScales } from './libraries'
import { light, notFinite, textSize } from './style'
import { type Element, element } from './svg'
import { formatNumber } from './text'

type Color = readonly [red: number, green: number, blue: number]

const barWidth = 10
const barRoom = 62

/** The height of a panel with so many rows, with its labels, in pixels. */
export function heatHeight({ rows }: HeatPanel): number {
  return Math.min(220, Math.max(90, rows * 8)) + 2 * textSize + 26
}

/** Draws the panel into the box, labels included. */
export async function drawHeat(panel: HeatPanel, box: Box): Promise<Element[]> {
  const [scales, { interpolateViridis, interpolateRdBu }] = await Promise.all([loadScales(), loadColors()])
  const { rows, columns, values, colors = 'sequential' } = panel
  const [from, to] = panel.domain ?? rangeOf(values, colors)
  const interpolate = colors === 'diverging' ? interpolateRdBu : interpolateViridis
  const colorAt = (value: number): Color =>
    Number.isFinite(value) ? parsed(interpolate(Math.min(1, Math.max(0, (value - from) / (to - from))))) : notFinite

  // Cells lie around whole numbers.
  const across = scaleFor(scales, { label: panel.x, domain: [-0.5, columns - 0.5] }, [], false)
  const up = scaleFor(scales, { label: panel.y, domain: [-0.5, rows - 0.5] }, [], false)
  const ticksUp = ticksOf(up, Math.min(5, rows), {}, true)
  const room = roomFor(ticksUp)
  const inner: Box = {
    left: box.left + room,
    top: box.top + 6,
    width: box.width - room - barRoom,
    height: box.height - 2 * textSize - 26,
  }
  across.range([inner.left, inner.left + inner.width])
  up.range([inner.top + inner.height, inner.top])

  // An image has its first row at the top.
  const grid = await image(columns, rows, (row, column) => colorAt(values[(rows - 1 - row) * columns + column]))
  const bar = await image(1, 64, (row) => colorAt(from + ((63 - row) / 63) * (to - from)))
  const left = inner.left + inner.width + 12
  const ends = [
    [to, inner.top + textSize - 2],
    [from, inner.top + inner.height],
  ] as const
  return [
    picture(inner, grid),
    element('rect', { class: 'axis', ...corner(inner), fill: 'none', stroke: light.axis }),
    ...verticalAxis(inner, up, panel.y, ticksUp, false),
    ...horizontalAxis(
      inner,
      across,
      panel.x,
      ticksOf(across, Math.max(2, Math.min(columns, inner.width / 60)), {}, true),
    ),
    picture({ ...inner, left, width: barWidth }, bar),
    ...ends.map(([value, y]) => caption(formatNumber(value), left + barWidth + 4, y)),
  ]
}

function rangeOf(values: ArrayLike<number>, colors: HeatPanel['colors']): readonly [number, number] {
  let [from, to] = [Infinity, -Infinity]
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) continue
    from = Math.min(from, values[i])
    to = Math.max(to, values[i])
  }
  if (from > to) return [0, 1]
  if (colors !== 'diverging') return from < to ? [from, to] : [from - 0.5, to + 0.5]
  const reach = Math.max(Math.abs(from), Math.abs(to)) || 1
  return [-reach, reach]
}

/** The scales give `#rrggbb` or `rgb(r, g, b)`. */
function parsed(color: string): Color {
  const parts = color.startsWith('#')
    ? [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16))
    : (color.match(/\d+/g) ?? []).map(Number)
  return [parts[0], parts[1], parts[2]]
}

/** A PNG as a data URL. */
async function image(width: number, height: number, colorAt: (row: number, column: number) => Color): Promise<string> {
  const { encode } = await loadImages()
  const data = new Uint8Array(width * height * 3)
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) data.set(colorAt(row, column), (row * width + column) * 3)
  }
  const bytes = encode({ width, height, data, channels: 3, depth: 8 })
  return `data:image/png;base64,${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))}`
}

function picture(box: Box, href: string): Element {
  return element('image', {
    ...corner(box),
    preserveAspectRatio: 'none',
    style: 'image-rendering:pixelated',
    href,
  })
}

function corner({ left, top, width, height }: Box) {
  return { x: left, y: top, width, height }
}
