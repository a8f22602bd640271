// Reductions: sum, product, extremes over axes, and where the extremes are.
import { ShapeError } from '../errors'
import {
  type AttributesOf,
  type Operand,
  onceEach,
  type PrimitiveNamed,
  primitive,
  type Spec,
  sumPrimitive,
  toValue,
  type Value,
} from '../graph'
import { type DType, formatShape, isFloat, normalizeAxes, normalizeAxis, type Shape, sizeOf } from '../tensor'
import { axes, axisOption, flag, numbers, options } from './declaration/kinds'
import { op } from './declaration/signature'
import { broadcastTo } from './elementwise/broadcast'
import { add, cast, div, equal, exp, log, mul, sub, where } from './elementwise/elementwise'
import { type AxisOption, optionsOf, settingOf } from './elementwise/shorthand'
import { concatenate, reshape, slice, transpose } from './shape'

/** Options of the reductions. */
export interface ReduceOptions {
  /** The axes to reduce over; all of them by default. Negative ones count from the end. */
  readonly axis?: number | readonly number[]
  /** Keeps reduced axes with length 1. */
  readonly keepDims?: boolean
}

/** The options of a reduction, or its axes alone. */
export type Reduction = ReduceOptions | ReduceOptions['axis']

const reduceOptions = /* @__PURE__ */ options({ axis: axes, keepDims: flag }, 'axis')

type Rule = (upstream: Value, x: Value, output: Value, attributes: AttributesOf<'sum'>) => Value | undefined

/** @param rule - the gradient. */
function reduction(name: 'max' | 'min', rule: Rule, keepsBooleans = false) {
  const made = primitive(name, {
    work: onceEach,
    infer: withoutAxes,
    gradient: ({ inputs: [x], output, upstream, attributes }) => [rule(upstream, x, output, attributes)],
  })
  return reducer(made, keepsBooleans)
}

function withoutAxes([x]: readonly Spec[], { axes }: AttributesOf<'sum'>): readonly Spec[] {
  return [{ shape: x.shape.filter((_, axis) => !axes.includes(axis)), dtype: x.dtype }]
}

/** What users call. */
function reducer(made: PrimitiveNamed<'sum'>, keepsBooleans = false) {
  return op(made.name, { x: numbers, options: reduceOptions }, (operand: Operand, options?: Reduction): Value => {
    const { axis, keepDims } = optionsOf<ReduceOptions>(options)
    const given = toValue(operand)
    const x = given.dtype === 'bool' && !keepsBooleans ? cast(given, 'int32') : given
    const axes = normalizeAxes(axis, x.rank, made.name)
    const reduced = axes.length === 0 ? x : made.one([x], { axes })
    return keepDims ? reshape(reduced, keptShape(x.shape, axes)) : reduced
  })
}

function keptShape(shape: Shape, axes: readonly number[]): Shape {
  return shape.map((length, axis) => (axes.includes(axis) ? 1 : length))
}

/** Stretches a reduced value back over the axes it was reduced over. */
function spread(reduced: Value, x: Value, axes: readonly number[]): Value {
  return broadcastTo(reshape(reduced, keptShape(x.shape, axes)), x.shape)
}

/**
 * The sum over the given axes, all of them by default; 0 over no elements.
 *
 * @example
 * ```ts
 * ops.sum([[1, 2], [3, 4]], { axis: 0 }) // [4, 6]
 * ```
 */
export const sum = /* @__PURE__ */ reducer(sumPrimitive)

/** The product over the given axes, all of them by default; 1 over no elements. */
export const prod = /* @__PURE__ */ reducer(
  /* @__PURE__ */ primitive('prod', {
    work: onceEach,
    infer: withoutAxes,
    // It is differentiated in the gradient's place.
    decompose: ([x], { axes }) => [productInHalves(x, axes)],
  }),
)

/**
 * The product of the first half with the second, element by element, until one element is left. Unlike a division of
 * the whole product, it has derivatives of every order also where elements are 0.
 */
function productInHalves(x: Value, axes: readonly number[]): Value {
  const kept = x.shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]))
  const outer = kept.map((axis) => x.shape[axis])
  const size = sizeOf(axes.map((axis) => x.shape[axis]))
  if (size === 0) return broadcastTo(toValue(1, x.dtype), outer)
  let left = reshape(transpose(x, [...axes, ...kept]), [size, ...outer])
  for (let n = size; n > 1; n = Math.ceil(n / 2)) {
    const half = Math.floor(n / 2)
    const products = mul(slice(left, [0], [half]), slice(left, [half], [half]))
    left = n % 2 === 0 ? products : concatenate([products, slice(left, [n - 1], [1])], 0)
  }
  return reshape(left, outer)
}

