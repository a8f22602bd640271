// Files in memory, for code blocks that save and load: what a block writes by a path it can read by that path, as in Node. The data of
// the examples and tutorials lie there from the start. This takes the place of hornbeam's own module for files, and of `node:fs/promises`.

const files = new Map<string, Uint8Array<ArrayBuffer>>()
const normal = (path: string | URL) =>
  String(path)
    .replace(/^file:\/\//, '')
    .replace(/^(\.\/)+/, '')

/** A file that is not there, told as Node tells it. */
class Missing extends Error {
  readonly code = 'ENOENT'
  constructor(path: string) {
    super(`cannot read '${path}': there is no such file in this page`)
  }
}

async function contentOf(path: string | URL): Promise<Uint8Array<ArrayBuffer>> {
  const name = normal(path)
  const there = files.get(name)
  if (there !== undefined) return there
  const known = DATA_FILES.find((each) => name === each || name.endsWith(`/${each}`))
  if (known === undefined) throw new Missing(name)
  const answer = await fetch(new URL(`../data/${known}`, import.meta.url))
  if (!answer.ok) throw new Missing(name)
  const bytes = new Uint8Array(await answer.arrayBuffer())
  files.set(name, bytes)
  return bytes
}

/** Called for every file that is written. */
export let onWrite: (path: string, bytes: Uint8Array<ArrayBuffer>) => void = () => {}

/** Says who is told of files that are written. */
export function watchFiles(watcher: typeof onWrite): void {
  onWrite = watcher
}

/** Puts a file there, such as one that a visitor chose. */
export function putFile(path: string, bytes: Uint8Array<ArrayBuffer>): void {
  files.set(normal(path), bytes)
}

export async function readFile(path: string | URL, encoding?: unknown): Promise<never> {
  const bytes = await contentOf(path)
  const asText =
    typeof encoding === 'string' || (typeof encoding === 'object' && encoding !== null && 'encoding' in encoding)
  // Bytes for hornbeam, text for programs that name an encoding: Node's function has both forms.
  return (asText ? new TextDecoder().decode(bytes) : bytes.slice()) as never
}

export async function writeFile(path: string | URL, content: string | ArrayBufferView | ArrayBuffer): Promise<void> {
  const bytes =
    typeof content === 'string'
      ? new TextEncoder().encode(content)
      : ArrayBuffer.isView(content)
        ? new Uint8Array(content.buffer, content.byteOffset, content.byteLength).slice()
        : new Uint8Array(content).slice()
  files.set(normal(path), bytes as Uint8Array<ArrayBuffer>)
  onWrite(normal(path), bytes as Uint8Array<ArrayBuffer>)
}

export const readRegularFile = (path: string): Promise<never> => readFile(path)
export const atomicWrite = writeFile
export const writeFileSync = (path: string | URL, content: string | ArrayBufferView | ArrayBuffer): void =>
  void writeFile(path, content)
export const mkdir = async (): Promise<void> => {}

export async function removeFile(path: string): Promise<void> {
  files.delete(normal(path))
}

export async function rm(path: string | URL): Promise<void> {
  files.delete(normal(path))
}

export async function findFile(path: string, names: readonly string[]): Promise<string> {
  const name = normal(path)
  return names.map((each) => `${name}/${each}`).find((each) => files.has(each)) ?? name
}

export async function siblingPath(path: string, name: string): Promise<string> {
  return path.includes('/') ? `${path.slice(0, path.lastIndexOf('/'))}/${name}` : name
}

export async function writeAt(path: string, start: number, bytes: Uint8Array): Promise<number> {
  const before = (files.get(normal(path)) ?? new Uint8Array()).subarray(0, start)
  const whole = new Uint8Array(before.length + bytes.length)
  whole.set(before)
  whole.set(bytes, before.length)
  await writeFile(path, whole)
  return whole.length
}

export const writeTextAt = (path: string, start: number, text: string): Promise<number> =>
  writeAt(path, start, new TextEncoder().encode(text))

export async function sizeOfFile(path: string): Promise<number> {
  return files.get(normal(path))?.length ?? 0
}

/** No other process writes here. */
export const isRunning = (): boolean => false

export const isMissing = (error: unknown): boolean => error instanceof Missing

/** A file in pieces: here, all of it at once. */
export async function* createReadStream(path: string): AsyncGenerator<Uint8Array> {
  yield await contentOf(path)
}
