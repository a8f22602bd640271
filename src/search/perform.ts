// A search as it goes: runners train what the study gives them, until all is done.
import { DataError } from '../errors'
import { loadBuild, moduleUrl } from './module'
import { checkOptionsOf, type SearchOptions } from './options'
import { searchTable } from './report'
import type { SearchResult } from './search'
import { checkSpace, type Space } from './space'
import { newOwner } from './study/owner'
import type { StudyPlan } from './study/plan'
import type { Trial } from './study/record'
import { Study } from './study/study'
import { workTogether } from './study/work'
import { startThread } from './threads'
import { type Build, LocalRunner, type Runner } from './trial'

/** Does what `search` says. */
export async function perform<S extends Space>(
  build: Build<S> | string | URL,
  space: S,
  options: SearchOptions<S>,
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
