// Reading and adding by index: gather and its transpose, the same along one axis, and what is made of counting numbers.
// An index outside the axis reads 0 and adds nowhere, on every backend, so that both stay exact transposes of each
// other; that labels and tokens lie inside their range is checked on the host, when data is given.
import { OptionError, ShapeError } from '../errors'
import { constant, type Operand, onceEach, type PrimitiveNamed, primitive, toValue, type Value } from '../graph'
import { allocate, type DType, formatShape, normalizeAxis, type Shape, Tensor } from '../tensor'
import { axis, axisOption, dtype, length, number, numbers, optional, options } from './declaration/kinds'
import { op } from './declaration/signature'
import { add, cast, equal, greaterEqual, where } from './elementwise/elementwise'
import { type AxisOption, optionsOf, settingOf } from './elementwise/shorthand'
import { expandDims, reshape } from './shape'

const diagonal = /* @__PURE__ */ number({ integer: true })

const gatherPrimitive: PrimitiveNamed<'gather'> = /* @__PURE__ */ primitive('gather', {
  work: onceEach,
  infer: ([x, indices], { axis }) => [
    { shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)], dtype: x.dtype },
  ],
  gradient: ({ inputs: [x, indices], upstream, attributes: { axis } }) => [
    scatterPrimitive.one([upstream, indices], { axis, length: x.shape[axis] }),
    undefined,
  ],
})

const scatterPrimitive: PrimitiveNamed<'scatterAdd'> = /* @__PURE__ */ primitive('scatterAdd', {
  work: onceEach,
  infer: ([updates, indices], { axis, length }) => {
    const behind = axis + indices.shape.length
    if (updates.shape.length < behind || indices.shape.some((n, i) => n !== updates.shape[axis + i])) {
      throw new ShapeError(
        `scatterAdd: updates ${formatShape(updates.shape)} do not hold indices ${formatShape(indices.shape)} from axis ${axis} on`,
      )
    }
    return [{ shape: [...updates.shape.slice(0, axis), length, ...updates.shape.slice(behind)], dtype: updates.dtype }]
  },
  gradient: ({ inputs: [, indices], upstream, attributes: { axis } }) => [
    gatherPrimitive.one([upstream, indices], { axis }),
    undefined,
  ],
})

/**
 * The slices of an axis (the first by default) at the given indices: the axis is replaced by the axes of `indices`.
 * An index outside the axis gives zeros.
 *
 * @example
 * ```ts
 * ops.gather([[1, 2], [3, 4], [5, 6]], [2, 0]) // [[5, 6], [1, 2]]
 * ```
 */
export const gather = /* @__PURE__ */ op(
  'gather',
  { x: numbers, indices: numbers, options: axisOption },
  (operand: Operand, indices: Operand, axis?: AxisOption): Value => {
    const x = toValue(operand)
    return gatherPrimitive.one([x, indexValue(indices)], {
      axis: normalizeAxis(settingOf(axis, 'axis', 0), x.rank, 'gather'),
    })
  },
)

/**
 * Zeros with `length` places along an axis (the first by default), to which the slices of `updates` are added at the
 * given indices; equal indices add up. The transpose of `gather`: the axes of `indices` stand in `updates` from `axis`
 * on. An index outside the axis adds nowhere.
 *
 * @example
 * ```ts
 * ops.scatterAdd([1, 2, 3], [0, 2, 0], 4) // [4, 0, 2, 0]
 * ```
 */
export const scatterAdd = /* @__PURE__ */ op(
  'scatterAdd',
  { updates: numbers, indices: numbers, length, options: axisOption },
  (updates: Operand, indices: Operand, length: number, axis?: AxisOption): Value => {
    const [x, at] = [toValue(updates), indexValue(indices)]
    const rank = x.rank - at.rank + 1
    return scatterPrimitive.one([x, at], {
      axis: normalizeAxis(settingOf(axis, 'axis', 0), rank, 'scatterAdd'),
      length,
    })
  },
)

