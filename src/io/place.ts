// Places that bytes are saved to and loaded from: a path, a URL, `indexeddb://name`, `download://name`; and what holds
// bytes itself.
import { describeValue, didYouMean, FormatError, OptionError } from '../errors'
import { hasDatabase, hasNode } from '../host'

/** What is done with files, and with databases and downloads: a page has no use for the one, a program in Node none for the other. */
const files = () => import('./file')
const inPage = () => import('./page')

const schemes = ['indexeddb', 'download', 'http', 'https', 'file', 'data', 'blob'] as const

/**
 * Where bytes are loaded from: a path or `file:` URL in Node, `indexeddb://name` in a page, another URL in both; or what
 * holds them: a `File` or `Blob`, the `Response` of `fetch`, bytes.
 */
export type Place = string | URL | Blob | Response | Uint8Array | ArrayBuffer

/** Bytes that were loaded, and where they came from. */
export interface Source {
  /** The place in words, for messages: a path, a URL, the name of a file; 'the bytes' where there is none. */
  readonly where: string
  readonly bytes: Uint8Array
  /** Another file in the same folder; left out where there is no such thing. @throws OptionError when it is not there. */
  beside?(name: string): Promise<Uint8Array>
}

interface Parsed {
  /** `path` where the place has no scheme. */
  readonly scheme: (typeof schemes)[number] | 'path'
  /** What follows the scheme. */
  readonly rest: string
}

/**
 * Loads all bytes of a place, and tells how to load files beside it.
 *
 * @param folderFiles - where the place is a folder, the file in it that is meant: the first of these that is there.
 * @throws OptionError for a place that is not there, cannot be read from here, or is no place.
 */
export async function openPlace(place: Place, folderFiles: readonly string[] = []): Promise<Source> {
  if (place instanceof Uint8Array) return { where: 'the bytes', bytes: place }
  if (place instanceof ArrayBuffer) return { where: 'the bytes', bytes: new Uint8Array(place) }
  if (place instanceof Blob) {
    const where = 'name' in place && typeof place.name === 'string' ? place.name : 'the blob'
    return { where, bytes: new Uint8Array(await place.arrayBuffer().catch((cause) => cannotLoad(where, cause))) }
  }
  if (place instanceof Response) {
    const { url } = place
    const bytes = await bytesOfAnswer(url || 'the response', place)
    return url === '' ? { where: 'the response', bytes } : besideUrl(url, bytes)
  }
  const text = placeText(place)
  const { scheme } = parsePlace(text)
  if (scheme === 'file' || (scheme === 'path' && hasNode())) {
    const path = scheme === 'file' ? await pathOf(text) : text
    const { findFile, readFile, readRegularFile, siblingPath } = await files()
    const file = await findFile(path, folderFiles)
    return {
      where: file,
      bytes: await readFile(file),
      beside: async (name) => readRegularFile(await siblingPath(file, checkName(file, name))),
    }
  }
  const bytes = await readPlace(text)
  return scheme === 'indexeddb' ? { where: text, bytes } : besideUrl(text, bytes)
}

/**
 * Loads all bytes of a place.
 *
 * @throws OptionError for a place that is not there or cannot be read from here.
 */
