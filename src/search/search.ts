// Hyperparameter search: points drawn from a space, trained as trials, the best of them found.
import { DataError } from '../errors'
import { loadBuild, moduleUrl } from './module'
import { checkOptionsOf, type Plan, type SearchOptions } from './options'
import { Records } from './records'
import { searchTable } from './report'
import { Run, type Trial } from './run'
import { halvingRungs } from './rungs'
import { checkSpace, drawPoints, type Space } from './space'
import { startThread } from './threads'
import { type Build, LocalRunner, type Runner } from './trial'

/** What a search found. */
export interface SearchResult<S extends Space = Space> {
  /** The trial with the best score. */
  readonly best: Trial<S>
  /** All trials, the best first: those trained longer before those left behind. */
  readonly trials: readonly Trial<S>[]
  /** A table of the trials. */
  toString(): string
}

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
  const plan = checkOptionsOf(build, options)
  const points = drawPoints(space, plan.seed, plan.trials)
  const heading = { search: 1, space, ...plan.heading, ...(plan.method === 'halving' ? { trials: points.length } : {}) }
  const records = await Records.open(options.file, heading)
  const rungs =
    plan.method === 'halving'
      ? halvingRungs(points.length, plan.epochs, plan.minEpochs, plan.reduction)
      : [{ trials: points.length, epochs: plan.epochs }]
  const runners = await startRunners(build, plan, options.signal)
  try {
    const { signal } = options
    // It tells trials without the types of their parameters.
    const onTrial = options.onTrial as ((trial: Trial) => void) | undefined
    const { sign, seed } = plan
    const run = new Run({ points, rungs, sign, seed, records, runners, onTrial, signal })
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
