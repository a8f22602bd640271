// A journal in a file, as Optuna's JournalFileBackend has it: lines are added under its lock.
import { FormatError, OptionError } from '../../errors'
import { takeLock } from './lock'
import type { Log } from './replay'
import { linesOf, type Store, textOf } from './store'

/** What each line begins with, Python's and ours. */
const beginning = '{"op_code":'

/** Opens the journal of a path; the file is made where there is none. @throws OptionError where it cannot be. */
export async function fileStore(path: string, grace?: number): Promise<Store> {
  const store = new FileStore(path, grace)
  await store.make()
  return store
}

class FileStore implements Store {
  readonly isShared = true
  private readonly path: string
  private readonly grace: number | undefined
  /** Up to where it was read, in bytes and in lines. */
  private position = 0
  private count = 0

  constructor(path: string, grace: number | undefined) {
    this.path = path
    this.grace = grace
  }

  async make(): Promise<void> {
    const fs = await import('node:fs/promises')
    const { dirname } = await import('node:path')
    try {
      await fs.mkdir(dirname(this.path), { recursive: true })
      await (await fs.open(this.path, 'a')).close()
    } catch (cause) {
      this.refuse('opened', cause)
    }
  }

  async read(): Promise<readonly Log[]> {
    const fs = await import('node:fs/promises')
    const file = await fs.open(this.path, 'r').catch((cause: unknown) => this.refuse('read', cause))
    try {
      return (await this.readFrom(file)).logs
    } finally {
      await file.close()
    }
  }

  async append(decide: (news: readonly Log[]) => readonly Log[]): Promise<void> {
    const fs = await import('node:fs/promises')
    const release = await takeLock(this.path, this.grace).catch((cause: unknown) => this.refuse('locked', cause))
    try {
      const file = await fs.open(this.path, 'r+').catch((cause: unknown) => this.refuse('written', cause))
      try {
        const { logs: news, rest } = await this.readFrom(file)
        this.checkRest(rest)
        const logs = decide(news)
        if (logs.length === 0) return
        // A line that was cut off, by a full disk or a process that died as it wrote, was never one.
        if (rest !== '') await file.truncate(this.position)
        const bytes = new TextEncoder().encode(textOf(logs))
        await file.write(bytes, 0, bytes.length, this.position)
        await file.sync()
        this.position += bytes.length
        this.count += logs.length
      } finally {
        await file.close()
      }
    } finally {
      await release()
    }
  }

  async close(): Promise<void> {}

  /** The whole lines from where it was read last, and what follows them. */
  private async readFrom(file: import('node:fs/promises').FileHandle): Promise<{ logs: Log[]; rest: string }> {
    const { size } = await file.stat()
    if (size < this.position) {
      throw new FormatError(`search: '${this.path}' is shorter than it was: a journal is only ever added to`)
    }
    const bytes = new Uint8Array(size - this.position)
    let length = 0
    while (length < bytes.length) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length, this.position + length)
      if (bytesRead === 0) break
      length += bytesRead
    }
    const whole = bytes.lastIndexOf(10, length - 1) + 1
    const decoder = new TextDecoder()
    const logs = linesOf(this.path, decoder.decode(bytes.subarray(0, whole)), this.count)
    this.position += whole
    this.count += logs.length
    return { logs, rest: decoder.decode(bytes.subarray(whole, length)) }
  }

  /** What is no part of a line of a journal is not cut off: the file is something else. */
  private checkRest(rest: string): void {
    if (rest.startsWith(beginning) || beginning.startsWith(rest)) return
    throw new FormatError(`search: '${this.path}' is not the journal of a study: it ends in ${rest.slice(0, 60)}`)
  }

  private refuse(what: string, cause: unknown): never {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new OptionError(`search: storage '${this.path}' cannot be ${what}: ${reason}`, { cause })
  }
}
