// A worker: takes one trial after another from a study and trains it.
import type { Runner } from '../trial'
import type { Owner } from './owner'
import type { Trial } from './record'
import type { Study } from './study'

/** What a worker works with. */
export interface Work {
  readonly study: Study
  readonly me: Owner
  readonly runner: Runner
  /** Ends it before the next trial. */
  readonly signal: AbortSignal
  readonly onTrial?: ((trial: Trial) => void) | undefined
  /** It ends when it has trained so often; with the study where it is left out. */
  readonly most?: number | undefined
}

/** Works until the study is done. @returns how many times it trained a trial to where it is looked at. */
export async function work({
  study,
  me,
  runner,
  signal,
  onTrial,
  most = Number.POSITIVE_INFINITY,
}: Work): Promise<number> {
  const held = new Set<number>()
  let told = 0
  while (told < most) {
    signal.throwIfAborted()
    const job = await study.take(me)
    for (const trial of held) {
      if (!study.isOver(trial)) continue
      runner.drop(trial)
      held.delete(trial)
    }
    if (job === 'done') break
    if (job === 'wait') {
      await study.change()
      continue
    }
    held.add(job.trial)
    const progress = await runner.train(job, (epoch, score) => study.report(me, job.trial, epoch, score))
    if (await study.tell(me, job, progress)) {
      told++
      onTrial?.(study.record(job.trial))
    } else {
      runner.drop(job.trial)
      held.delete(job.trial)
    }
  }
  return told
}

/** Works with several runners side by side; where one fails, or when it is aborted, the others end, too. */
export async function workTogether(
  {
    study,
    signal,
    onTrial,
    most,
  }: Omit<Work, 'me' | 'runner' | 'signal'> & { readonly signal: AbortSignal | undefined },
  lanes: readonly { readonly me: Owner; readonly runner: Runner }[],
  grace: number,
): Promise<number> {
  const ending = new AbortController()
  const end = () => ending.abort(signal?.reason)
  signal?.addEventListener('abort', end)
  if (signal?.aborted) end()
  const beat = setInterval(
    () => {
      for (const { me } of lanes) study.beat(me).catch(() => {}) // what is wrong with the storage the next trial tells
    },
    (1000 * grace) / 8,
  )
  try {
    const told = await Promise.all(
      lanes.map(({ me, runner }) => work({ study, me, runner, signal: ending.signal, onTrial, most })),
    )
    return told.reduce((sum, each) => sum + each, 0)
  } finally {
    clearInterval(beat)
    ending.abort(new Error('the search has ended'))
    signal?.removeEventListener('abort', end)
    for (const { me } of lanes) await study.release(me).catch(() => {}) // it is taken for dead in time
  }
}
