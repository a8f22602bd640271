// The shares of data that are kept for validation and for testing.

import { OptionError, requireNumber } from '../errors'

/** Both shares, 0 where one is not given. @throws OptionError where nothing is kept, or nothing is left to train on. */
export function requireShares(
  where: string,
  options: { readonly validation?: number; readonly test?: number } | undefined,
): { readonly validation: number; readonly test: number } {
  const validation = requireNumber(where, 'validation', options?.validation ?? 0, 0, 1)
  const test = requireNumber(where, 'test', options?.test ?? 0, 0, 1)
  if (validation + test > 0 && validation + test < 1) return { validation, test }
  throw new OptionError(
    `${where}: expected shares above 0 and together below 1, got validation ${validation} and test ${test}`,
  )
}
