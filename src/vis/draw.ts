// From a figure to a picture: the panels are put side by side and one below the other, under the title.

import type { Box } from './axes'
import { caption } from './axes'
import type { Figure, Panel } from './figure'
import { drawHeat, heatHeight } from './heat'
import { drawLines, linesHeight } from './lines'
import { Plot } from './plot'
import { light, styleSheet, textSize, titleSize } from './style'
import { type Element, element } from './svg'

const margin = 16
const gap = 14

/**
 * Draws a figure.
 *
 * @example
 * ```ts
 * const plot = await draw({
 *   title: 'Learning rates',
 *   panels: [{
 *     kind: 'lines',
 *     x: { label: 'learning rate', scale: 'log' },
 *     y: { label: 'loss' },
 *     lines: [{ label: 'loss', x: [1e-4, 1e-3, 1e-2], y: [1, 0.5, 2] }],
 *     marks: [{ x: 1e-3, label: 'suggested' }],
 *   }],
 * })
 * ```
 */
export async function draw(figure: Figure): Promise<Plot> {
  const { title, panels, width = 720 } = figure
  const columns = Math.max(1, Math.min(figure.columns ?? 1, panels.length))
  const panelWidth = (width - 2 * margin - (columns - 1) * gap) / columns
  const elements: Element[] = []
  let top = margin + titleSize + 10
  for (let first = 0; first < panels.length; first += columns) {
    const row = panels.slice(first, first + columns)
    const height = Math.max(...row.map(heightOf))
    for (const [i, panel] of row.entries()) {
      const left = margin + i * (panelWidth + gap)
      elements.push(...(await drawPanel(panel, { left, top, width: panelWidth, height })))
    }
    top += height + gap
  }
  const height = top - gap + margin / 2
  const description =
    figure.description ??
    panels
      .map((panel) => panel.title ?? '')
      .filter((text) => text !== '')
      .join(', ')
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    class: 'hornbeam-plot',
    role: 'img',
    'aria-label': title,
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    style: 'max-width:100%;height:auto',
    'font-family': 'system-ui, sans-serif',
  }
  const svg = element('svg', attributes, [
    element('title', {}, title),
    ...(description === '' ? [] : [element('desc', {}, description)]),
    { text: `<style>${styleSheet}</style>` },
    element('rect', { class: 'paper', width, height, fill: light.paper }),
    caption(title, margin, margin + titleSize - 2, { 'font-size': titleSize, 'font-weight': 600 }),
    ...elements,
  ])
  return new Plot(svg.text)
}

const titleRoom = (panel: Panel): number => (panel.title === undefined ? 0 : textSize + 8)

function heightOf(panel: Panel): number {
  return titleRoom(panel) + (panel.kind === 'heat' ? heatHeight(panel) : linesHeight)
}

async function drawPanel(panel: Panel, { left, top, width, height }: Box): Promise<Element[]> {
  const room = titleRoom(panel)
  const box = { left, top: top + room, width, height: height - room }
  const drawn = panel.kind === 'heat' ? await drawHeat(panel, box) : await drawLines(panel, box)
  if (panel.title === undefined) return drawn
  return [caption(panel.title, left, top + textSize, { 'font-weight': 600 }), ...drawn]
}
