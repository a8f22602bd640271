// Sorting along an axis, and what is made of it: the order, and the largest few.
import { OptionError } from '../errors'
import { type Operand, onceEach, primitive, toValue, type Value } from '../graph'
import { normalizeAxis } from '../tensor'
import { axis, axisOption, flag, number, numbers, options } from './declaration/kinds'
import { op } from './declaration/signature'
import { type AxisOption, optionsOf, settingOf } from './elementwise/shorthand'
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

const sortOptions = /* @__PURE__ */ options({ axis, descending: flag }, 'axis')

/** The options, or the axis alone. */
export type Sorting = SortOptions | SortOptions['axis']

function sorted(operand: Operand, options: Sorting, where: string): [Value, Value] {
  const { axis = -1, descending = false } = optionsOf<SortOptions>(options)
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
export const sort = /* @__PURE__ */ op(
  'sort',
  { x: numbers, options: sortOptions },
  (operand: Operand, options?: Sorting): Value => {
    return sorted(operand, options, 'sort')[0]
  },
)

/** The indices (`int32`) that put an axis in order: `sort(x)` is `takeAlongAxis(x, argSort(x))`. */
export const argSort = /* @__PURE__ */ op(
  'argSort',
  { x: numbers, options: sortOptions },
  (operand: Operand, options?: Sorting): Value => {
    return sorted(operand, options, 'argSort')[1]
  },
)

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
export const topK = /* @__PURE__ */ op(
  'topK',
  { x: numbers, k: /* @__PURE__ */ number({ from: 0, integer: true }), options: axisOption },
  (operand: Operand, k: number, axis?: AxisOption): { values: Value; indices: Value } => {
    const x = toValue(operand)
    const at = normalizeAxis(settingOf(axis, 'axis', -1), x.rank, 'topK')
    if (k > x.shape[at]) {
      throw new OptionError(`topK: expected k from 0 to ${x.shape[at]}, the length of axis ${at}, got ${k}`)
    }
    const [values, indices] = sorted(x, { axis: at, descending: true }, 'topK')
    const begin = x.shape.map(() => 0)
    const size = x.shape.map((length, i) => (i === at ? k : length))
    return { values: slice(values, begin, size), indices: slice(indices, begin, size) }
  },
)
