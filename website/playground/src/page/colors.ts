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

/** Read anew after the scheme has changed. */
export function forgetColors(): void {
  known = undefined
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

const between = (from: Rgb, to: Rgb, share: number): string =>
  `rgb(${from.map((part, i) => Math.round(part + (to[i] - part) * share)).join(',')})`

/** A value from -1 to 1: one colour for each sign, the ground at 0. */
export function signed(value: number): string {
  const { panel, positive, negative } = palette()
  return between(panel, value < 0 ? negative : positive, Math.min(1, Math.abs(value)))
}

/** A value from 0 to 1. */
export function share(value: number): string {
  const { panel, gate } = palette()
  return between(panel, gate, Math.min(1, Math.max(0, value)))
}

/** The colour of a cell, also in CSS: it is the same everywhere. */
export const cellColor = (cell: CellName): string => `var(--${cell})`

export function drawnColor(cell: CellName): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${cell}`).trim()
}
