// Averages, spreads, orders and counts along axes.
import { OptionError, ShapeError } from '../../errors'
import { constant, type Operand, toValue, type Value } from '../../graph'
import { formatShape, normalizeAxes, normalizeAxis, type Shape, sizeOf } from '../../tensor'
import { type Cumulation, cumProd, cumSum } from '../cumulative'
import { axes, axis, axisOption, flag, number, numbers, oneOf, options } from '../declaration/kinds'
import { op } from '../declaration/signature'
import { log10 } from '../derived'
import {
  add,
  cast,
  div,
  equal,
  floor,
  isNan,
  less,
  lessEqual,
  logicalAnd,
  mul,
  notEqual,
  sqrt,
  sub,
  where,
} from '../elementwise/elementwise'
import { type AxisOption, optionsOf, settingOf } from '../elementwise/shorthand'
import {
  max,
  mean,
  min,
  argMax as plainArgMax,
  argMin as plainArgMin,
  prod,
  type ReduceOptions,
  type Reduction,
  sum,
  variance,
} from '../reduce'
import { concatenate, expandDims, reshape, slice, transpose } from '../shape'
import { sort } from '../sort'
import { floats } from './floats'

const reduceOptions = /* @__PURE__ */ options({ axis: axes, keepDims: flag }, 'axis')

/** The root of the variance: the standard deviation over the given axes, all by default. */
export const std = /* @__PURE__ */ op(
  'std',
  { x: numbers, options: reduceOptions },
  (x: Operand, options?: Reduction): Value => sqrt(variance(x, options)),
)

/** Options of `average`. */
export interface AverageOptions {
  /** The axis; all of them by default. */
  readonly axis?: number
  /** What each element counts: of the same shape, or a vector along the axis; alike by default. */
  readonly weights?: Operand
}

/**
 * The weighted mean.
 *
 * @throws ShapeError for weights of another length.
 *
 * @example
 * ```ts
 * ops.average([1, 2, 4], { weights: [1, 1, 2] }) // 2.75
 * ```
 */
export const average = /* @__PURE__ */ op(
  'average',
  { x: numbers, options: /* @__PURE__ */ options({ axis, weights: numbers }, 'axis') },
  (operand: Operand, given?: AverageOptions | number): Value => {
    const { axis, weights } = optionsOf<AverageOptions>(given)
    const x = floats(operand)
    const over = axis === undefined ? {} : { axis }
    if (weights === undefined) return mean(x, over)
    const each = alongAxis(floats(weights), x.shape, axis)
    return div(sum(mul(x, each), over), sum(mul(each, add(mul(x, 0), 1)), over))
  },
)

function alongAxis(weights: Value, shape: Shape, axis: number | undefined): Value {
  if (weights.rank === shape.length) return weights
  const at = normalizeAxis(axis ?? -1, shape.length, 'average')
  if (axis !== undefined && weights.rank === 1 && weights.shape[0] === shape[at]) {
    return reshape(
      weights,
      shape.map((length, i) => (i === at ? length : 1)),
    )
  }
  throw new ShapeError(
    `average: weights: expected ${formatShape(shape)} or a vector along the axis, got ${formatShape(weights.shape)}`,
  )
}

/** The difference of the largest and the smallest element. */
export const ptp = /* @__PURE__ */ op(
  'ptp',
  { x: numbers, options: reduceOptions },
  (x: Operand, options?: Reduction): Value => sub(max(x, options), min(x, options)),
)

/** How many elements are not 0, as `int32`. */
export const countNonzero = /* @__PURE__ */ op(
  'countNonzero',
  { x: numbers, options: reduceOptions },
  (x: Operand, options?: Reduction): Value => sum(cast(notEqual(x, 0), 'int32'), options),
)

/** The mean and the variance over the given axes. */
export const moments = /* @__PURE__ */ op(
  'moments',
  { x: numbers, options: reduceOptions },
  (x: Operand, options?: Reduction): readonly [mean: Value, variance: Value] => [
    mean(x, options),
    variance(x, options),
  ],
)

// ---- orders -----------------------------------------------------------------------------------------------------

/** How a quantile between two elements is taken. */
export type QuantileMethod = 'linear' | 'lower' | 'higher' | 'midpoint' | 'nearest'

/** Options of `quantile` and `percentile`. */
export interface QuantileOptions extends ReduceOptions {
  /** `linear` by default: on the line between the elements next to it. */
  readonly method?: QuantileMethod
}

