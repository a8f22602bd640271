// The event files of a board: one for each run (a folder), written at their ends; in a page kept as bytes.
import { hasNode } from '../../host'
import { writeAt } from '../../io'
import { versionEvent } from './events'

/** A file: what was written of it, and what waits to be. */
interface EventFile {
  readonly name: string
  size: number
  waiting: Uint8Array<ArrayBuffer>[]
}

/** Where a file ends, by run, as a callback remembers it. */
export type FileEnds = Readonly<Record<string, { readonly name: string; readonly size: number }>>

/** What a record waits at most before it is written, and how many bytes wait at most. */
const longestWait = 2000
const mostWaiting = 1 << 16

/** The files of a folder. */
export class EventFiles {
  private readonly folder: string
  private readonly files = new Map<string, EventFile>()
  /** In a page: what would stand in the files. */
  private readonly kept = new Map<string, Uint8Array<ArrayBuffer>[]>()
  private lastFlush = 0
  private flushing: Promise<void> = Promise.resolve()

  constructor(folder: string) {
    this.folder = folder
  }

  /** Adds a record to the file of a run, which is begun by its first one. */
  async add(run: string, record: Uint8Array<ArrayBuffer>): Promise<void> {
    let file = this.files.get(run)
    if (file === undefined) {
      const seconds = Date.now() / 1000
      file = {
        name: `${run === '' ? '' : `${run}/`}${await fileName(seconds)}`,
        size: 0,
        waiting: [versionEvent(seconds)],
      }
      this.files.set(run, file)
    }
    file.waiting.push(record)
    const bytes = file.waiting.reduce((sum, { length }) => sum + length, 0)
    if (bytes > mostWaiting || Date.now() - this.lastFlush > longestWait) await this.flush()
  }

  /** Writes what waits. */
  flush(): Promise<void> {
    // One after the other: each writes at the end that the one before left.
    this.flushing = this.flushing.catch(() => undefined).then(() => this.write())
    return this.flushing
  }

  private async write(): Promise<void> {
    this.lastFlush = Date.now()
    for (const file of this.files.values()) {
      const { waiting } = file
      if (waiting.length === 0) continue
      file.waiting = []
      if (hasNode()) {
        const bytes = new Uint8Array(await new Blob(waiting).arrayBuffer())
        file.size = await writeAt(`${this.folder}/${file.name}`, file.size, bytes)
      } else {
        this.kept.set(file.name, [...(this.kept.get(file.name) ?? []), ...waiting])
      }
    }
  }

  /** Where the files end. */
  async ends(): Promise<FileEnds> {
    await this.flush()
    return Object.fromEntries([...this.files].map(([run, { name, size }]) => [run, { name, size }]))
  }

  /** Goes on at these ends: what stands behind them is of steps that are made again. */
  goOn(ends: FileEnds): void {
    for (const [run, { name, size }] of Object.entries(ends)) this.files.set(run, { name, size, waiting: [] })
  }

  /** In a page: the bytes by the names of the files, each with its folder. */
  async contents(): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
    await this.flush()
    const whole = new Map<string, Uint8Array<ArrayBuffer>>()
    for (const [name, parts] of this.kept) whole.set(name, new Uint8Array(await new Blob(parts).arrayBuffer()))
    return whole
  }
}

let filesSoFar = 0

/** A name by which TensorBoard knows an event file, and which no other file has. */
async function fileName(seconds: number): Promise<string> {
  const origin = hasNode() ? `${(await import('node:os')).hostname()}.${process.pid}` : 'page.0'
  return `events.out.tfevents.${Math.floor(seconds)}.${origin}.${filesSoFar++}.v2`
}
