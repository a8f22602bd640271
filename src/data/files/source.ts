// Where the text of a table comes from: files, URLs, blobs, texts; each as pieces, one after the other.

import { DataError, describeValue, isCallable, OptionError } from '../../errors'
import { hasNode } from '../../host'
import { decoded } from './encoding'

/**
 * Where the text of a table comes from: a path or `file:` URL in Node, another URL, a `File`, `Blob` or `Response`, bytes, a text,
 * or a function that gives pieces of text anew for every epoch.
 */
export type TextSource =
  | string
  | URL
  | Blob
  | Response
  | Uint8Array
  | ArrayBuffer
  | { readonly text: string }
  | (() => Iterable<string> | AsyncIterable<string>)

/** Opens the text of a source. */
export function textPieces(
  source: TextSource,
  encoding: string | undefined,
  where: string,
): () => Iterable<string> | AsyncIterable<string> {
  if (isCallable(source)) {
    return () => {
      const pieces = source()
      if (typeof pieces === 'object' && pieces !== null) return pieces
      throw new DataError(
        `${where}: source: expected the function to give pieces of text, got ${describeValue(pieces)}`,
      )
    }
  }
  if (source instanceof Blob) return () => decoded(chunksOf(source.stream()), encoding, where)
  if (source instanceof Uint8Array || source instanceof ArrayBuffer) {
    const bytes = new Uint8Array(source instanceof Uint8Array ? source : new Uint8Array(source))
    return () => decoded([bytes], encoding, where)
  }
  if (typeof Response !== 'undefined' && source instanceof Response) {
    // Its body can be read once; later epochs read what came with the first.
    let body: Promise<Blob> | undefined
    return () => {
      body ??= source.blob()
      return decoded(responseChunks(source, body, where), encoding, where)
    }
  }
  if (typeof source === 'object' && source !== null && 'text' in source && typeof source.text === 'string') {
    const { text } = source
    return () => [text]
  }
  if (typeof source === 'string' || source instanceof URL)
    return () => decoded(placeChunks(String(source), where), encoding, where)
  throw new OptionError(
    `${where}: source: expected a path, a URL, a File, Blob or Response, bytes, { text } or a function that gives pieces of text`,
  )
}

async function* placeChunks(place: string, where: string): AsyncGenerator<Uint8Array> {
  if (/^file:/i.test(place)) {
    const { fileURLToPath } = await import('node:url')
    yield* fileChunks(fileURLToPath(place), where)
  } else if (/^[a-z][a-z0-9+.-]*:\/\//i.test(place) || /^(data|blob):/i.test(place) || !hasNode()) {
    yield* fetchedChunks(place, where)
  } else {
    yield* fileChunks(place, where)
  }
}

async function* fileChunks(path: string, where: string): AsyncGenerator<Uint8Array> {
  const { createReadStream } = await import('node:fs')
  const stream = createReadStream(path, { highWaterMark: 256 * 1024 })
  try {
    yield* stream as AsyncIterable<Uint8Array> // without an encoding it gives bytes
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined
    if (code === undefined) throw error
    const reason = code === 'ENOENT' ? 'there is no such file' : code
    throw new OptionError(`${where}: cannot read '${path}': ${reason}`, { cause: error })
  }
}

async function* fetchedChunks(url: string, where: string): AsyncGenerator<Uint8Array> {
  const answer = await fetch(url).catch((cause: unknown) => {
    throw new OptionError(`${where}: cannot load '${url}': ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
  })
  if (!answer.ok) throw new OptionError(`${where}: cannot load '${url}': the server answered ${answer.status}`)
  if (answer.body !== null) yield* chunksOf(answer.body)
}

async function* responseChunks(answer: Response, body: Promise<Blob>, where: string): AsyncGenerator<Uint8Array> {
  if (!answer.ok) throw new OptionError(`${where}: cannot load '${answer.url}': the server answered ${answer.status}`)
  yield* chunksOf((await body).stream())
}

/** Not every browser can walk a stream by itself. */
async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader()
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) yield step.value
  } finally {
    await reader.cancel()
  }
}
