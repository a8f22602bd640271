// Whether a trial goes on after an epoch, by what others were after as many.
import { type JournalTrial, states } from '../journal/replay'

/** With less than so many trials that went to the end none is stopped by the median: Optuna's. */
const startupTrials = 5

const sign = ({ study }: JournalTrial): 1 | -1 => (study.directions[0] === 2 ? -1 : 1)

/**
 * Optuna's MedianPruner (optuna/pruners/_percentile.py): a trial stops whose best value so far is worse than the median of what those that went to
 * the end had after the same epoch; or that has had no number at all.
 */
export function isBehindMedian(trial: JournalTrial, epoch: number, value: number): boolean {
  const complete = trial.study.trials.filter(({ state }) => state === states.complete)
  if (complete.length < startupTrials) return false
  const so = [...trial.intermediate.values(), value]
    .filter((each) => !Number.isNaN(each))
    .map((each) => sign(trial) * each)
  if (so.length === 0) return true
  const others = complete
    .map(({ intermediate }) => sign(trial) * (intermediate.get(epoch) ?? Number.NaN))
    .filter((each) => !Number.isNaN(each))
    .sort((a, b) => a - b)
  if (others.length === 0) return false
  const middle = (others.length - 1) / 2
  const median = (others[Math.floor(middle)] + others[Math.ceil(middle)]) / 2
  return Math.min(...so) > median
}

/** What a trial had after each rung it reached, under the names that Optuna gives them. */
const rungKey = (rung: number): string => `completed_rung_${rung}`

/** Where a trial comes to a rung: whether it stops there, and what is kept with it. */
export interface RungVerdict {
  readonly stops: boolean
  readonly reached: readonly { readonly key: string; readonly value: number }[]
}

/**
 * Optuna's SuccessiveHalvingPruner (optuna/pruners/_successive_halving.py; Li et al., 2018, "Massively parallel hyperparameter tuning"): after
 * `minEpochs`, `reduction` times as many, and so on, those go on that are among the better `1 / reduction` of all that came so far. Nobody waits.
 */
export function atRung(
  trial: JournalTrial,
  epochs: number,
  value: number,
  minEpochs: number,
  reduction: number,
): RungVerdict {
  const reached: { key: string; value: number }[] = []
  let rung = 0
  while (rungKey(rung) in trial.system) rung++
  for (; epochs >= minEpochs * reduction ** rung; rung++) {
    if (Number.isNaN(value)) return { stops: true, reached }
    const key = rungKey(rung)
    reached.push({ key, value })
    const costs = [...trial.study.trials.flatMap(({ system }) => (key in system ? [Number(system[key])] : [])), value]
      .map((each) => sign(trial) * each)
      .sort((a, b) => a - b)
    const last = Math.max(0, Math.floor(costs.length / reduction) - 1)
    if (sign(trial) * value > costs[last]) return { stops: true, reached }
  }
  return { stops: false, reached }
}
