// Hyperparameter search: points drawn from a space, trained as trials, the best of them found.
import { directionOf } from '../callbacks/monitor'
import { checkOptions, DataError, OptionError, requireNumber, requireOneOf, requirePositiveInteger } from '../errors'
import { getSeed } from '../tensor'
import { loadBuild, moduleUrl } from './module'
import { type Line, Records } from './records'
import { searchTable } from './report'
import { halvingRungs, type Rung } from './rungs'
import { checkSpace, drawPoints, type Parameters, type Point, type Space, seedOf } from './space'
import { startThread } from './threads'
import { type Build, type Job, LocalRunner, type Runner } from './trial'

/** Options of {@link search}. */
export interface SearchOptions<S extends Space = Space> {
  /** How many points are tried; 20 by default. There are fewer where the space has fewer. */
  readonly trials?: number
  /** How many epochs a trial is trained at most; 10 by default. */
  readonly epochs?: number
  /** What is compared, as it is named in the history; `'val_loss'` by default. Its value after the last epoch counts. */
  readonly objective?: string
  /** Whether less or more of it is better; `'auto'`, the default, goes by its name. */
  readonly mode?: 'auto' | 'min' | 'max'
  /** `'random'` trains every trial to the end; `'halving'` trains many a little and only the better ones on. */
  readonly method?: 'random' | 'halving'
  /** With `'halving'`: one of so many trials goes on, with so many times the epochs; 3 by default. */
  readonly reduction?: number
  /** With `'halving'`: the fewest epochs after which a trial is judged; 1 by default. */
  readonly minEpochs?: number
  /** Fixes the points and all that is random in the trials; that of `setSeed` by default. */
  readonly seed?: number
  /** Where each trial's record is kept, as soon as there is one: a search that was broken off goes on from it. */
  readonly file?: string
  /** Threads that train trials side by side, in Node, of a module that exports `build`; in this thread by default. */
  readonly workers?: number
  /** Called with the record of each trial when it has had its epochs, or some of them. */
  readonly onTrial?: (trial: Trial<S>) => void
  /** Aborted, the search rejects with its reason; the file keeps what is done. */
  readonly signal?: AbortSignal
}

/** The record of a trial. */
export interface Trial<S extends Space = Space> {
  readonly trial: number
  readonly parameters: Parameters<S>
  readonly seed: number
  /** Trained to the end, left behind by better ones, or ended by an error. */
  readonly status: 'finished' | 'stopped' | 'failed'
  /** The objective after the last of its epochs; undefined where it failed or was no finite number. */
  readonly score: number | undefined
  /** How many epochs it was trained. */
  readonly epochs: number
  readonly seconds: number
  /** Losses and metrics, epoch by epoch. */
  readonly history: Readonly<Record<string, readonly number[]>>
  /** Why it failed, where it did. */
  readonly error?: string
}

/** What a search found. */
export interface SearchResult<S extends Space = Space> {
  readonly best: Trial<S>
  /** All trials, the best first: those trained longer before those left behind. */
  readonly trials: readonly Trial<S>[]
  /** A table of the trials. */
  toString(): string
}

const names = [
  'trials',
  'epochs',
  'objective',
  'mode',
  'method',
  'reduction',
  'minEpochs',
  'seed',
  'file',
  'workers',
  'onTrial',
  'signal',
]

/**
 * Searches for the best of many models. Points of the space are drawn at random, the same for the same seed; `build`
 * makes a compiled model with its data for each, and the search trains it. The models of `'halving'` are trained on,
 * not from the beginning, where they are still in memory.
 *
 * A trial that throws, or whose objective is no finite number, is recorded and ranks last. The result does not depend
 * on `workers`, nor on whether the search was broken off and went on from its `file`.
 *
 * @param build - from parameters to `{ model, x, y, fit }` (`fit` holds further options of `fit`), or to a number, the
 *   score, where it trains by itself for `context.epochs` epochs; or the path or URL of a module that exports it as
 *   `build`, which `workers` need.
 * @param space - lists of choices (plain data), and ranges `{ min, max, scale, integer }`, by name.
 * @throws OptionError for options that do not fit, for a file of another search, and where the history lacks the
 *   objective; DataError where every trial failed.
 *
 * @example
 * ```ts
 * const found = await search(
 *   ({ units, learningRate }) => ({
 *     model: sequential([lstm(units), dense(1)]).compile({ optimizer: 'adam', learningRate, loss: 'mse' }),
 *     x,
 *     y,
 *     fit: { validationSplit: 0.2 },
 *   }),
 *   { units: [16, 32, 64], learningRate: { min: 1e-4, max: 1e-1, scale: 'log' } },
 *   { trials: 27, epochs: 30, method: 'halving', seed: 1, file: 'search.jsonl' },
 * )
 * console.log(String(found), found.best.parameters)
 * ```
 */
