// Programs made for one function, by the shapes they are for: kept while there is room, the least recently used ones go first.

import type { Compiled } from './compiled'

/** Bytes on the JavaScript heap for each instruction of a Program, roughly: measured on recurrent models on cpu and wasm. */
const hostBytesPerInstruction = 1200

/** What is kept of a function: its program, and whatever else was found out when it was traced. */
interface Made {
  readonly compiled: Compiled
}

/** Programs by key, at most so many bytes of them. */
export class Programs<M extends Made> {
  private readonly most: number
  /** The least recently used first. */
  private readonly made = new Map<string, Promise<M>>()
  private readonly sizes = new Map<string, number>()
  private total = 0

  /** @param most - bytes they may hold together; the newest is kept even where it alone holds more. */
  constructor(most: number) {
    this.most = most
  }

  /** The one for a key, made the first time. It stays good for those who have it, also when it is no longer kept here. */
  async get(key: string, make: () => Promise<M>): Promise<M> {
    const known = this.made.get(key)
    const made = known ?? make()
    this.made.delete(key)
    this.made.set(key, made)
    if (known !== undefined) return known
    try {
      const { compiled } = await made
      if (this.made.get(key) === made) this.account(key, compiled)
      return await made
    } catch (error) {
      if (this.made.get(key) === made) this.made.delete(key)
      throw error
    }
  }

  private account(key: string, { bytes, program }: Compiled): void {
    const size = bytes + hostBytesPerInstruction * program.instructions.length
    this.sizes.set(key, size)
    this.total += size
    for (const [oldest, made] of this.made) {
      if (this.total <= this.most || oldest === key) return
      const freed = this.sizes.get(oldest)
      // One that is still being made has not been counted.
      if (freed === undefined) continue
      this.made.delete(oldest)
      this.sizes.delete(oldest)
      this.total -= freed
      void made.then(({ compiled }) => compiled.unload())
    }
  }

  /** Disposes of all: what was traced no longer holds. */
  clear(): void {
    for (const made of this.made.values()) made.then(({ compiled }) => compiled.dispose()).catch(() => undefined)
    this.made.clear()
    this.sizes.clear()
    this.total = 0
  }
}
