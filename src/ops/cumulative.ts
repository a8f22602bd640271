// Running sums and products along an axis.
import { type Operand, onceEach, type PrimitiveNamed, primitive, toValue, type Value } from '../graph'
import { normalizeAxis } from '../tensor'
import { cast, mul } from './elementwise'
import { pad, reverse, slice } from './shape'

const cumSumPrimitive: PrimitiveNamed<'cumSum'> = /* @__PURE__ */ primitive('cumSum', {
  work: onceEach,
  infer: ([x]) => [{ shape: x.shape, dtype: x.dtype }],
  // The transpose of "all before me" is "all after me".
  gradient: ({ upstream, attributes }) => [
    cumSumPrimitive.one([upstream], { ...attributes, reverse: !attributes.reverse }),
  ],
})

/** Options of `cumSum` and `cumProd`. */
export interface CumulativeOptions {
  /** The axis; the last by default. */
  readonly axis?: number
  /** From the end to the beginning. */
  readonly reverse?: boolean
  /** Leaves each element out of its own result. */
  readonly exclusive?: boolean
}

/**
 * The sum of each element and all before it along an axis (the last by default).
 *
 * @example
 * ```ts
 * ops.cumSum([1, 2, 3]) // [1, 3, 6]
 * ops.cumSum([1, 2, 3], { exclusive: true }) // [0, 1, 3]
 * ```
 */
export function cumSum(operand: Operand, options: CumulativeOptions = {}): Value {
  const given = toValue(operand)
  const x = given.dtype === 'bool' ? cast(given, 'int32') : given
  return cumSumPrimitive.one([x], {
    axis: normalizeAxis(options.axis ?? -1, x.rank, 'cumSum'),
    reverse: options.reverse ?? false,
    exclusive: options.exclusive ?? false,
  })
}

/**
 * The product of each element and all before it along an axis: in round r each element takes in the product of the
 * 2^r before its own (Hillis and Steele, 1986), so that the gradient holds at zeros too.
 */
export function cumProd(operand: Operand, options: CumulativeOptions = {}): Value {
  const given = toValue(operand)
  const x = given.dtype === 'bool' ? cast(given, 'int32') : given
  const axis = normalizeAxis(options.axis ?? -1, x.rank, 'cumProd')
  if (options.reverse) return reverse(cumProd(reverse(x, axis), { ...options, axis, reverse: false }), axis)
  const length = x.shape[axis]
  let product = options.exclusive ? delayed(x, axis, Math.min(1, length)) : x
  for (let distance = 1; distance < length; distance *= 2) product = mul(product, delayed(product, axis, distance))
  return product
}

/** The axis moved on by some places, with ones in front. */
function delayed(x: Value, axis: number, places: number): Value {
  const kept = slice(
    x,
    x.shape.map(() => 0),
    x.shape.map((length, i) => (i === axis ? length - places : length)),
  )
  return pad(
    kept,
    x.shape.map((_, i) => (i === axis ? [places, 0] : [0, 0])),
    1,
  )
}
