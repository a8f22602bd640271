// Programs made for one function, by the shapes they are for: kept while there is room, the least recently used ones go first.

import type { Compiled } from './compiled'

/** Bytes on the JavaScript heap for each instruction of a Program, roughly: measured on recurrent models on cpu and wasm. */
const hostBytesPerInstruction = 1200

/** What is kept of a function: its program, and whatever else was found out when it was traced. */
interface Made {
  readonly compiled: Compiled
}

/** One that is kept, or is being made. */
interface Kept<M> {
  readonly making: Promise<M>
  /** Undefined while it is being made. */
  made: M | undefined
  size: number
}

/** Programs by key, at most so many bytes of them. */
export class Programs<M extends Made> {
  private readonly most: number
  /** The least recently used first. */
  private readonly kept = new Map<string, Kept<M>>()
  private newest: string | undefined
  private total = 0

  /** @param most - bytes they may hold together; the newest is kept even where it alone holds more. */
  constructor(most: number) {
    this.most = most
  }

  /**
   * The one for a key, made the first time: then, and only then, it is to be waited for. It stays good for those who have it, also when it
   * is no longer kept here.
   */
  get(key: string, make: () => Promise<M>): M | Promise<M> {
    const known = this.kept.get(key)
    if (known === undefined) return this.add(key, make())
    if (key !== this.newest) this.use(key, known)
    return known.made ?? known.making
  }

  private use(key: string, entry: Kept<M>): void {
    this.kept.delete(key)
    this.kept.set(key, entry)
    this.newest = key
  }

  private async add(key: string, making: Promise<M>): Promise<M> {
    const entry: Kept<M> = { making, made: undefined, size: 0 }
    this.use(key, entry)
    try {
      entry.made = await making
      if (this.kept.get(key) === entry) this.account(key, entry, entry.made.compiled)
      return entry.made
    } catch (error) {
      if (this.kept.get(key) === entry) this.kept.delete(key)
      throw error
    }
  }

  private account(key: string, entry: Kept<M>, { bytes, program }: Compiled): void {
    entry.size = bytes + hostBytesPerInstruction * program.instructions.length
    this.total += entry.size
    for (const [oldest, { made, size }] of this.kept) {
      if (this.total <= this.most || oldest === key) return
      // One that is still being made has not been counted.
      if (made === undefined) continue
      this.kept.delete(oldest)
      this.total -= size
      made.compiled.unload()
    }
  }

  /** Disposes of all: what was traced no longer holds. */
  clear(): void {
    for (const { making, made } of this.kept.values()) {
      if (made !== undefined) made.compiled.dispose()
      else making.then(({ compiled }) => compiled.dispose()).catch(() => undefined)
    }
    this.kept.clear()
    this.total = 0
  }
}
