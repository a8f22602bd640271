// How the trials of a study stand: who goes on, who is left behind, and what is still to be trained before more can be said.
import { hasEnded, type JournalTrial, states } from '../journal/replay'
import type { Course } from './plan'

/** The trials of a study, by their numbers. */
export interface Standing {
  /** The rung that is being trained; the last where all is done. */
  readonly rung: number
  /** Those of it that have not had its epochs, also those that nobody began yet. */
  readonly pending: readonly number[]
  /** Those that go on, the best first as far as that is known. */
  readonly going: readonly number[]
  /** Those left behind, the best first. */
  readonly left: readonly number[]
}

/** @param costOf - what of a trial is to be small after so many epochs; undefined where it has none. */
export function standingOf(
  { rungs, count: planned }: Course,
  trials: readonly JournalTrial[],
  costOf: (trial: JournalTrial, epochs: number) => number | undefined,
): Standing {
  // Python's workers do not know when there are enough.
  let going = Array.from({ length: Math.max(planned, trials.length) }, (_, number) => number)
  const left: number[] = []
  for (const [rung, { epochs, trials: count }] of rungs.entries()) {
    const pending = going.filter((number) => !hasHad(trials[number], epochs, rung + 1 === rungs.length))
    if (pending.length > 0) return { rung, pending, going, left }
    const isLast = rung + 1 === rungs.length
    const next = rungs[rung + 1]?.trials ?? Math.max(count, going.length)
    const cost = (number: number): number => costOf(trials[number], epochs) ?? Number.POSITIVE_INFINITY
    // Those that were stopped behind those that were not; of equals the first drawn.
    const isStopped = (number: number): number => Number(isLast && trials[number].state === states.pruned)
    const ranked = [...going].sort(
      (a, b) => isStopped(a) - isStopped(b) || (cost(a) === cost(b) ? a - b : cost(a) - cost(b)),
    )
    // Those that failed have nothing to go on with.
    const alive = ranked.filter((number) => isLast || Number.isFinite(cost(number)))
    going = alive.slice(0, next)
    left.unshift(...ranked.filter((number) => !going.includes(number)))
  }
  return { rung: rungs.length - 1, pending: [], going, left }
}

/** Whether a trial has had so many epochs, or will have no more. After the last of them it ends. */
function hasHad(trial: JournalTrial | undefined, epochs: number, areLast: boolean): boolean {
  if (trial === undefined) return false
  return hasEnded(trial) || (!areLast && Number(trial.user.epochs ?? 0) >= epochs)
}
