// A study: the trials of a search in a journal, and how workers share them. Each asks for a trial, trains it, reports its epochs and tells
// how it ended. All that is decided is decided on what the journal holds at that moment, so that no trial is given to two.
import { OptionError } from '../../errors'
import type { Json } from '../../registry'
import { distributionOf } from '../journal/distributions'
import { type Decision, Journal, type Operation } from '../journal/journal'
import { hasEnded, type JournalStudy, type JournalTrial, type Replay, states } from '../journal/replay'
import { shownPlace } from '../journal/store'
import { drawValue, type Point, pointBy, seedOf } from '../space'
import type { Job, Progress, Verdict } from '../trial'
import * as lines from './lines'
import { aliveKey, isGone, isOurs, type Owner, ownerKey, ownerOf } from './owner'
import { type Course, checkSamePlan, courseOf, planKey, readPlan, type StudyPlan, writePlan } from './plan'
import { atRung, atRungOfBracket, isBehindMedian, type RungVerdict } from './pruners'
import { costAfter, pointOf, recordOf, signOf, type Trial, valueAfter } from './record'
import { type Standing, standingOf } from './standing'

/** What a study is opened with. */
export interface StudyPlace {
  /** A path, `redis://host:port`, or `indexeddb://name` in a page; only in memory where it is left out. */
  readonly storage: string | undefined
  readonly name: string
  /** So many seconds after the last sign of life a worker is taken for dead. */
  readonly grace: number
}

export class Study {
  private readonly journal: Journal
  private readonly place: StudyPlace
  private kept: { readonly from: Json; readonly course: Course } | undefined

  private constructor(journal: Journal, place: StudyPlace) {
    this.journal = journal
    this.place = place
  }

  /**
   * Opens a study, or begins it.
   *
   * @param plan - left out, the study must have been begun.
   * @throws OptionError where it is of another search, or has not been begun; FormatError where the storage is no journal.
   */
  static async open(place: StudyPlace, me: Owner, plan: StudyPlan | undefined): Promise<Study> {
    const { storage, name, grace } = place
    const journal = await Journal.open(storage, grace)
    try {
      const study = new Study(journal, place)
      await study.decide(me, (replay) => ({ operations: study.beginning(replay, name, plan), result: undefined }))
      return study
    } catch (error) {
      await journal.close()
      throw error
    }
  }

  get plan(): StudyPlan {
    return this.course.plan
  }

  /** How it stands. */
  standing(): Standing {
    return standingOf(this.course, this.study.trials, costAfter)
  }

  record(trial: number): Trial {
    return recordOf(this.plan, this.study.trials[trial])
  }

  /** Whether nothing more happens to a trial. */
  isOver(trial: number): boolean {
    return hasEnded(this.study.trials[trial])
  }

  /** The next trial for a worker; `'wait'` where it hangs on others what is next, `'done'` where all is done. */
  take(me: Owner): Promise<Job | 'wait' | 'done'> {
    return this.decide(me, () => this.next(me))
  }

  /** Tells the objective after an epoch. @returns whether to go on, or to stop, for others were better; `'lost'` where the trial is another's by now. */
  report(me: Owner, trial: number, epoch: number, score: number): Promise<Verdict> {
    return this.decide(me, (): Decision<Verdict> => {
      const found = this.mine(me, trial)
      if (found === undefined) return { operations: [], result: 'lost' }
      const value = signOf(this.plan, found) * score
      const { stops, reached } = this.judge(found, epoch, value)
      const operations = [
        ...(Object.is(found.intermediate.get(epoch), value) ? [] : [lines.setIntermediate(found, epoch, value)]),
        ...reached.map((rung) => lines.setSystem(found, rung.key, rung.value)),
      ]
      return { operations, result: stops ? 'stop' : 'go' }
    })
  }

  /** Tells how a trial stands after its epochs. @returns whether it counts: not where it is another's by now. */
  tell(me: Owner, { trial, stops }: Job, progress: Progress): Promise<boolean> {
    return this.decide(me, (): Decision<boolean> => {
      const found = this.mine(me, trial)
      if (found === undefined) return { operations: [], result: false }
      return {
        operations: this.telling(found, progress.stoppedAfter ?? stops[stops.length - 1], progress),
        result: true,
      }
    })
  }

