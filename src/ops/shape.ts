// Moving elements without changing them: reshape, transpose, slice, pad, concatenate, reverse.
import { ShapeError } from '../errors'
import { type Operand, onceEach, type PrimitiveNamed, primitive, reshapePrimitive, toValue, type Value } from '../graph'
import {
  asTensor,
  commonDType,
  completeShape,
  formatShape,
  normalizeAxes,
  normalizeAxis,
  type Shape,
  sameShape,
  sizeOf,
} from '../tensor'
import {
  axesOption,
  axis,
  axisOption,
  either,
  element,
  listOfAxes,
  listOfNumbers,
  number,
  numbers,
  optional,
  pairs,
  wholeNumbers,
} from './declaration/kinds'
import { op } from './declaration/signature'
import { cast } from './elementwise/elementwise'
import { type AxesOption, type AxisOption, settingOf } from './elementwise/shorthand'

type Axes = number | readonly number[] | undefined

/**
 * The same elements in the same order under another shape; one length may be -1.
 *
 * @throws ShapeError when the shape does not hold them.
 *
 * @example
 * ```ts
 * ops.reshape([1, 2, 3, 4], [2, -1]) // [[1, 2], [3, 4]]
 * ```
 */
export const reshape = /* @__PURE__ */ op(
  'reshape',
  { x: numbers, shape: /* @__PURE__ */ either(/* @__PURE__ */ number({ from: -1, integer: true }), wholeNumbers) },
  (operand: Operand, shape: Shape | number): Value => {
    const x = toValue(operand)
    const complete = completeShape(shape, sizeOf(x.shape))
    return sameShape(x.shape, complete) ? x : reshapePrimitive.one([x], { shape: complete })
  },
)

/** Puts in an axis of length 1 at the given place. */
export const expandDims = /* @__PURE__ */ op(
  'expandDims',
  { x: numbers, options: axisOption },
  (operand: Operand, axis: AxisOption = -1): Value => {
    const x = toValue(operand)
    const at = normalizeAxis(settingOf(axis, 'axis', -1), x.rank + 1, 'expandDims')
    return reshape(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)])
  },
)

/** Takes out axes of length 1: the given ones, or all. */
export const squeeze = /* @__PURE__ */ op(
  'squeeze',
  { x: numbers, options: axesOption },
  (operand: Operand, axis?: AxesOption): Value => {
    const x = toValue(operand)
    const given = settingOf<'axis', Axes>(axis, 'axis', undefined)
    const axes = given === undefined ? undefined : normalizeAxes(given, x.rank, 'squeeze')
    const wrong = axes?.find((i) => x.shape[i] !== 1)
    if (wrong !== undefined) {
      throw new ShapeError(`squeeze: axis ${wrong} of ${formatShape(x.shape)} has length ${x.shape[wrong]}, expected 1`)
    }
    return reshape(
      x,
      x.shape.filter((length, i) => (axes === undefined ? length !== 1 : !axes.includes(i))),
    )
  },
)

/** @internal */
export const transposePrimitive: PrimitiveNamed<'transpose'> = /* @__PURE__ */ primitive('transpose', {
  infer: ([x], { permutation }) => [{ shape: permutation.map((axis) => x.shape[axis]), dtype: x.dtype }],
  gradient: ({ upstream, attributes: { permutation } }) => [
    transpose(
      upstream,
      permutation.map((_, axis) => permutation.indexOf(axis)),
    ),
  ],
  simplify: ({ inputs: [x], attributes: { permutation: outer } }) => {
    const first = transposePrimitive.useIn(x)
    if (first !== undefined) {
      const { permutation: inner } = first.attributes
      return transpose(
        first.inputs[0],
        outer.map((axis) => inner[axis]),
      )
    }
    // Moving axes of length 1 about leaves the elements in their order.
    const moving = outer.filter((axis) => x.shape[axis] !== 1)
    const inOrder = moving.every((axis, i) => i === 0 || moving[i - 1] < axis)
    if (!inOrder) return undefined
    return reshape(
      x,
      outer.map((axis) => x.shape[axis]),
    )
  },
  work: onceEach,
})

/**
 * Reorders axes: axis i of the result is axis `permutation[i]` of the operand; reversed order by default.
 *
 * @throws ShapeError when an axis is missing, or named twice.
 *
 * @example
 * ```ts
 * ops.transpose([[1, 2], [3, 4]]) // [[1, 3], [2, 4]]
 * ```
 */
export const transpose = /* @__PURE__ */ op(
  'transpose',
  { x: numbers, permutation: /* @__PURE__ */ optional(listOfAxes) },
  (operand: Operand, permutation?: readonly number[]): Value => {
    const x = toValue(operand)
    const order =
      permutation?.map((axis) => normalizeAxis(axis, x.rank, 'transpose')) ?? x.shape.map((_, i) => x.rank - 1 - i)
    if (order.length !== x.rank || new Set(order).size !== x.rank) {
      throw new ShapeError(`transpose: expected each of the ${x.rank} axes once, got [${order.join(', ')}]`)
    }
    return order.every((axis, i) => axis === i) ? x : transposePrimitive.one([x], { permutation: order })
  },
)

