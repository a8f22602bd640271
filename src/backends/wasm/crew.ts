// The threads beside the first one, over a machine's life: started when they are first needed, and anew when one of them has ended.
import { BackendError } from '../../errors'

/** Threads that were started and serve. */
export interface Threads {
  /** Whether none of them has told that it ended: asked before each computation, so it costs nothing. */
  areWhole(): boolean
  /** The same, asked in the midst of a computation, when nothing that they tell arrives. */
  areAlive(): boolean
  /** Ends those that live, and resolves when all are gone. */
  end(): Promise<void>
}

/** The threads of one machine. */
export class Crew {
  private readonly start: () => Promise<Threads>
  private readonly forget: () => void
  private threads: Threads | undefined
  private coming: Promise<void> | undefined
  private going: Promise<void> = Promise.resolve()

  /** @param forget - clears what the threads have in memory of who waits for whom. */
  constructor(start: () => Promise<Threads>, forget: () => void) {
    this.start = start
    this.forget = forget
  }

  /** Whether all threads serve. */
  get isThere(): boolean {
    return this.threads?.areWhole() === true
  }

  /** Resolves when all threads serve: starts them if need be, and anew if one of them has ended. */
  enlist(): Promise<void> {
    if (this.threads !== undefined && !this.threads.areWhole()) this.dismiss()
    this.coming ??= this.make().catch((error: unknown) => {
      // None of them is there; the next who needs them tries again.
      this.coming = undefined
      throw error
    })
    return this.coming
  }

  /**
   * Asked from time to time by who waits for the others.
   *
   * @throws BackendError where one of them has ended, so that it would wait for ever.
   */
  lookAfter(): void {
    if (this.threads === undefined || this.threads.areAlive()) return
    this.dismiss()
    throw new BackendError(
      'wasm: a thread ended before its work was done; what was computed is lost, the next call starts new threads',
    )
  }

  /** Lets go of the threads: those that are left wait for one that is not. */
  dismiss(): void {
    const { threads } = this
    if (threads === undefined) return
    this.threads = undefined
    this.coming = undefined
    this.going = threads.end()
  }

  private async make(): Promise<void> {
    await this.going
    this.forget()
    this.threads = await this.start()
  }
}
