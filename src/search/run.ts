// The trials of a search on their way: trained side by side, rung by rung, and ranked.
import type { Line, Records } from './records'
import type { Rung } from './rungs'
import { type Parameters, type Point, type Space, seedOf } from './space'
import type { Job, Runner } from './trial'

/** The record of a trial. */
export interface Trial<S extends Space = Space> {
  /** Its number, from 0. */
  readonly trial: number
  /** The point of the space that it tried. */
  readonly parameters: Parameters<S>
  /** The seed of its weights, shuffling and dropout. */
  readonly seed: number
  /** Trained to the end, left behind by better ones, or ended by an error. */
  readonly status: 'finished' | 'stopped' | 'failed'
  /** The objective after the last of its epochs; undefined where it failed or was no finite number. */
  readonly score: number | undefined
  /** How many epochs it was trained. */
  readonly epochs: number
  /** How long it was trained, in seconds. */
  readonly seconds: number
  /** Losses and metrics, epoch by epoch. */
  readonly history: Readonly<Record<string, readonly number[]>>
  /** Why it failed, where it did. */
  readonly error?: string
}

/** What a run is made of. */
export interface RunParts {
  readonly points: readonly Point[]
  readonly rungs: readonly Rung[]
  /** 1 where less is better, else -1. */
  readonly sign: 1 | -1
  readonly seed: number
  readonly records: Records
  readonly runners: readonly Runner[]
  readonly onTrial: ((trial: Trial) => void) | undefined
  readonly signal: AbortSignal | undefined
}

/** One search as it goes on. */
export class Run {
  private readonly parts: RunParts
  /** Which runner has a trial's model. */
  private readonly owner = new Map<number, number>()

  constructor(parts: RunParts) {
    this.parts = parts
  }

  /** All trials, the best first. */
  async all(): Promise<readonly Trial[]> {
    const { points, rungs, records } = this.parts
    let going = points.map((_, trial) => trial)
    const left: number[] = []
    for (const [i, { trials, epochs }] of rungs.entries()) {
      await this.train(going, i)
      const ranked = this.ranked(going, epochs)
      const next = rungs[i + 1]?.trials ?? trials
      // Those that failed have nothing to go on with.
      const alive = ranked.filter((trial) => i + 1 === rungs.length || records.find(trial, epochs)?.score !== undefined)
      going = alive.slice(0, next)
      const behind = ranked.filter((trial) => !going.includes(trial))
      for (const trial of behind) this.drop(trial)
      left.unshift(...behind)
    }
    return [...going, ...left].map((trial) => this.trialOf(trial))
  }

  /** Trains trials to the end of a rung, side by side on all runners. */
  private async train(trials: readonly number[], rung: number): Promise<void> {
    const { rungs, records, runners, onTrial, signal } = this.parts
    const { epochs } = rungs[rung]
    const waiting = trials.filter((trial) => records.find(trial, epochs) === undefined)
    await Promise.all(
      runners.map(async (runner, lane) => {
        for (;;) {
          const at = waiting.findIndex((trial) => (this.owner.get(trial) ?? lane) === lane)
          if (at < 0) return
          signal?.throwIfAborted()
          const [trial] = waiting.splice(at, 1)
          this.owner.set(trial, lane)
          const job = this.jobOf(trial, rung)
          const progress = await runner.train(job)
          await records.add({ trial, epochs, seed: job.seed, parameters: job.parameters, ...progress })
          onTrial?.(this.trialOf(trial))
        }
      }),
    )
  }

  private jobOf(trial: number, rung: number): Job {
    const { points, rungs, seed } = this.parts
    const stops = rungs.slice(0, rung + 1).map(({ epochs }) => epochs)
    return { trial, parameters: points[trial], seed: seedOf(seed, trial), stops }
  }

  /** The trials by their scores after so many epochs, the best first; of equals the first drawn. */
  private ranked(trials: readonly number[], epochs: number): number[] {
    const cost = (trial: number): number => {
      const score = this.parts.records.find(trial, epochs)?.score
      return score === undefined ? Number.POSITIVE_INFINITY : this.parts.sign * score
    }
    return [...trials].sort((a, b) => (cost(a) === cost(b) ? a - b : cost(a) - cost(b)))
  }

  private drop(trial: number): void {
    const lane = this.owner.get(trial)
    if (lane !== undefined) this.parts.runners[lane].drop(trial)
  }

  private trialOf(trial: number): Trial {
    const { points, rungs, records } = this.parts
    const lines = records.of(trial)
    const last = lines[lines.length - 1] as Line // every trial has had its first epochs
    const { epochs, seed, score, history, error } = last
    const isFull = epochs === rungs[rungs.length - 1].epochs
    return {
      trial,
      parameters: points[trial] as Trial['parameters'],
      seed,
      status: error !== undefined ? 'failed' : isFull ? 'finished' : 'stopped',
      score,
      epochs,
      seconds: lines.reduce((total, { seconds }) => total + seconds, 0),
      history,
      ...(error === undefined ? {} : { error }),
    }
  }
}
