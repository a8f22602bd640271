// Where a run of `fit` stands, kept up to date batch by batch, so that whoever saves the model at any moment saves that too.

import type { RunPosition, Shuffling } from '../step/kept/position'
import type { TrainingEngine } from '../step/trainingEngine'
import { getSeed, nextStream, permutation } from '../tensor'

/** Begins a run, or goes on with the one that the model remembers. */
export class Course {
  private readonly engine: TrainingEngine
  private position: RunPosition
  /** Whether it goes on where the last run stopped. */
  readonly goesOn: boolean

  /** @param initialEpoch - the epoch to begin with, or `'resume'` for where the last run stands. */
  constructor(engine: TrainingEngine, initialEpoch: number | 'resume') {
    this.engine = engine
    const before = engine.position
    const epoch = initialEpoch === 'resume' ? (before?.epoch ?? 0) : initialEpoch
    this.goesOn = before?.epoch === epoch && (initialEpoch === 'resume' || epoch > 0)
    this.position =
      before !== undefined && this.goesOn
        ? before
        : { epoch, step: 0, walk: epoch, taken: 0, shuffling: epoch > 0 ? before?.shuffling : undefined }
  }

  /** The epoch it is in, or about to begin. */
  get epoch(): number {
    return this.position.epoch
  }

  /** How many batches of the epoch are done. */
  get step(): number {
    return this.position.step
  }

  /** The walk over the data that it is in. */
  get walk(): number {
    return this.position.walk
  }

  /** How many batches of that walk were taken. */
  get taken(): number {
    return this.position.taken
  }

  /** Where it stands. */
  get now(): RunPosition {
    return this.position
  }

  /** Training begins: from here on the model remembers this run. */
  async begin(): Promise<void> {
    if (this.goesOn) await this.engine.takeUpTraining()
    else this.engine.forgetTraining()
    this.engine.position = this.position
  }

  /** Goes on from somewhere else. */
  jump(position: RunPosition): void {
    this.position = position
    this.engine.position = position
  }

  /** A batch was trained on. */
  didStep(): void {
    const { step, taken } = this.position
    this.move({ step: step + 1, taken: taken + 1 })
  }

  /** The data came to an end, and are walked anew within the epoch. */
  beginWalk(): void {
    this.move({ walk: this.position.walk + 1, taken: 0 })
  }

  /** An epoch is over. @param keepsWalk - whether the next one goes on in the walk of this one. */
  endEpoch(keepsWalk: boolean): void {
    const epoch = this.position.epoch + 1
    this.move({ epoch, step: 0, ...(keepsWalk ? {} : { walk: epoch, taken: 0 }) })
  }

  /** The order of samples for a walk: another one each time. */
  orderOf(count: number): (walk: number) => Int32Array {
    // Here, so that what is drawn after it does not depend on when the data are walked.
    const fresh: Shuffling = { seed: getSeed(), stream: nextStream() }
    if (this.position.shuffling === undefined) this.move({ shuffling: fresh })
    return (walk) => {
      const { seed, stream } = this.position.shuffling ?? fresh
      return permutation(count, seed, stream, walk)
    }
  }

  private move(changes: Partial<RunPosition>): void {
    const isKnown = this.engine.position === this.position
    this.position = { ...this.position, ...changes }
    if (isKnown) this.engine.position = this.position
  }
}
