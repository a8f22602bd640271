// How an op is declared: its name, the kind of each of its arguments, and what it computes. A wrong call is refused here, before
// anything is computed, and every error of an op begins with its name.
import { describeValue, OptionError, placed, ShapeError } from '../../errors'
import type { Kind } from './kinds'

/** The arguments of an op by name, in their order. */
export type Parameters = Readonly<Record<string, Kind>>

/**
 * Declares an op. All functions of `ops` are made here.
 *
 * @param name - under which `ops` has it.
 * @param parameters - the kind of each argument, in their order, under the names that messages use.
 * @param compute - what it does with arguments of those kinds.
 *
 * @example
 * ```ts
 * export const tile = op('tile', { x: numbers, repeats: lengths }, (x: Operand, repeats: Shape): Value => ...)
 * ```
 */
/* @__NO_SIDE_EFFECTS__ */
export function op<A extends readonly unknown[], R>(
  name: string,
  parameters: Parameters,
  compute: (...args: A) => R,
): (...args: A) => R {
  const kinds = Object.entries(parameters)
  const call = (...args: A): R => {
    try {
      checkArguments(name, kinds, args)
      return compute(...args)
    } catch (error) {
      if (error instanceof RangeError && /array length|allocation/i.test(error.message)) {
        throw new ShapeError(`${name}: expected fewer elements: there is no memory for so many`, { cause: error })
      }
      throw placed(error, name)
    }
  }
  // As of any function: those it must be given. A layer made of an op hands it no more than these.
  const required = kinds.filter(([, kind]) => !kind.isOptional && !kind.isRest).length
  return Object.defineProperties(call, { name: { value: name }, length: { value: required } })
}

function checkArguments(op: string, kinds: readonly (readonly [string, Kind])[], args: readonly unknown[]): void {
  kinds.forEach(([name, kind], i) => {
    if (kind.isRest) for (const each of args.slice(i)) kind.check(each, op, name)
    else if (args[i] !== undefined || !kind.isOptional) kind.check(args[i], op, name)
  })
  const takesMore = kinds.some(([, kind]) => kind.isRest)
  const further = args.slice(kinds.length)
  if (takesMore || further.every((each) => each === undefined) || isOfCallback(further, args)) return
  const names = kinds.map(([name]) => name).join(', ')
  throw new OptionError(`${op}: expected the arguments ${names}, got ${describeValue(further[0])} as another`)
}

/** Whether the arguments too many are the index and the list that `map`, `reduce` and their likes give to a function. */
function isOfCallback([index, list, ...more]: readonly unknown[], args: readonly unknown[]): boolean {
  if (typeof index !== 'number' || !Array.isArray(list) || more.length > 0) return false
  return list[index] === args[args.length - 3]
}
