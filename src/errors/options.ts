// The one check that every function with an options object makes: no option it does not know.

import { OptionError } from './classes'
import { describeValue } from './describe'
import { didYouMean } from './nearest'

/**
 * Throws an `OptionError` unless `given` is an options object (or `undefined`) all of whose names are allowed.
 *
 * An unknown name is an error even where its value is `undefined`: it is still a misspelling.
 *
 * @param where - what the options were given to, as the user typed it, such as `lstm` or `compile`
 * @param given - the options as they came
 * @param allowedNames - every name that means something there
 *
 * @example
 * ```ts
 * checkOptions('lstm', { returnSequence: true }, ['returnSequences', 'returnState'])
 * // OptionError: lstm: unknown option 'returnSequence'. Did you mean 'returnSequences'? Known options: returnSequences, returnState.
 * ```
 */
export function checkOptions(where: string, given: unknown, allowedNames: readonly string[]): void {
  if (given === undefined) return
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new OptionError(`${where}: expected an object of options, got ${describeValue(given)}`)
  }
  for (const name of Object.keys(given)) {
    if (allowedNames.includes(name)) continue
    const known = allowedNames.length === 0 ? 'It takes no options.' : `Known options: ${allowedNames.join(', ')}.`
    throw new OptionError(`${where}: unknown option '${name}'.${didYouMean(name, allowedNames)} ${known}`)
  }
}
