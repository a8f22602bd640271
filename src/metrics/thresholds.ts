// Lists of thresholds.
import { OptionError } from '../errors'

/** Throws an OptionError for a threshold that is not a number from 0 to 1. */
export function checkThresholds(name: string, thresholds: readonly number[]): void {
  const wrong = thresholds.find((threshold) => !(threshold >= 0 && threshold <= 1))
  if (wrong !== undefined) throw new OptionError(`${name}: expected thresholds from 0 to 1, given ${String(wrong)}.`)
}
