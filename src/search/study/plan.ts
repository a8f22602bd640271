// What a study searches and how: kept with it, so that every worker does the same.
import { OptionError } from '../../errors'
import type { Json } from '../../registry'
import type { JournalTrial } from '../journal/replay'
import { halvingRungs, type Rung } from '../rungs'
import { drawPoint, drawPoints, type Point, type Space } from '../space'
import { tpePoint } from '../tpe/tpe'

/** What makes two studies the same, and how many trials there are to be. */
export interface StudyPlan {
  readonly space: Space
  readonly seed: number
  readonly objective: string
  readonly direction: 'min' | 'max'
  readonly method: 'random' | 'halving' | 'tpe'
  readonly epochs: number
  readonly trials: number
  readonly pruner?: 'median' | 'halving' | 'hyperband'
  /** With `'halving'`, as method or as pruner, and `'hyperband'`. */
  readonly reduction?: number
  /** With `'halving'`, as method or as pruner, and `'hyperband'`. */
  readonly minEpochs?: number
}

/** How a plan goes: how many trials there are, and the epochs at which they are looked at. */
export interface Course {
  readonly plan: StudyPlan
  readonly count: number
  readonly rungs: readonly Rung[]
  /** The point of a trial, by its number and what the others found. */
  pointFor(number: number, trials: readonly JournalTrial[]): Point
}

export function courseOf(plan: StudyPlan): Course {
  const { space, seed, trials, epochs, method, minEpochs = 1, reduction = 3 } = plan
  if (method === 'tpe') {
    return {
      plan,
      count: trials,
      rungs: [{ trials, epochs }],
      pointFor: (number, others) => tpePoint({ space, seed, number, trials: others }) ?? drawPoint(space, seed, number),
    }
  }
  const points = drawPoints(space, seed, trials)
  const count = points.length
  const rungs = method === 'halving' ? halvingRungs(count, epochs, minEpochs, reduction) : [{ trials: count, epochs }]
  // Python's workers may begin more trials than there are to be.
  return { plan, count, rungs, pointFor: (number) => points[number % count] }
}

/** The attribute of a study that holds its plan. */
export const planKey = 'hornbeam'

/** A plan as a study keeps it. */
export const writePlan = (plan: StudyPlan): Json => JSON.parse(JSON.stringify({ search: 1, ...plan }))

/** The plan that a study keeps; undefined where it keeps none. */
export function readPlan(kept: Json | undefined): StudyPlan | undefined {
  if (typeof kept !== 'object' || kept === null || Array.isArray(kept)) return undefined
  const { search, ...plan } = kept as Readonly<Record<string, Json>>
  // Written by writePlan: the space was checked before it was kept.
  return search === 1 ? (plan as unknown as StudyPlan) : undefined
}

/** @throws OptionError where a study was begun with another plan. Of single trials there may be more or fewer; halving goes by their number. */
export function checkSamePlan(where: string, before: StudyPlan, now: StudyPlan): void {
  for (const name of new Set([...Object.keys(before), ...Object.keys(now)]) as Set<keyof StudyPlan>) {
    if (name === 'trials' && now.method !== 'halving') continue
    if (JSON.stringify(before[name]) === JSON.stringify(now[name])) continue
    throw new OptionError(
      `search: ${where} is of another search: its ${name} is ${JSON.stringify(before[name])}, expected ${JSON.stringify(now[name])}; take another name or storage`,
    )
  }
}
