// What a worker of a study does.
import { checkOptions, describeValue, OptionError, requireNumber, requireSignal, requireText } from '../errors'
import { loadSearch, moduleUrl } from './module'
import { checkOptionsOf, type SearchOptions, studyOptions } from './options'
import type { WorkerOptions, WorkerResult } from './runWorker'
import { checkSpace } from './space'
import { newOwner } from './study/owner'
import type { StudyPlan } from './study/plan'
import { Study } from './study/study'
import { workTogether } from './study/work'
import { LocalRunner } from './trial'

/** Does what `runWorker` says, or so much of it. */
export async function workOn(options: WorkerOptions, most?: number): Promise<WorkerResult> {
  checkOptions('runWorker', options, ['storage', 'study', 'module', 'grace', 'onTrial', 'signal'])
  const { storage, study: name = 'hornbeam', module, grace = 60, onTrial, signal } = options ?? {}
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
    return { trained: await workTogether({ study, signal, onTrial, most }, [{ me, runner }], grace) }
  } finally {
    runner.close()
    await study.close()
  }
}

function planOf(module: string | URL, space: unknown, said: unknown): StudyPlan {
  checkSpace(space)
  if (said === undefined) return checkOptionsOf(module, space, {}).study
  checkOptions(`runWorker: ${module}: options`, said, studyOptions)
  // What they hold is checked there.
  return checkOptionsOf(module, space, said as SearchOptions).study
}