export async function search<const S extends Space>(
  build: Build<S> | string | URL,
  space: S,
  options: SearchOptions<S> = {},
): Promise<SearchResult<S>> {
  checkSpace(space)
  const plan = checked(build, options)
  const points = drawPoints(space, plan.seed, plan.trials)
  const heading = { search: 1, space, ...plan.heading, ...(plan.method === 'halving' ? { trials: points.length } : {}) }
  const records = await Records.open(options.file, heading)
  const rungs =
    plan.method === 'halving'
      ? halvingRungs(points.length, plan.epochs, plan.minEpochs, plan.reduction)
      : [{ trials: points.length, epochs: plan.epochs }]
  const runners = await startRunners(build, plan, options.signal)
  try {
    const run = new Run(points, rungs, plan, records, runners, options as SearchOptions) // it tells trials without their types
    const trials = (await run.all()) as readonly Trial<S>[]
    const [best] = trials
    if (best.score === undefined) {
      throw new DataError(
        `search: all ${trials.length} trials failed; the first: ${best.error ?? `${plan.objective} was no finite number`}`,
      )
    }
    return { best, trials, toString: () => searchTable(trials as readonly Trial[], plan.objective) }
  } finally {
    await Promise.all(runners.map((runner) => runner.close()))
  }
}

interface Plan
  extends Required<
    Pick<SearchOptions, 'trials' | 'epochs' | 'objective' | 'method' | 'reduction' | 'minEpochs' | 'seed'>
  > {
  readonly sign: 1 | -1
  readonly workers: number
  readonly heading: Readonly<Record<string, unknown>>
}

function checked<S extends Space>(build: unknown, options: SearchOptions<S>): Plan {
  checkOptions('search', options, names)
  const { trials = 20, epochs = 10, objective = 'val_loss', mode = 'auto', method = 'random' } = options
  const { reduction = 3, minEpochs = 1, seed = getSeed(), workers = 0 } = options
  const isModule = typeof build === 'string' || build instanceof URL
  if (!isModule && typeof build !== 'function') {
    throw new OptionError(`search: build: expected a function, or the path or URL of a module, got ${typeof build}`)
  }
  for (const [name, value] of Object.entries({ trials, epochs, minEpochs }))
    requirePositiveInteger('search', name, value)
  requireOneOf('search', 'method', method, ['random', 'halving'] as const)
  requireOneOf('search', 'mode', mode, ['auto', 'min', 'max'] as const)
  requireNumber('search', 'reduction', reduction, 1)
  if (reduction === 1) throw new OptionError('search: reduction: expected a number above 1, got 1')
  if (minEpochs > epochs)
    throw new OptionError(`search: minEpochs: expected at most epochs (${epochs}), got ${minEpochs}`)
  requireNumber('search', 'seed', seed)
  if (!(Number.isInteger(workers) && workers >= 0)) {
    throw new OptionError(`search: workers: expected a whole number from 0, got ${workers}`)
  }
  if (workers > 0 && !isModule) {
    throw new OptionError(
      'search: workers: a function cannot be sent to another thread; give the path or URL of a module that exports it as build',
    )
  }
  const direction = mode === 'auto' ? directionOf(objective) : mode
  if (direction === undefined) {
    throw new OptionError(
      `search: whether more or less '${objective}' is better is not known; say mode: 'min' or mode: 'max'`,
    )
  }
  const halving = method === 'halving' ? { reduction, minEpochs } : {}
  const heading = { seed, objective, direction, method, epochs, ...halving }
  const sign = direction === 'min' ? 1 : -1
  return { trials, epochs, objective, method, reduction, minEpochs, seed, workers, sign, heading }
}