export async function readPlace(place: Place): Promise<Uint8Array> {
  if (typeof place !== 'string' && !(place instanceof URL)) return (await openPlace(place)).bytes
  const text = placeText(place)
  const { scheme, rest } = parsePlace(text)
  switch (scheme) {
    case 'path':
      return hasNode() ? (await files()).readFile(text) : fetchBytes(text)
    case 'file':
      return (await files()).readFile(await pathOf(text))
    case 'indexeddb':
      return (await inPage()).readFromDatabase(needDatabase(text, rest))
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
  const text = placeText(place)
  const { scheme, rest } = parsePlace(text)
  switch (scheme) {
    case 'path':
      if (hasNode()) return (await files()).atomicWrite(text, bytes)
      throw new OptionError(`place '${text}': a page cannot write files; use 'indexeddb://name' or 'download://name'`)
    case 'file':
      return (await files()).atomicWrite(await pathOf(text), bytes)
    case 'indexeddb':
      return (await inPage()).writeToDatabase(needDatabase(text, rest), bytes)
    case 'download':
      if (typeof document === 'object') return (await inPage()).download(named(text, rest), bytes)
      throw new OptionError(`place '${text}': there are downloads in a page only; use a path`)
    default:
      throw new OptionError(`place '${text}': a ${scheme} URL can be loaded from, but not saved to`)
  }
}

/** The bytes of a path, a `file:` URL or an `indexeddb://name`; undefined where there is nothing yet. */
export async function readIfThere(place: string): Promise<Uint8Array | undefined> {
  const { scheme, rest } = parsePlace(place)
  if (scheme === 'indexeddb') return (await inPage()).findInDatabase(needDatabase(place, rest))
  try {
    return await readPlace(place)
  } catch (error) {
    if ((await files()).isMissing(error)) return undefined
    throw error
  }
}

/** Removes what is at a path, a `file:` URL or an `indexeddb://name`, if it is there. @throws OptionError when that cannot be. */
export async function removePlace(place: string): Promise<void> {
  const { scheme, rest } = parsePlace(place)
  switch (scheme) {
    case 'indexeddb':
      return (await inPage()).removeFromDatabase(needDatabase(place, rest))
    case 'file':
      return (await files()).removeFile(await pathOf(place))
    case 'path':
      if (hasNode()) return (await files()).removeFile(place)
  }
  throw new OptionError(`place '${place}': expected a file or an indexeddb:// place, got one that cannot be removed`)
}

/** A file of that name in a folder, which may be a `file:` URL; a database has no folders, and keeps it under the name itself. */
export function fileIn(folder: string, name: string): string {
  return parsePlace(folder).scheme === 'indexeddb' ? folder : `${folder.replace(/[/\\]+$/, '')}/${name}`
}

/** A path or a URL as text. @throws OptionError for anything else. */
export function placeText(place: unknown): string {
  if (typeof place === 'string' || place instanceof URL) return String(place)
  throw new OptionError(
    `place: expected a path, a URL, a File, a Blob, a Response or bytes, got ${describeValue(place)}`,
  )
}

/** A name that stays in the folder: what is beside a file is told by the file, which may be anybody's. */
function checkName(where: string, name: string): string {
  const parts = name.split('/')
  if (parts.every((part) => part !== '' && part !== '.' && part !== '..' && !/[\\:\0]/.test(part))) return name
  throw new FormatError(`${where}: expected the name of a file beside it, got ${describeValue(name)}`)
}

/** What the URL holds, with the files beside it. */
function besideUrl(url: string, bytes: Uint8Array): Source {
  if (/^(data|blob):/i.test(url)) return { where: `a ${url.slice(0, url.indexOf(':'))} URL`, bytes }
  const base = new URL(url, typeof location === 'object' ? location.href : undefined)
  return {
    where: url,
    bytes,
    beside: (name) =>
      fetchBytes(String(new URL(checkName(url, name).split('/').map(encodeURIComponent).join('/'), base))),
  }
}

/** Tells schemes from paths, those of Windows (`C:\models`) included. */
function parsePlace(place: string): Parsed {
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
  if (!hasNode()) throw new OptionError(`place '${url}': a page cannot open files`)
  // Relative, which no URL is, but everybody means the same by it.
  const [, relative] = /^file:\/\/(\.{1,2}\/.*)$/i.exec(url) ?? []
  if (relative !== undefined) return decodeURI(relative)
  const { fileURLToPath } = await import('node:url')
  try {
    return fileURLToPath(url)
  } catch (cause) {
    throw new OptionError(`place '${url}': expected a file URL such as file:///folder/name, or a path`, { cause })
  }
}

async function fetchBytes(url: string): Promise<Uint8Array> {
  return bytesOfAnswer(url, await fetch(url).catch((cause: unknown) => cannotLoad(url, cause)))
}

async function bytesOfAnswer(url: string, answer: Response): Promise<Uint8Array> {
  if (!answer.ok)
    throw new OptionError(`cannot load '${url}': the server answered ${answer.status} ${answer.statusText}`)
  return new Uint8Array(await answer.arrayBuffer().catch((cause: unknown) => cannotLoad(url, cause)))
}

function cannotLoad(where: string, cause: unknown): never {
  throw new OptionError(`cannot load '${where}': ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
}
