// A worker of a study: one of as many processes as wanted, on any machines that reach the storage.
import type { Trial } from './study/record'

/** Options of {@link runWorker}. */
export interface WorkerOptions {
  /** Where the study is kept: a path, or `redis://host:port/database`. */
  readonly storage: string
  /** Its name there; `'hornbeam'` by default. */
  readonly study?: string
  /**
   * The path or URL of a module that exports `build`, as for `search`. Where it exports `space`, too, and perhaps `options` (`trials`, `epochs`,
   * `objective` ... of `search`), the first worker begins the study; else `search` must have begun it.
   */
  readonly module: string | URL
  /** A worker of which nothing was heard for so many seconds is taken for dead, and its trial taken up again; 60 by default. */
  readonly grace?: number
  /** Called with the record of each trial that this worker trained. */
  readonly onTrial?: (trial: Trial) => void
  /** Aborted, the worker gives its trial back and rejects with the reason. */
  readonly signal?: AbortSignal
}

/** What a worker did. */
export interface WorkerResult {
  /** How often it trained a trial to where it is looked at: with `'halving'` more than once for some. */
  readonly trained: number
}

/**
 * Works on a study until all of its trials are done: takes one after another, trains it, and tells how it went. Workers may come and go.
 * One that is killed, at whatever moment, leaves at most one trial behind, which another takes up again: at once on the same machine, elsewhere
 * when nothing was heard of it for `grace` seconds. No trial is lost, and none is counted twice.
 *
 * @throws OptionError for options that do not fit, and where nobody has begun the study; BackendError where a Redis does not answer.
 *
 * @example
 * ```ts
 * const { trained } = await runWorker({ storage: 'redis://localhost:6379', study: 'forecast', module: './trial.js' })
 * ```
 */
export async function runWorker(options: WorkerOptions): Promise<WorkerResult> {
  // What only those need who search is loaded by them.
  const { workOn } = await import('./workOn')
  return workOn(options)
}

/** What a queue calls for each of its jobs; what it gives with the job is not looked at, but for the signal that BullMQ gives last. */
export type TrialProcessor = (job?: unknown, token?: string, signal?: AbortSignal) => Promise<Trial | null>

/**
 * A worker for whoever has a queue, such as BullMQ: each job trains the next trial of the study, whichever that is, and resolves to its record;
 * to `null` where the study is done. A queue that gives the job of a dead worker to another one has the same trial taken up again.
 *
 * A trial that fails is recorded in the study, and its job succeeds: tried again, a job would train another trial.
 *
 * @returns what `Worker` of BullMQ takes as its processor.
 *
 * @example
 * ```js
 * // one job for each trial, on any machine: await queue.addBulk(Array.from({ length: 100 }, () => ({ name: 'trial', data: {} })))
 * new Worker('trials', trialProcessor({ storage: 'redis://localhost:6379', module: './trial.mjs' }), { connection })
 * ```
 */
export function trialProcessor(options: Omit<WorkerOptions, 'signal' | 'onTrial'>): TrialProcessor {
  return async (_job, _token, signal) => {
    const { workOn } = await import('./workOn')
    let trained: Trial | null = null
    const onTrial = (trial: Trial): void => {
      trained = trial
    }
    await workOn({ ...options, onTrial, ...(signal === undefined ? {} : { signal }) }, 1)
    return trained
  }
}