const quantileOptions = /* @__PURE__ */ options(
  { axis: axes, keepDims: flag, method: /* @__PURE__ */ oneOf(['linear', 'lower', 'higher', 'midpoint', 'nearest']) },
  'axis',
)

/** The axes as one, at the end; and the shape with length 1 in their place. */
function gathered(x: Value, given: ReduceOptions['axis'], where: string): { rows: Value; kept: Shape } {
  const over = normalizeAxes(given, x.rank, where)
  const rest = x.shape.flatMap((_, i) => (over.includes(i) ? [] : [i]))
  const count = sizeOf(over.map((i) => x.shape[i]))
  const rows = reshape(transpose(x, [...rest, ...over]), [...rest.map((i) => x.shape[i]), count])
  return { rows, kept: x.shape.map((length, i) => (over.includes(i) ? 1 : length)) }
}

function quantiles(operand: Operand, q: number | readonly number[], given: QuantileOptions, name: string): Value {
  const { axis, keepDims = false, method = 'linear' } = given
  const x = floats(operand)
  const { rows, kept } = gathered(x, axis, name)
  const ordered = sort(rows, -1)
  const length = rows.shape[rows.rank - 1]
  const at = (index: number): Value => {
    const begin = rows.shape.map((_, i) => (i === rows.rank - 1 ? index : 0))
    return slice(ordered, begin, [...rows.shape.slice(0, -1), 1])
  }
  const one = (part: number): Value => {
    const place = part * (length - 1)
    const [below, above] = [Math.floor(place), Math.ceil(place)]
    const nearest = place - below === 0.5 ? below + (below % 2) : Math.round(place)
    const weight = {
      linear: place - below,
      lower: 0,
      higher: 1,
      midpoint: below === above ? 0 : 0.5,
      nearest: nearest - below,
    }
    const found = add(mul(at(below), 1 - weight[method]), mul(at(above), weight[method]))
    // What is not a number is sorted to the end, and makes all else of it.
    const last = at(length - 1)
    const value = where(isNan(last), last, found)
    return reshape(value, keepDims ? kept : rows.shape.slice(0, -1))
  }
  if (typeof q === 'number') return one(q)
  return concatenate(
    q.map((part) => expandDims(one(part), 0)),
    0,
  )
}

const part = /* @__PURE__ */ fraction(1)
const percent = /* @__PURE__ */ fraction(100)

function fraction(to: number) {
  const one = number({ from: 0, to })
  return {
    check(value: unknown, name: string, argument: string): void {
      for (const each of Array.isArray(value) ? value : [value]) one.check(each, name, argument)
    },
  }
}

/**
 * The number below which a part `q` (from 0 to 1) of the elements lies; a list of parts gives a new first axis.
 *
 * @example
 * ```ts
 * ops.quantile([1, 2, 3, 4], 0.5) // 2.5
 * ```
 */
export const quantile = /* @__PURE__ */ op(
  'quantile',
  { x: numbers, q: part, options: quantileOptions },
  (x: Operand, q: number | readonly number[], options?: QuantileOptions | QuantileOptions['axis']): Value => {
    return quantiles(x, q, optionsOf<QuantileOptions>(options), 'quantile')
  },
)

/** The same with parts in percent. */
export const percentile = /* @__PURE__ */ op(
  'percentile',
  { x: numbers, q: percent, options: quantileOptions },
  (x: Operand, q: number | readonly number[], options?: QuantileOptions | QuantileOptions['axis']): Value => {
    const parts = typeof q === 'number' ? q / 100 : q.map((each) => each / 100)
    return quantiles(x, parts, optionsOf<QuantileOptions>(options), 'percentile')
  },
)

/** The middle element, or the mean of the two in the middle. */
export const median = /* @__PURE__ */ op(
  'median',
  { x: numbers, options: reduceOptions },
  (x: Operand, options?: Reduction): Value => quantiles(x, 0.5, optionsOf<ReduceOptions>(options), 'median'),
)

// ---- without what is not a number -----------------------------------------------------------------------------

/** A reduction in which NaN stands for what changes nothing. */
function withoutNan(name: string, neutral: number, reduce: (x: Value, options?: Reduction) => Value) {
  return op(name, { x: numbers, options: reduceOptions }, (operand: Operand, options?: Reduction): Value => {
    const x = floats(operand)
    return reduce(where(isNan(x), neutral, x), options)
  })
}

/** The sum without NaN. */
export const nanSum = /* @__PURE__ */ withoutNan('nanSum', 0, sum)
/** The product without NaN. */
export const nanProd = /* @__PURE__ */ withoutNan('nanProd', 1, prod)

