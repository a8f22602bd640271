// Whether a trial goes on after an epoch, by what others were after as many.
import { crc32 } from '../../io'
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

/** After how many epochs trials are judged, and how many of them go on. */
export interface Halving {
  /** After so many epochs first ... */
  readonly minEpochs: number
  /** ... then after so many times as many, and so on; of so many trials one goes on. */
  readonly reduction: number
}

/**
 * Optuna's SuccessiveHalvingPruner (optuna/pruners/_successive_halving.py; Li et al., 2018, "Massively parallel hyperparameter tuning"): after
 * `minEpochs`, `reduction` times as many, and so on, those go on that are among the better `1 / reduction` of all that came so far. Nobody waits.
 *
 * @param others - the trials that it is compared with.
 */
export function atRung(
  trial: JournalTrial,
  others: readonly JournalTrial[],
  epochs: number,
  value: number,
  { minEpochs, reduction }: Halving,
): RungVerdict {
  const reached: { key: string; value: number }[] = []
  let rung = 0
  while (rungKey(rung) in trial.system) rung++
  for (; epochs >= minEpochs * reduction ** rung; rung++) {
    if (Number.isNaN(value)) return { stops: true, reached }
    const key = rungKey(rung)
    reached.push({ key, value })
    const costs = [...others.flatMap(({ system }) => (key in system ? [Number(system[key])] : [])), value]
      .map((each) => sign(trial) * each)
      .sort((a, b) => a - b)
    const last = Math.max(0, Math.floor(costs.length / reduction) - 1)
    if (sign(trial) * value > costs[last]) return { stops: true, reached }
  }
  return { stops: false, reached }
}

/**
 * Optuna's HyperbandPruner (optuna/pruners/_hyperband.py; Li et al., 2018, "Hyperband: a novel bandit-based approach to hyperparameter
 * optimization"): trials are dealt out to brackets, each a successive halving that begins later than the one before, among its own trials.
 *
 * @param mostEpochs - the epochs of a trial that is not stopped.
 */
export function atRungOfBracket(
  trial: JournalTrial,
  epochs: number,
  value: number,
  mostEpochs: number,
  halving: Halving,
): RungVerdict {
  const bracketOf = bracketsOf(trial.study.name, mostEpochs, halving)
  const bracket = bracketOf(trial.number)
  const others = trial.study.trials.filter(({ number }) => bracketOf(number) === bracket)
  const { minEpochs, reduction } = halving
  return atRung(trial, others, epochs, value, { minEpochs: minEpochs * reduction ** bracket, reduction })
}

/** Tells the bracket of a trial by its number. */
export function bracketsOf(
  study: string,
  mostEpochs: number,
  { minEpochs, reduction }: Halving,
): (trial: number) => number {
  const count = Math.floor(Math.log(mostEpochs / minEpochs) / Math.log(reduction)) + 1
  // How many trials of all go to each: as many as leave each bracket the same number of epochs.
  const shares = Array.from({ length: count }, (_, bracket) => {
    const later = count - 1 - bracket
    return Math.ceil((count * reduction ** later) / (later + 1))
  })
  const all = shares.reduce((sum, share) => sum + share, 0)
  return (trial) => {
    let left = crc32(new TextEncoder().encode(`${study}_${trial}`)) % all
    return shares.findIndex((share) => {
      left -= share
      return left < 0
    })
  }
}
