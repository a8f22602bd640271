// Where things are, how often, and choosing and writing by place.
import { ShapeError } from '../../errors'
import { constant, type Operand, toValue, type Value } from '../../graph'
import { type DType, formatShape, normalizeAxis, type Shape, sizeOf, stridesOf, Tensor } from '../../tensor'
import {
  axisOption,
  dtype,
  element,
  flag,
  length,
  listOfNumbers,
  needed,
  number,
  numbers,
  oneOf,
  optional,
  options,
  shape,
  wholeNumbers,
} from '../declaration/kinds'
import { op } from '../declaration/signature'
import {
  add,
  cast,
  div,
  equal,
  floor,
  greater,
  greaterEqual,
  less,
  lessEqual,
  logicalAnd,
  logicalNot,
  maximum,
  minimum,
  mod,
  mul,
  sub,
  where,
} from '../elementwise/elementwise'
import { type AxisOption, settingOf } from '../elementwise/shorthand'
import { gather, iota, oneHot, scatterAdd, takeAlongAxis } from '../indexing'
import { all, any, max, min, prod, sum } from '../reduce'
import { expandDims, pad, reshape } from '../shape'
import { type CloseOptions, isClose } from './arithmetic'
import { floats } from './floats'

/** Whether all elements are close: see `isClose`. */
export const allClose = /* @__PURE__ */ op(
  'allClose',
  { a: numbers, b: numbers, options: /* @__PURE__ */ options({ rtol: element, atol: element, equalNan: flag }) },
  (a: Operand, b: Operand, given?: CloseOptions): Value => all(isClose(a, b, given)),
)

/** Options of `bincount`. */
export interface BincountOptions {
  /** What each number counts; 1 by default. */
  readonly weights?: Operand
  /** How many numbers are counted: those from here on are left out. It has to be given, as a shape cannot depend on data. */
  readonly minLength: number
}

/**
 * How often each whole number from 0 to `minLength - 1` comes up along the last axis: as `int32`, or the sum of weights.
 *
 * @example
 * ```ts
 * ops.bincount([0, 2, 2], { minLength: 4 }) // [1, 0, 2, 0]
 * ```
 */
export const bincount = /* @__PURE__ */ op(
  'bincount',
  { x: numbers, options: /* @__PURE__ */ needed(/* @__PURE__ */ options({ weights: numbers, minLength: length })) },
  (operand: Operand, { weights, minLength }: BincountOptions): Value => {
    const x = toValue(operand, 'int32')
    const rows = oneHot(x, minLength, { dtype: weights === undefined ? 'int32' : 'float32' })
    if (weights === undefined) return sum(rows, { axis: -2 })
    const each = floats(weights)
    return sum(mul(cast(rows, each.dtype), expandDims(each, -1)), { axis: -2 })
  },
)

/** Which part between sorted boundaries each element lies in: 0 below the first, as `int32`. */
export const digitize = /* @__PURE__ */ op(
  'digitize',
  { x: numbers, bins: numbers },
  (operand: Operand, bins: Operand): Value => {
    const x = floats(operand)
    return sum(cast(lessEqual(floats(bins), expandDims(x, -1)), 'int32'), { axis: -1 })
  },
)

/** Where each value would be put into a sorted vector: before equal ones, or behind them (`side: 'right'`). */
export const searchSorted = /* @__PURE__ */ op(
  'searchSorted',
  { sorted: numbers, values: numbers, side: /* @__PURE__ */ optional(/* @__PURE__ */ oneOf(['left', 'right'])) },
  (sorted: Operand, values: Operand, side: 'left' | 'right' = 'left'): Value => {
    const [list, each] = [floats(sorted), expandDims(floats(values), -1)]
    return sum(cast(side === 'left' ? less(list, each) : lessEqual(list, each), 'int32'), { axis: -1 })
  },
)

/** Options of `histogram`. */
export interface HistogramOptions {
  /** The number of parts; 10 by default. */
  readonly bins?: number
  /** The least and the most that count; those of the elements by default. */
  readonly range?: readonly [number, number]
}

/** How many elements lie in each of so many equal parts, and the boundaries of the parts. */
export const histogram = /* @__PURE__ */ op(
  'histogram',
  {
    x: numbers,
    options: /* @__PURE__ */ options({
      bins: /* @__PURE__ */ number({ from: 1, integer: true }),
      range: /* @__PURE__ */ pairOfNumbers(),
    }),
  },
  (operand: Operand, { bins = 10, range }: HistogramOptions = {}): readonly [counts: Value, edges: Value] => {
    const x = reshape(floats(operand), [-1])
    const low = range === undefined ? min(x) : constant(range[0], x.dtype)
    const high = range === undefined ? max(x) : constant(range[1], x.dtype)
    const isFlat = equal(low, high)
    const [from, to] = [where(isFlat, sub(low, 0.5), low), where(isFlat, add(high, 0.5), high)]
    const steps = constant(
      Float32Array.from({ length: bins + 1 }, (_, i) => i),
      x.dtype,
    )
    const edges = add(from, mul(sub(to, from), div(steps, bins)))
    const inside = logicalAnd(greaterEqual(x, from), lessEqual(x, to))
    const place = cast(minimum(floor(mul(div(sub(x, from), sub(to, from)), bins)), bins - 1), 'int32')
    const counts = sum(oneHot(where(inside, maximum(place, 0), -1), bins, { dtype: 'int32' }), { axis: 0 })
    return [counts, edges]
  },
)

