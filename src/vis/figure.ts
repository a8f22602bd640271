// What a picture shows, as plain data: the one interface between those who have numbers and those who draw.

/** A picture: one or several panels under one title. */
export interface Figure {
  readonly title: string
  /** What the picture says, in a sentence, for those who cannot see it; by default the titles of its panels. */
  readonly description?: string
  readonly panels: readonly Panel[]
  /** How many panels stand side by side; 1 by default. */
  readonly columns?: number
  /** Of the whole picture, in pixels; 720 by default. */
  readonly width?: number
}

/** Lines over numbers, or colours over a grid. */
export type Panel = LinePanel | HeatPanel

/** One axis. */
export interface Axis {
  readonly label: string
  /** `'log'` leaves out what is not above 0; `'linear'` by default. */
  readonly scale?: 'linear' | 'log'
  /** The ends; by default those of the data. */
  readonly domain?: readonly [number, number]
}

/** Lines in one pair of axes. */
export interface LinePanel {
  readonly kind: 'lines'
  readonly title?: string
  readonly x: Axis
  readonly y: Axis
  readonly lines: readonly Line[]
  /** Places worth pointing at, each a thin line across. */
  readonly marks?: readonly Mark[]
}

/** One line. Where a number is not finite (or cannot be shown on a logarithmic axis) it is broken. */
export interface Line {
  readonly label: string
  /** 0, 1, 2... by default. */
  readonly x?: ArrayLike<number>
  readonly y: ArrayLike<number>
  readonly dashed?: boolean
  /** Lines with the same number have the same colour; by default each has its own. */
  readonly color?: number
}

/** A place on the x axis, or on the y axis. */
export interface Mark {
  readonly x?: number
  readonly y?: number
  readonly label: string
}

/** A grid of numbers as colours: row 0 at the bottom, column 0 on the left. */
export interface HeatPanel {
  readonly kind: 'heat'
  readonly title?: string
  /** What a column is, and what a row is. */
  readonly x: string
  readonly y: string
  readonly rows: number
  readonly columns: number
  /** Row by row. What is not finite is grey. */
  readonly values: ArrayLike<number>
  /** From dark to light, or from red through white (0) to blue; `'sequential'` by default. */
  readonly colors?: 'sequential' | 'diverging'
  /** The numbers at the ends of the colours; by default those of the data, the same on both sides of 0 if diverging. */
  readonly domain?: readonly [number, number]
}
