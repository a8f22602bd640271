// Running sums and products along an axis.
import { type Operand, onceEach, type PrimitiveNamed, primitive, toValue, type Value } from '../graph'
import { normalizeAxis } from '../tensor'
import { axis, flag, numbers, options } from './declaration/kinds'
import { op } from './declaration/signature'
import { cast, mul } from './elementwise/elementwise'
import { optionsOf } from './elementwise/shorthand'
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

/** The options, or the axis alone. */
export type Cumulation = CumulativeOptions | CumulativeOptions['axis']

const cumulativeOptions = /* @__PURE__ */ options({ axis, reverse: flag, exclusive: flag }, 'axis')

/**
 * The sum of each element and all before it along an axis (the last by default).
 *
 * @example
 * ```ts
 * ops.cumSum([1, 2, 3]) // [1, 3, 6]
 * ops.cumSum([1, 2, 3], { exclusive: true }) // [0, 1, 3]
 * ```
 */
export const cumSum = /* @__PURE__ */ op(
  'cumSum',
  { x: numbers, options: cumulativeOptions },
  (operand: Operand, options?: Cumulation): Value => {
    const { axis = -1, reverse = false, exclusive = false } = optionsOf<CumulativeOptions>(options)
    const given = toValue(operand)
    const x = given.dtype === 'bool' ? cast(given, 'int32') : given
    return cumSumPrimitive.one([x], {
      axis: normalizeAxis(axis, x.rank, 'cumSum'),
      reverse,
      exclusive,
    })
  },
)

/**
 * The product of each element and all before it along an axis: in round r each element takes in the product of the
 * 2^r before its own (Hillis and Steele, 1986), so that the gradient holds at zeros too.
 */
export const cumProd = /* @__PURE__ */ op(
  'cumProd',
  { x: numbers, options: cumulativeOptions },
  (operand: Operand, options?: Cumulation): Value => {
    const { axis = -1, reverse: backwards = false, exclusive = false } = optionsOf<CumulativeOptions>(options)
    const given = toValue(operand)
    const x = given.dtype === 'bool' ? cast(given, 'int32') : given
    const at = normalizeAxis(axis, x.rank, 'cumProd')
    if (backwards) return reverse(cumProd(reverse(x, at), { axis: at, exclusive }), at)
    const length = x.shape[at]
    let product = exclusive ? delayed(x, at, Math.min(1, length)) : x
    for (let distance = 1; distance < length; distance *= 2) product = mul(product, delayed(product, at, distance))
    return product
  },
)

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
