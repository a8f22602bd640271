// Modules that build models, by their URL or path.
import { OptionError } from '../errors'
import { hasNode } from '../host'
import type { Build } from './trial'

/** What a module says of a search. */
export interface SearchModule {
  readonly build: Build
  /** What is searched; undefined where it does not say. */
  readonly space: unknown
  /** What else it says of the search, as options of `search`. */
  readonly options: unknown
}

/** What a module exports. @throws OptionError where it exports no `build`. */
export async function loadSearch(url: string): Promise<SearchModule> {
  let module: Record<string, unknown>
  try {
    module = await import(/* webpackIgnore: true */ /* @vite-ignore */ url)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new OptionError(`search: the module ${url} cannot be loaded: ${reason}`, { cause })
  }
  const { build, space, options } = module
  if (typeof build === 'function') return { build: build as Build, space, options } // what it is called with and gives is checked as it runs
  throw new OptionError(`search: expected the module ${url} to export a function named build`)
}

/** The `build` that a module exports. @throws OptionError where there is none. */
export async function loadBuild(url: string): Promise<Build> {
  return (await loadSearch(url)).build
}

/** The URL of a module given as a path or a URL. */
export async function moduleUrl(place: string | URL): Promise<string> {
  const text = String(place)
  if (place instanceof URL || /^[a-z][a-z0-9+.-]+:/i.test(text)) return text
  if (!hasNode()) return new URL(text, location.href).href
  const { pathToFileURL } = await import('node:url')
  return pathToFileURL(text).href
}
