// One trial after another in one thread: builds models, trains them on, and keeps them until they are dropped.
import type { Callback, CallbackHost } from '../callbacks'
import { didYouMean, OptionError } from '../errors'
import type { ModelData } from '../feed/binding'
import type { FitData } from '../feed/dataset'
import type { Model } from '../model'
import { rememberRandom, setSeed } from '../tensor'
import type { FitOptions } from '../train/fitOptions'
import type { Parameters, Point, Space } from './space'

/** What a trial is told beside its parameters. */
export interface TrialContext {
  /** The number of the trial, from 0. */
  readonly trial: number
  /** Its seed; `setSeed` was called with it. */
  readonly seed: number
  /** How many epochs it is to have in all when this is done. */
  readonly epochs: number
  /** Ends the trial from outside. */
  readonly signal?: AbortSignal | undefined
}

/** What is to be trained: a compiled model with its data. */
export interface Candidate {
  /** The compiled model. */
  readonly model: Model
  /** Inputs, as for `fit`. */
  readonly x: FitData
  /** Targets, as for `fit`. */
  readonly y?: ModelData
  /** Options of `fit`: `validationData`, `validationSplit`, `batchSize`, `callbacks` ...; the epochs are the search's. */
  readonly fit?: Omit<FitOptions, 'epochs' | 'initialEpoch' | 'signal' | 'verbose'>
}

/** Makes what one trial trains, or does all of the trial itself and gives its score. */
export type Build<S extends Space = Space> = (
  parameters: Parameters<S>,
  context: TrialContext,
) => Candidate | number | Promise<Candidate | number>

/** What is to be done: train a trial until it has had the last of these numbers of epochs. */
export interface Job {
  readonly trial: number
  readonly parameters: Point
  readonly seed: number
  /** The epochs at which it is looked at, in order; it may have had the first ones already. */
  readonly stops: readonly number[]
}

/** How a trial stood when it had had its epochs. */
export interface Progress {
  readonly score: number | undefined
  readonly seconds: number
  readonly history: Readonly<Record<string, readonly number[]>>
  /** After how many epochs it was stopped, where others were better. */
  readonly stoppedAfter?: number
  /** Why it failed, where it did. */
  readonly error?: string
}

/** Whether a trial goes on after an epoch; `'stop'` where others were better; `'lost'` where another worker has it by now. */
export type Verdict = 'go' | 'stop' | 'lost'

/** Tells the objective after an epoch. */
export type Report = (epoch: number, score: number) => Promise<Verdict>

/** Something that trains trials, one at a time. */
export interface Runner {
  train(job: Job, report: Report): Promise<Progress>
  /** Forgets a trial's model. */
  drop(trial: number): void
  close(): void | Promise<void>
}

interface Kept {
  readonly candidate: Candidate
  /** How many of the stops it has been trained to. */
  done: number
  readonly history: Record<string, number[]>
}

/** Trains trials in this thread. A trial whose model it does not have is trained from its beginning: with the same result. */
export class LocalRunner implements Runner {
  private readonly build: Build
  private readonly objective: string
  private readonly signal: AbortSignal | undefined
  private readonly kept = new Map<number, Kept>()

  constructor(build: Build, objective: string, signal?: AbortSignal) {
    this.build = build
    this.objective = objective
    this.signal = signal
  }

  async train(job: Job, report: Report): Promise<Progress> {
    const started = performance.now()
    const goBack = rememberRandom()
    try {
      return { ...(await this.trained(job, report)), seconds: (performance.now() - started) / 1000 }
    } catch (error) {
      this.signal?.throwIfAborted()
      if (error instanceof ObjectiveError) throw error
      this.drop(job.trial)
      const reason = error instanceof Error ? error.message : String(error)
      return { score: undefined, seconds: (performance.now() - started) / 1000, history: {}, error: reason }
    } finally {
      goBack()
    }
  }

  private async trained({ trial, parameters, seed, stops }: Job, report: Report): Promise<Omit<Progress, 'seconds'>> {
    const { signal } = this
    let kept = this.kept.get(trial)
    if (kept === undefined) {
      setSeed(seed)
      const context = { trial, seed, epochs: stops[stops.length - 1], signal }
      const candidate = await this.build(parameters as Parameters<Space>, context) // drawn from the space that build is for
      if (typeof candidate === 'number') return { score: finite(candidate), history: {} }
      if (typeof candidate?.model?.fit !== 'function') {
        throw new ObjectiveError('search: build: expected { model, x, y } or a number, the score')
      }
      kept = { candidate, done: 0, history: {} }
      this.kept.set(trial, kept)
    }
    const { candidate, history } = kept
    let verdict: Verdict = 'go'
    let had = 0
    const reporting = this.reporting(async (epoch, score) => {
      had = epoch + 1
      verdict = await report(epoch, score)
      return verdict
    })
    const callbacks = [...(candidate.fit?.callbacks ?? []), reporting]
    const isOver = (): boolean => verdict !== 'go'
    for (; kept.done < stops.length && !isOver(); kept.done++) {
      // Each part has a seed of its own, so that it does not matter which thread trains it, or what that did before.
      setSeed(seed + 1 + kept.done)
      const result = await candidate.model.fit(candidate.x, candidate.y, {
        ...candidate.fit,
        callbacks,
        initialEpoch: stops[kept.done - 1] ?? 0,
        epochs: stops[kept.done],
        verbose: 0,
        ...(signal === undefined ? {} : { signal }),
      })
      for (const [key, values] of Object.entries(result.history)) {
        history[key] = [...(history[key] ?? []), ...values]
      }
    }
    const stopped = isOver() ? { stoppedAfter: had } : {}
    return { score: this.scoreOf(history), history: structuredClone(history), ...stopped }
  }

  /** Tells each epoch, and ends training where it is told to. */
  private reporting(report: Report): Callback {
    let host: CallbackHost | undefined
    return {
      setModel: (model) => {
        host = model
      },
      onEpochEnd: async (epoch, logs) => {
        const score: unknown = logs[this.objective]
        if (typeof score !== 'number') return
        if ((await report(epoch, score)) !== 'go' && host !== undefined) host.stopTraining = true
      },
    }
  }

  private scoreOf(history: Readonly<Record<string, readonly number[]>>): number | undefined {
    const values = history[this.objective]
    if (values === undefined) {
      const known = Object.keys(history)
      const hint = didYouMean(this.objective, known)
      throw new ObjectiveError(
        `search: objective: the history has no '${this.objective}'.${hint} It has ${known.join(', ')}; val_ ones need validationData or validationSplit in fit.`,
      )
    }
    const last: unknown = values.at(-1)
    if (Array.isArray(last)) {
      throw new ObjectiveError(
        `search: objective: expected a single number, got '${this.objective}', which has ${last.length}`,
      )
    }
    return finite(values.at(-1))
  }

  drop(trial: number): void {
    void this.kept.get(trial)?.candidate.model.dispose()
    this.kept.delete(trial)
  }

  close(): void {
    for (const trial of [...this.kept.keys()]) this.drop(trial)
  }
}

function finite(score: number | undefined): number | undefined {
  return Number.isFinite(score) ? score : undefined
}

/** A mistake in the search itself, which all trials would make. */
export class ObjectiveError extends OptionError {}
