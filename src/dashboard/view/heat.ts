// Numbers as colours in a canvas: pictures of what a model is made of, and how numbers spread over time.
import type { InsideSeen } from '../board'
import type { Picture } from '../events'
import { between, type Ground, negative, positive, type Rgb, rgbOf } from './colors'
import { h } from './dom'

const rowsOfSpread = 40

/** A canvas for one of these, so high. */
export function heatCanvas(says: string, height: number): HTMLCanvasElement {
  const canvas = h('canvas', { class: 'heat', role: 'img', 'aria-label': says })
  canvas.style.height = `${height}px`
  return canvas
}

/** A picture: signs as two colours, anything else from the ground to its opposite; colours as they are. */
export function drawPicture(canvas: HTMLCanvasElement, picture: Picture, { paper, ink }: Ground): void {
  const { rows, columns, channels, signed, bytes } = picture
  const front = rgbOf(ink)
  paint(canvas, rows, columns, (row, column) => {
    const place = row * columns + column
    if (channels === 3) return [bytes[place * 3], bytes[place * 3 + 1], bytes[place * 3 + 2]]
    if (!signed) return between(paper, front, bytes[place] / 255)
    const value = bytes[place] / 127.5 - 1
    return between(paper, value < 0 ? negative : positive, Math.abs(value))
  })
}

/** How numbers spread: a column for each moment, from the least at the bottom to the greatest. Gives these two. */
export function drawSpreads(canvas: HTMLCanvasElement, { spreads }: InsideSeen, color: string, { paper }: Ground) {
  const least = spreads.reduce((value, spread) => Math.min(value, spread.least), Infinity)
  const greatest = spreads.reduce((value, spread) => Math.max(value, spread.greatest), -Infinity)
  const range = greatest - least || 1
  const columns = spreads.map((spread) => {
    const sums = new Float64Array(rowsOfSpread)
    const width = (spread.greatest - spread.least) / Math.max(1, spread.counts.length)
    for (const [i, count] of spread.counts.entries()) {
      // A bucket goes into all rows that it covers.
      const from = rowAt(spread.least + i * width, least, range)
      const to = rowAt(spread.least + (i + 1) * width, least, range)
      for (let row = from; row <= to; row++) sums[row] += count / (to - from + 1)
    }
    const most = Math.max(...sums, 1e-9)
    return sums.map((sum) => Math.sqrt(sum / most))
  })
  const front = rgbOf(color)
  paint(canvas, rowsOfSpread, columns.length, (row, column) =>
    between(paper, front, columns[column][rowsOfSpread - 1 - row]),
  )
  return { least, greatest }
}

function rowAt(value: number, least: number, range: number): number {
  return Math.max(0, Math.min(rowsOfSpread - 1, Math.floor(((value - least) / range) * rowsOfSpread)))
}

function paint(
  canvas: HTMLCanvasElement,
  rows: number,
  columns: number,
  colorAt: (row: number, column: number) => Rgb,
): void {
  canvas.width = Math.max(1, columns)
  canvas.height = Math.max(1, rows)
  const context = canvas.getContext('2d')
  if (context === null || rows === 0 || columns === 0) return
  const image = context.createImageData(columns, rows)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      image.data.set([...colorAt(row, column), 255], (row * columns + column) * 4)
    }
  }
  context.putImageData(image, 0, 0)
}
