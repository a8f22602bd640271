// Engines that are packages.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { firstOf } from '../../browser/support/paths'

const require = createRequire(new URL('../package.json', import.meta.url))

/** A program in a package of test/engines/package.json; undefined where that is not installed. */
export function packaged(name: string, file: string): string | undefined {
  try {
    return firstOf([join(require.resolve(`${name}/package.json`), '..', file)])
  } catch {
    return undefined
  }
}
