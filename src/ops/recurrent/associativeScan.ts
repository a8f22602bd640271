// Running results of any associative function, in as many rounds as the logarithm of the length (Blelloch, 1990, "Prefix sums and
// their applications").
import { isList, OptionError, ShapeError } from '../../errors'
import { type Operand, toValue, Value, Variable } from '../../graph'
import { formatShape, normalizeAxis, Tensor } from '../../tensor'
import { axis, callback, flag, numbers, options } from '../declaration/kinds'
import { op } from '../declaration/signature'
import { concatenate, expandDims, reshape, reverse as reversed, slice } from '../shape'

/** Options of `associativeScan`. */
export interface AssociativeScanOptions {
  /** The axis along which it goes; the first by default. */
  readonly axis?: number
  /** From the end to the beginning; `false` by default. */
  readonly reverse?: boolean
}

/** Joins neighbouring stretches, the earlier one first. */
export type Associative = (earlier: Value, later: Value) => Operand

/** The same for elements that are several values each. */
export type AssociativeOfLists = (earlier: readonly Value[], later: readonly Value[]) => readonly Operand[]

interface AssociativeScan {
  (f: Associative, elements: Operand, options?: AssociativeScanOptions): Value
  (f: AssociativeOfLists, elements: readonly (Value | Variable | Tensor)[], options?: AssociativeScanOptions): Value[]
}

/**
 * Element i of the result is f(... f(f(x0, x1), x2) ..., xi), for a function that does not mind where the brackets stand, as
 * `keras.ops.associative_scan` and `jax.lax.associative_scan`. It takes about 2 log2(length) rounds, in each of which f is given whole
 * stretches of the axis at once. For recurrences h' = a h + b there is `linearScan`, which is faster.
 *
 * @param f - joins two values, element by element along the axis: it is given any number of them at once.
 * @param elements - a value, or a list of several, for a function of lists.
 * @throws ShapeError where the values differ in length along the axis; OptionError where f gives another number of values.
 *
 * @example
 * ```ts
 * ops.associativeScan(ops.maximum, [3, 1, 4, 1, 5]) // [3, 3, 4, 4, 5]
 * ```
 */
export const associativeScan = /* @__PURE__ */ op(
  'associativeScan',
  { f: callback, elements: numbers, options: /* @__PURE__ */ options({ axis, reverse: flag }) },
  (f: Associative | AssociativeOfLists, elements: Operand | readonly Operand[], given: AssociativeScanOptions = {}) => {
    const list = listed(elements)
    const values = list?.map((each) => toValue(each)) ?? [toValue(elements as Operand)] // it is no list
    // The overloads say which function goes with which elements.
    const join: AssociativeOfLists =
      list === undefined ? ([a], [b]) => [(f as Associative)(a, b)] : (f as AssociativeOfLists)
    const at = normalizeAxis(given.axis ?? 0, values[0].rank, 'associativeScan')
    requireOneLength(values, at)
    const turned = (all: readonly Value[]) => (given.reverse ? all.map((value) => reversed(value, at)) : all)
    const results = turned(scanned(join, turned(values), at))
    return list === undefined ? results[0] : results
  },
) as AssociativeScan

/** The elements, where they are a list of values rather than one. */
function listed(elements: unknown): readonly Operand[] | undefined {
  const isValue = (each: unknown) => each instanceof Value || each instanceof Variable || each instanceof Tensor
  return isList(elements) && elements.length > 0 && elements.every(isValue) ? elements : undefined
}

function requireOneLength(values: readonly Value[], at: number): void {
  const length = values[0].shape[at]
  if (values.every(({ shape }) => shape[at] === length)) return
  const got = values.map(({ shape }) => formatShape(shape)).join(', ')
  throw new ShapeError(`expected values of one length along axis ${at}, got ${got}`)
}

/** Pairs of neighbours joined make a scan of half the length, whose results are every second one; the others follow from them. */
function scanned(f: AssociativeOfLists, values: readonly Value[], at: number): readonly Value[] {
  const length = values[0].shape[at]
  if (length < 2) return values
  const joined = (earlier: readonly Value[], later: readonly Value[]): readonly Value[] => {
    const found = f(earlier, later)
    if (!Array.isArray(found) || found.length !== values.length) {
      throw new OptionError(`f: expected a list of ${values.length} values from it, got ${formatCount(found)}`)
    }
    return found.map((each, i) => toValue(each, values[i].dtype))
  }
  const part = (from: readonly Value[], begin: number, count: number, stride: number) =>
    from.map((value) => along(value, at, begin, count, stride))
  const half = Math.floor(length / 2)
  const odd = scanned(f, joined(part(values, 0, half, 2), part(values, 1, half, 2)), at)
  const rest = Math.ceil(length / 2) - 1
  const even = rest === 0 ? [] : joined(part(odd, 0, rest, 1), part(values, 2, rest, 2))
  return values.map((value, i) => {
    const first = along(value, at, 0, 1, 1)
    return interleaved(even.length === 0 ? first : concatenate([first, even[i]], at), odd[i], at)
  })
}

function formatCount(found: unknown): string {
  return Array.isArray(found) ? `${found.length}` : 'no list'
}

function along(value: Value, at: number, begin: number, count: number, stride: number): Value {
  const only = (here: number, others: number) => value.shape.map((_, i) => (i === at ? here : others))
  return slice(value, only(begin, 0), only(count, -1), only(stride, 1))
}

/** The elements of two values in turn; the first may have one more. */
function interleaved(even: Value, odd: Value, at: number): Value {
  const count = odd.shape[at]
  const pairs = concatenate(
    [along(even, at, 0, count, 1), odd].map((value) => expandDims(value, at + 1)),
    at + 1,
  )
  const both = reshape(
    pairs,
    odd.shape.map((length, i) => (i === at ? 2 * length : length)),
  )
  return even.shape[at] === count ? both : concatenate([both, along(even, at, count, 1, 1)], at)
}