/** A pair of numbers. */
function pairOfNumbers() {
  const one = number()
  return {
    check(value: unknown, name: string, argument: string): void {
      for (const each of Array.isArray(value) && value.length === 2 ? value : [value]) one.check(each, name, argument)
    },
  }
}

/** Whether each element is among the values. */
export const isIn = /* @__PURE__ */ op(
  'isIn',
  { x: numbers, values: numbers, options: /* @__PURE__ */ options({ invert: flag, assumeUnique: flag }) },
  (operand: Operand, values: Operand, { invert = false }: { invert?: boolean; assumeUnique?: boolean } = {}): Value => {
    const found = any(equal(expandDims(toValue(operand), -1), reshape(values, [-1])), { axis: -1 })
    return invert ? logicalNot(found) : found
  },
)

/** The indices along each axis of a place in a row: one value for each axis. */
export const unravelIndex = /* @__PURE__ */ op(
  'unravelIndex',
  { indices: numbers, shape },
  (indices: Operand, lengths: Shape): readonly Value[] => {
    const flat = cast(toValue(indices, 'int32'), 'int32')
    const strides = stridesOf(lengths)
    return lengths.map((n, axis) => mod(whole(flat, strides[axis]), n))
  },
)

/** The whole part of a division, exact for places within tensors. */
function whole(x: Value, by: number): Value {
  return by === 1 ? x : cast(floor(div(sub(x, mod(x, by)), by)), 'int32')
}

/** The elements at the given places along an axis, or of all in a row where none is given; negative ones count from the end. */
export const take = /* @__PURE__ */ op(
  'take',
  { x: numbers, indices: numbers, options: axisOption },
  (operand: Operand, indices: Operand, given?: AxisOption): Value => {
    const along = settingOf<'axis', number | undefined>(given, 'axis', undefined)
    const x = along === undefined ? reshape(operand, [-1]) : toValue(operand)
    const at = normalizeAxis(along ?? 0, x.rank, 'take')
    const places = cast(toValue(indices, 'int32'), 'int32')
    return gather(x, where(less(places, 0), add(places, x.shape[at]), places), at)
  },
)

/** From several choices, for each element the first whose condition is true; `fallback` (0 by default) where none is. */
export const select = /* @__PURE__ */ op(
  'select',
  { conditions: listOfNumbers, choices: listOfNumbers, fallback: /* @__PURE__ */ optional(numbers) },
  (conditions: readonly Operand[], choices: readonly Operand[], fallback: Operand = 0): Value => {
    if (conditions.length !== choices.length || choices.length === 0) {
      throw new ShapeError(
        `select: expected as many choices as conditions, got ${choices.length} and ${conditions.length}`,
      )
    }
    return choices.reduceRight<Value>(
      (rest, choice, i) => where(cast(conditions[i], 'bool'), choice, rest),
      toValue(fallback),
    )
  },
)

/** 1 for each class that a row of labels names, `[..., classes]`; negative labels name none. */
export const multiHot = /* @__PURE__ */ op(
  'multiHot',
  {
    labels: numbers,
    classes: length,
    options: /* @__PURE__ */ options({ axis: /* @__PURE__ */ number({ integer: true }), dtype }, 'axis'),
  },
  (labels: Operand, classes: number, given?: { axis?: number; dtype?: DType } | number): Value => {
    const { axis = -1, dtype: type = 'float32' } = typeof given === 'object' ? given : { axis: given ?? -1 }
    const x = toValue(labels, 'int32')
    const hot = oneHot(x, classes, { axis, dtype: 'int32' })
    const rank = hot.rank
    const at = normalizeAxis(axis, rank, 'multiHot')
    return cast(max(hot, { axis: at === rank - 1 ? rank - 2 : rank - 1 }), type)
  },
)

/** Whether the right class is among the `k` most probable. */
export const inTopK = /* @__PURE__ */ op(
  'inTopK',
  { targets: numbers, predictions: numbers, k: length },
  (targets: Operand, predictions: Operand, k: number): Value => {
    const scores = floats(predictions)
    const labels = expandDims(cast(toValue(targets, 'int32'), 'int32'), -1)
    const own = takeAlongAxis(scores, labels, -1)
    const above = sum(cast(greater(scores, own), 'int32'), { axis: -1 })
    return logicalAnd(
      less(above, Math.min(k, scores.shape[scores.rank - 1])),
      equal(sum(sub(own, own), { axis: -1 }), 0),
    )
  },
)

// ---- writing by place -----------------------------------------------------------------------------------------

