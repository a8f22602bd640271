// A function with a gradient of one's own.
import { describeValue, OptionError, ShapeError } from '../../errors'
import { type Graph, identityPrimitive, type Operand, placeholder, primitive, toValue, type Value } from '../../graph'
import { formatShape, isFloat, sameShape } from '../../tensor'
import { callback, numbers } from '../declaration/kinds'
import { op } from '../declaration/signature'
import { zerosLike } from '../elementwise/broadcast'
import { cast, where } from '../elementwise/elementwise'
import { closed, instantiate } from './cut'
import { asList, likeGiven, type Outcome, type Outcomes } from './outcome'

const customGradientPrimitive = /* @__PURE__ */ primitive('customGradient', {
  infer: (inputs, { results }) => inputs.slice(0, results).map(({ shape, dtype }) => ({ shape, dtype })),
  decompose: (inputs, { results }) => inputs.slice(0, results).map((value) => identityPrimitive.one([value], {})),
  gradient: ({ inputs, outputs, attributes: { results, operands, taught, backward }, upstreams }) => {
    const given = outputs.map((output, i) => upstreams[i] ?? zerosLike(output))
    const found = instantiate(backward, [...given, ...inputs.slice(results + operands)])
    return inputs.map((_, i) => {
      const at = taught.indexOf(i - results)
      return i < results || at < 0 ? undefined : found[at]
    })
  },
})

/** What a function with a gradient of its own gives: its results, and how gradients of its operands come from those of the results. */
export type WithBackward<R extends Outcome> = readonly [
  results: R,
  backward: (...upstreams: Value[]) => Operand | readonly (Operand | undefined)[],
]

/**
 * A function with a gradient of one's own, as `keras.ops.custom_gradient`. `f` gives its results and a function from their gradients to
 * those of the operands: one value for one operand, else a list in the order of the operands, `undefined` where none flows. The gradient
 * may use whatever `f` computed, and is differentiated in its turn where someone asks for it.
 *
 * @param f - called once, when it is traced.
 * @returns the function of the operands.
 * @throws ShapeError, where it is called, for a gradient of another shape than its operand.
 *
 * @example
 * ```ts
 * // The gradient of log(1 + exp(x)) without an overflow.
 * const softplus = ops.customGradient((x) => {
 *   const e = ops.exp(x)
 *   return [ops.log(ops.add(e, 1)), (g) => ops.mul(g, ops.sub(1, ops.div(1, ops.add(e, 1))))]
 * })
 * softplus([100])
 * ```
 */
export const customGradient = /* @__PURE__ */ op(
  'customGradient',
  { f: callback },
  <R extends Outcome>(f: (...operands: Value[]) => WithBackward<R>): ((...operands: Operand[]) => Outcomes<R>) =>
    (...given) => {
      given.forEach((operand, i) => {
        numbers.check(operand, 'customGradient', `operand ${i}`)
      })
      // Behind identities, so that what f does with an operand is not mixed up with what comes to it otherwise.
      const operands = given.map((operand) => identityPrimitive.one([toValue(operand)], {}))
      const made: unknown = f(...operands)
      if (!Array.isArray(made) || made.length !== 2 || typeof made[1] !== 'function') {
        throw new OptionError(
          `customGradient: expected [results, backward] from the function, got ${describeValue(made)}`,
        )
      }
      const [outcome, backward] = made as unknown as WithBackward<R> // as checked
      const results = asList(outcome, 'customGradient: results')
      const upstreams = results.map(({ shape, dtype }) => placeholder(shape, dtype, 'upstream'))
      const found = gradientsOf(backward(...upstreams), operands)
      const taught = operands.flatMap((_, i) => (found[i] === undefined ? [] : [i]))
      const outputs = found.filter((gradient) => gradient !== undefined)
      const { inputs, outputs: closedOutputs, captured } = closed(upstreams, outputs)
      const graph: Graph = { inputs, outputs: closedOutputs, updates: [] }
      const named = { results: results.length, operands: operands.length, taught, backward: graph }
      const values = customGradientPrimitive.apply([...results, ...operands, ...captured], named)
      return likeGiven(values, outcome)
    },
)

function gradientsOf(
  given: Operand | readonly (Operand | undefined)[] | undefined,
  operands: readonly Value[],
): (Value | undefined)[] {
  const list = operands.length === 1 && !isListOfOne(given) ? [given as Operand | undefined] : given
  if (!Array.isArray(list) || list.length !== operands.length) {
    throw new OptionError(
      `customGradient: backward: expected ${operands.length} gradients, got ${describeValue(given)}`,
    )
  }
  return operands.map((operand, i) => {
    const each: Operand | undefined = list[i]
    if (each === undefined || !isFloat(operand.dtype)) return undefined
    const value = cast(toValue(each, operand.dtype), operand.dtype)
    if (sameShape(value.shape, operand.shape)) return value
    throw new ShapeError(
      `customGradient: backward: expected shape ${formatShape(operand.shape)} for operand ${i}, got ${formatShape(value.shape)}`,
    )
  })
}

function isListOfOne(given: unknown): boolean {
  return Array.isArray(given) && given.length === 1 && typeof given[0] === 'object'
}

/** The value as it is, whose gradient is that of the result where `isOpen` holds, else zero, whatever came in. */
export function gate(value: Value, isOpen: Value): Value {
  if (!isFloat(value.dtype)) return value
  const upstream = placeholder(value.shape, value.dtype, 'upstream')
  const { inputs, outputs, captured } = closed([upstream], [where(isOpen, upstream, 0)])
  const backward: Graph = { inputs, outputs, updates: [] }
  return customGradientPrimitive.one([value, value, ...captured], { results: 1, operands: 1, taught: [0], backward })
}