const extremeRule: Rule = (g, x, output, { axes }) => {
  const chosen = cast(equal(x, spread(output, x, axes)), x.dtype)
  return div(mul(spread(g, x, axes), chosen), spread(sum(chosen, { axis: axes }), x, axes))
}
/** The largest element; equal ones share the gradient. -Infinity over none (0 for whole numbers), NaN if one is NaN. */
export const max = /* @__PURE__ */ reduction('max', extremeRule, true)
/** The smallest element; equal ones share the gradient. Infinity over none (0 for whole numbers), NaN if one is NaN. */
export const min = /* @__PURE__ */ reduction('min', extremeRule, true)

/** Whether any element is true. */
export const any = /* @__PURE__ */ op(
  'any',
  { x: numbers, options: reduceOptions },
  (x: Operand, options?: Reduction): Value => max(cast(x, 'bool'), options),
)
/** Whether all elements are true. */
export const all = /* @__PURE__ */ op(
  'all',
  { x: numbers, options: reduceOptions },
  (x: Operand, options?: Reduction): Value => min(cast(x, 'bool'), options),
)

/**
 * The arithmetic mean over the given axes, all of them by default; NaN over no elements.
 *
 * @example
 * ```ts
 * ops.mean([[1, 2], [3, 4]], { axis: -1, keepDims: true }) // [[1.5], [3.5]]
 * ```
 */
export const mean = /* @__PURE__ */ op(
  'mean',
  { x: numbers, options: reduceOptions },
  (operand: Operand, given?: Reduction): Value => {
    const options = optionsOf<ReduceOptions>(given)
    const x = asFloat(toValue(operand))
    const axes = normalizeAxes(options.axis, x.rank, 'mean')
    const count = sizeOf(axes.map((axis) => x.shape[axis]))
    return div(sum(x, options), count)
  },
)

/** The variance (the mean of squared deviations from the mean). */
export const variance = /* @__PURE__ */ op(
  'variance',
  { x: numbers, options: reduceOptions },
  (operand: Operand, given?: Reduction): Value => {
    const options = optionsOf<ReduceOptions>(given)
    const x = asFloat(toValue(operand))
    const centred = sub(x, mean(x, { ...options, keepDims: true }))
    return mean(mul(centred, centred), options)
  },
)

/** log(sum(exp(x))), safe for large x. */
export const logSumExp = /* @__PURE__ */ op(
  'logSumExp',
  { x: numbers, options: reduceOptions },
  (operand: Operand, given?: Reduction): Value => {
    const options = optionsOf<ReduceOptions>(given)
    const x = asFloat(toValue(operand))
    const axes = normalizeAxes(options.axis, x.rank, 'logSumExp')
    const top = max(x, { axis: axes, keepDims: true })
    const shift = where(equal(sub(top, top), 0), top, 0)
    const result = add(log(sum(exp(sub(x, shift)), { axis: axes, keepDims: true })), shift)
    return options.keepDims
      ? result
      : reshape(
          result,
          result.shape.filter((_, axis) => !axes.includes(axis)),
        )
  },
)

function asFloat(x: Value): Value {
  return isFloat(x.dtype) ? x : cast(x, 'float32')
}

function argReduction(name: 'argMax' | 'argMin') {
  const made = primitive(name, {
    work: onceEach,
    infer: ([x], { axis }) => [{ shape: x.shape.filter((_, i) => i !== axis), dtype: 'int32' as DType }],
    gradient: () => [undefined],
  })
  return op(name, { x: numbers, options: axisOption }, (operand: Operand, axis?: AxisOption): Value => {
    const x = toValue(operand)
    const at = normalizeAxis(settingOf(axis, 'axis', -1), x.rank, name)
    if (x.shape[at] === 0) throw new ShapeError(`${name}: axis ${at} of ${formatShape(x.shape)} has no elements`)
    return made.one([x], { axis: at })
  })
}

/** The index of the first largest element along an axis (the last by default, not empty), as `int32`; a NaN counts as it. */
export const argMax = /* @__PURE__ */ argReduction('argMax')
/** The index of the first smallest element along an axis (the last by default, not empty), as `int32`; a NaN counts as it. */
export const argMin = /* @__PURE__ */ argReduction('argMin')
