// Products of vectors and matrices, and what is made of them: correlation, distances.
import { OptionError, ShapeError } from '../../errors'
import { type Operand, toValue, type Value } from '../../graph'
import { formatShape, normalizeAxis } from '../../tensor'
import { axis, number, numbers, oneOf, optional, options } from '../declaration/kinds'
import { op } from '../declaration/signature'
import { square } from '../derived'
import { abs, div, equal, maximum, mul, pow, sqrt, sub, where } from '../elementwise/elementwise'
import { matmul, tensordot } from '../matmul'
import { conv1d } from '../nn/convolution'
import { max, mean, sum } from '../reduce'
import { expandDims, pad, reshape, stack } from '../shape'
import { floats } from './floats'
import { moveAxis, unstack } from './rearranging'

/** The sums of products along the last axes of both; of a single number the product. */
export const inner = /* @__PURE__ */ op('inner', { a: numbers, b: numbers }, (left: Operand, right: Operand): Value => {
  const [a, b] = [toValue(left), toValue(right)]
  return a.rank === 0 || b.rank === 0 ? mul(a, b) : tensordot(a, b, [[-1], [-1]])
})

/** The sum of products of all elements in a row. */
export const vdot = /* @__PURE__ */ op('vdot', { a: numbers, b: numbers }, (a: Operand, b: Operand): Value => {
  return sum(mul(reshape(a, [-1]), reshape(b, [-1])))
})

/** Options of `cross`. */
export interface CrossOptions {
  /** The axis of the vectors, in both and the result; the last by default. */
  readonly axis?: number
}

/** The cross product of vectors of three (or two) numbers; of two vectors of two numbers the third number alone. */
export const cross = /* @__PURE__ */ op(
  'cross',
  { a: numbers, b: numbers, options: /* @__PURE__ */ options({ axis }, 'axis') },
  (left: Operand, right: Operand, given: CrossOptions | number = -1): Value => {
    const at = typeof given === 'number' ? given : (given.axis ?? -1)
    const [a, b] = [left, right].map((operand) => {
      const x = toValue(operand)
      const vectors = moveAxis(x, normalizeAxis(at, x.rank, 'cross'), -1)
      const size = vectors.shape[vectors.rank - 1]
      if (size !== 2 && size !== 3)
        throw new ShapeError(`cross: expected vectors of 2 or 3, got ${formatShape(x.shape)}`)
      return unstack(vectors, -1)
    })
    const third = sub(mul(a[0], b[1]), mul(a[1], b[0]))
    if (a.length === 2 && b.length === 2) return third
    const [az, bz] = [a[2] ?? mul(a[0], 0), b[2] ?? mul(b[0], 0)]
    const first = sub(mul(a[1], bz), mul(az, b[1]))
    const second = sub(mul(az, b[0]), mul(a[0], bz))
    const joined = stack([first, second, third], -1)
    return moveAxis(joined, -1, at < 0 ? at + joined.rank : at)
  },
)

/** The correlation of each row with each other: from -1 to 1. */
export const corrcoef = /* @__PURE__ */ op('corrcoef', { x: numbers }, (operand: Operand): Value => {
  const given = floats(operand)
  const x = given.rank === 1 ? expandDims(given, 0) : given
  const centred = sub(x, mean(x, { axis: 1, keepDims: true }))
  const spread = sqrt(sum(square(centred), { axis: 1 }))
  const found = div(matmul(centred, centred, { transposeB: true }), mul(expandDims(spread, 1), spread))
  return given.rank === 1 ? reshape(found, []) : found
})

/** The sums of products of a row with another, at every place where they overlap (`full`), or only where one lies in the other (`valid`). */
export const correlate = /* @__PURE__ */ op(
  'correlate',
  { a: numbers, v: numbers, mode: /* @__PURE__ */ optional(/* @__PURE__ */ oneOf(['valid', 'same', 'full'])) },
  (left: Operand, right: Operand, mode: 'valid' | 'same' | 'full' = 'valid'): Value => {
    const [a, v] = [floats(left), floats(right)]
    if (a.rank !== 1 || v.rank !== 1) {
      throw new ShapeError(`correlate: expected two vectors, got ${formatShape(a.shape)} and ${formatShape(v.shape)}`)
    }
    const [n, m] = [a.shape[0], v.shape[0]]
    if (m > n && mode !== 'full') {
      throw new OptionError(`correlate: expected the second vector to be no longer than the first, got ${m} and ${n}`)
    }
    const around = { valid: [0, 0], same: [Math.floor(m / 2), m - 1 - Math.floor(m / 2)], full: [m - 1, m - 1] }[mode]
    const padded = pad(a, [[around[0], around[1]]])
    return reshape(conv1d(reshape(padded, [1, -1, 1]), reshape(v, [m, 1, 1])), [-1])
  },
)

/** The distances of each row of x1 `[..., n, features]` from each of x2 `[..., m, features]`: `[..., n, m]`; the derivative at 0 is 0. */
export const cdist = /* @__PURE__ */ op(
  'cdist',
  { x1: numbers, x2: numbers },
  (left: Operand, right: Operand): Value => {
    const total = sum(square(sub(expandDims(floats(left), -2), expandDims(floats(right), -3))), { axis: -1 })
    const isZero = equal(total, 0)
    return where(isZero, 0, sqrt(where(isZero, 1, total)))
  },
)

/** x divided by its norm of an order (2 by default) along an axis (the last by default), which is at least `epsilon`. */
export const normalize = /* @__PURE__ */ op(
  'normalize',
  {
    x: numbers,
    options: /* @__PURE__ */ options(
      { axis, order: /* @__PURE__ */ number({ above: 0 }), epsilon: /* @__PURE__ */ number({ from: 0 }) },
      'axis',
    ),
  },
  (operand: Operand, given: { axis?: number; order?: number; epsilon?: number } | number = {}): Value => {
    const { axis: along = -1, order = 2, epsilon } = typeof given === 'number' ? { axis: given } : given
    const x = floats(operand)
    const kept = { axis: along, keepDims: true }
    const least = epsilon ?? 1e-12
    if (order === Number.POSITIVE_INFINITY) return div(x, maximum(max(abs(x), kept), least))
    const total = sum(order === 1 ? abs(x) : order === 2 ? square(x) : pow(abs(x), order), kept)
    const isZero = equal(total, 0)
    const norm = where(isZero, 0, pow(where(isZero, 1, total), 1 / order))
    return div(x, maximum(norm, least))
  },
)
