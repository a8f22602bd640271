// What the lines of an Optuna journal amount to, by the rules of optuna/storages/journal/_storage.py (Optuna 5): studies with their
// trials. Lines that come too late, such as a value for a trial that has ended, are passed over, as there.
import { FormatError } from '../../errors'
import type { Json } from '../../registry'
import { areCompatible, type Distribution, readDistribution, toExternal } from './distributions'

/** A line of a journal. */
export interface Log {
  readonly op_code: number
  readonly worker_id: string
  readonly [field: string]: Json | undefined
}

/** What a line does. */
export const operations = {
  createStudy: 0,
  deleteStudy: 1,
  setStudyUserAttr: 2,
  setStudySystemAttr: 3,
  createTrial: 4,
  setTrialParam: 5,
  setTrialStateValues: 6,
  setTrialIntermediateValue: 7,
  setTrialUserAttr: 8,
  setTrialSystemAttr: 9,
} as const

/** How a trial stands, by Optuna's numbers. */
export const states = { running: 0, complete: 1, pruned: 2, fail: 3, waiting: 4 } as const

export type Attributes = Readonly<Record<string, Json>>

/** A trial of a study. */
export interface JournalTrial {
  /** Its number in the journal. */
  readonly id: number
  readonly study: JournalStudy
  /** Its number in its study. */
  readonly number: number
  state: number
  readonly parameters: Record<string, Json>
  readonly distributions: Record<string, Distribution>
  values: readonly number[] | undefined
  /** By step. */
  readonly intermediate: Map<number, number>
  readonly user: Record<string, Json>
  readonly system: Record<string, Json>
  started: string | undefined
  completed: string | undefined
}

/** A study with its trials. */
export interface JournalStudy {
  readonly id: number
  readonly name: string
  /** For each value: 1 where less is better, 2 where more is. */
  readonly directions: readonly number[]
  readonly user: Record<string, Json>
  readonly system: Record<string, Json>
  readonly trials: JournalTrial[]
  /** What each parameter was first drawn from, and by which trial. */
  readonly first: Map<string, { trial: number; distribution: Distribution }>
}

export const hasEnded = ({ state }: JournalTrial): boolean => state !== states.running && state !== states.waiting

/** The studies of a journal, as of the lines read so far. */
export class Replay {
  readonly studies = new Map<number, JournalStudy>()
  private readonly trials: JournalTrial[] = []
  private studyCount = 0

  /** The number of the study that is made next. */
  get nextStudy(): number {
    return this.studyCount
  }

  /** The number of the trial that is made next. */
  get nextTrial(): number {
    return this.trials.length
  }

  find(name: string): JournalStudy | undefined {
    for (const study of this.studies.values()) if (study.name === name) return study
    return undefined
  }

  apply(log: Log): void {
    switch (log.op_code) {
      case operations.createStudy:
        this.createStudy(log)
        break
      case operations.deleteStudy:
        this.studies.delete(Number(log.study_id))
        break
      case operations.setStudyUserAttr:
        Object.assign(this.studies.get(Number(log.study_id))?.user ?? {}, recordOf(log.user_attr))
        break
      case operations.setStudySystemAttr:
        Object.assign(this.studies.get(Number(log.study_id))?.system ?? {}, recordOf(log.system_attr))
        break
      case operations.createTrial:
        this.createTrial(log)
        break
      default: {
        const trial = this.trials[Number(log.trial_id)]
        if (trial !== undefined && !hasEnded(trial)) change(trial, log)
      }
    }
  }

  private createStudy({ study_name, directions }: Log): void {
    const name = String(study_name)
    if (this.find(name) !== undefined) return
    const id = this.studyCount++
    const each = Array.isArray(directions) ? directions.map(Number) : []
    this.studies.set(id, { id, name, directions: each, user: {}, system: {}, trials: [], first: new Map() })
  }

  private createTrial(log: Log): void {
    const study = this.studies.get(Number(log.study_id))
    if (study === undefined) return
    const steps = Object.entries(recordOf(log.intermediate_values))
    const trial: JournalTrial = {
      id: this.trials.length,
      study,
      number: study.trials.length,
      state: Number(log.state ?? states.running),
      parameters: {},
      distributions: {},
      values: valuesOf(log.values ?? (log.value === undefined || log.value === null ? null : [log.value])),
      intermediate: new Map(steps.map(([step, value]) => [Number(step), Number(value)])),
      user: { ...recordOf(log.user_attrs) },
      system: { ...recordOf(log.system_attrs) },
      started: timeOf(log.datetime_start),
      completed: timeOf(log.datetime_complete),
    }
    this.trials.push(trial)
    study.trials.push(trial)
    const parameters = recordOf(log.params)
    for (const [name, text] of Object.entries(recordOf(log.distributions))) {
      const distribution = readDistribution(String(text))
      trial.distributions[name] = distribution
      if (!(name in parameters)) continue
      trial.parameters[name] = toExternal(distribution, Number(parameters[name]))
      noteFirst(trial, name, distribution)
    }
  }
}

/** What a line does to a trial; nothing where the operation is of a later Optuna. */
function change(trial: JournalTrial, log: Log): void {
  switch (log.op_code) {
    case operations.setTrialParam:
      setParameter(trial, String(log.param_name), readDistribution(String(log.distribution)), log)
      break
    case operations.setTrialStateValues:
      setState(trial, log)
      break
    case operations.setTrialIntermediateValue:
      trial.intermediate.set(Number(log.step), Number(log.intermediate_value))
      break
    case operations.setTrialUserAttr:
      Object.assign(trial.user, recordOf(log.user_attr))
      break
    case operations.setTrialSystemAttr:
      Object.assign(trial.system, recordOf(log.system_attr))
  }
}

function setParameter(trial: JournalTrial, name: string, distribution: Distribution, log: Log): void {
  const first = trial.study.first.get(name)
  if (first !== undefined && !areCompatible(first.distribution, distribution)) return
  trial.parameters[name] = toExternal(distribution, Number(log.param_value_internal))
  trial.distributions[name] = distribution
  noteFirst(trial, name, distribution)
}

/** The trial with the smallest number that has a parameter says what the others may draw it from. */
function noteFirst({ study, number: trial }: JournalTrial, name: string, distribution: Distribution): void {
  const first = study.first.get(name)
  if (first === undefined || trial <= first.trial) study.first.set(name, { trial, distribution })
}

function setState(trial: JournalTrial, log: Log): void {
  const state = Number(log.state)
  if (state === states.running && trial.state === states.running) return
  if (state === states.running) trial.started = timeOf(log.datetime_start)
  trial.state = state
  if (hasEnded(trial)) trial.completed = timeOf(log.datetime_complete)
  const values = valuesOf(log.values)
  if (values !== undefined) trial.values = values
}

function recordOf(value: Json | undefined): Attributes {
  if (value === undefined || value === null) return {}
  if (typeof value === 'object' && !Array.isArray(value)) return value as Attributes // the only object that JSON has beside lists
  throw new FormatError(`search: expected attributes by name in a line of the journal, got ${JSON.stringify(value)}`)
}

function valuesOf(value: Json | undefined): readonly number[] | undefined {
  return Array.isArray(value) ? value.map(Number) : undefined
}

function timeOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}
