// Matrix products, batched, with transposes.
import { ShapeError } from '../errors'
import { type Operand, type PrimitiveNamed, primitive, sumTo, toValue, type Value } from '../graph'
import { broadcastShapes, commonDType, formatShape, isFloat, normalizeAxis, type Shape, sizeOf } from '../tensor'
import { flag, numbers, options, pairOfAxes } from './declaration/kinds'
import { op } from './declaration/signature'
import { cast } from './elementwise/elementwise'
import { reshape, transpose, transposePrimitive } from './shape'

const matmulPrimitive: PrimitiveNamed<'matmul'> = /* @__PURE__ */ primitive('matmul', {
  infer: ([a, b], { transposeA, transposeB }) => {
    const [m, k] = lastTwo(a.shape, transposeA)
    const [kb, n] = lastTwo(b.shape, transposeB)
    if (k !== kb) {
      throw new ShapeError(
        `matmul: inner lengths differ: ${formatShape(a.shape)}${transposeA ? ' transposed' : ''} and ${formatShape(b.shape)}${transposeB ? ' transposed' : ''}`,
      )
    }
    return [{ shape: [...broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2), 'matmul'), m, n], dtype: a.dtype }]
  },
  gradient: ({ inputs: [a, b], upstream: g, attributes: { transposeA: ta, transposeB: tb }, wanted }) => {
    const da = () => (ta ? matmul(b, g, { transposeA: tb, transposeB: true }) : matmul(g, b, { transposeB: !tb }))
    const db = () => (tb ? matmul(g, a, { transposeA: true, transposeB: ta }) : matmul(a, g, { transposeA: !ta }))
    return [wanted[0] ? sumTo(da(), a.shape) : undefined, wanted[1] ? sumTo(db(), b.shape) : undefined]
  },
  simplify: ({ inputs, attributes: { transposeA, transposeB } }) => {
    const [a, b] = inputs.map(withoutSwap)
    if (a === undefined && b === undefined) return undefined
    return matmulPrimitive.one([a ?? inputs[0], b ?? inputs[1]], {
      transposeA: transposeA !== (a !== undefined),
      transposeB: transposeB !== (b !== undefined),
    })
  },
  work: ({ inputs: [a], outputs: [product], attributes: { transposeA } }) => ({
    multiplyAdds: sizeOf(product?.shape ?? [0]) * lastTwo(a.shape, transposeA)[1],
  }),
})

/** What a value is the transpose of, its last two axes swapped: the product swaps them back as it reads. */
function withoutSwap(value: Value): Value | undefined {
  const use = transposePrimitive.useIn(value)
  const last = value.rank - 1
  const swaps = use?.attributes.permutation.every(
    (axis, i) => axis === (i === last ? last - 1 : i === last - 1 ? last : i),
  )
  return swaps ? use?.inputs[0] : undefined
}

function lastTwo(shape: Shape, transposed: boolean): [number, number] {
  const [rows, columns] = shape.slice(-2)
  return transposed ? [columns, rows] : [rows, columns]
}

/** Options of `matmul`. */
export interface MatmulOptions {
  /** Takes the last two axes of the first operand the other way round. */
  readonly transposeA?: boolean
  /** The same for the second. */
  readonly transposeB?: boolean
}

/**
 * The matrix product of the last two axes, `[..., m, k]` times `[..., k, n]`; leading axes are batches and broadcast. A vector
 * counts as a row on the left and as a column on the right, as in NumPy. Whole numbers become float32.
 *
 * @param options - `transposeA` and `transposeB` read an operand with its last two axes swapped; neither by default.
 * @throws ShapeError when the inner lengths differ, the batches do not broadcast, or an operand is a scalar.
 *
 * @example
 * ```ts
 * ops.matmul([[1, 2], [3, 4]], [1, 1]) // [3, 7]
 * ```
 */
export const matmul = /* @__PURE__ */ op(
  'matmul',
  { a: numbers, b: numbers, options: /* @__PURE__ */ options({ transposeA: flag, transposeB: flag }) },
  (left: Operand, right: Operand, options: MatmulOptions = {}): Value => {
    const [x, y] = [toValue(left), toValue(right)]
    if (x.rank === 0 || y.rank === 0) throw new ShapeError('matmul: expected at least one axis, got a scalar')
    if (x.rank === 1) {
      const product = matmul(reshape(x, [1, x.shape[0]]), y, { transposeB: options.transposeB })
      return squeezed(product, y.rank === 1 ? -1 : -2)
    }
    if (y.rank === 1) return squeezed(matmul(x, reshape(y, [y.shape[0], 1]), { transposeA: options.transposeA }), -1)
    const common = commonDType(x.dtype, y.dtype)
    const dtype = isFloat(common) ? common : 'float32'
    const attributes = { transposeA: options.transposeA ?? false, transposeB: options.transposeB ?? false }
    // A batch of rows times one matrix is one larger product.
    if (x.rank > 2 && y.rank === 2 && !attributes.transposeA) {
      const rows = x.shape.slice(0, -1)
      const flat = reshape(x, [sizeOf(rows), x.shape[x.rank - 1]])
      const product = matmulPrimitive.one([cast(flat, dtype), cast(y, dtype)], attributes)
      return reshape(product, [...rows, product.shape[1]])
    }
    return matmulPrimitive.one([cast(x, dtype), cast(y, dtype)], attributes)
  },
)

function squeezed(x: Value, axis: number): Value {
  const at = normalizeAxis(axis, x.rank)
  return reshape(
    x,
    x.shape.filter((_, i) => i !== at),
  )
}

/**
 * Sums products over pairs of axes, as NumPy's `tensordot`: `axes` names the axes of the left and of the right operand
 * that are summed over, pair by pair of one length. The result has the left operand's other axes, then the right one's.
 *
 * @throws ShapeError when the two axes of a pair differ in length.
 *
 * @example
 * ```ts
 * ops.tensordot([[1, 2], [3, 4]], [[1, 1], [1, 1]], [[0, 1], [0, 1]]) // 10
 * ```
 */
export const tensordot = /* @__PURE__ */ op(
  'tensordot',
  { a: numbers, b: numbers, axes: pairOfAxes },
  (left: Operand, right: Operand, axes: readonly [readonly number[], readonly number[]]): Value => {
    const [a, b] = [toValue(left), toValue(right)]
    const [ours, theirs] = [
      axes[0].map((axis) => normalizeAxis(axis, a.rank, 'tensordot')),
      axes[1].map((axis) => normalizeAxis(axis, b.rank, 'tensordot')),
    ]
    if (ours.length !== theirs.length || ours.some((axis, i) => a.shape[axis] !== b.shape[theirs[i]])) {
      throw new ShapeError(
        `tensordot: axes [${ours.join(', ')}] of ${formatShape(a.shape)} and [${theirs.join(', ')}] of ${formatShape(b.shape)} do not pair up`,
      )
    }
    const freeA = a.shape.map((_, i) => i).filter((i) => !ours.includes(i))
    const freeB = b.shape.map((_, i) => i).filter((i) => !theirs.includes(i))
    const [rows, columns] = [freeA.map((i) => a.shape[i]), freeB.map((i) => b.shape[i])]
    const inner = sizeOf(ours.map((i) => a.shape[i]))
    const x = reshape(transpose(a, [...freeA, ...ours]), [sizeOf(rows), inner])
    const y = reshape(transpose(b, [...theirs, ...freeB]), [inner, sizeOf(columns)])
    return reshape(matmul(x, y), [...rows, ...columns])
  },
)
