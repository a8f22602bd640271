// Packages that are installed only where they are wanted: one way to load them, and one error where one is missing.
import { BackendError } from './classes'

/** Stands for a package that was not found: `import('#name').catch(notFound)`. */
export const notFound = (cause: unknown): object => ({ isMissing: true, cause })

/** A package, and what asks for it. */
export interface Wanted {
  /** What needs it, as errors begin. */
  readonly where: string
  readonly name: string
  /** The entry of hornbeam that makes it a part of webpack's bundles. */
  readonly entry: string
}

/**
 * An optional package.
 *
 * @param imported - `import('#name').catch(notFound)`: written so, no bundler insists on the package. What `#name` means stands under
 *   `imports` in package.json; webpack, which would warn of every package that it does not find, is given an empty module.
 * @throws BackendError where it is not installed.
 */
export async function loadPackage({ where, name, entry }: Wanted, imported: Promise<object>): Promise<object> {
  const loaded = await imported
  if (!('isMissing' in loaded)) return loaded
  try {
    // A page without a bundler knows the package by its own name, from an import map.
    return await import(/* webpackIgnore: true */ /* @vite-ignore */ name)
  } catch (error) {
    const cause = 'cause' in loaded ? loaded.cause : error
    const missing = 'cause' in loaded ? 'is not installed' : 'is not in this bundle'
    const help = `npm install ${name}${'cause' in loaded ? '' : `, and import '${entry}' in the bundle`}`
    throw new BackendError(`${where}: needs the package ${name}, which ${missing}; run: ${help}`, { cause })
  }
}
