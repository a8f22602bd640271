// What strips of the unrolled sequence are drawn with: each is as wide as the sequence is long, a column a step.
import type { Poke } from '../state/state'
import { palette, pixelOf, signed } from './colors'

type Context = CanvasRenderingContext2D

/** The column of the step pointed at. */
export function frame(context: Context, width: number, height: number, step: number, steps: number): void {
  const size = width / steps
  context.strokeStyle = palette().ink
  context.lineWidth = 1
  context.globalAlpha = 0.75
  context.strokeRect(step * size + 0.5, 0.5, Math.max(size - 1, 1), height - 1)
  context.globalAlpha = 1
}

/** Where heat maps are made, a pixel a value. */
const small = document.createElement('canvas')

/** A heat map: gates from 0 to 1, others with a sign. What is wrong gets a mark. */
export function heat(
  context: Context,
  width: number,
  height: number,
  steps: number,
  rows: number,
  value: (step: number, row: number) => number,
  isGate: boolean,
  isWrong: (step: number) => boolean = () => false,
): void {
  const [w, tall] = [width / steps, height / rows]
  const image = new ImageData(steps, rows)
  const pixels = new Uint32Array(image.data.buffer)
  const toPixel = pixelOf(isGate)
  for (let row = 0, i = 0; row < rows; row++) for (let t = 0; t < steps; t++, i++) pixels[i] = toPixel(value(t, row))
  if (small.width !== steps) small.width = steps
  if (small.height !== rows) small.height = rows
  small.getContext('2d')?.putImageData(image, 0, 0)
  context.imageSmoothingEnabled = false
  context.drawImage(small, 0, 0, steps, rows, 0, 0, width, height)
  if (w > 7 && tall > 7) {
    for (let t = 1; t <= steps; t++) context.clearRect(t * w - 1, 0, 1, height)
    for (let row = 1; row <= rows; row++) context.clearRect(0, row * tall - 1, width, 1)
  }
  context.fillStyle = palette().bad
  for (let t = 0; t < steps; t++) if (isWrong(t)) context.fillRect(t * w, height - 4, w > 7 ? w - 1 : w, 4)
}

/** The unit pointed at, and the value that was set by hand. */
export function marks(
  context: Context,
  width: number,
  height: number,
  steps: number,
  units: number,
  at: { readonly step: number; readonly unit: number; readonly layer: number },
  poke: Poke | undefined,
  isState: boolean,
): void {
  const [w, tall] = [width / steps, height / units]
  context.strokeStyle = palette().ink
  context.lineWidth = 2
  context.strokeRect(at.step * w + 1, at.unit * tall + 1, Math.max(w - 2, 1), Math.max(tall - 2, 1))
  if (!isState || poke === undefined || poke.layer !== at.layer) return
  context.strokeStyle = palette().warn
  context.beginPath()
  context.arc((poke.step + 0.5) * w, (poke.unit + 0.5) * tall, Math.max(5, Math.min(w, tall) / 2), 0, 2 * Math.PI)
  context.stroke()
}

/** A character for each step. */
export function symbols(context: Context, width: number, height: number, names: readonly string[]): void {
  const size = width / names.length
  context.fillStyle = palette().ink
  text(context, size)
  names.forEach((name, t) => {
    context.globalAlpha = name === '·' ? 0.4 : 1
    context.fillText(name, (t + 0.5) * size, height / 2 + 1, size + 4)
  })
  context.globalAlpha = 1
}

/** The likeliest class of each step: as strong as it is likely, and marked where it is wrong. */
export function classes(
  context: Context,
  width: number,
  height: number,
  output: Float32Array,
  count: number,
  target: readonly number[],
  name: (index: number) => string,
): void {
  const steps = target.length
  const size = width / steps
  text(context, size)
  for (let t = 0; t < steps; t++) {
    const own = output.subarray(t * count, (t + 1) * count)
    const best = own.indexOf(Math.max(...own))
    const isRight = best === target[t]
    context.globalAlpha = 0.12 + 0.5 * (own[best] ?? 0)
    context.fillStyle = isRight ? palette().accent : palette().bad
    context.fillRect(t * size, 0, size > 7 ? size - 1 : size, height)
    context.globalAlpha = 1
    context.fillStyle = palette().ink
    context.fillText(name(best), (t + 0.5) * size, height / 2 + 1, size + 4)
  }
}

function text(context: Context, size: number): void {
  context.font = `${Math.min(14, Math.max(8, size * 1.3))}px ui-monospace, monospace`
  context.textAlign = 'center'
  context.textBaseline = 'middle'
}

/** How much each input counts, beside the largest. */
export function dependence(context: Context, width: number, height: number, depends: readonly number[]): void {
  const largest = Math.max(...depends, Number.MIN_VALUE)
  const size = width / depends.length
  context.fillStyle = palette().accent
  depends.forEach((value, t) => {
    const part = Number.isFinite(value) ? value / largest : 0
    const tall = part * (height - 4)
    context.globalAlpha = 0.25 + 0.75 * part
    context.fillRect(t * size, height - tall, size > 4 ? size - 1 : size, Math.max(tall, 1))
  })
  context.globalAlpha = 1
}

/** A number from 0 to `most` as a bar, and what was wanted as a mark. */
export function gauge(
  context: Context,
  width: number,
  height: number,
  said: number,
  wanted: number,
  most: number,
): void {
  const x = (value: number): number => Math.min(1, Math.max(0, value / most)) * width
  context.fillStyle = signed(0)
  context.fillRect(0, 7, width, height - 14)
  context.fillStyle = palette().accent
  context.fillRect(0, 7, x(said), height - 14)
  context.fillStyle = palette().ink
  context.fillRect(x(wanted) - 1.5, 1, 3, height - 2)
}

/** What is wanted as a line, and what is said as dots. */
export function lines(
  context: Context,
  width: number,
  height: number,
  [wanted, said]: readonly (readonly number[])[],
): void {
  const finite = [...wanted, ...said].filter(Number.isFinite)
  const [low, high] = [Math.min(...finite), Math.max(...finite)]
  const size = width / wanted.length
  const y = (value: number): number => height - 5 - ((height - 10) * (value - low)) / (high - low || 1)
  context.strokeStyle = palette().soft
  context.lineWidth = 2
  context.lineJoin = 'round'
  context.beginPath()
  wanted.forEach((value, t) => {
    context.lineTo((t + 0.5) * size, y(value))
  })
  context.stroke()
  context.fillStyle = palette().accent
  said.forEach((value, t) => {
    context.beginPath()
    context.arc((t + 0.5) * size, y(value), Math.min(3.2, Math.max(1.6, size / 4)), 0, 2 * Math.PI)
    context.fill()
  })
}
