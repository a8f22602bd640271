// A worker of a study: one of as many processes as wanted, on any machines that reach the storage.
import { checkOptions, describeValue, OptionError, requireNumber, requireSignal, requireText } from '../errors'
import { loadSearch, moduleUrl } from './module'
import { checkOptionsOf, type SearchOptions } from './options'
import { checkSpace } from './space'
import { newOwner } from './study/owner'
import type { StudyPlan } from './study/plan'
import type { Trial } from './study/record'
import { Study } from './study/study'
import { workTogether } from './study/work'
import { LocalRunner } from './trial'

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

/** What of a search a module may say itself. */
const settings = [
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
  checkOptions('runWorker', options, ['storage', 'study', 'module', 'grace', 'onTrial', 'signal'])
  const { storage, study: name = 'hornbeam', module, grace = 60, onTrial, signal } = options
  requireText('runWorker', 'storage', storage)
  requireText('runWorker', 'study', name)
  if (!(module instanceof URL)) requireText('runWorker', 'module', module)
  requireNumber('runWorker', 'grace', grace, 0)
  if (grace === 0) throw new OptionError('runWorker: grace: expected a number of seconds above 0, got 0')
  requireSignal('runWorker', signal)
  if (onTrial !== undefined && typeof onTrial !== 'function') {
    throw new OptionError(`runWorker: onTrial: expected a function, got ${describeValue(onTrial)}`)
  }
  const { build, space, options: said } = await loadSearch(await moduleUrl(module))
  const plan = space === undefined ? undefined : planOf(module, space, said)
  const me = await newOwner()
  const study = await Study.open({ storage, name, grace }, me, plan)
  const runner = new LocalRunner(build, study.plan.objective, signal)
  try {
    return { trained: await workTogether({ study, signal, onTrial }, [{ me, runner }], grace) }
  } finally {
    runner.close()
    await study.close()
  }
}

function planOf(module: string | URL, space: unknown, said: unknown): StudyPlan {
  checkSpace(space)
  if (said === undefined) return checkOptionsOf(module, space, {}).study
  checkOptions(`runWorker: ${module}: options`, said, settings)
  // What they hold is checked there.
  return checkOptionsOf(module, space, said as SearchOptions).study
}
