// A study seen from outside: its trials as they stand, while others work on it. Nothing is written.
import { OptionError } from '../errors'
import { readIfThere } from '../io'
import { Journal } from './journal/journal'
import { isRedis } from './journal/redis'
import { hasEnded, type JournalStudy, type JournalTrial, states } from './journal/replay'
import { shownPlace } from './journal/store'
import { planKey, readPlan, type StudyPlan } from './study/plan'
import { recordOf, type Trial } from './study/record'

/** A trial as it stands. */
export interface TrialSeen {
  /** Its number, from 0. */
  readonly trial: number
  readonly parameters: Readonly<Record<string, unknown>>
  readonly status: 'running' | 'finished' | 'stopped' | 'failed'
  /** When it began and ended, in milliseconds since 1970. */
  readonly started: number | undefined
  readonly ended: number | undefined
  /** What was told of it, by name: values after so many epochs. */
  readonly curves: Readonly<Record<string, readonly (readonly [epochs: number, value: number])[]>>
}

/** A study that is followed. */
export interface FollowedStudy {
  readonly name: string
  /** The most epochs that a trial has; undefined where the study does not say so. */
  readonly epochs: number | undefined
  /** The trials that have begun, as they stand now. */
  look(): Promise<readonly TrialSeen[]>
  close(): Promise<void>
}

/**
 * Opens a study to look at it.
 *
 * @param storage - a file, or `redis://host:port`.
 * @param name - left out, the only study there.
 * @throws OptionError where there is no such storage, or no such study.
 */
export async function followStudy(storage: string, name?: string): Promise<FollowedStudy> {
  // A file that is not there would be made.
  if (!isRedis(storage) && (await readIfThere(storage)) === undefined) {
    throw new OptionError(`study: expected the storage of a study, got '${storage}', which is not there`)
  }
  const journal = await Journal.open(storage)
  try {
    const study = studyOf(journal, storage, name)
    const plan = readPlan(study.user[planKey])
    return {
      name: study.name,
      epochs: plan?.epochs,
      async look() {
        await journal.sync()
        return study.trials.filter(({ state }) => state !== states.waiting).map((trial) => seen(plan, trial))
      },
      close: () => journal.close(),
    }
  } catch (error) {
    await journal.close()
    throw error
  }
}

function studyOf(journal: Journal, storage: string, name: string | undefined): JournalStudy {
  const all = [...journal.replay.studies.values()]
  const found = name === undefined && all.length === 1 ? all[0] : journal.replay.find(name ?? 'hornbeam')
  if (found !== undefined) return found
  const there = all.length === 0 ? 'none' : all.map((study) => `'${study.name}'`).join(', ')
  throw new OptionError(
    `study: expected the name of a study in '${shownPlace(storage)}' (${there}), got ${name ?? 'none'}`,
  )
}

function seen(plan: StudyPlan | undefined, trial: JournalTrial): TrialSeen {
  const { number, parameters, started, completed } = trial
  const record = plan === undefined ? undefined : recordOf(plan, trial)
  return {
    trial: number,
    parameters,
    status: statusOf(trial, record),
    started: started === undefined ? undefined : Date.parse(started),
    ended: completed === undefined ? undefined : Date.parse(completed),
    curves: record === undefined ? { value: stepsOf(trial) } : curvesOf(record),
  }
}

function statusOf(trial: JournalTrial, record: Trial | undefined): TrialSeen['status'] {
  if (!hasEnded(trial)) return 'running'
  if (record !== undefined) return record.status
  return trial.state === states.complete ? 'finished' : trial.state === states.pruned ? 'stopped' : 'failed'
}

/** What Python told: of each step, or of the whole alone. */
function stepsOf({ intermediate, values }: JournalTrial): [epochs: number, value: number][] {
  const steps = [...intermediate].map(([step, value]): [number, number] => [step + 1, value])
  if (steps.length === 0 && values !== undefined) return [[1, values[0]]]
  return steps.sort(([a], [b]) => a - b)
}

function curvesOf({ history }: Trial): TrialSeen['curves'] {
  return Object.fromEntries(
    Object.entries(history).map(([name, values]) => [name, values.map((value, i) => [i + 1, value] as const)]),
  )
}
