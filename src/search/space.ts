// What is searched: choices and ranges by name, and the points drawn from them.
import { describeValue, didYouMean, OptionError, textOf } from '../errors'
import type { Json } from '../registry'
import { streamOf, threefry } from '../tensor'

/** What a dimension may hang on. */
interface Conditional {
  /** Only where dimensions that stand before it have this value, or one of a list of them; elsewhere it is undefined. */
  readonly when?: Readonly<Record<string, Json>>
}

/** Numbers between two ends, both included. */
export interface Range extends Conditional {
  /** The smallest. */
  readonly min: number
  /** The largest. */
  readonly max: number
  /** `'log'` draws each order of magnitude as often as any other; `'linear'` by default. */
  readonly scale?: 'linear' | 'log'
  /** Whole numbers only; `false` by default. */
  readonly integer?: boolean
}

/** A list of choices that hangs on others. */
export interface Choices extends Conditional {
  /** Plain data: names, numbers, shapes. */
  readonly choices: readonly Json[]
}

/** A list of choices (plain data: names, numbers, shapes), or a range. */
export type Dimension = readonly Json[] | Choices | Range

/** What is searched, by name. */
export type Space = Readonly<Record<string, Dimension>>

/** One point of a space. */
export type Parameters<S extends Space> = {
  readonly [name in keyof S]: ValueOf<S[name]> | (S[name] extends { readonly when: object } ? undefined : never)
}

type ValueOf<D> = D extends readonly (infer Choice)[]
  ? Choice
  : D extends { readonly choices: readonly (infer Choice)[] }
    ? Choice
    : number

/** A point of a space whose names are not known. */
export type Point = Readonly<Record<string, Json>>

/** @throws OptionError for a dimension that nothing can be drawn from. */
export function checkSpace(space: unknown): asserts space is Space {
  if (typeof space !== 'object' || space === null || Array.isArray(space) || Object.keys(space).length === 0) {
    throw new OptionError('search: space: expected choices and ranges by name, such as { units: [16, 32] }')
  }
  const before: string[] = []
  for (const [name, dimension] of Object.entries(space)) {
    const where = `search: space: ${name}`
    if (typeof dimension === 'object' && dimension !== null && 'when' in dimension) {
      const { when, ...others } = dimension
      checkCondition(where, when, before)
      checkDimension(where, others)
    } else {
      checkDimension(where, dimension)
    }
    before.push(name)
  }
}

function checkCondition(where: string, when: unknown, before: readonly string[]): void {
  if (when === undefined) return
  if (typeof when !== 'object' || when === null || Array.isArray(when) || !isPlain(when)) {
    throw new OptionError(
      `${where}: when: expected values by name, such as { cell: 'lstm' }, got ${describeValue(when)}`,
    )
  }
  for (const name of Object.keys(when)) {
    if (before.includes(name)) continue
    throw new OptionError(
      `${where}: when: expected names that stand before it, got '${name}'.${didYouMean(name, before)}`,
    )
  }
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
  if ('choices' in dimension) {
    const { choices, ...more } = dimension
    const [unknown] = Object.keys(more)
    if (unknown !== undefined) throw new OptionError(`${where}: unknown option '${unknown}'. Known: choices, when.`)
    if (!Array.isArray(choices))
      throw new OptionError(`${where}: choices: expected a list, got ${describeValue(choices)}`)
    checkDimension(where, choices)
    return
  }
  const { min, max, scale = 'linear', integer = false, ...others } = dimension as Record<string, unknown>
  const [unknown] = Object.keys(others)
  if (unknown !== undefined)
    throw new OptionError(`${where}: unknown option '${unknown}'. Known: min, max, scale, integer, when.`)
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
  return pointBy(space, (name, dimension) => drawValue(dimension, seed, name, draw))
}

/** One value for a seed, a name and a draw. */
export const drawValue = (dimension: Dimension, seed: number, name: string, draw: number): Json =>
  valueAt(dimension, unit(seed, name, draw))

/** A point, value by value; what hangs on others only where these are so. */
export function pointBy(space: Space, give: (name: string, dimension: Dimension) => Json): Point {
  const point: Record<string, Json> = {}
  for (const [name, dimension] of Object.entries(space)) {
    if (isActive(dimension, point)) point[name] = give(name, dimension)
  }
  return point
}

function isActive(dimension: Dimension, point: Point): boolean {
  if (!('when' in dimension) || dimension.when === undefined) return true
  return Object.entries(dimension.when).every(([name, wanted]) => {
    const value = JSON.stringify(point[name])
    return (Array.isArray(wanted) ? wanted : [wanted]).some((each) => JSON.stringify(each) === value)
  })
}

/** Whether a dimension hangs on others. */
export const isConditional = (dimension: Dimension): boolean => 'when' in dimension && dimension.when !== undefined

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
  const choices = choicesOf(dimension)
  if (choices !== undefined) return choices[Math.floor(at * choices.length)]
  const { min, max, scale, integer = false } = dimension as Range // what has no choices
  // Whole numbers: each stands for the unit around it, so that the ends are drawn as often as the others.
  const [low, high] = integer ? [min - 0.5, max + 0.5] : [min, max]
  const value = scale === 'log' ? low * (high / low) ** at : low + at * (high - low)
  return integer ? Math.min(max, Math.max(min, Math.round(value))) : value
}

/** The choices of a dimension; undefined where it is a range. */
export function choicesOf(dimension: Dimension): readonly Json[] | undefined {
  if ('choices' in dimension) return dimension.choices
  return 'min' in dimension ? undefined : dimension
}
