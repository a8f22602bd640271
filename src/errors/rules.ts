// What the value of an option may be, said as data where the option is declared.
import { OptionError } from './classes'
import { describeValue } from './describe'

/** The values an option may have, beside having the type of its default. */
export interface Rule {
  /** At least this. */
  readonly from?: number
  /** More than this. */
  readonly above?: number
  /** At most this. */
  readonly to?: number
  /** Less than this. */
  readonly below?: number
  /** A whole number. */
  readonly integer?: boolean
  /** One of these words; `null` among them where the option may be switched off. */
  readonly oneOf?: readonly (string | null)[]
  /** A list of numbers, or one or a list of them (`'any'`), each as the rest of the rule says. */
  readonly numbers?: 'list' | 'any'
  /** Values of other types than the default's are fine too, and checked by whoever takes them. */
  readonly otherTypes?: boolean
  /** Finds what the value stands for, such as an initializer by name; throws an OptionError where there is none. `null` stands for none. */
  // biome-ignore lint/suspicious/noExplicitAny: it checks what it is given.
  readonly lookUp?: (value: any) => unknown
  /** Any other condition, and what it is in words. */
  readonly holds?: readonly [condition: (value: unknown) => boolean, inWords: string]
}

/** Rules by option name. */
export type Rules<O> = { readonly [name in keyof O]?: Rule }

/**
 * Throws an `OptionError` where an option has a value it cannot have: of another type than its default (a number or a
 * boolean), not a number, or against its rule. Options that are `undefined` are not set and pass.
 */
export function checkValue(where: string, option: string, value: unknown, byDefault: unknown, rule: Rule = {}): void {
  if (value === undefined) return
  if (rule.lookUp !== undefined) lookUp(`${where}: ${option}`, value, rule.lookUp)
  const expectation = expected(byDefault, rule)
  if (expectation === undefined || fits(value, byDefault, rule)) return
  throw new OptionError(`${where}: ${option}: expected ${expectation}, got ${describeValue(value)}`)
}

function lookUp(where: string, value: unknown, find: (value: unknown) => unknown): void {
  if (value === null) return
  try {
    find(value)
  } catch (error) {
    if (error instanceof OptionError) throw new OptionError(`${where}: ${error.message}`)
    throw error
  }
}

const bounds = ['from', 'above', 'to', 'below'] as const

/** Whether the value is a number, or a list of numbers, or a word, as the rule says. */
export function meets(value: unknown, rule: Rule): boolean {
  return fits(value, 0, rule)
}

/** What a value that meets the rule is, in words: `a whole number from 1`. */
export function inWords(rule: Rule): string {
  return expected(0, rule) ?? 'a number'
}

function isNumeric(byDefault: unknown, rule: Rule): boolean {
  return typeof byDefault === 'number' || rule.integer === true || bounds.some((bound) => rule[bound] !== undefined)
}

function fits(value: unknown, byDefault: unknown, rule: Rule): boolean {
  if (rule.holds !== undefined) return rule.holds[0](value)
  if (rule.oneOf !== undefined) return rule.oneOf.some((word) => word === value)
  if (rule.numbers !== undefined && Array.isArray(value)) return value.every((each) => isWithin(each, rule))
  if (rule.numbers !== undefined) return rule.numbers === 'any' && isWithin(value, rule)
  if (!isNumeric(byDefault, rule)) return rule.otherTypes === true || typeof value === typeof byDefault
  return isWithin(value, rule) || (typeof value !== 'number' && rule.otherTypes === true)
}

/** Whether it is a number within the bounds. */
function isWithin(value: unknown, rule: Rule): boolean {
  if (typeof value !== 'number' || Number.isNaN(value) || (rule.integer && !Number.isInteger(value))) return false
  const { from = value, above = Number.NEGATIVE_INFINITY, to = value, below = Number.POSITIVE_INFINITY } = rule
  return (
    value >= from &&
    value <= to &&
    (value > above || rule.above === undefined) &&
    (value < below || rule.below === undefined)
  )
}

/** What the option is to be, in words; undefined where anything goes. */
function expected(byDefault: unknown, rule: Rule): string | undefined {
  if (rule.lookUp !== undefined) return undefined
  if (rule.holds !== undefined) return rule.holds[1]
  if (rule.oneOf !== undefined) return `one of ${rule.oneOf.map(describeValue).join(', ')}`
  if (rule.numbers !== undefined || isNumeric(byDefault, rule)) {
    const limits = [
      rule.from === undefined ? '' : `from ${rule.from}`,
      rule.above === undefined ? '' : `above ${rule.above}`,
      rule.to === undefined ? '' : `to ${rule.to}`,
      rule.below === undefined ? '' : `below ${rule.below}`,
    ]
    const one = rule.integer ? 'whole number' : 'number'
    const what =
      rule.numbers === undefined ? `a ${one}` : `${rule.numbers === 'any' ? `a ${one} or ` : ''}a list of ${one}s`
    return [what, ...limits.filter((limit) => limit !== '')].join(' ')
  }
  if (typeof byDefault === 'boolean') return 'true or false'
  return undefined
}
