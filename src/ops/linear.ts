// Products of vectors and matrices beyond `matmul`: dot and outer products, norms, and sums written as indices.
import { OptionError, ShapeError } from '../errors'
import { type Operand, toValue, type Value } from '../graph'
import { formatShape, sizeOf } from '../tensor'
import { axes, flag, number, numbers, options, rest, text } from './declaration/kinds'
import { op } from './declaration/signature'
import { square } from './derived'
import { abs, cast, equal, mul, notEqual, sqrt, where } from './elementwise/elementwise'
import { optionsOf } from './elementwise/shorthand'
import { matmul, tensordot } from './matmul'
import { max, type ReduceOptions, sum } from './reduce'
import { expandDims, reshape, transpose } from './shape'

/** As NumPy's `dot`: sums over the last axis of the left and the last but one of the right (its only one, of a vector). */
export const dot = /* @__PURE__ */ op('dot', { a: numbers, b: numbers }, (left: Operand, right: Operand): Value => {
  const [a, b] = [toValue(left), toValue(right)]
  return a.rank === 0 || b.rank === 0 ? mul(a, b) : tensordot(a, b, [[-1], [b.rank === 1 ? -1 : -2]])
})

/** The products of all pairs of elements of two vectors, as a matrix. */
export const outer = /* @__PURE__ */ op('outer', { a: numbers, b: numbers }, (left: Operand, right: Operand): Value => {
  return mul(expandDims(reshape(left, [-1]), 1), reshape(right, [-1]))
})

/** Options of `norm`. */
export interface NormOptions extends ReduceOptions {
  /** 1, 2 (default) or Infinity. */
  readonly order?: 1 | 2 | number
}

/**
 * The norm over the given axes, all by default: of order 1, 2 (default) or Infinity, counting the elements as one long
 * vector. The derivative at 0 is 0.
 *
 * @throws OptionError for any other order.
 *
 * @example
 * ```ts
 * ops.norm([3, -4]) // 5
 * ```
 */
export const norm = /* @__PURE__ */ op(
  'norm',
  {
    x: numbers,
    options: /* @__PURE__ */ options({ axis: axes, keepDims: flag, order: /* @__PURE__ */ number() }, 'axis'),
  },
  (operand: Operand, options?: NormOptions | NormOptions['axis']): Value => {
    const { order = 2, ...axes } = optionsOf<NormOptions>(options)
    const x = toValue(operand)
    if (order === 1) return sum(abs(x), axes)
    if (order === Infinity) return max(abs(x), axes)
    if (order !== 2) throw new OptionError(`norm: expected order 1, 2 or Infinity, got ${order}`)
    const squares = sum(square(x), axes)
    const isZero = equal(squares, 0)
    const root = sqrt(where(isZero, 1, squares))
    return mul(root, cast(notEqual(squares, 0), root.dtype))
  },
)

/**
 * Sums of products, written with a letter for each axis (Einstein's convention): letters that are missing behind the
 * arrow are summed over.
 *
 * @example
 * ```ts
 * ops.einsum('bqd,bkd->bqk', queries, keys)
 * ```
 */
export const einsum = /* @__PURE__ */ op(
  'einsum',
  { equation: text, values: /* @__PURE__ */ rest(numbers) },
  (equation: string, ...operands: readonly Operand[]): Value => {
    const { inputs, output } = parse(equation, operands.length)
    let terms = operands.map((operand, i) => labelled(toValue(operand), inputs[i], equation))
    while (terms.length > 1) {
      const [a, b, ...rest] = terms
      const needed = new Set([...output, ...rest.flatMap((term) => [...term.labels])])
      terms = [contract(a, b, needed), ...rest]
    }
    const result = summed(terms[0], new Set(output))
    return transpose(
      result.value,
      [...output].map((label) => result.labels.indexOf(label)),
    )
  },
)

/** A value and the letters of its axes. */
interface Term {
  readonly value: Value
  readonly labels: string
}

function parse(equation: string, count: number): { inputs: string[]; output: string } {
  const [left, right, ...more] = equation.replaceAll(' ', '').split('->')
  const inputs = left.split(',')
  const letters = inputs.join('')
  const once = [...new Set(letters)].filter((label) => letters.split(label).length === 2)
  const output = right ?? once.sort().join('')
  const isSound =
    more.length === 0 &&
    inputs.length === count &&
    /^[a-zA-Z]*$/.test(letters + output) &&
    new Set(output).size === output.length &&
    [...output].every((label) => letters.includes(label)) &&
    inputs.every((labels) => new Set(labels).size === labels.length)
  if (!isSound) {
    throw new OptionError(
      `einsum: expected letters for ${count} operands such as 'ij,jk->ik', each at most once in an operand and in the result, got '${equation}'`,
    )
  }
  return { inputs, output }
}

function labelled(value: Value, labels: string, equation: string): Term {
  if (value.rank !== labels.length) {
    throw new ShapeError(`einsum: '${labels}' in '${equation}' does not name the axes of ${formatShape(value.shape)}`)
  }
  return { value, labels }
}

/** Sums over the axes that are not needed. */
function summed({ value, labels }: Term, needed: ReadonlySet<string>): Term {
  const axis = [...labels].flatMap((label, i) => (needed.has(label) ? [] : [i]))
  if (axis.length === 0) return { value, labels }
  return { value: sum(value, { axis }), labels: [...labels].filter((label) => needed.has(label)).join('') }
}

/** One batched product of two terms: letters of both are batches where they are needed, else summed over. */
function contract(left: Term, right: Term, needed: ReadonlySet<string>): Term {
  const a = summed(left, new Set([...needed, ...right.labels]))
  const b = summed(right, new Set([...needed, ...left.labels]))
  const shared = [...a.labels].filter((label) => b.labels.includes(label))
  const batch = shared.filter((label) => needed.has(label))
  const inner = shared.filter((label) => !needed.has(label))
  const freeA = [...a.labels].filter((label) => !shared.includes(label))
  const freeB = [...b.labels].filter((label) => !shared.includes(label))
  const lengths = (term: Term, labels: readonly string[]): number[] =>
    labels.map((label) => term.value.shape[term.labels.indexOf(label)])
  const wrong = shared.find((label) => lengths(a, [label])[0] !== lengths(b, [label])[0])
  if (wrong !== undefined) {
    throw new ShapeError(
      `einsum: '${wrong}' is ${lengths(a, [wrong])[0]} long in ${formatShape(a.value.shape)} and ${lengths(b, [wrong])[0]} in ${formatShape(b.value.shape)}`,
    )
  }
  const arranged = (term: Term, order: readonly (readonly string[])[]): Value =>
    reshape(
      transpose(
        term.value,
        order.flat().map((label) => term.labels.indexOf(label)),
      ),
      order.map((labels) => sizeOf(lengths(term, labels))),
    )
  const product = matmul(arranged(a, [batch, freeA, inner]), arranged(b, [batch, inner, freeB]))
  return {
    value: reshape(product, [...lengths(a, batch), ...lengths(a, freeA), ...lengths(b, freeB)]),
    labels: [...batch, ...freeA, ...freeB].join(''),
  }
}
