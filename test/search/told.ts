// What a journal amounts to, in the plain data of tools/make_study.py.
import type { Replay } from '../../src/search/journal/replay'

/** All studies of a journal. Numbers that JSON has no word for are texts, as Python writes them. */
export function told(replay: Replay): unknown {
  return [...replay.studies.values()].map(({ name, directions, user, system, trials }) => ({
    name,
    directions,
    user: plain(user),
    system: plain(system),
    trials: trials.map((trial) => ({
      id: trial.id,
      number: trial.number,
      state: trial.state,
      values: trial.values ?? null,
      parameters: plain(trial.parameters),
      intermediate: plain(Object.fromEntries(trial.intermediate)),
      user: plain(trial.user),
      system: plain(trial.system),
    })),
  }))
}

function plain(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value))
    return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf'
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]))
}
