// What is searched: choices and ranges by name, and the points drawn from them.
import { OptionError, textOf } from '../errors'
import type { Json } from '../registry'
import { streamOf, threefry } from '../tensor'

/** Numbers between two ends, both included. */
export interface Range {
  /** The smallest. */
  readonly min: number
  /** The largest. */
  readonly max: number
  /** `'log'` draws each order of magnitude as often as any other; `'linear'` by default. */
  readonly scale?: 'linear' | 'log'
  /** Whole numbers only; `false` by default. */
  readonly integer?: boolean
}

/** A list of choices (plain data: names, numbers, shapes), or a range. */
export type Dimension = readonly Json[] | Range

/** What is searched, by name. */
export type Space = Readonly<Record<string, Dimension>>

/** One point of a space. */
export type Parameters<S extends Space> = {
  readonly [name in keyof S]: S[name] extends readonly (infer Choice)[] ? Choice : number
}

/** A point of a space whose names are not known. */
export type Point = Readonly<Record<string, Json>>

/** @throws OptionError for a dimension that nothing can be drawn from. */
export function checkSpace(space: unknown): asserts space is Space {
  if (typeof space !== 'object' || space === null || Array.isArray(space) || Object.keys(space).length === 0) {
    throw new OptionError('search: space: expected choices and ranges by name, such as { units: [16, 32] }')
  }
  for (const [name, dimension] of Object.entries(space)) checkDimension(`search: space: ${name}`, dimension)
}

function checkDimension(where: string, dimension: unknown): void {
  if (Array.isArray(dimension)) {
    if (dimension.length === 0) throw new OptionError(`${where}: expected at least one choice, got none`)
    const wrong = dimension.find((choice) => !isPlain(choice))
    if (wrong !== undefined) {
      throw new OptionError(
        `${where}: expected plain data as choices, got a ${typeof wrong}; give a name, and look it up when the model is built`,
      )
    }
    return
  }
  if (typeof dimension !== 'object' || dimension === null) {
    throw new OptionError(`${where}: expected a list of choices or { min, max }, got ${textOf(dimension)}`)
  }
  const { min, max, scale = 'linear', integer = false, ...others } = dimension as Record<string, unknown>
  const [unknown] = Object.keys(others)
  if (unknown !== undefined)
    throw new OptionError(`${where}: unknown option '${unknown}'. Known: min, max, scale, integer.`)
  if (typeof min !== 'number' || typeof max !== 'number' || !Number.isFinite(max - min) || max < min) {
    throw new OptionError(`${where}: expected { min, max } with min up to max, got ${textOf(min)} and ${textOf(max)}`)
  }
  if (scale !== 'linear' && scale !== 'log') {
    throw new OptionError(`${where}: scale: expected 'linear' or 'log', got ${textOf(scale)}`)
  }
  if (scale === 'log' && min <= 0)
    throw new OptionError(`${where}: min: expected a number above 0 on a log scale, got ${min}`)
  if (integer !== true && integer !== false) throw new OptionError(`${where}: integer: expected true or false`)
  if (integer && !(Number.isInteger(min) && Number.isInteger(max))) {
    throw new OptionError(`${where}: expected whole numbers as min and max, got ${min} and ${max}`)
  }
}

function isPlain(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object') return false
  const isRecord = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype
  return isRecord && Object.values(value).every(isPlain)
}

/**
 * The first `count` points for a seed, all different: fewer where the space has fewer. Point i does not depend on how
 * many are asked for, and a dimension's numbers not on the other dimensions.
 */
export function drawPoints(space: Space, seed: number, count: number): Point[] {
  const points: Point[] = []
  const seen = new Set<string>()
  // In a space of choices the last ones left are rarely drawn.
  for (let draw = 0, misses = 0; points.length < count && misses < 1000; draw++) {
    const point = drawPoint(space, seed, draw)
    const key = JSON.stringify(point)
    if (seen.has(key)) {
      misses++
      continue
    }
    misses = 0
    seen.add(key)
    points.push(point)
  }
  return points
}

/** One point for a seed and a draw. */
export function drawPoint(space: Space, seed: number, draw: number): Point {
  return Object.fromEntries(
    Object.entries(space).map(([name, dimension]) => [name, valueAt(dimension, unit(seed, name, draw))]),
  )
}

/** The seed of a trial: what `setSeed` is given before its model is built. */
export function seedOf(seed: number, trial: number): number {
  return Math.floor(unit(seed, 'seed', trial) * 0x1000000)
}

const words = /* @__PURE__ */ new Uint32Array(2)

/** A number from 0 to below 1 for each seed, name and draw. */
export function unit(seed: number, name: string, draw: number): number {
  threefry(seed, streamOf(name), draw, 0, words)
  return words[0] / 2 ** 32
}

function valueAt(dimension: Dimension, at: number): Json {
  if (isChoices(dimension)) return dimension[Math.floor(at * dimension.length)]
  const { min, max, scale, integer = false } = dimension
  // Whole numbers: each stands for the unit around it, so that the ends are drawn as often as the others.
  const [low, high] = integer ? [min - 0.5, max + 0.5] : [min, max]
  const value = scale === 'log' ? low * (high / low) ** at : low + at * (high - low)
  return integer ? Math.min(max, Math.max(min, Math.round(value))) : value
}

export function isChoices(dimension: Dimension): dimension is readonly Json[] {
  return Array.isArray(dimension)
}
