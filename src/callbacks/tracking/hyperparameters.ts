// What a run was made with: names and values, as services that follow runs take them.
import { describeValue, OptionError } from '../../errors'
import { hasNames } from '../../tensor'

/** A value of a hyperparameter. */
export type Hyperparameter = number | string | boolean

/** The record, if it is one of numbers, texts and booleans. @throws OptionError otherwise. */
export function requireHyperparameters(
  where: string,
  option: string,
  given: unknown,
): Readonly<Record<string, Hyperparameter>> {
  if (!hasNames(given)) {
    throw new OptionError(`${where}: ${option}: expected a record such as { units: 32 }, got ${describeValue(given)}`)
  }
  for (const [name, value] of Object.entries(given)) {
    if (['number', 'string', 'boolean'].includes(typeof value)) continue
    throw new OptionError(
      `${where}: ${option}: ${name}: expected a number, a text, true or false, got ${describeValue(value)}`,
    )
  }
  return given as Readonly<Record<string, Hyperparameter>> // as was just seen
}