/** Zeros of a shape, to which values are added at places `[..., axes of the shape]`. */
export const scatter = /* @__PURE__ */ op(
  'scatter',
  { indices: numbers, values: numbers, shape },
  (indices: Operand, values: Operand, lengths: Shape): Value => {
    const places = cast(toValue(indices, 'int32'), 'int32')
    const depth = places.shape[places.rank - 1]
    const rest = lengths.slice(depth)
    const flat = flatPlaces(places, lengths.slice(0, depth))
    const updates = reshape(values, [flat.shape[0], ...rest])
    return reshape(scatterAdd(updates, flat, sizeOf(lengths.slice(0, depth))), lengths)
  },
)

function flatPlaces(places: Value, lengths: Shape): Value {
  const strides = stridesOf(lengths)
  const weights = constant(new Tensor(Int32Array.from(strides), [strides.length]))
  return reshape(sum(mul(places, weights), { axis: -1 }), [-1])
}

/** A value with others in some places `[count, axes]`; of several for one place the last. */
export const scatterUpdate = /* @__PURE__ */ op(
  'scatterUpdate',
  { inputs: numbers, indices: numbers, updates: numbers },
  (operand: Operand, indices: Operand, given: Operand): Value => {
    const x = toValue(operand)
    const places = cast(toValue(indices, 'int32'), 'int32')
    const depth = places.shape[places.rank - 1]
    const flat = flatPlaces(places, x.shape.slice(0, depth))
    const count = flat.shape[0]
    const rest = x.shape.slice(depth)
    const updates = cast(reshape(given, [count, sizeOf(rest)]), x.dtype)
    // [count, count]: whether a later update goes to the same place.
    const same = equal(expandDims(flat, 1), flat)
    const isLater = less(expandDims(iota(count), 1), iota(count))
    const isLast = logicalNot(any(logicalAnd(same, isLater), { axis: 1 }))
    const size = sizeOf(x.shape.slice(0, depth))
    const kept = where(isLast, flat, -1)
    const written = scatterAdd(updates, kept, size)
    const isWritten = greater(scatterAdd(cast(isLast, 'int32'), kept, size), 0)
    return reshape(where(expandDims(isWritten, 1), written, reshape(x, [size, sizeOf(rest)])), x.shape)
  },
)

/** A value with a box of others from `start` on. */
export const sliceUpdate = /* @__PURE__ */ op(
  'sliceUpdate',
  { inputs: numbers, start: wholeNumbers, updates: numbers },
  (operand: Operand, start: readonly number[], updates: Operand): Value => {
    const x = toValue(operand)
    const box = cast(toValue(updates), x.dtype)
    if (
      start.length !== x.rank ||
      box.rank !== x.rank ||
      box.shape.some((n, i) => start[i] < 0 || start[i] + n > x.shape[i])
    ) {
      throw new ShapeError(
        `sliceUpdate: expected a box within ${formatShape(x.shape)}, got ${formatShape(box.shape)} from [${start.join(', ')}] on`,
      )
    }
    const around = x.shape.map((n, i) => [start[i], n - start[i] - box.shape[i]] as const)
    const isInside = pad(cast(add(mul(cast(box, 'int32'), 0), 1), 'bool'), around)
    return where(isInside, pad(box, around), x)
  },
)

// ---- by segment -----------------------------------------------------------------------------------------------

/** Options of the sums and products by segment. */
export interface SegmentOptions {
  /** The number of segments. It has to be given, as a shape cannot depend on data. */
  readonly numSegments: number
  /** Whether the ids are in order; it changes nothing here. */
  readonly sorted?: boolean
}

const segmentOptions = /* @__PURE__ */ needed(/* @__PURE__ */ options({ numSegments: length, sorted: flag }))

/** The sum of the rows of each segment: those whose id is its number. */
export const segmentSum = /* @__PURE__ */ op(
  'segmentSum',
  { data: numbers, segmentIds: numbers, options: segmentOptions },
  (data: Operand, ids: Operand, { numSegments }: SegmentOptions): Value => scatterAdd(data, ids, numSegments),
)

function bySegment(
  name: string,
  neutral: (dtype: DType) => number,
  reduce: (x: Value, options: { axis: number }) => Value,
) {
  return op(
    name,
    { data: numbers, segmentIds: numbers, options: segmentOptions },
    (data: Operand, ids: Operand, { numSegments }: SegmentOptions): Value => {
      const x = toValue(data)
      // [segments, rows, ...]
      const own = equal(expandDims(iota(numSegments), 1), cast(toValue(ids, 'int32'), 'int32'))
      const stretched = reshape(own, [...own.shape, ...x.shape.slice(1).map(() => 1)])
      return reduce(where(stretched, expandDims(x, 0), neutral(x.dtype)), { axis: 1 })
    },
  )
}

const least = (dtype: DType): number => (dtype === 'int32' ? -(2 ** 31) : -Infinity)
const most = (dtype: DType): number => (dtype === 'int32' ? 2 ** 31 - 1 : Infinity)

/** The largest of each segment; minus infinity of none. */
export const segmentMax = /* @__PURE__ */ bySegment('segmentMax', least, max)
/** The smallest of each segment; infinity of none. */
export const segmentMin = /* @__PURE__ */ bySegment('segmentMin', most, min)
/** The product of each segment; 1 of none. */
export const segmentProd = /* @__PURE__ */ bySegment('segmentProd', () => 1, prod)
