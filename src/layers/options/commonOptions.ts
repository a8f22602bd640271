// Checks of the options that every layer, model and input takes.

import { describeValue, OptionError, requireOneOf } from '../../errors'
import { type DType, dtypes, type PartialShape } from '../../tensor'

interface CommonOptions {
  readonly name?: string | undefined
  readonly trainable?: boolean | undefined
  readonly inputShape?: PartialShape | undefined
  readonly dtype?: DType | undefined
}

/**
 * Throws an `OptionError` where one of them has a value it cannot have.
 *
 * @param shapeName - what the option for the shape is called there.
 */
export function checkCommon(
  where: string,
  { name, trainable, inputShape, dtype }: CommonOptions,
  shapeName = 'inputShape',
): void {
  const expected = (option: string, what: string, given: unknown): OptionError =>
    new OptionError(`${where}: ${option}: expected ${what}, got ${describeValue(given)}`)
  if (name !== undefined && (typeof name !== 'string' || name === '')) throw expected('name', 'a text', name)
  if (trainable !== undefined && typeof trainable !== 'boolean') throw expected('trainable', 'true or false', trainable)
  if (dtype !== undefined) requireOneOf(where, 'dtype', dtype, dtypes)
  if (inputShape === undefined) return
  if (!Array.isArray(inputShape)) throw expected(shapeName, 'a list of lengths', inputShape)
  const wrong = inputShape.findIndex((length) => length !== null && !(Number.isInteger(length) && length > 0))
  if (wrong >= 0) throw expected(shapeName, 'positive whole numbers or null', inputShape[wrong])
}