/** Swaps two axes. */
export const swapAxes = /* @__PURE__ */ op(
  'swapAxes',
  { x: numbers, first: axis, second: axis },
  (operand: Operand, first: number, second: number): Value => {
    const x = toValue(operand)
    const [p, q] = [normalizeAxis(first, x.rank, 'swapAxes'), normalizeAxis(second, x.rank, 'swapAxes')]
    return transpose(
      x,
      x.shape.map((_, axis) => (axis === p ? q : axis === q ? p : axis)),
    )
  },
)

const slicePrimitive: PrimitiveNamed<'slice'> = /* @__PURE__ */ primitive('slice', {
  work: onceEach,
  infer: ([x], { begin, size, stride }) => {
    const isWhole = [...begin, ...size, ...stride].every((n) => Number.isInteger(n) && n >= 0)
    const fits = size.every((n, i) => begin[i] + (n === 0 ? 0 : (n - 1) * stride[i] + 1) <= x.shape[i])
    const isForAll = begin.length === x.shape.length && size.length === x.shape.length
    if (!isForAll || !isWhole || !fits || stride.some((step) => step < 1)) {
      throw new ShapeError(
        `slice: begin [${begin.join(', ')}], size ${formatShape(size)}, stride [${stride.join(', ')}] do not fit ${formatShape(x.shape)}`,
      )
    }
    return [{ shape: size, dtype: x.dtype }]
  },
  gradient: ({ inputs: [x], upstream, attributes: { begin, size, stride } }) => {
    const interior = stride.map((step) => step - 1)
    const after = x.shape.map((length, i) => length - begin[i] - Math.max(0, (size[i] - 1) * stride[i] + 1))
    return [padPrimitive.one([upstream], { before: begin, after, interior, value: 0 })]
  },
})

/**
 * A box of elements: from `begin` (a negative one counts from the end), `size` of them along each axis (-1, the default: all that
 * follow), every `stride`-th (1 by default). Axes left out at the end are taken whole.
 *
 * @throws ShapeError when the box does not lie within the operand.
 *
 * @example
 * ```ts
 * ops.slice([[1, 2, 3], [4, 5, 6]], [0, 1], [2, 2]) // [[2, 3], [5, 6]]
 * ```
 */
export const slice = /* @__PURE__ */ op(
  'slice',
  {
    x: numbers,
    begin: wholeNumbers,
    size: /* @__PURE__ */ optional(wholeNumbers),
    stride: /* @__PURE__ */ optional(wholeNumbers),
  },
  (operand: Operand, begin: readonly number[], size?: readonly number[], stride?: readonly number[]): Value => {
    const x = toValue(operand)
    const start = x.shape.map((length, i) => (begin[i] ?? 0) + ((begin[i] ?? 0) < 0 ? length : 0))
    const step = x.shape.map((_, i) => stride?.[i] ?? 1)
    const count = x.shape.map((length, i) => {
      const given = size?.[i] ?? -1
      return given === -1 ? Math.max(0, Math.ceil((length - start[i]) / step[i])) : given
    })
    const whole = start.every((at, i) => at === 0 && step[i] === 1 && count[i] === x.shape[i])
    return whole && begin.length <= x.rank ? x : slicePrimitive.one([x], { begin: start, size: count, stride: step })
  },
)

const padPrimitive: PrimitiveNamed<'pad'> = /* @__PURE__ */ primitive('pad', {
  work: onceEach,
  infer: ([x], { before, after, interior }) => {
    const shape = x.shape.map((n, i) => before[i] + n + Math.max(0, n - 1) * interior[i] + after[i])
    if (
      before.length !== x.shape.length ||
      after.length !== x.shape.length ||
      shape.some((n, i) => n < 0 || before[i] < 0 || after[i] < 0)
    ) {
      throw new ShapeError(
        `pad: [${before.join(', ')}] before and [${after.join(', ')}] after do not fit ${formatShape(x.shape)}`,
      )
    }
    return [{ shape, dtype: x.dtype }]
  },
  gradient: ({ inputs: [x], upstream, attributes: { before, interior } }) => [
    slicePrimitive.one([upstream], { begin: before, size: x.shape, stride: interior.map((n) => n + 1) }),
  ],
})

/**
 * Puts `[before, after]` elements of `value` (0 by default), as a number of the operand's type, around each axis.
 *
 * @throws ShapeError when there is not a pair for each axis, or an amount is negative.
 *
 * @example
 * ```ts
 * ops.pad([1, 2], [[1, 2]]) // [0, 1, 2, 0, 0]
 * ```
 */