function countOf(x: Value, options?: Reduction): Value {
  return sum(cast(equal(isNan(x), false), x.dtype), options)
}

function extreme(name: string, neutral: number, reduce: (x: Value, options?: Reduction) => Value) {
  return op(name, { x: numbers, options: reduceOptions }, (operand: Operand, options?: Reduction): Value => {
    const x = floats(operand)
    return where(equal(countOf(x, options), 0), Number.NaN, reduce(where(isNan(x), neutral, x), options))
  })
}

/** The largest number, NaN only where there is none. */
export const nanMax = /* @__PURE__ */ extreme('nanMax', -Infinity, max)
/** The smallest number, NaN only where there is none. */
export const nanMin = /* @__PURE__ */ extreme('nanMin', Infinity, min)

/** The mean without NaN. */
export const nanMean = /* @__PURE__ */ op(
  'nanMean',
  { x: numbers, options: reduceOptions },
  (operand: Operand, options?: Reduction): Value => {
    const x = floats(operand)
    return div(nanSum(x, options), countOf(x, options))
  },
)

/** The variance without NaN. */
export const nanVar = /* @__PURE__ */ op(
  'nanVar',
  { x: numbers, options: reduceOptions },
  (operand: Operand, options?: Reduction): Value => {
    const x = floats(operand)
    const centred = sub(x, nanMean(x, { ...optionsOf<ReduceOptions>(options), keepDims: true }))
    return nanMean(mul(centred, centred), options)
  },
)

/** The standard deviation without NaN. */
export const nanStd = /* @__PURE__ */ op(
  'nanStd',
  { x: numbers, options: reduceOptions },
  (x: Operand, options?: Reduction): Value => sqrt(nanVar(x, options)),
)

/** The sum of each element and all before it, NaN counting 0. */
export const nanCumSum = /* @__PURE__ */ op(
  'nanCumSum',
  { x: numbers, options: axisOption },
  (operand: Operand, options?: Cumulation): Value => {
    const x = floats(operand)
    return cumSum(where(isNan(x), 0, x), options)
  },
)

/** The product of each element and all before it, NaN counting 1. */
export const nanCumProd = /* @__PURE__ */ op(
  'nanCumProd',
  { x: numbers, options: axisOption },
  (operand: Operand, options?: Cumulation): Value => {
    const x = floats(operand)
    return cumProd(where(isNan(x), 1, x), options)
  },
)

/** The index of the first largest number along an axis (the last by default); -1 where there is none. */
export const nanArgMax = /* @__PURE__ */ op(
  'nanArgMax',
  { x: numbers, options: axisOption },
  (operand: Operand, given?: AxisOption): Value => {
    const x = floats(operand)
    const axis = settingOf(given, 'axis', -1)
    return where(equal(countOf(x, { axis }), 0), -1, plainArgMax(where(isNan(x), -Infinity, x), axis))
  },
)

/** The index of the first smallest number along an axis (the last by default); -1 where there is none. */
export const nanArgMin = /* @__PURE__ */ op(
  'nanArgMin',
  { x: numbers, options: axisOption },
  (operand: Operand, given?: AxisOption): Value => {
    const x = floats(operand)
    const axis = settingOf(given, 'axis', -1)
    return where(equal(countOf(x, { axis }), 0), -1, plainArgMin(where(isNan(x), Infinity, x), axis))
  },
)

/** The quantile of what is a number: see `quantile`; always by lines between elements, over one axis or all. */
export const nanQuantile = /* @__PURE__ */ op(
  'nanQuantile',
  { x: numbers, q: part, options: reduceOptions },
  (x: Operand, q: number | readonly number[], options?: Reduction): Value =>
    nanQuantiles(x, q, optionsOf<ReduceOptions>(options)),
)

/** The same with parts in percent. */
export const nanPercentile = /* @__PURE__ */ op(
  'nanPercentile',
  { x: numbers, q: percent, options: reduceOptions },
  (x: Operand, q: number | readonly number[], options?: Reduction): Value => {
    const parts = typeof q === 'number' ? q / 100 : q.map((each) => each / 100)
    return nanQuantiles(x, parts, optionsOf<ReduceOptions>(options))
  },
)

/** The median of what is a number. */
export const nanMedian = /* @__PURE__ */ op(
  'nanMedian',
  { x: numbers, options: reduceOptions },
  (x: Operand, options?: Reduction): Value => nanQuantiles(x, 0.5, optionsOf<ReduceOptions>(options)),
)

