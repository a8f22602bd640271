// The colours of the page's scheme, for what is drawn.
import type { CellName } from '../state/state'

type Rgb = readonly [number, number, number]

interface Palette {
  readonly ink: string
  readonly soft: string
  readonly line: string
  readonly ground: string
  readonly accent: string
  readonly warn: string
  readonly bad: string
  readonly panel: Rgb
  readonly positive: Rgb
  readonly negative: Rgb
  readonly gate: Rgb
}

let known: Palette | undefined
let ramps: Ramps | undefined
const ofCells = new Map<CellName, string>()

/** Read anew after the scheme has changed. */
export function forgetColors(): void {
  known = undefined
  ramps = undefined
  ofCells.clear()
}

export function palette(): Palette {
  if (known === undefined) {
    const style = getComputedStyle(document.documentElement)
    const of = (name: string): string => style.getPropertyValue(`--${name}`).trim()
    known = {
      ink: of('ink'),
      soft: of('soft'),
      line: of('line'),
      ground: of('panel'),
      accent: of('accent'),
      warn: of('warn'),
      bad: of('bad'),
      panel: rgb(of('map')),
      positive: rgb(of('positive')),
      negative: rgb(of('negative')),
      gate: rgb(of('gate')),
    }
  }
  return known
}

const rgb = (hex: string): Rgb => [1, 3, 5].map((i) => Number.parseInt(hex.slice(i, i + 2), 16)) as unknown as Rgb // three

const between = (from: Rgb, to: Rgb, share: number): Rgb =>
  from.map((part, i) => Math.round(part + (to[i] - part) * share)) as unknown as Rgb // three

/** A value from -1 to 1: one colour for each sign, the ground at 0. */
export function signed(value: number): string {
  const { panel, positive, negative } = palette()
  return `rgb(${between(panel, value < 0 ? negative : positive, Math.min(1, Math.abs(value))).join()})`
}

/** The colours of heat maps, as pixels. */
interface Ramps {
  readonly positive: Uint32Array
  readonly negative: Uint32Array
  readonly gate: Uint32Array
  readonly bad: number
}

/** How many shades a ramp has beside the ground. */
const shades = 255

function rampsOf(): Ramps {
  if (ramps === undefined) {
    const { panel, positive, negative, gate, bad } = palette()
    const to = (color: Rgb): Uint32Array =>
      Uint32Array.from({ length: shades + 1 }, (_, i) => pixel(between(panel, color, i / shades)))
    ramps = { positive: to(positive), negative: to(negative), gate: to(gate), bad: pixel(rgb(bad)) }
  }
  return ramps
}

/** As it lies in the data of an image, on machines that write the lowest byte first. */
const pixel = ([red, green, blue]: Rgb): number => ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0

/** What gives the pixel of a value: of a gate from 0 to 1, of others from -1 to 1; what is no number stands out. */
export function pixelOf(isGate: boolean): (value: number) => number {
  const { positive, negative, gate, bad } = rampsOf()
  const at = (ramp: Uint32Array, share: number): number => ramp[Math.round(shades * Math.min(1, Math.max(0, share)))]
  if (isGate) return (value) => (Number.isFinite(value) ? at(gate, value) : bad)
  return (value) => (Number.isFinite(value) ? (value < 0 ? at(negative, -value) : at(positive, value)) : bad)
}

/** The colour of a cell, also in CSS: it is the same everywhere. */
export const cellColor = (cell: CellName): string => `var(--${cell})`

export function drawnColor(cell: CellName): string {
  const found = ofCells.get(cell) ?? getComputedStyle(document.documentElement).getPropertyValue(`--${cell}`).trim()
  ofCells.set(cell, found)
  return found
}
