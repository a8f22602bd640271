// Pooling to a given number of places, whatever the length: place i of n takes in the elements from floor(i L / n) up to
// ceil((i + 1) L / n), which overlap where the length L does not divide.
import { requirePositiveInteger, ShapeError } from '../../errors'
import { constant, type Operand, toValue, type Value } from '../../graph'
import { floatOf, formatShape, sizeOf, Tensor } from '../../tensor'
import { numbers, oneOrMore } from '../declaration/kinds'
import { op } from '../declaration/signature'
import { gather, takeAlongAxis } from '../indexing'
import { matmul } from '../matmul'
import { argMax } from '../reduce'
import { expandDims, reshape, squeeze } from '../shape'

const sizes = /* @__PURE__ */ oneOrMore({ from: 1, integer: true })

/** Where the windows of an axis begin and end. */
function windowsAlong(length: number, places: number): readonly (readonly [number, number])[] {
  return Array.from({ length: places }, (_, i) => [
    Math.floor((i * length) / places),
    Math.ceil(((i + 1) * length) / places),
  ])
}

function along(
  operand: Operand,
  outputSize: number | readonly number[],
  where: string,
  pool: (x: Value, axis: number, places: number) => Value,
): Value {
  const x = toValue(operand)
  if (x.rank < 3) throw new ShapeError(`${where}: expected [batch, ..., channels], got ${formatShape(x.shape)}`)
  const count = x.rank - 2
  const list = typeof outputSize === 'number' ? Array.from({ length: count }, () => outputSize) : outputSize
  if (list.length !== count) {
    throw new ShapeError(
      `${where}: outputSize: expected one number or ${count}, for ${formatShape(x.shape)}, got ${list.length}`,
    )
  }
  return list.reduce((value, places, i) => pool(value, i + 1, requirePositiveInteger(where, 'outputSize', places)), x)
}

/**
 * The means of so many windows along each axis between batch and channels.
 *
 * @example
 * ```ts
 * ops.adaptiveAveragePool([[[1], [3], [5], [7]]], 2) // [[[2], [6]]]
 * ```
 */
export const adaptiveAveragePool = /* @__PURE__ */ op(
  'adaptiveAveragePool',
  { x: numbers, outputSize: sizes },
  (x: Operand, outputSize: number | readonly number[]): Value => {
    return along(x, outputSize, 'adaptiveAveragePool', meansAlong)
  },
)

/** A product with the share that each element has in each window. */
function meansAlong(x: Value, axis: number, places: number): Value {
  const { shape, dtype } = x
  const length = shape[axis]
  const weights = new Float64Array(places * length)
  windowsAlong(length, places).forEach(([begin, end], place) => {
    weights.fill(1 / (end - begin), place * length + begin, place * length + end)
  })
  const behind = shape.slice(axis + 1)
  const rows = reshape(x, [-1, length, sizeOf(behind)])
  const means = matmul(constant(new Tensor(weights, [places, length]), floatOf(dtype)), rows)
  return reshape(means, [...shape.slice(0, axis), places, ...behind])
}

/**
 * The largest numbers of so many windows along each axis between batch and channels.
 *
 * @example
 * ```ts
 * ops.adaptiveMaxPool([[[1], [3], [5], [7]]], 2) // [[[3], [7]]]
 * ```
 */
export const adaptiveMaxPool = /* @__PURE__ */ op(
  'adaptiveMaxPool',
  { x: numbers, outputSize: sizes },
  (x: Operand, outputSize: number | readonly number[]): Value => {
    return along(x, outputSize, 'adaptiveMaxPool', (value, axis, places) => {
      const windows = windowsAlong(value.shape[axis], places)
      const width = Math.max(...windows.map(([begin, end]) => end - begin))
      const parts = windows.map(([begin, end]) => Array.from({ length: width }, (_, i) => Math.min(begin + i, end - 1)))
      return maxOverWindows(value, axis, parts)
    })
  },
)

/** Shorter windows have their last element more than once, which is no larger for it. */
function maxOverWindows(x: Value, axis: number, windows: readonly (readonly number[])[]): Value {
  const places = new Tensor(Int32Array.from(windows.flat()), [windows.length, windows[0].length])
  const taken = gather(x, constant(places), axis)
  return squeeze(takeAlongAxis(taken, expandDims(argMax(taken, axis + 1), axis + 1), axis + 1), axis + 1)
}
