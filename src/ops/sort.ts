// Sorting along an axis, and what is made of it: the order, and the largest few.
import { OptionError } from '../errors'
import { type Operand, onceEach, primitive, toValue, type Value } from '../graph'
import { normalizeAxis } from '../tensor'
import { scatterAlongAxis } from './indexing'
import { slice, swapAxes } from './shape'

/** Sorts the last axis: the values in order, and the index each of them had. */
const sortPrimitive = /* @__PURE__ */ primitive('sort', {
  work: onceEach,
  infer: ([x]) => [
    { shape: x.shape, dtype: x.dtype },
    { shape: x.shape, dtype: 'int32' },
  ],
  gradient: ({ inputs: [x], outputs: [, indices], upstreams: [upstream] }) => [
    upstream && scatterAlongAxis(upstream, indices, x.shape[x.rank - 1]),
  ],
})

/** Options of `sort` and `argSort`. */
export interface SortOptions {
  /** The axis to sort; the last by default. */
  readonly axis?: number
  /** The largest first. */
  readonly descending?: boolean
}

function sorted(operand: Operand, { axis = -1, descending = false }: SortOptions, where: string): [Value, Value] {
  const x = toValue(operand)
  const at = normalizeAxis(axis, x.rank, where)
  const [values, indices] = sortPrimitive.apply([swapAxes(x, at, -1)], { descending })
  return [swapAxes(values, at, -1), swapAxes(indices, at, -1)]
}

/**
 * The elements of an axis in ascending order. Equal ones stay in their order; NaN come last, in either direction.
 *
 * @example
 * ```ts
 * ops.sort([3, 1, 2], { descending: true }) // [3, 2, 1]
 * ```
 */
export function sort(operand: Operand, options: SortOptions = {}): Value {
  return sorted(operand, options, 'sort')[0]
}

/** The indices (`int32`) that put an axis in order: `sort(x)` is `takeAlongAxis(x, argSort(x))`. */
export function argSort(operand: Operand, options: SortOptions = {}): Value {
  return sorted(operand, options, 'argSort')[1]
}

/**
 * The `k` largest elements of an axis (the last by default), largest first, and their indices (`int32`). Of equal ones
 * the first comes first.
 *
 * @throws OptionError for a `k` that is not from 0 to the axis's length.
 *
 * @example
 * ```ts
 * ops.topK([3, 1, 2], 2) // { values: [3, 2], indices: [0, 2] }
 * ```
 */
export function topK(operand: Operand, k: number, axis = -1): { values: Value; indices: Value } {
  const x = toValue(operand)
  const at = normalizeAxis(axis, x.rank, 'topK')
  if (!Number.isInteger(k) || k < 0 || k > x.shape[at]) {
    throw new OptionError(`topK: expected k from 0 to ${x.shape[at]}, the length of axis ${at}, got ${k}`)
  }
  const [values, indices] = sorted(x, { axis: at, descending: true }, 'topK')
  const begin = x.shape.map(() => 0)
  const size = x.shape.map((length, i) => (i === at ? k : length))
  return { values: slice(values, begin, size), indices: slice(indices, begin, size) }
}
