// What a search is told, checked.
import {
  checkOptions,
  describeValue,
  OptionError,
  requireNumber,
  requireOneOf,
  requirePositiveInteger,
  requireSignal,
  requireText,
} from '../errors'
import { directionOf } from '../metrics'
import { getSeed } from '../tensor'
import type { Space } from './space'
import type { StudyPlan } from './study/plan'
import type { Trial } from './study/record'
import type { StudyPlace } from './study/study'

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
  /**
   * `'random'` draws points at random and trains every trial to the end; `'halving'` trains many a little and only the better ones on;
   * `'tpe'` draws points where the better ones lay (the tree-structured Parzen estimator, as Optuna 5 has it), after 10 at random.
   */
  readonly method?: 'random' | 'halving' | 'tpe'
  /**
   * Stops trials that fall behind, epoch by epoch, without waiting for others: `'median'` those whose best is worse than the median of the others
   * after as many epochs, once 5 went to the end; `'halving'` those that are not among the better `1 / reduction` of all that came to
   * `minEpochs`, `reduction` times as many, and so on; `'hyperband'` does that in groups of trials that are judged sooner or later, for where it
   * is not known how soon a trial shows what it is worth. None by default; not with the method `'halving'`, which stops trials itself.
   */
  readonly pruner?: 'median' | 'halving' | 'hyperband'
  /** With `'halving'` and `'hyperband'`: one of so many trials goes on, with so many times the epochs; 3 by default. */
  readonly reduction?: number
  /** With `'halving'` and `'hyperband'`: the fewest epochs after which a trial is judged; 1 by default. */
  readonly minEpochs?: number
  /** Fixes the points and all that is random in the trials; that of `setSeed` by default. */
  readonly seed?: number
  /**
   * Where the study is kept, as an Optuna journal: a path; `redis://host:port/database` of a Redis or Valkey (`npm install ioredis`);
   * `indexeddb://name` in a page. A search that was broken off goes on from it, and other processes, Python's among them, may take part.
   * Only in memory by default.
   */
  readonly storage?: string
  /** The name of the study in its storage; `'hornbeam'` by default. */
  readonly study?: string
  /** With `storage`: a worker of which nothing was heard for so many seconds is taken for dead, and its trial taken up again; 60 by default. */
  readonly grace?: number
  /** The same as `storage`. */
  readonly file?: string
  /** Threads that train trials side by side, in Node, of a module that exports `build`; in this thread by default. */
  readonly workers?: number
  /** Called with the record of each trial when it has had its epochs, or some of them. */
  readonly onTrial?: (trial: Trial<S>) => void
  /** Aborted, the search rejects with its reason; the file keeps what is done. */
  readonly signal?: AbortSignal
}

/** What of a search does not hang on where it runs: a module may say it for its workers. */
export const studyOptions = [
  'trials',
  'epochs',
  'objective',
  'mode',
  'method',
  'pruner',
  'reduction',
  'minEpochs',
  'seed',
] as const

const names = [...studyOptions, 'storage', 'study', 'grace', 'file', 'workers', 'onTrial', 'signal']

/** What a search does, and with what. */
export interface Plan {
  readonly study: StudyPlan
  readonly place: StudyPlace
  readonly workers: number
}

/** @throws OptionError for what is no build, and for an option that a search does not know, or a value it cannot have. */
export function checkOptionsOf<S extends Space>(build: unknown, space: S, options: SearchOptions<S>): Plan {
  checkOptions('search', options, names)
  const { trials = 20, epochs = 10, objective = 'val_loss', mode = 'auto', method = 'random', pruner } = options
  const { reduction = 3, minEpochs = 1, seed = getSeed(), workers = 0 } = options
  const isModule = typeof build === 'string' || build instanceof URL
  if (!isModule && typeof build !== 'function') {
    throw new OptionError(`search: build: expected a function, or the path or URL of a module, got ${typeof build}`)
  }
  for (const [name, value] of Object.entries({ trials, epochs, minEpochs }))
    requirePositiveInteger('search', name, value)
  requireOneOf('search', 'method', method, ['random', 'halving', 'tpe'] as const)
  if (pruner !== undefined) requireOneOf('search', 'pruner', pruner, ['median', 'halving', 'hyperband'] as const)
  if (pruner !== undefined && method === 'halving') {
    throw new OptionError("search: pruner: expected none with the method 'halving', which stops trials itself")
  }
  requireOneOf('search', 'mode', mode, ['auto', 'min', 'max'] as const)
  requireNumber('search', 'reduction', reduction, 1)
  if (reduction === 1) throw new OptionError('search: reduction: expected a number above 1, got 1')
  if (minEpochs > epochs)
    throw new OptionError(`search: minEpochs: expected at most epochs (${epochs}), got ${minEpochs}`)
  requireNumber('search', 'seed', seed)
  requireText('search', 'objective', objective)
  requireSignal('search', options.signal)
  if (options.onTrial !== undefined && typeof options.onTrial !== 'function') {
    throw new OptionError(`search: onTrial: expected a function, got ${describeValue(options.onTrial)}`)
  }
  if (!(Number.isInteger(workers) && workers >= 0)) {
    throw new OptionError(`search: workers: expected a whole number from 0, got ${workers}`)
  }
  if (workers > 0 && !isModule) {
    throw new OptionError(
      'search: workers: a function cannot be sent to another thread; give the path or URL of a module that exports it as build',
    )
  }
  const direction = mode !== 'auto' ? mode : objective === 'score' ? 'max' : directionOf(objective)
  if (direction === undefined) {
    throw new OptionError(
      `search: whether more or less '${objective}' is better is not known; say mode: 'min' or mode: 'max'`,
    )
  }
  const halving = method === 'halving' || pruner === 'halving' || pruner === 'hyperband' ? { reduction, minEpochs } : {}
  const study = {
    space,
    seed,
    objective,
    direction,
    method,
    ...(pruner === undefined ? {} : { pruner }),
    epochs,
    ...halving,
    trials,
  }
  return { study, place: checkPlace(options), workers }
}

function checkPlace<S extends Space>({
  storage,
  file,
  study: name = 'hornbeam',
  grace = 60,
}: SearchOptions<S>): StudyPlace {
  if (storage !== undefined && file !== undefined) {
    throw new OptionError('search: storage: expected one place, got file, too, which is another name of it')
  }
  for (const [option, value] of Object.entries({ storage, file, study: name })) {
    if (value !== undefined) requireText('search', option, value)
  }
  requireNumber('search', 'grace', grace, 0)
  if (grace === 0) throw new OptionError('search: grace: expected a number of seconds above 0, got 0')
  return { storage: storage ?? file, name, grace }
}
