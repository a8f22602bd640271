// What a parameter is drawn from, in Optuna's words: JSON with the class and its attributes; a choice is kept by its place in the list.
import { FormatError } from '../../errors'
import type { Json } from '../../registry'
import { choicesOf, type Dimension, type Range } from '../space'
import { parsePython, writePython } from './pythonJson'

/** Numbers between two ends. */
export interface NumberDistribution {
  readonly kind: 'float' | 'int'
  /** Optuna's class: two are of one kind only where this is the same. */
  readonly name: string
  readonly low: number
  readonly high: number
  readonly log: boolean
  /** From one number to the next; undefined where there is any between two. */
  readonly step: number | undefined
}

/** One of a list. */
export interface ChoiceDistribution {
  readonly kind: 'choice'
  readonly name: string
  readonly choices: readonly Json[]
}

export type Distribution = NumberDistribution | ChoiceDistribution

/** A dimension of a space. */
export function distributionOf(dimension: Dimension): Distribution {
  const choices = choicesOf(dimension)
  if (choices !== undefined) return { kind: 'choice', name: 'CategoricalDistribution', choices }
  const { min: low, max: high, scale, integer = false } = dimension as Range // what has no choices
  const log = scale === 'log'
  if (integer) return { kind: 'int', name: 'IntDistribution', low, high, log, step: 1 }
  return { kind: 'float', name: 'FloatDistribution', low, high, log, step: undefined }
}

/** As Optuna writes it. */
export function writeDistribution(distribution: Distribution): string {
  const { name } = distribution
  if (distribution.kind === 'choice') return writePython({ name, attributes: { choices: distribution.choices } })
  const { low, high, log, step } = distribution
  return writePython({ name, attributes: { log, step: step ?? null, low, high } })
}

/** Classes of Optuna before 3.0, whose names say a part of their attributes. */
const classes: Readonly<Record<string, { readonly kind: 'float' | 'int'; readonly log?: boolean }>> = {
  FloatDistribution: { kind: 'float' },
  IntDistribution: { kind: 'int' },
  UniformDistribution: { kind: 'float' },
  LogUniformDistribution: { kind: 'float', log: true },
  DiscreteUniformDistribution: { kind: 'float' },
  IntUniformDistribution: { kind: 'int' },
  IntLogUniformDistribution: { kind: 'int', log: true },
}

const parsed = /* @__PURE__ */ new Map<string, Distribution>()

/** Reads what Optuna writes. The same text gives the same object. @throws FormatError for anything else. */
export function readDistribution(text: string): Distribution {
  const known = parsed.get(text)
  if (known !== undefined) return known
  const distribution = distributionIn(text)
  if (parsed.size >= 1000) parsed.clear()
  parsed.set(text, distribution)
  return distribution
}

function distributionIn(text: string): Distribution {
  const { name, attributes } = parsePython(text) as Record<string, Json> // what it holds is checked below
  if (typeof name === 'string' && typeof attributes === 'object' && attributes !== null && !Array.isArray(attributes)) {
    const { choices, low, high, log, step, q } = attributes as Readonly<Record<string, Json>>
    if (name === 'CategoricalDistribution' && Array.isArray(choices)) return { kind: 'choice', name, choices }
    const known = classes[name]
    if (known !== undefined && typeof low === 'number' && typeof high === 'number') {
      const width = step ?? q ?? (known.kind === 'int' ? 1 : undefined)
      const isLog = known.log ?? log === true
      return { kind: known.kind, name, low, high, log: isLog, step: typeof width === 'number' ? width : undefined }
    }
  }
  throw new FormatError(`search: expected a distribution of Optuna's, got ${text}`)
}

/** Whether a parameter may have both, as Optuna has it: ranges may change, the kind, the scale and the choices may not. */
export function areCompatible(a: Distribution, b: Distribution): boolean {
  if (a === b) return true
  if (a.name !== b.name) return false
  if (a.kind === 'choice' || b.kind === 'choice') {
    return a.kind === 'choice' && b.kind === 'choice' && JSON.stringify(a.choices) === JSON.stringify(b.choices)
  }
  return a.log === b.log
}

/** A value as it is kept in a journal. */
export function toInternal(distribution: Distribution, value: Json): number {
  if (distribution.kind !== 'choice') return Number(value)
  const text = JSON.stringify(value)
  return distribution.choices.findIndex((choice) => JSON.stringify(choice) === text)
}

/** A value as it is used. */
export function toExternal(distribution: Distribution, internal: number): Json {
  if (distribution.kind === 'choice') return distribution.choices[Math.trunc(internal)]
  return distribution.kind === 'int' ? Math.trunc(internal) : internal
}
