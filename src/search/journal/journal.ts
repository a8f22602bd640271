// A journal: lines somewhere, and the studies that they amount to. What is written is decided on all that was written before it.

import { hasNode } from '../../host'
import type { Json } from '../../registry'
import { fileStore } from './file'
import { isRedis, redisStore } from './redis'
import { type Log, Replay } from './replay'
import { memoryStore, placeStore, type Store } from './store'

/** A line to be written; who writes it is added. */
export interface Operation {
  readonly op_code: number
  readonly [field: string]: Json | undefined
}

/** Lines that are decided on, by whom. */
export interface Decision<T> {
  readonly operations: readonly Operation[]
  readonly result: T
}

export class Journal {
  readonly replay = new Replay()
  readonly isShared: boolean
  /** When a line of each worker was last read, by the clock of this process. */
  readonly seen = new Map<string, number>()
  private readonly store: Store
  private queue: Promise<unknown> = Promise.resolve()
  private waiting: (() => void)[] = []

  private constructor(store: Store) {
    this.store = store
    this.isShared = store.isShared
  }

  /** The journal of a storage: a path, `redis://host:port`, `indexeddb://name` in a page, or only in memory. */
  static async open(storage: string | undefined, grace?: number): Promise<Journal> {
    const journal = new Journal(await storeOf(storage, grace))
    await journal.sync()
    return journal
  }

  /** Reads what others wrote. */
  sync(): Promise<void> {
    return this.alone(async () => this.applyAll(await this.store.read()))
  }

  /** Writes what is decided, as one, after all that was written before. `decide` may be asked more than once. */
  write<T>(worker: string, decide: (replay: Replay) => Decision<T>): Promise<T> {
    return this.alone(async () => {
      let decided: { logs: readonly Log[]; result: T } | undefined
      await this.store.append((news) => {
        this.applyAll(news)
        const { operations, result } = decide(this.replay)
        const logs = operations.map(({ op_code, ...fields }) => ({ op_code, worker_id: worker, ...fields }))
        decided = { logs, result }
        return logs
      })
      // A store asks before it answers.
      const { logs, result } = decided as NonNullable<typeof decided>
      this.applyAll(logs)
      return result
    })
  }

  /** Resolves when something was written or read here, and after `milliseconds` at the latest. */
  change(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds)
      this.waiting.push(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  /** Ends it when all is written. */
  close(): Promise<void> {
    return this.alone(() => this.store.close())
  }

  private applyAll(logs: readonly Log[]): void {
    if (logs.length === 0) return
    const now = performance.now()
    for (const log of logs) {
      this.replay.apply(log)
      this.seen.set(log.worker_id, now)
    }
    const waiting = this.waiting
    this.waiting = []
    for (const wake of waiting) wake()
  }

  private alone<T>(act: () => Promise<T>): Promise<T> {
    const next = this.queue.then(act)
    this.queue = next.catch(() => {})
    return next
  }
}

async function storeOf(storage: string | undefined, grace: number | undefined): Promise<Store> {
  if (storage === undefined) return memoryStore()
  if (isRedis(storage)) return redisStore(storage)
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(storage) || !hasNode()) return placeStore(storage)
  return fileStore(storage, grace)
}
