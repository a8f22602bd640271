// Choosing between what functions compute. A Program has no branches: all are computed, one counts.
import { OptionError, ShapeError } from '../../errors'
import { newestId, type Operand, toValue, type Value } from '../../graph'
import { formatShape, sameShape } from '../../tensor'
import { callback, listOfCallbacks, numbers, rest } from '../declaration/kinds'
import { op } from '../declaration/signature'
import { clip } from '../derived'
import { cast, equal, logicalNot, where } from '../elementwise/elementwise'
import { gate } from './customGradient'
import { gated } from './cut'
import { asList, likeGiven, type Outcome, type Outcomes } from './outcome'

/** A branch: a function of the operands. */
export type Branch<R extends Outcome> = (...operands: Value[]) => R

/**
 * What one of two functions gives, as `keras.ops.cond`. Both are computed, since a Program has no branches; values and gradients are those of
 * the chosen one alone, also where the other is infinite or not a number.
 *
 * @param predicate - a scalar.
 * @param onTrue - gives a value or a list of values; it may use any values around it.
 * @param onFalse - gives the same number of values, of the same shapes and types.
 * @param operands - what both functions are called with.
 * @throws ShapeError where shapes differ.
 *
 * @example
 * ```ts
 * const root = jit((x: Value) => ops.cond(ops.greater(x, 0), () => ops.sqrt(x), () => ops.mul(x, 0)))
 * console.log((await root(-4)).item()) // 0
 * ```
 */
export const cond = /* @__PURE__ */ op(
  'cond',
  { predicate: numbers, onTrue: callback, onFalse: callback, operands: /* @__PURE__ */ rest(numbers) },
  <R extends Outcome>(
    predicate: Operand,
    onTrue: Branch<R>,
    onFalse: Branch<Outcome>,
    ...operands: Operand[]
  ): Outcomes<R> => {
    const isTrue = cast(scalar(toValue(predicate), 'predicate'), 'bool')
    return chosen<R>([onTrue, onFalse], [isTrue, logicalNot(isTrue)], operands)
  },
)

/**
 * What the function of that number gives, as `keras.ops.switch`; numbers outside are taken for the nearest. All are computed, see
 * {@link cond}.
 *
 * @param index - a scalar, a whole number.
 * @param branches - functions of the operands, which give as many values of the same shapes and types.
 * @throws ShapeError where shapes differ.
 *
 * @example
 * ```ts
 * ops.switch(1, [(x) => ops.neg(x), (x) => ops.mul(x, 2)], [1, 2]) // [2, 4]
 * ```
 */
const switched = /* @__PURE__ */ op(
  'switch',
  { index: numbers, branches: listOfCallbacks, operands: /* @__PURE__ */ rest(numbers) },
  <R extends Outcome>(index: Operand, branches: readonly Branch<R>[], ...operands: Operand[]): Outcomes<R> => {
    const last = branches.length - 1
    const at = clip(cast(scalar(toValue(index), 'index'), 'int32'), 0, last)
    return chosen<R>(
      branches,
      branches.map((_, i) => equal(at, i)),
      operands,
    )
  },
)

export { switched as switch }

function chosen<R extends Outcome>(
  branches: readonly Branch<Outcome>[],
  isChosen: readonly Value[],
  operands: readonly Operand[],
): Outcomes<R> {
  const values = operands.map((operand) => toValue(operand))
  const outcomes = branches.map((branch) => {
    const since = newestId()
    const outcome = branch(...values)
    return { outcome, since, list: asList(outcome, 'branch') }
  })
  const [{ outcome: first, list: model }] = outcomes
  const results = outcomes.map(({ since, list }, i) => {
    requireAlike(list, model)
    return gated(list, since, (value) => gate(value, isChosen[i]))
  })
  const selected = model.map((_, k) =>
    results.map((list) => list[k]).reduceRight((otherwise, value, i) => where(isChosen[i], value, otherwise)),
  )
  return likeGiven(selected, first as R) // the first branch gives it
}

function requireAlike(list: readonly Value[], model: readonly Value[]): void {
  if (list.length !== model.length) {
    throw new OptionError(`expected ${model.length} values from each function, got ${list.length}`)
  }
  for (const [i, { shape, dtype }] of list.entries()) {
    if (sameShape(shape, model[i].shape) && dtype === model[i].dtype) continue
    throw new ShapeError(
      `expected ${model[i].dtype} ${formatShape(model[i].shape)} from each function, got ${dtype} ${formatShape(shape)}`,
    )
  }
}

function scalar(value: Value, name: string): Value {
  if (value.rank === 0) return value
  throw new ShapeError(`${name}: expected a scalar, got shape ${formatShape(value.shape)}`)
}