  /** Gives back what a worker has not ended. */
  async release(me: Owner): Promise<void> {
    await this.decide(me, () => ({
      operations: this.study.trials
        .filter((trial) => this.mine(me, trial.number) !== undefined)
        .map((trial) => lines.setSystem(trial, ownerKey, null)),
      result: undefined,
    }))
  }

  /** Shows that a worker lives, where it has said nothing for long. */
  async beat(me: Owner): Promise<void> {
    const trial = this.study.trials.find(({ number }) => this.mine(me, number) !== undefined)
    const silence = performance.now() - (this.journal.seen.get(me.worker) ?? 0)
    if (!this.journal.isShared || trial === undefined || silence < (1000 * this.place.grace) / 4) return
    await this.decide(me, () => ({
      operations: this.mine(me, trial.number) ? [lines.setSystem(trial, aliveKey, new Date().toISOString())] : [],
      result: undefined,
    }))
  }

  /** Resolves when something changed, or might have. */
  change(): Promise<void> {
    return this.journal.change(pollMilliseconds)
  }

  close(): Promise<void> {
    return this.journal.close()
  }

  private get study(): JournalStudy {
    const { name, storage = '' } = this.place
    const study = this.journal.replay.find(name)
    if (study !== undefined) return study
    throw new OptionError(`search: study '${name}' was deleted from '${shownPlace(storage)}'`)
  }

  /** The course of the plan that the study holds now: the number of trials may grow. */
  private get course(): Course {
    const from = this.study.user[planKey]
    if (this.kept?.from !== from) {
      // `beginning` saw to it that there is one.
      this.kept = { from, course: courseOf(readPlan(from) as StudyPlan) }
    }
    return (this.kept as NonNullable<typeof this.kept>).course
  }

  private beginning(replay: Replay, name: string, plan: StudyPlan | undefined): Operation[] {
    const where = `study '${name}' in '${shownPlace(this.place.storage ?? '')}'`
    const study = replay.find(name)
    const before = readPlan(study?.user[planKey])
    if (study !== undefined && study.directions.length !== 1) {
      throw new OptionError(`search: ${where}: expected one value, got ${study.directions.length}`)
    }
    if (plan === undefined) {
      if (before !== undefined) return []
      throw new OptionError(
        `runWorker: ${where} has no space yet; begin it with search, or export space from the module`,
      )
    }
    const id = study?.id ?? replay.nextStudy
    const keep = lines.setStudyUser(id, planKey, writePlan(plan))
    if (before !== undefined) {
      checkSamePlan(where, before, plan)
      return before.trials === plan.trials ? [] : [keep]
    }
    if (study !== undefined) return [keep]
    const shown = plan.direction === 'min' ? plan.objective : `-${plan.objective}`
    return [lines.createStudy(name), keep, lines.setStudySystem(id, 'study:metric_names', [shown])]
  }

  private next(me: Owner): Decision<Job | 'wait' | 'done'> {
    const { trials, id } = this.study
    const course = this.course
    const { plan, count } = course
    const { pending, left, rung } = this.standing()
    const closing = left.flatMap((number) => this.closing(trials[number]))
    if (pending.length === 0) return { operations: closing, result: 'done' }
    const begun = pending.filter((number) => number < trials.length)
    const mine = begun.find((number) => this.mine(me, number) !== undefined)
    const number = mine ?? begun.find((each) => this.isFree(trials[each], me)) ?? trials.length
    if (number >= count && number === trials.length) return { operations: closing, result: 'wait' }
    const seed = seedOf(plan.seed, number)
    const trial = trials[number]
    if (trial === undefined) {
      if (!pending.includes(number)) return { operations: closing, result: 'wait' }
      const point = course.pointFor(number, trials)
      const making = lines.createTrial(id, plan.space, point, seed, me)
      return { operations: [...closing, making], result: this.jobOf(number, point, rung) }
    }
    const parameters = trial.state === states.waiting ? this.pointGiven(trial) : pointOf(plan, trial)
    const taking = mine === undefined ? this.taking(trial, me, parameters, seed) : []
    return { operations: [...closing, ...taking], result: this.jobOf(number, parameters, rung) }
  }

