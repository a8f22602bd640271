// Hyperparameter search: points drawn from a space, trained as trials, the best of them found.
import { DataError } from '../errors'
import { loadBuild, moduleUrl } from './module'
import { checkOptionsOf, type SearchOptions } from './options'
import { searchTable } from './report'
import { checkSpace, type Space } from './space'
import { newOwner } from './study/owner'
import type { StudyPlan } from './study/plan'
import type { Trial } from './study/record'
import { Study } from './study/study'
import { workTogether } from './study/work'
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
 * Searches for the best of many models. Points of the space are drawn at random, the same for the same seed, or by TPE; `build`
 * makes a compiled model with its data for each, and the search trains it. The models of `'halving'` are trained on,
 * not from the beginning, where they are still in memory.
 *
 * A trial that throws, or whose objective is no finite number, is recorded and ranks last. With `'random'` and `'halving'` and without a pruner the result
 * does not depend on `workers`, nor on whether the search was broken off and went on from its `storage`.
 *
 * @param build - from parameters to `{ model, x, y, fit }` (`fit` holds further options of `fit`), or to a number, the
 *   score, where it trains by itself for `context.epochs` epochs; or the path or URL of a module that exports it as
 *   `build`, which `workers` need.
 * @param space - lists of choices (plain data), and ranges `{ min, max, scale, integer }`, by name.
 * @throws OptionError for options that do not fit, for a study of another search, and where the history lacks the
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
 *   { trials: 27, epochs: 30, method: 'halving', seed: 1, storage: 'study.log' },
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
  const { study: plan, place, workers } = checkOptionsOf(build, space, options)
  const { signal, onTrial } = options
  const runners = await startRunners(build, plan, workers, signal)
  try {
    const lanes = await Promise.all(runners.map(async (runner) => ({ runner, me: await newOwner() })))
    const study = await Study.open(place, lanes[0].me, plan)
    try {
      // It tells trials without the types of their parameters.
      await workTogether(
        { study, signal, onTrial: onTrial as ((trial: Trial) => void) | undefined },
        lanes,
        place.grace,
      )
      return resultOf<S>(study)
    } finally {
      await study.close()
    }
  } finally {
    await Promise.all(runners.map((runner) => runner.close()))
  }
}

function resultOf<S extends Space>(study: Study): SearchResult<S> {
  const { going, left } = study.standing()
  const trials = [...going, ...left].map((trial) => study.record(trial))
  const { objective } = study.plan
  const [best] = trials
  if (best.score === undefined) {
    throw new DataError(
      `search: all ${trials.length} trials failed; the first: ${best.error ?? `${objective} was no finite number`}`,
    )
  }
  // Their parameters were drawn from this space.
  const typed = trials as readonly Trial[] as readonly Trial<S>[]
  return { best: typed[0], trials: typed, toString: () => searchTable(trials, objective) }
}

async function startRunners(
  build: unknown,
  { objective, trials }: StudyPlan,
  workers: number,
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