const takePrimitive: PrimitiveNamed<'takeAlongAxis'> = /* @__PURE__ */ primitive('takeAlongAxis', {
  work: onceEach,
  infer: ([x, indices], { axis }) => {
    requireSameBut(axis, x.shape, indices.shape, 'takeAlongAxis')
    return [{ shape: indices.shape, dtype: x.dtype }]
  },
  gradient: ({ inputs: [x, indices], upstream, attributes: { axis } }) => [
    putPrimitive.one([upstream, indices], { axis, length: x.shape[axis] }),
    undefined,
  ],
})

const putPrimitive: PrimitiveNamed<'scatterAlongAxis'> = /* @__PURE__ */ primitive('scatterAlongAxis', {
  work: onceEach,
  infer: ([updates, indices], { axis, length }) => {
    requireSameBut(-1, updates.shape, indices.shape, 'scatterAlongAxis')
    return [{ shape: updates.shape.map((n, i) => (i === axis ? length : n)), dtype: updates.dtype }]
  },
  gradient: ({ inputs: [, indices], upstream, attributes: { axis } }) => [
    takePrimitive.one([upstream, indices], { axis }),
    undefined,
  ],
})

function requireSameBut(axis: number, shape: Shape, indices: Shape, where: string): void {
  if (shape.length === indices.length && shape.every((n, i) => i === axis || n === indices[i])) return
  const apart = axis < 0 ? '' : ` but along axis ${axis}`
  throw new ShapeError(
    `${where}: expected indices of the shape ${formatShape(shape)}${apart}, got ${formatShape(indices)}`,
  )
}

/**
 * Along one axis (the last by default), the elements at the given indices, each line with indices of its own:
 * `result[i, j] = x[i, indices[i, j]]`. `indices` has the shape of `x` but for the axis's length. An index outside
 * the axis gives 0.
 */
export const takeAlongAxis = /* @__PURE__ */ op(
  'takeAlongAxis',
  { x: numbers, indices: numbers, options: axisOption },
  (operand: Operand, indices: Operand, axis?: AxisOption): Value => {
    const x = toValue(operand)
    return takePrimitive.one([x, indexValue(indices)], {
      axis: normalizeAxis(settingOf(axis, 'axis', -1), x.rank, 'takeAlongAxis'),
    })
  },
)

/**
 * The transpose of `takeAlongAxis`: zeros with `length` places along an axis (the last by default), to which each
 * element of `updates` is added at its index. An index outside the axis adds nowhere.
 */
export const scatterAlongAxis = /* @__PURE__ */ op(
  'scatterAlongAxis',
  { updates: numbers, indices: numbers, length, options: axisOption },
  (updates: Operand, indices: Operand, length: number, axis?: AxisOption): Value => {
    const x = toValue(updates)
    const at = normalizeAxis(settingOf(axis, 'axis', -1), x.rank, 'scatterAlongAxis')
    return putPrimitive.one([x, indexValue(indices)], { axis: at, length })
  },
)

function indexValue(indices: Operand): Value {
  return cast(toValue(indices, 'int32'), 'int32')
}

// ---- counting numbers -----------------------------------------------------------------------------------------

/**
 * The numbers `start`, `start + step`, ... below `stop` (above it for a negative step); `arange(n)` counts from 0 to n - 1.
 */
export const arange = /* @__PURE__ */ op(
  'arange',
  {
    start: /* @__PURE__ */ number(),
    stop: /* @__PURE__ */ optional(/* @__PURE__ */ number()),
    step: /* @__PURE__ */ optional(/* @__PURE__ */ number()),
    dtype: /* @__PURE__ */ optional(dtype),
  },
  (start: number, stop?: number, step: number = 1, dtype: DType = 'float32'): Value => {
    if (step === 0) throw new OptionError('arange: expected a step other than 0')
    const [from, to] = stop === undefined ? [0, start] : [start, stop]
    return counted(Math.max(0, Math.ceil((to - from) / step)), (i) => from + i * step, dtype)
  },
)

/** The numbers 0, 1, ..., n - 1 as `int32`. */
export const iota = /* @__PURE__ */ op('iota', { n: length }, (n: number): Value => {
  return counted(n, (i) => i, 'int32')
})

