// What functions handed to control flow give: one value, or a list of several.
import { describeValue, isList, OptionError } from '../../errors'
import { type Operand, toValue, Value, Variable } from '../../graph'
import { Tensor } from '../../tensor'

/** One value or number, or a list of values. */
export type Outcome = Value | Variable | Tensor | number | boolean | readonly (Value | Variable | Tensor)[]

/** The same as values: a list where a list was given. */
export type Outcomes<R> = R extends readonly unknown[] ? Value[] : Value

/** As a list of values. @throws OptionError for anything else. */
export function asList(given: Outcome, where: string): Value[] {
  if (isListOfValues(given)) return given.map((each) => toValue(each))
  if (given === undefined || given === null) {
    throw new OptionError(`${where}: expected a value or a list of values, got ${describeValue(given)}`)
  }
  return [toValue(given as Operand)] // no list of values
}

/** As they were given: a list for a list, else the only one. */
export function likeGiven<R>(values: readonly Value[], given: R): Outcomes<R> {
  return (isListOfValues(given) ? values : values[0]) as Outcomes<R>
}

/** Whether it is a list of several, rather than numbers in an array. */
export function isListOfValues(given: unknown): given is readonly (Value | Variable | Tensor)[] {
  return isList(given) && given.length > 0 && given.every((each) => isValue(each))
}

function isValue(each: unknown): boolean {
  return each instanceof Value || each instanceof Variable || each instanceof Tensor
}
