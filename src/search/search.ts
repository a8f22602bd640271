// Hyperparameter search: points drawn from a space, trained as trials, the best of them found.
import type { SearchOptions } from './options'
import type { Space } from './space'
import type { Trial } from './study/record'
import type { Build } from './trial'

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
  // What only those need who search is loaded by them.
  const { perform } = await import('./perform')
  return perform(build, space, options)
}
