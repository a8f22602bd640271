// Lines over numbers, drawn by uPlot.
import type uPlot from 'uplot'
import type { Num } from '../events'
import type { Ground } from './colors'

/** What uPlot is: loaded with the first chart. */
export type Plotter = typeof uPlot

/** A line; one without a label has no place in the legend. */
export interface Line {
  readonly label?: string
  readonly color: string
  readonly at: readonly number[]
  readonly values: readonly Num[]
  readonly style?: 'dashed' | 'faint' | 'points'
}

const height = 190

/** What is along a chart. */
export interface Along {
  readonly along: string
  /** Whether numbers are on a logarithmic scale; those that are not above 0 are then left out. */
  readonly isLog?: boolean
}

/** One chart in an element. */
export class Chart {
  private readonly plotter: Plotter
  private readonly parent: HTMLElement
  private readonly ground: () => Ground
  private readonly resizing: ResizeObserver
  private plot: uPlot | undefined
  private made = ''

  constructor(plotter: Plotter, parent: HTMLElement, ground: () => Ground) {
    this.plotter = plotter
    this.parent = parent
    this.ground = ground
    this.resizing = new ResizeObserver(() => this.plot?.setSize({ width: this.width, height }))
    this.resizing.observe(parent)
  }

  show(lines: readonly Line[], { along, isLog: log = false }: Along): void {
    const data = aligned(lines, log) as uPlot.AlignedData // undefined where a line has no point, as uPlot's join gives it
    const key = JSON.stringify([log, ...lines.map(({ label, color, style }) => [label, color, style])])
    if (key !== this.made) {
      this.plot?.destroy()
      this.plot = new this.plotter(this.options(lines, along, log), data, this.parent)
      this.made = key
    } else {
      this.plot?.setData(data)
    }
    // While nothing is pointed at, the legend tells how it stands.
    const isPointed = typeof this.plot?.cursor.idx === 'number'
    if (!isPointed) this.plot?.setLegend({ idxs: data.map(lastIndex) })
  }

  /** Draws anew, in other colours. */
  recolor(): void {
    this.plot?.redraw()
  }

  remove(): void {
    this.resizing.disconnect()
    this.plot?.destroy()
  }

  private get width(): number {
    return Math.max(160, this.parent.clientWidth)
  }

  private options(lines: readonly Line[], along: string, log: boolean): uPlot.Options {
    const axis: uPlot.Axis = {
      stroke: () => this.ground().axis,
      grid: { stroke: () => this.ground().grid, width: 1 },
      ticks: { show: false },
      font: '11px system-ui, sans-serif',
      gap: 2,
    }
    return {
      width: this.width,
      height,
      scales: { x: { time: false }, y: log ? { distr: 3 } : {} },
      axes: [
        { ...axis, size: 28, gap: 5 },
        { ...axis, size: 52, values: (_, ticks) => ticks.map((tick) => (tick === null ? '' : shortly(tick))) },
      ],
      series: [{ label: along, value: (_, value) => (value === null ? '' : shortly(value)) }, ...lines.map(seriesOf)],
      cursor: { drag: { x: true, y: false } },
    }
  }
}

function seriesOf({ label, color, style }: Line): uPlot.Series {
  return {
    label: label ?? '',
    ...(label === undefined ? { class: 'u-hz' } : {}),
    stroke: style === 'faint' ? `${color}66` : color,
    width: style === 'faint' ? 1 : 1.75,
    ...(style === 'dashed' ? { dash: [6, 4] } : {}),
    ...(style === 'points' ? { paths: () => null, points: { show: true, size: 5, fill: color } } : {}),
    ...(style === 'faint' ? { points: { show: false } } : {}),
    value: (_, value) => (value === null || value === undefined ? '' : shortly(value)),
  }
}

/** All lines over the places of all, in order. */
function aligned(lines: readonly Line[], log: boolean): unknown[] {
  const shown = (value: Num): Num => (log && value !== null && value <= 0 ? null : value)
  const [first] = lines
  // Lines over the same places may have several points at one.
  if (lines.every(({ at }) => at === first?.at))
    return [first?.at ?? [], ...lines.map(({ values }) => values.map(shown))]
  const places = [...new Set(lines.flatMap(({ at }) => at))].sort((a, b) => a - b)
  const indexOf = new Map(places.map((place, i) => [place, i]))
  return [
    places,
    ...lines.map(({ at, values }) => {
      const row = new Array<Num | undefined>(places.length).fill(undefined)
      for (const [i, place] of at.entries()) row[indexOf.get(place) ?? 0] = shown(values[i])
      return row
    }),
  ]
}

function lastIndex(values: ArrayLike<number | null | undefined>): number | null {
  for (let i = values.length - 1; i >= 0; i--) if (typeof values[i] === 'number') return i
  return null
}

/** A number in a few characters. */
export function shortly(value: number): string {
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) return value.toExponential(1).replace('e+', 'e')
  return String(Number(value.toPrecision(4)))
}
