// The kinds of arguments that ops take: what each is in words, and what checks it.
import {
  checkOptions,
  DataError,
  describeValue,
  HornbeamError,
  inWords,
  isCallable,
  isList as isListAtAll,
  meets,
  OptionError,
  type Rule,
  ShapeError,
} from '../../errors'
import { Value, Variable } from '../../graph'
import { dtypes, Tensor } from '../../tensor'

/** What an argument is to be. */
export interface Kind {
  /** Throws where the value is of another kind, naming the op and the argument. */
  check(value: unknown, op: string, name: string): void
  /** Whether it may be left out. */
  readonly isOptional?: boolean
  /** Whether all arguments from here on are of this kind. */
  readonly isRest?: boolean
}

function kind(
  words: string,
  is: (value: unknown) => boolean,
  Refusal: new (message: string) => HornbeamError = OptionError,
): Kind {
  return {
    check(value, op, name) {
      if (!is(value)) throw new Refusal(`${op}: ${name}: expected ${words}, got ${described(value)}`)
    },
  }
}

/** A short list of plain things as it is; anything else as all messages show it. */
function described(value: unknown): string {
  const isShort = Array.isArray(value) && value.length <= 8 && value.every((each) => Object(each) !== each)
  return isShort ? `[${value.map(describeValue).join(', ')}]` : describeValue(value)
}

const isWhole = (value: unknown): boolean => Number.isInteger(value)
const isLength = (value: unknown): boolean => isWhole(value) && Number(value) >= 0
const isPairOf = (is: (value: unknown) => boolean) => (value: unknown) =>
  Array.isArray(value) && value.length === 2 && value.every(is)
const isListOf = (is: (value: unknown) => boolean) => (value: unknown) => isListAtAll(value) && value.every(is)

// ---- numbers to compute with ----------------------------------------------------------------------------------

/** What `Operand` says. Whether an array holds numbers is seen when it is read. */
export const numbers: Kind = /* @__PURE__ */ kind(
  'numbers (a symbolic value, a tensor, an array or a number)',
  (value) =>
    typeof value === 'number' ||
    typeof value === 'boolean' ||
    Array.isArray(value) ||
    value instanceof Value ||
    value instanceof Variable ||
    value instanceof Tensor ||
    ArrayBuffer.isView(value),
  DataError,
)

/** Several of them, in a list. */
export const listOfNumbers: Kind = {
  check(value, op, name) {
    if (!isListAtAll(value)) {
      const got = describeValue(value)
      throw new OptionError(`${op}: ${name}: expected a list of them, as in ${op}([a, b]), got ${got}`)
    }
    // Not by forEach, which passes over holes.
    for (const [i, each] of value.entries()) numbers.check(each, op, `${name}[${i}]`)
  },
}

// ---- axes and lengths -----------------------------------------------------------------------------------------

const isList = /* @__PURE__ */ isListOf(isWhole)

/** One axis; whether there is such an axis depends on the operand. */
export const axis: Kind = /* @__PURE__ */ kind('an axis, a whole number', isWhole, ShapeError)

/** One axis or several. */
export const axes: Kind = /* @__PURE__ */ kind(
  'an axis or a list of them, whole numbers',
  (value) => isWhole(value) || isList(value),
  ShapeError,
)

/** Several axes. */
export const listOfAxes: Kind = /* @__PURE__ */ kind(
  'a list of axes, whole numbers',
  /* @__PURE__ */ isListOf(isWhole),
  ShapeError,
)

/** Whole numbers, one for each axis. */
export const wholeNumbers: Kind = /* @__PURE__ */ kind(
  'a list of whole numbers, one for each axis',
  /* @__PURE__ */ isListOf(isWhole),
  ShapeError,
)

/** How long an axis is, or how many of something there are. */
export const length: Kind = /* @__PURE__ */ number({ from: 0, integer: true })

/** How many elements come before and behind each axis. */
export const pairs: Kind = /* @__PURE__ */ kind(
  'a list of pairs [before, after], one for each axis',
  /* @__PURE__ */ isListOf(/* @__PURE__ */ isPairOf(isLength)),
)

/** The axes of the left and of the right operand. */
export const pairOfAxes: Kind = /* @__PURE__ */ kind(
  'two lists of axes, such as [[1], [0]]',
  /* @__PURE__ */ isPairOf(/* @__PURE__ */ isListOf(isWhole)),
)

/** The lengths of all axes. */
export const shape: Kind = /* @__PURE__ */ kind(
  'a shape, a list of whole numbers such as [2, 3]',
  /* @__PURE__ */ isListOf(isLength),
  ShapeError,
)

// ---- settings -------------------------------------------------------------------------------------------------

/** A number that the rule holds to. */
export function number(rule: Rule = {}): Kind {
  return kind(inWords(rule), (value) => meets(value, rule))
}

/** Any number, NaN among them. */
export const element: Kind = /* @__PURE__ */ kind('a number', (value) => typeof value === 'number')

