// From bytes to text. What a byte order mark says, or an option; bytes that are not of that encoding are an error, since
// what stands for them would be the same for different letters.

import { DataError, OptionError } from '../../errors'

/** @throws OptionError for an unknown encoding, DataError for bytes that are not in it. */
export async function* decoded(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  encoding: string | undefined,
  where: string,
): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined
  let before = 0
  for await (const chunk of withFullStart(chunks)) {
    decoder ??= decoderOf(encoding, chunk, where)
    yield decodedChunk(decoder, chunk, before, where)
    before += chunk.length
  }
  if (decoder !== undefined) yield decodedChunk(decoder, undefined, before, where)
}

function decodedChunk(decoder: TextDecoder, chunk: Uint8Array | undefined, before: number, where: string): string {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true })
  } catch (cause) {
    const text = new TextDecoder(decoder.encoding).decode(chunk)
    const at = text.indexOf('\uFFFD')
    const near = at < 0 ? '' : `, near '${text.slice(Math.max(0, at - 15), at + 10).trim()}'`
    throw new DataError(
      `${where}: expected bytes in ${decoder.encoding}, found others after byte ${before}${near}; give the encoding, such as 'windows-1252' or 'utf-16le'`,
      { cause },
    )
  }
}

/** The chunks, of which the first has at least the four bytes that tell the encoding. */
async function* withFullStart(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let start: Uint8Array | undefined = new Uint8Array(0)
  for await (const chunk of chunks) {
    if (start === undefined) {
      yield chunk
      continue
    }
    const joined: Uint8Array = new Uint8Array(start.length + chunk.length)
    joined.set(start)
    joined.set(chunk, start.length)
    start = joined
    if (start.length < 4) continue
    yield start
    start = undefined
  }
  if (start !== undefined && start.length > 0) yield start
}

function decoderOf(given: string | undefined, [first, second, third, fourth]: Uint8Array, where: string): TextDecoder {
  const marked =
    first === 0xff && second === 0xfe
      ? 'utf-16le'
      : first === 0xfe && second === 0xff
        ? 'utf-16be'
        : first === 0xef && second === 0xbb && third === 0xbf
          ? 'utf-8'
          : undefined
  if (given === undefined && marked === undefined) {
    // Latin letters in two bytes each.
    if (first !== 0 && second === 0 && fourth === 0) return known('utf-16le', where)
    if (first === 0 && second !== 0 && third === 0) return known('utf-16be', where)
  }
  // 'utf-16' leaves the order of bytes to the mark.
  const isOpen = given === undefined || /^utf-?16$/i.test(given)
  return known(isOpen ? (marked ?? given ?? 'utf-8') : given, where)
}

function known(encoding: string, where: string): TextDecoder {
  try {
    return new TextDecoder(encoding, { fatal: true })
  } catch (cause) {
    throw new OptionError(`${where}: encoding: '${encoding}' is not known here`, { cause })
  }
}