async function startRunners(
  build: unknown,
  { workers, objective, trials }: Plan,
  signal: AbortSignal | undefined,
): Promise<Runner[]> {
  signal?.throwIfAborted()
  if (typeof build === 'function') return [new LocalRunner(build as Build, objective, signal)] // checked as it runs
  const module = await moduleUrl(build as string | URL) // by the check of options
  if (workers === 0) return [new LocalRunner(await loadBuild(module), objective, signal)]
  return Promise.all(
    Array.from({ length: Math.min(workers, trials) }, () => startThread({ module, objective }, signal)),
  )
}

/** One search as it goes on. */
class Run {
  private readonly points: readonly Point[]
  private readonly rungs: readonly Rung[]
  private readonly plan: Plan
  private readonly records: Records
  private readonly runners: readonly Runner[]
  private readonly options: SearchOptions
  /** Which runner has a trial's model. */
  private readonly owner = new Map<number, number>()

  constructor(
    points: readonly Point[],
    rungs: readonly Rung[],
    plan: Plan,
    records: Records,
    runners: readonly Runner[],
    options: SearchOptions,
  ) {
    this.points = points
    this.rungs = rungs
    this.plan = plan
    this.records = records
    this.runners = runners
    this.options = options
  }

  /** All trials, the best first. */
  async all(): Promise<readonly Trial[]> {
    let going = this.points.map((_, trial) => trial)
    const left: number[] = []
    for (const [i, { trials, epochs }] of this.rungs.entries()) {
      await this.train(going, i)
      const ranked = this.ranked(going, epochs)
      const next = this.rungs[i + 1]?.trials ?? trials
      // Those that failed have nothing to go on with.
      const alive = ranked.filter(
        (trial) => i + 1 === this.rungs.length || this.records.find(trial, epochs)?.score !== undefined,
      )
      going = alive.slice(0, next)
      const behind = ranked.filter((trial) => !going.includes(trial))
      for (const trial of behind) this.drop(trial)
      left.unshift(...behind)
    }
    return [...going, ...left].map((trial) => this.trialOf(trial))
  }

  /** Trains trials to the end of a rung, side by side on all runners. */
  private async train(trials: readonly number[], rung: number): Promise<void> {
    const { epochs } = this.rungs[rung]
    const waiting = trials.filter((trial) => this.records.find(trial, epochs) === undefined)
    await Promise.all(
      this.runners.map(async (runner, lane) => {
        for (;;) {
          const at = waiting.findIndex((trial) => (this.owner.get(trial) ?? lane) === lane)
          if (at < 0) return
          this.options.signal?.throwIfAborted()
          const [trial] = waiting.splice(at, 1)
          this.owner.set(trial, lane)
          const job = this.jobOf(trial, rung)
          const progress = await runner.train(job)
          await this.records.add({ trial, epochs, seed: job.seed, parameters: job.parameters, ...progress })
          this.options.onTrial?.(this.trialOf(trial) as never) // of the space that the caller knows
        }
      }),
    )
  }

  private jobOf(trial: number, rung: number): Job {
    const stops = this.rungs.slice(0, rung + 1).map(({ epochs }) => epochs)
    return { trial, parameters: this.points[trial], seed: seedOf(this.plan.seed, trial), stops }
  }

  /** The trials by their scores after so many epochs, the best first; of equals the first drawn. */
  private ranked(trials: readonly number[], epochs: number): number[] {
    const cost = (trial: number): number => {
      const score = this.records.find(trial, epochs)?.score
      return score === undefined ? Number.POSITIVE_INFINITY : this.plan.sign * score
    }
    return [...trials].sort((a, b) => (cost(a) === cost(b) ? a - b : cost(a) - cost(b)))
  }

  private drop(trial: number): void {
    const lane = this.owner.get(trial)
    if (lane !== undefined) this.runners[lane].drop(trial)
  }

  private trialOf(trial: number): Trial {
    const lines = this.records.of(trial)
    const last = lines[lines.length - 1] as Line // every trial has had its first epochs
    const { epochs, seed, score, history, error } = last
    const isFull = epochs === this.rungs[this.rungs.length - 1].epochs
    return {
      trial,
      parameters: this.points[trial] as Trial['parameters'],
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
