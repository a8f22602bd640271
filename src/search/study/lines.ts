// The lines that a search writes into a journal.
import type { Json } from '../../registry'
import { type Distribution, distributionOf, toInternal, writeDistribution } from '../journal/distributions'
import type { Operation } from '../journal/journal'
import { type JournalTrial, operations as op, states } from '../journal/replay'
import type { Point, Space } from '../space'
import { type Owner, ownerKey } from './owner'

/** A time as Python reads it, in microseconds. */
const now = (): string => new Date().toISOString().replace('Z', '000+00:00')

export const createStudy = (name: string): Operation => ({
  op_code: op.createStudy,
  study_name: name,
  directions: [1], // less is better
})

export const setStudyUser = (study: number, key: string, value: Json): Operation => ({
  op_code: op.setStudyUserAttr,
  study_id: study,
  user_attr: { [key]: value },
})

export const setStudySystem = (study: number, key: string, value: Json): Operation => ({
  op_code: op.setStudySystemAttr,
  study_id: study,
  system_attr: { [key]: value },
})

/** A trial that is begun at once. */
export function createTrial(study: number, space: Space, point: Point, seed: number, owner: Owner): Operation {
  const distributions = Object.keys(point).map((name): [string, Distribution] => [name, distributionOf(space[name])])
  return {
    op_code: op.createTrial,
    study_id: study,
    datetime_start: now(),
    state: states.running,
    value: null,
    values: null,
    distributions: Object.fromEntries(distributions.map(([name, each]) => [name, writeDistribution(each)])),
    params: Object.fromEntries(distributions.map(([name, each]) => [name, toInternal(each, point[name])])),
    user_attrs: { seed },
    system_attrs: { [ownerKey]: { ...owner } },
    intermediate_values: {},
  }
}

export function setParameter({ id }: JournalTrial, name: string, distribution: Distribution, value: Json): Operation {
  return {
    op_code: op.setTrialParam,
    trial_id: id,
    param_name: name,
    param_value_internal: toInternal(distribution, value),
    distribution: writeDistribution(distribution),
  }
}

/** Begins a trial that waited. */
export const begin = ({ id }: JournalTrial): Operation => ({
  op_code: op.setTrialStateValues,
  trial_id: id,
  state: states.running,
  values: null,
  datetime_start: now(),
})

/** Ends a trial. */
export const end = ({ id }: JournalTrial, state: number, value: number | undefined): Operation => ({
  op_code: op.setTrialStateValues,
  trial_id: id,
  state,
  values: value === undefined ? null : [value],
  datetime_complete: now(),
})

export const setIntermediate = ({ id }: JournalTrial, step: number, value: number): Operation => ({
  op_code: op.setTrialIntermediateValue,
  trial_id: id,
  step,
  intermediate_value: value,
})

export const setUser = ({ id }: JournalTrial, key: string, value: Json): Operation => ({
  op_code: op.setTrialUserAttr,
  trial_id: id,
  user_attr: { [key]: value },
})

export const setSystem = ({ id }: JournalTrial, key: string, value: Json): Operation => ({
  op_code: op.setTrialSystemAttr,
  trial_id: id,
  system_attr: { [key]: value },
})
