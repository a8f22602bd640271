// Complex numbers as pairs along an axis, and as two values, which is the form that they have here.
import { ShapeError } from '../../errors'
import { type Operand, toValue, type Value } from '../../graph'
import { formatShape, sameShape } from '../../tensor'
import { listOfNumbers, numbers } from '../declaration/kinds'
import { op } from '../declaration/signature'
import { concatenate, expandDims, reshape, slice } from '../shape'

/**
 * Pairs along the last axis as real and imaginary part, the form that complex numbers have here, as `keras.ops.view_as_complex`.
 *
 * @param x - `[..., 2]`
 * @returns real and imaginary part, `[...]` each.
 * @throws ShapeError for another last axis.
 *
 * @example
 * ```ts
 * const [real, imaginary] = ops.viewAsComplex([[1, 2], [3, 4]]) // [1, 3], [2, 4]
 * ```
 */
export const viewAsComplex = /* @__PURE__ */ op('viewAsComplex', { x: numbers }, (operand: Operand): [Value, Value] => {
  const x = toValue(operand)
  if (x.shape.at(-1) !== 2) {
    throw new ShapeError(`expected pairs along the last axis, [..., 2], got ${formatShape(x.shape)}`)
  }
  const shape = x.shape.slice(0, -1)
  const [real, imaginary] = [0, 1].map((i) => reshape(slice(x, [...shape.map(() => 0), i], [...shape, 1]), shape))
  return [real, imaginary]
})

/**
 * Real and imaginary part as pairs along a new last axis, as `keras.ops.view_as_real`.
 *
 * @param x - real and imaginary part, of one shape.
 * @throws ShapeError where the parts differ in shape.
 *
 * @example
 * ```ts
 * ops.viewAsReal([[1, 3], [2, 4]]) // [[1, 2], [3, 4]]
 * ```
 */
export const viewAsReal = /* @__PURE__ */ op(
  'viewAsReal',
  { x: listOfNumbers },
  (x: readonly [real: Operand, imaginary: Operand]): Value => {
    const [real, imaginary] = x.map((part) => toValue(part))
    if (x.length !== 2 || !sameShape(real.shape, imaginary.shape)) {
      const got = x.map((part) => formatShape(toValue(part).shape)).join(' and ')
      throw new ShapeError(`expected a real and an imaginary part of one shape, got ${got}`)
    }
    return concatenate([expandDims(real, -1), expandDims(imaginary, -1)], { axis: -1 })
  },
)