export const pad = /* @__PURE__ */ op(
  'pad',
  { x: numbers, amounts: pairs, value: /* @__PURE__ */ optional(element) },
  (operand: Operand, amounts: readonly (readonly [number, number])[], value: number = 0): Value => {
    const x = toValue(operand)
    if (amounts.every(([before, after]) => before === 0 && after === 0) && amounts.length === x.rank) return x
    return padPrimitive.one([x], {
      before: amounts.map(([before]) => before),
      after: amounts.map(([, after]) => after),
      interior: amounts.map(() => 0),
      value: asTensor(value, x.dtype).item(),
    })
  },
)

const concatenatePrimitive = /* @__PURE__ */ primitive('concatenate', {
  work: onceEach,
  infer: (inputs, { axis }) => {
    const [first] = inputs
    let total = 0
    for (const { shape } of inputs) {
      if (shape.length !== first.shape.length || shape.some((n, i) => i !== axis && n !== first.shape[i])) {
        const shapes = inputs.map((input) => formatShape(input.shape)).join(', ')
        throw new ShapeError(`concatenate: expected equal shapes but along axis ${axis}, got ${shapes}`)
      }
      total += shape[axis]
    }
    return [{ shape: first.shape.map((n, i) => (i === axis ? total : n)), dtype: first.dtype }]
  },
  gradient: ({ inputs, upstream, attributes: { axis } }) => {
    let at = 0
    return inputs.map((input) => {
      const begin = input.shape.map((_, i) => (i === axis ? at : 0))
      at += input.shape[axis]
      return slice(upstream, begin, input.shape)
    })
  },
})

/**
 * Joins values along an axis (the last by default), in the type they have in common.
 *
 * @throws ShapeError when their shapes differ in another axis, or there is no value.
 *
 * @example
 * ```ts
 * ops.concatenate([[1, 2], [3]]) // [1, 2, 3]
 * ```
 */
export const concatenate = /* @__PURE__ */ op(
  'concatenate',
  { values: listOfNumbers, options: axisOption },
  (operands: readonly Operand[], axis?: AxisOption): Value => {
    const values = operands.map((operand) => toValue(operand))
    if (values.length === 0) throw new ShapeError('concatenate: expected at least one value, got none')
    if (values.length === 1) return values[0]
    const dtype = values.map((value) => value.dtype).reduce(commonDType)
    const at = normalizeAxis(settingOf(axis, 'axis', -1), values[0].rank, 'concatenate')
    return concatenatePrimitive.one(
      values.map((value) => cast(value, dtype)),
      { axis: at },
    )
  },
)

/**
 * Puts values of one shape beside each other along a new axis (the first by default).
 *
 * @example
 * ```ts
 * ops.stack([[1, 2], [3, 4]]) // [[1, 2], [3, 4]]
 * ```
 */
export const stack = /* @__PURE__ */ op(
  'stack',
  { values: listOfNumbers, options: axisOption },
  (operands: readonly Operand[], axis?: AxisOption): Value => {
    const at = settingOf(axis, 'axis', 0)
    return concatenate(
      operands.map((operand) => expandDims(operand, at)),
      at,
    )
  },
)

/**
 * Cuts into equal parts along an axis (the last by default).
 *
 * @throws ShapeError when its length does not divide.
 *
 * @example
 * ```ts
 * ops.split([1, 2, 3, 4], 2) // [1, 2] and [3, 4]
 * ```
 */
export const split = /* @__PURE__ */ op(
  'split',
  { x: numbers, parts: /* @__PURE__ */ number({ from: 1, integer: true }), options: axisOption },
  (operand: Operand, parts: number, axis?: AxisOption): Value[] => {
    const x = toValue(operand)
    const at = normalizeAxis(settingOf(axis, 'axis', -1), x.rank, 'split')
    const length = x.shape[at] / parts
    if (!Number.isInteger(length)) {
      throw new ShapeError(`split: axis ${at} of ${formatShape(x.shape)} does not divide into ${parts} parts`)
    }
    const size = x.shape.map((n, i) => (i === at ? length : n))
    return Array.from({ length: parts }, (_, p) =>
      slice(
        x,
        x.shape.map((_, i) => (i === at ? p * length : 0)),
        size,
      ),
    )
  },
)

const reversePrimitive = /* @__PURE__ */ primitive('reverse', {
  work: onceEach,
  infer: ([x]) => [{ shape: x.shape, dtype: x.dtype }],
  gradient: ({ upstream, attributes: { axes } }) => [reverse(upstream, axes)],
})

/**
 * Turns axes round, all of them by default.
 *
 * @example
 * ```ts
 * ops.reverse([1, 2, 3]) // [3, 2, 1]
 * ```
 */
export const reverse = /* @__PURE__ */ op(
  'reverse',
  { x: numbers, options: axesOption },
  (operand: Operand, axis?: AxesOption): Value => {
    const x = toValue(operand)
    return reversePrimitive.one([x], {
      axes: normalizeAxes(settingOf<'axis', Axes>(axis, 'axis', undefined), x.rank, 'reverse'),
    })
  },
)