function nanQuantiles(
  operand: Operand,
  q: number | readonly number[],
  { axis, keepDims = false }: ReduceOptions,
): Value {
  const x = floats(operand)
  const { rows, kept } = gathered(x, axis, 'nanQuantile')
  const length = rows.shape[rows.rank - 1]
  // What is not a number is sorted to the end: the place is counted among the others, by weights of all.
  const ordered = sort(rows, -1)
  const finite = where(isNan(ordered), 0, ordered)
  const count = countOf(rows, { axis: -1, keepDims: true })
  const places = constant(
    Float32Array.from({ length }, (_, i) => i),
    x.dtype,
  )
  const one = (partOf: number): Value => {
    const place = mul(sub(count, 1), partOf)
    const below = floor(place)
    const share = sub(place, below)
    const at = (index: Value): Value => sum(where(equal(places, index), finite, 0), { axis: -1, keepDims: true })
    const above = where(logicalAnd(less(below, place), lessEqual(add(below, 1), sub(count, 1))), add(below, 1), below)
    const found = add(mul(at(below), sub(1, share)), mul(at(above), share))
    return reshape(where(equal(count, 0), Number.NaN, found), keepDims ? kept : rows.shape.slice(0, -1))
  }
  if (typeof q === 'number') return one(q)
  return concatenate(
    q.map((each) => expandDims(one(each), 0)),
    0,
  )
}

// ---- differences and areas ------------------------------------------------------------------------------------

/** Options of `diff`. */
export interface DiffOptions {
  /** How often differences are taken; once by default. */
  readonly n?: number
  /** The axis; the last by default. */
  readonly axis?: number
}

/** The differences of neighbouring elements. */
export const diff = /* @__PURE__ */ op(
  'diff',
  { x: numbers, options: /* @__PURE__ */ options({ n: /* @__PURE__ */ number({ from: 0, integer: true }), axis }) },
  (operand: Operand, { n = 1, axis: given = -1 }: DiffOptions = {}): Value => {
    let x = toValue(operand)
    const at = normalizeAxis(given, x.rank, 'diff')
    for (let i = 0; i < n; i++) {
      const [before, after] = neighbours(x, at)
      x = x.dtype === 'bool' ? notEqual(after, before) : sub(after, before)
    }
    return x
  },
)

/** All but the last along an axis, and all but the first. */
function neighbours(x: Value, axis: number): [Value, Value] {
  if (x.shape[axis] === 0) throw new OptionError(`diff: expected more elements than differences`)
  const size = x.shape.map((length, i) => (i === axis ? length - 1 : length))
  const begin = x.shape.map((_, i) => (i === axis ? 1 : 0))
  return [
    slice(
      x,
      begin.map(() => 0),
      size,
    ),
    slice(x, begin, size),
  ]
}

/** Options of `trapezoid`. */
export interface TrapezoidOptions {
  /** Where the values lie along the axis; at equal distances `dx` by default. */
  readonly x?: Operand
  /** How far apart they are; 1 by default. */
  readonly dx?: number
  /** The axis; the last by default. */
  readonly axis?: number
}

/** The area below lines between the values. */
export const trapezoid = /* @__PURE__ */ op(
  'trapezoid',
  { y: numbers, options: /* @__PURE__ */ options({ x: numbers, dx: /* @__PURE__ */ number(), axis }) },
  (operand: Operand, { x, dx = 1, axis: given = -1 }: TrapezoidOptions = {}): Value => {
    const y = floats(operand)
    const at = normalizeAxis(given, y.rank, 'trapezoid')
    const [left, right] = neighbours(y, at)
    const apart = x === undefined ? dx : stepsOf(floats(x), y.shape, at)
    return sum(mul(mul(add(left, right), apart), 0.5), { axis: at })
  },
)

function stepsOf(x: Value, shape: Shape, axis: number): Value {
  if (x.rank === shape.length) {
    const [before, after] = neighbours(x, axis)
    return sub(after, before)
  }
  const [before, after] = neighbours(x, 0)
  return reshape(
    sub(after, before),
    shape.map((length, i) => (i === axis ? length - 1 : 1)),
  )
}

/** How near x2 is to x1, in decibels: 20 log10(maxVal) - 10 log10 of the mean squared error. */
export const psnr = /* @__PURE__ */ op(
  'psnr',
  { x1: numbers, x2: numbers, maxVal: /* @__PURE__ */ number({ above: 0 }) },
  (x1: Operand, x2: Operand, maxVal: number): Value => {
    const error = sub(floats(x1), floats(x2))
    return sub(20 * Math.log10(maxVal), mul(log10(mean(mul(error, error))), 10))
  },
)