/** A number, or one for each of the two axes of an image. */
export function oneOrPair(rule: Rule): Kind {
  const isPair = isPairOf((value) => meets(value, rule))
  return kind(`${inWords(rule)}, or a pair of them`, (value) => meets(value, rule) || isPair(value))
}

/** A number, or one for each of the three axes of a volume. */
export function oneOrTriple(rule: Rule): Kind {
  const isList = isListOf((value) => meets(value, rule))
  const isTriple = (value: unknown): boolean => isList(value) && [value].flat().length === 3
  return kind(`${inWords(rule)}, or three of them`, (value) => meets(value, rule) || isTriple(value))
}

/** A number, or several. */
export function oneOrMore(rule: Rule): Kind {
  const isList = isListOf((value) => meets(value, rule))
  return kind(`${inWords(rule)}, or a list of them`, (value) => meets(value, rule) || isList(value))
}

/** So many numbers that the rule holds to. */
export function fixedList(count: number, rule: Rule): Kind {
  const isList = isListOf((value) => meets(value, rule))
  return kind(`${count} numbers, each ${inWords(rule)}`, (value) => isList(value) && [value].flat().length === count)
}

/** True or false. */
export const flag: Kind = /* @__PURE__ */ kind('true or false', (value) => typeof value === 'boolean')

/** A text. */
export const text: Kind = /* @__PURE__ */ kind('a text', (value) => typeof value === 'string')

/** A function. */
export const callback: Kind = /* @__PURE__ */ kind('a function', isCallable)

/** Functions, at least one. */
export const listOfCallbacks: Kind = /* @__PURE__ */ kind(
  'a list of functions',
  (value) => isListAtAll(value) && value.length > 0 && value.every(isCallable),
)

/** Null. */
export const nothing: Kind = /* @__PURE__ */ kind('null', (value) => value === null)

/** One of some words. */
export function oneOf(words: readonly string[]): Kind {
  return kind(`one of ${words.map(describeValue).join(', ')}`, (value) => words.some((word) => word === value))
}

/** The type of elements. */
export const dtype: Kind = /* @__PURE__ */ oneOf(dtypes)

/** The type of real numbers. */
export const floatType: Kind = /* @__PURE__ */ oneOf(['float32', 'float64'])

/** Whatever one of several kinds takes; the last says what was expected. */
export function either(...kinds: readonly Kind[]): Kind {
  return {
    check(value, op, name) {
      for (const [i, each] of kinds.entries()) {
        try {
          return each.check(value, op, name)
        } catch (error) {
          if (!(error instanceof HornbeamError) || i === kinds.length - 1) throw error
        }
      }
    },
  }
}

// ---- options and arguments that may be left out ---------------------------------------------------------------

/** An argument that may be left out. */
export function optional(of: Kind): Kind {
  return { check: of.check, isOptional: true }
}

/** All arguments from here on. */
export function rest(of: Kind): Kind {
  return { check: of.check, isRest: true }
}

/**
 * An object of options. None is required.
 *
 * @param shorthand - the option that a value by itself stands for: `sum(x, 0)` is `sum(x, { axis: 0 })`.
 */
export function options(kinds: Readonly<Record<string, Kind>>, shorthand?: string): Kind {
  const names = Object.keys(kinds)
  return {
    isOptional: true,
    check(value, op) {
      if (isData(value)) throw new OptionError(`${op}: expected an object of options, got ${describeValue(value)}`)
      if (shorthand !== undefined && !isNamed(value)) return kinds[shorthand].check(value, op, shorthand)
      checkOptions(op, value, names)
      for (const [name, given] of Object.entries(value ?? {})) {
        if (given !== undefined) kinds[name].check(given, op, name)
      }
    },
  }
}

/** The same where some have to be given. */
export function operands(kinds: Readonly<Record<string, Kind>>): Kind {
  const all = options(kinds)
  return {
    check(value, op, name) {
      if (value === undefined) throw new OptionError(`${op}: ${name}: expected an object of them, got undefined`)
      all.check(value, op, name)
      for (const [each, { isOptional, check }] of Object.entries(kinds)) {
        const given: unknown = Reflect.get(Object(value), each)
        if (given === undefined && !isOptional) check(given, op, each)
      }
    },
  }
}

function isNamed(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether it is something to compute with, which an op may be given where its options belong. */
function isData(value: unknown): boolean {
  return value instanceof Value || value instanceof Variable || value instanceof Tensor || ArrayBuffer.isView(value)
}

/** One axis, by itself or as `{ axis }`. */
export const axisOption: Kind = /* @__PURE__ */ options({ axis }, 'axis')

/** One axis or several, by themselves or as `{ axis }`. */
export const axesOption: Kind = /* @__PURE__ */ options({ axis: axes }, 'axis')

/** Options without which the op means nothing. */
export function needed(kind: Kind): Kind {
  return {
    ...kind,
    isOptional: false,
    check(value, op, name) {
      if (value === undefined) throw new OptionError(`${op}: ${name}: expected an object of options, got undefined`)
      kind.check(value, op, name)
    },
  }
}