/** `count` numbers at equal distances from `start` to `stop`, both included; a single one is `start`, as in NumPy. */
export const linspace = /* @__PURE__ */ op(
  'linspace',
  {
    start: /* @__PURE__ */ number(),
    stop: /* @__PURE__ */ number(),
    count: length,
    dtype: /* @__PURE__ */ optional(dtype),
  },
  (start: number, stop: number, count: number, dtype: DType = 'float32'): Value => {
    const number = (i: number): number => (i === count - 1 ? stop : start + ((stop - start) * i) / (count - 1))
    return counted(count, count === 1 ? () => start : number, dtype)
  },
)

function counted(length: number, number: (i: number) => number, dtype: DType): Value {
  const data = allocate(dtype, length)
  for (let i = 0; i < length; i++) data[i] = number(i)
  return constant(new Tensor(data, [length], dtype))
}

/** Options of `oneHot`. */
export interface OneHotOptions {
  /** Where the new axis comes; behind the others by default. */
  readonly axis?: number
  /** `float32` by default. */
  readonly dtype?: DType
}

/**
 * A new axis (the last by default) of length `depth` with 1 at the index and 0 elsewhere; an index outside 0 to
 * `depth - 1` gives zeros only.
 *
 * @example
 * ```ts
 * ops.oneHot([0, 2], 3) // [[1, 0, 0], [0, 0, 1]]
 * ```
 */
export const oneHot = /* @__PURE__ */ op(
  'oneHot',
  {
    indices: numbers,
    depth: length,
    options: /* @__PURE__ */ options({ axis, dtype }, 'axis'),
    dtype: /* @__PURE__ */ optional(dtype),
  },
  (indices: Operand, depth: number, options?: OneHotOptions | number, type?: DType): Value => {
    const { axis = -1, dtype = type ?? 'float32' } = optionsOf<OneHotOptions>(options)
    const value = indexValue(indices)
    const at = normalizeAxis(axis, value.rank + 1, 'oneHot')
    const places = reshape(
      iota(depth),
      Array.from({ length: value.rank + 1 }, (_, i) => (i === at ? depth : 1)),
    )
    return cast(equal(expandDims(value, at), places), dtype)
  },
)

/** A matrix with 1 on its diagonal (the `k`-th above it, or below for negative `k`) and 0 elsewhere. */
export const eye = /* @__PURE__ */ op(
  'eye',
  {
    rows: length,
    columns: /* @__PURE__ */ optional(length),
    k: /* @__PURE__ */ optional(diagonal),
    dtype: /* @__PURE__ */ optional(dtype),
  },
  (rows: number, columns: number = rows, k: number = 0, dtype: DType = 'float32'): Value => {
    return cast(equal(add(expandDims(iota(rows), 1), k), iota(columns)), dtype)
  },
)

/** The lower triangle of the last two axes, up to the `k`-th diagonal above the main one; zeros elsewhere. */
export const tril = /* @__PURE__ */ op(
  'tril',
  { x: numbers, k: /* @__PURE__ */ optional(diagonal) },
  (operand: Operand, k: number = 0): Value => {
    const x = toValue(operand)
    return where(belowDiagonal(x, k, 'tril'), x, 0)
  },
)

/** The upper triangle of the last two axes, from the `k`-th diagonal above the main one on; zeros elsewhere. */
export const triu = /* @__PURE__ */ op(
  'triu',
  { x: numbers, k: /* @__PURE__ */ optional(diagonal) },
  (operand: Operand, k: number = 0): Value => {
    const x = toValue(operand)
    return where(belowDiagonal(x, k - 1, 'triu'), 0, x)
  },
)

/** True where column <= row + k. */
function belowDiagonal(x: Value, k: number, name: string): Value {
  if (x.rank < 2) throw new ShapeError(`${name}: expected at least two axes, got ${formatShape(x.shape)}`)
  const [rows, columns] = x.shape.slice(-2)
  return greaterEqual(add(expandDims(iota(rows), 1), k), iota(columns))
}
