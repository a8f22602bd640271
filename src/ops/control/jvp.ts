// Derivatives forwards.
import { OptionError, ShapeError } from '../../errors'
import { gradients, identityPrimitive, toValue, type Value, type Variable } from '../../graph'
import { formatShape, isFloat, sameShape, type Tensor } from '../../tensor'
import { callback, listOfNumbers } from '../declaration/kinds'
import { op } from '../declaration/signature'
import { zerosLike } from '../elementwise/broadcast'
import { cast } from '../elementwise/elementwise'
import { asList, likeGiven, type Outcome, type Outcomes } from './outcome'

/**
 * A function's results, and how they change where its operands change in the direction of the tangents (a product of its Jacobian and a
 * vector), as `keras.ops.jvp`.
 *
 * @param f - a function of the primals.
 * @param primals - where it is taken.
 * @param tangents - the directions, of the same shapes.
 * @returns the results and their changes.
 * @throws ShapeError for a tangent of another shape than its primal.
 *
 * @example
 * ```ts
 * const [, slope] = ops.jvp((x) => ops.square(x), [tensor(3)], [tensor(1)])
 * slope.shape // []
 * ```
 */
export const jvp = /* @__PURE__ */ op(
  'jvp',
  { f: callback, primals: listOfNumbers, tangents: listOfNumbers },
  <R extends Outcome>(
    f: (...primals: Value[]) => R,
    primals: readonly (Value | Variable | Tensor | number)[],
    tangents: readonly (Value | Variable | Tensor | number)[],
  ): [results: Outcomes<R>, changes: Outcomes<R>] => {
    const at = primals.map((each) => identityPrimitive.one([toValue(each)], {}))
    if (tangents.length !== at.length) {
      throw new OptionError(`tangents: expected ${at.length} of them, got ${tangents.length}`)
    }
    const directions = tangents.map((each, i) => {
      const value = cast(toValue(each, at[i].dtype), at[i].dtype)
      if (sameShape(value.shape, at[i].shape)) return value
      throw new ShapeError(
        `tangents: expected shape ${formatShape(at[i].shape)} of tangent ${i}, got ${formatShape(value.shape)}`,
      )
    })
    const outcome = f(...at)
    const results = asList(outcome, 'f')
    // The gradient is linear in its upstreams: its own gradient by them is the Jacobian the other way round.
    const upstreams = results.map((result) => identityPrimitive.one([zerosLike(result)], {}))
    const back = gradients(
      results,
      upstreams.map((each, i) => (isFloat(results[i].dtype) ? each : undefined)),
      at,
    )
    const linked = back.flatMap((found, i) => (found === undefined ? [] : [{ found, along: directions[i] }]))
    const changes = gradients(
      linked.map(({ found }) => found),
      linked.map(({ along }) => along),
      upstreams,
    )
    const list = results.map((result, i) => changes[i] ?? zerosLike(result))
    return [likeGiven(results, outcome), likeGiven(list, outcome)]
  },
)