  /** What the pruner says after an epoch; after the last one there is nothing to be saved. */
  private judge(trial: JournalTrial, epoch: number, value: number): RungVerdict {
    const { pruner, epochs, minEpochs = 1, reduction = 3 } = this.plan
    if (pruner === undefined || epoch + 1 >= epochs) return { stops: false, reached: [] }
    const halving = { minEpochs, reduction }
    if (pruner === 'halving') return atRung(trial, trial.study.trials, epoch + 1, value, halving)
    if (pruner === 'hyperband') return atRungOfBracket(trial, epoch + 1, value, epochs, halving)
    return { stops: isBehindMedian(trial, epoch, value), reached: [] }
  }

  private jobOf(trial: number, parameters: Point, rung: number): Job {
    const { plan, rungs } = this.course
    const stops = rungs.slice(0, rung + 1).map(({ epochs }) => epochs)
    return { trial, parameters, seed: seedOf(plan.seed, trial), stops }
  }

  /** Stops a trial that was left behind. */
  private closing(trial: JournalTrial): Operation[] {
    if (hasEnded(trial)) return []
    return [lines.end(trial, states.pruned, valueAfter(trial, Number(trial.user.epochs ?? 0)))]
  }

  /** The trial, where this worker has it. */
  private mine(me: Owner, number: number): JournalTrial | undefined {
    const trial = this.study.trials[number]
    return trial.state === states.running && ownerOf(trial)?.worker === me.worker ? trial : undefined
  }

  /** Whether a trial waits for a worker: it was put into a queue, given back, or its worker died. */
  private isFree(trial: JournalTrial, me: Owner): boolean {
    if (trial.state === states.waiting) return true
    if (hasEnded(trial) || !isOurs(trial)) return false
    const owner = ownerOf(trial)
    return owner === undefined || isGone(owner, me, this.journal, this.place.grace)
  }

  /** The point of a trial that Python's `enqueue_trial` put into the queue: what it fixes, and the rest as drawn. */
  private pointGiven(trial: JournalTrial): Point {
    const { plan, pointFor } = this.course
    const fixed = (trial.system.fixed_params ?? {}) as Readonly<Record<string, Json>> // written by Optuna
    const known = { ...pointFor(trial.number, this.study.trials), ...fixed }
    return pointBy(plan.space, (name, dimension) =>
      name in known ? known[name] : drawValue(dimension, plan.seed, name, trial.number),
    )
  }

  private taking(trial: JournalTrial, me: Owner, point: Point, seed: number): Operation[] {
    const owning = lines.setSystem(trial, ownerKey, { ...me })
    if (trial.state !== states.waiting) return [owning]
    const { space } = this.plan
    const parameters = Object.entries(point).map(([name, value]) =>
      lines.setParameter(trial, name, distributionOf(space[name]), value),
    )
    return [lines.begin(trial), owning, lines.setUser(trial, 'seed', seed), ...parameters]
  }

  private telling(trial: JournalTrial, epochs: number, progress: Progress): Operation[] {
    const { plan, rungs } = this.course
    const before = Number(trial.user.seconds ?? 0)
    const value = signOf(plan, trial) * (progress.score ?? Number.NaN)
    const isUntold = progress.error === undefined && !trial.intermediate.has(epochs - 1)
    const said = [
      lines.setUser(trial, 'seconds', before + progress.seconds),
      lines.setUser(trial, 'history', progress.history),
      ...(progress.error === undefined ? [] : [lines.setUser(trial, 'error', progress.error)]),
      ...(isUntold ? [lines.setIntermediate(trial, epochs - 1, value)] : []),
      // The last of them: where a crash cuts these lines off, the trial has not had its epochs.
      lines.setUser(trial, 'epochs', epochs),
    ]
    if (progress.error !== undefined) return [...said, lines.end(trial, states.fail, undefined)]
    if (progress.stoppedAfter !== undefined) {
      return [...said, lines.end(trial, states.pruned, Number.isFinite(value) ? value : undefined)]
    }
    if (epochs < rungs[rungs.length - 1].epochs) return said
    // Optuna takes no value that is not a number.
    const isNumber = Number.isFinite(value)
    return [...said, lines.end(trial, isNumber ? states.complete : states.fail, isNumber ? value : undefined)]
  }

  /** Looks first whether there is anything to write: only then others have to wait. */
  private async decide<T>(me: Owner, decision: (replay: Replay) => Decision<T>): Promise<T> {
    await this.journal.sync()
    const { operations, result } = decision(this.journal.replay)
    return operations.length === 0 ? result : this.journal.write(me.worker, decision)
  }
}

/** How often a worker that waits looks for what others wrote. */
const pollMilliseconds = 200
