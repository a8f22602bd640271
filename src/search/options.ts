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
import type { Trial } from './run'
import type { Space } from './space'

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

/** Options with their defaults, and what follows from them. */
export interface Plan
  extends Required<
    Pick<SearchOptions, 'trials' | 'epochs' | 'objective' | 'method' | 'reduction' | 'minEpochs' | 'seed'>
  > {
  /** 1 where less is better, else -1. */
  readonly sign: 1 | -1
  readonly workers: number
  /** What makes two searches the same. */
  readonly heading: Readonly<Record<string, unknown>>
}

/** @throws OptionError for what is no build, and for an option that a search does not know, or a value it cannot have. */
export function checkOptionsOf<S extends Space>(build: unknown, options: SearchOptions<S>): Plan {
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
  const halving = method === 'halving' ? { reduction, minEpochs } : {}
  const heading = { seed, objective, direction, method, epochs, ...halving }
  const sign = direction === 'min' ? 1 : -1
  return { trials, epochs, objective, method, reduction, minEpochs, seed, workers, sign, heading }
}
