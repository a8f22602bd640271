// The record of a trial, as a search tells it.
import { hasEnded, type JournalTrial, states } from '../journal/replay'
import { type Parameters, type Point, type Space, seedOf } from '../space'
import { isOurs } from './owner'
import type { StudyPlan } from './plan'

/** The record of a trial. */
export interface Trial<S extends Space = Space> {
  /** Its number, from 0. */
  readonly trial: number
  /** The point of the space that it tried. */
  readonly parameters: Parameters<S>
  /** The seed of its weights, shuffling and dropout. */
  readonly seed: number
  /** Trained to the end, left behind by better ones, or ended by an error. */
  readonly status: 'finished' | 'stopped' | 'failed'
  /** The objective after the last of its epochs; undefined where it failed or was no finite number. */
  readonly score: number | undefined
  /** How many epochs it was trained. */
  readonly epochs: number
  /** How long it was trained, in seconds. */
  readonly seconds: number
  /** Losses and metrics, epoch by epoch. */
  readonly history: Readonly<Record<string, readonly number[]>>
  /** Why it failed, where it did. */
  readonly error?: string
}

/** What a study's value is: the objective itself, or its negative where less of the value, but more of the objective is better. */
export function signOf(plan: StudyPlan, trial: JournalTrial): 1 | -1 {
  return (trial.study.directions[0] === 2) === (plan.direction === 'max') ? 1 : -1
}

/** The value of a trial after so many epochs, as its study has it; undefined where it has none. */
export function valueAfter(trial: JournalTrial, epochs: number): number | undefined {
  const value = anyValueAfter(trial, epochs)
  return Number.isFinite(value) ? value : undefined
}

function anyValueAfter({ state, values, intermediate, user }: JournalTrial, epochs: number): number | undefined {
  // A trial of Python's does not say how many it had: it is told by its value where it has one.
  const isAll = epochs >= Number(user.epochs ?? 0)
  if (isAll && state === states.fail) return undefined
  if (isAll && state === states.complete) return values?.[0]
  return intermediate.get(epochs - 1) ?? (state === states.pruned ? [...intermediate.values()].at(-1) : undefined)
}

/** The same, so that less is better. */
export function costAfter(trial: JournalTrial, epochs: number): number | undefined {
  const value = valueAfter(trial, epochs)
  if (value === undefined) return undefined
  return trial.study.directions[0] === 2 ? -value : value
}

/** The point of a trial: the names of the space, and what else a Python worker gave it. */
export function pointOf({ space }: StudyPlan, { parameters }: JournalTrial): Point {
  const names = [...Object.keys(space).filter((name) => name in parameters), ...Object.keys(parameters)]
  return Object.fromEntries(names.map((name) => [name, parameters[name]]))
}

/** A trial as it stands. */
export function recordOf(plan: StudyPlan, trial: JournalTrial): Trial {
  const { user, intermediate, number } = trial
  const sign = signOf(plan, trial)
  const steps = [...intermediate].sort(([a], [b]) => a - b)
  const epochs = typeof user.epochs === 'number' ? user.epochs : steps.length
  const error = typeof user.error === 'string' ? user.error : undefined
  const value = valueAfter(trial, epochs)
  const ownHistory = user.history as Trial['history'] | undefined // written by `tell` where it is there
  return {
    trial: number,
    parameters: pointOf(plan, trial) as Trial['parameters'],
    seed: typeof user.seed === 'number' ? user.seed : seedOf(plan.seed, number),
    status: statusOf(trial, error),
    score: error !== undefined || value === undefined ? undefined : sign * value,
    epochs,
    seconds: typeof user.seconds === 'number' ? user.seconds : secondsBetween(trial.started, trial.completed),
    history: ownHistory ?? { [plan.objective]: steps.map(([, each]) => sign * each) },
    ...(error === undefined ? {} : { error }),
  }
}

function statusOf(trial: JournalTrial, error: string | undefined): Trial['status'] {
  if (error !== undefined || (trial.state === states.fail && !isOurs(trial))) return 'failed'
  return hasEnded(trial) && trial.state !== states.pruned ? 'finished' : 'stopped'
}

function secondsBetween(started: string | undefined, completed: string | undefined): number {
  if (started === undefined || completed === undefined) return 0
  return (Date.parse(completed) - Date.parse(started)) / 1000
}
