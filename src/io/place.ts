// Places that bytes are saved to and loaded from: a path, a URL, `indexeddb://name`, `download://name`.
import { describeValue, didYouMean, OptionError } from '../errors'
import { atomicWrite, readFile } from './file'
import { hasDatabase, hasFiles } from './host'
import { download, readFromDatabase, writeToDatabase } from './page'

const schemes = ['indexeddb', 'download', 'http', 'https', 'file', 'data', 'blob'] as const

interface Place {
  /** `path` where the place has no scheme. */
  readonly scheme: (typeof schemes)[number] | 'path'
  /** What follows the scheme. */
  readonly rest: string
}

/**
 * Reads all bytes of a place: a path or `file:` URL in Node, `indexeddb://name` in a page, a URL in both.
 *
 * @throws OptionError for a place that is not there or cannot be read from here.
 */
export async function readPlace(place: string | URL): Promise<Uint8Array> {
  const text = textOf(place)
  const { scheme, rest } = parsePlace(text)
  switch (scheme) {
    case 'path':
      return hasFiles() ? readFile(text) : fetchBytes(text)
    case 'file':
      return readFile(await pathOf(text))
    case 'indexeddb':
      return readFromDatabase(needDatabase(text, rest))
    case 'download':
      throw new OptionError(`place '${text}': a download can be saved to, but not loaded from`)
    default:
      return fetchBytes(text)
  }
}

/**
 * Writes bytes to a place: a path or `file:` URL in Node, as a whole or not at all; `indexeddb://name` or
 * `download://name` in a page.
 *
 * @throws OptionError for a place that cannot be written to from here.
 */
export async function writePlace(place: string | URL, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const text = textOf(place)
  const { scheme, rest } = parsePlace(text)
  switch (scheme) {
    case 'path':
      if (hasFiles()) return atomicWrite(text, bytes)
      throw new OptionError(`place '${text}': a page cannot write files; use 'indexeddb://name' or 'download://name'`)
    case 'file':
      return atomicWrite(await pathOf(text), bytes)
    case 'indexeddb':
      return writeToDatabase(needDatabase(text, rest), bytes)
    case 'download':
      if (typeof document === 'object') return download(named(text, rest), bytes)
      throw new OptionError(`place '${text}': there are downloads in a page only; use a path`)
    default:
      throw new OptionError(`place '${text}': a ${scheme} URL can be loaded from, but not saved to`)
  }
}

function textOf(place: unknown): string {
  if (typeof place === 'string' || place instanceof URL) return String(place)
  throw new OptionError(`place: expected a path or a URL, got ${describeValue(place)}`)
}

/** Tells schemes from paths, those of Windows (`C:\models`) included. */
function parsePlace(place: string): Place {
  if (place === '') throw new OptionError('place: expected a path or a URL, got an empty text')
  const [, scheme, rest] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(place) ?? []
  if (scheme === undefined || rest === undefined) return { scheme: 'path', rest: place }
  const known = schemes.find((name) => name === scheme.toLowerCase())
  if (known === undefined) {
    if (!rest.startsWith('//')) return { scheme: 'path', rest: place }
    throw new OptionError(
      `place '${place}': unknown scheme '${scheme}'.${didYouMean(scheme, schemes)} Known: ${schemes.join(', ')}.`,
    )
  }
  return { scheme: known, rest: rest.replace(/^\/\//, '') }
}

function needDatabase(place: string, name: string): string {
  if (!hasDatabase()) throw new OptionError(`place '${place}': there is IndexedDB in a page only; use a path`)
  return named(place, name)
}

function named(place: string, name: string): string {
  if (name === '') throw new OptionError(`place '${place}': expected a name after the scheme`)
  return name
}

async function pathOf(url: string): Promise<string> {
  if (!hasFiles()) throw new OptionError(`place '${url}': a page cannot open files`)
  const { fileURLToPath } = await import('node:url')
  return fileURLToPath(url)
}

async function fetchBytes(url: string): Promise<Uint8Array> {
  let answer: Response
  try {
    answer = await fetch(url)
  } catch (cause) {
    throw new OptionError(`cannot load '${url}': ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
  if (!answer.ok)
    throw new OptionError(`cannot load '${url}': the server answered ${answer.status} ${answer.statusText}`)
  return new Uint8Array(await answer.arrayBuffer())
}
