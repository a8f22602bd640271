// The device that is in use now: opened when first needed, and anew after one was lost.
import type { GPU } from 'gpu.js'
import { BackendError } from '../../../errors'
import type { Counters } from '../counters'
import { Session } from './session'

/** Gives the present device. */
export class Machine {
  readonly counters: Counters
  private readonly gpu: GPU
  private current: Promise<Session>
  /** The lost device after which another one was opened last. */
  private replaced: Session | undefined

  private constructor(gpu: GPU, session: Session) {
    this.gpu = gpu
    this.counters = session.counters
    this.current = Promise.resolve(session)
  }

  static async open(gpu: GPU, counters: Counters): Promise<{ machine: Machine; session: Session }> {
    const session = await Session.open(gpu, counters)
    return { machine: new Machine(gpu, session), session }
  }

  /** The present device. @throws BackendError, once, after it was lost; then it is a new one. */
  async session(): Promise<Session> {
    const opening = this.current
    const session = await opening.catch((error: unknown) => {
      // The next call tries again.
      if (this.current === opening) this.reopen()
      throw error
    })
    if (session.lost !== undefined) throw this.report(session)
    return session
  }

  /** Runs something on a device; what fails because the device is lost says so. */
  async guard<T>(session: Session, work: () => Promise<T>): Promise<T> {
    try {
      const result = await work()
      if (session.lost === undefined) return result
    } catch (error) {
      // The rejection can be seen before the loss that caused it.
      await Promise.race([session.device.lost, new Promise((resolve) => setTimeout(resolve, 100))])
      if (session.lost === undefined) throw error
    }
    throw this.report(session)
  }

  /** The error to reject with; from now on there is a new device. */
  private report(session: Session): BackendError {
    // Of several that meet the same loss, the first has a new device opened.
    if (this.replaced !== session) {
      this.replaced = session
      this.reopen()
    }
    return new BackendError(
      `gpu: the device was lost (${session.lost}); the next call starts on a new one, from the content that variables were last read back with`,
    )
  }

  private reopen(): void {
    this.current = Session.open(this.gpu, this.counters)
    // Whoever needs the device hears of it.
    this.current.catch(() => undefined)
  }
}
