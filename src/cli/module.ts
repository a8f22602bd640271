// Modules of the user's.
import { OptionError } from '../errors'

/** What a module exports, by its path. @throws OptionError where it is not there or cannot be loaded; whatever it throws itself. */
export async function moduleAt(path: string): Promise<Readonly<Record<string, unknown>>> {
  const [{ pathToFileURL }, { existsSync }, { resolve }] = await Promise.all([
    import('node:url'),
    import('node:fs'),
    import('node:path'),
  ])
  const file = resolve(path)
  if (!existsSync(file)) throw new OptionError(`cannot read '${path}': there is no such file`)
  try {
    return await import(/* webpackIgnore: true */ /* @vite-ignore */ pathToFileURL(file).href)
  } catch (error) {
    if (Object(error).code !== 'ERR_UNKNOWN_FILE_EXTENSION') throw error
    throw new OptionError(
      `${path}: this Node does not read TypeScript; take Node 22.18 or newer, or NODE_OPTIONS='--import tsx' with tsx installed`,
      { cause: error },
    )
  }
}
