// The tree-structured Parzen estimator (Bergstra et al., 2011; Watanabe, 2023, arXiv 2304.11127) with the choices of Optuna 5: over all
// parameters together, the best tenth against the rest, of 24 points the one that is likeliest to be of the best.
import { type Distribution, distributionOf, toExternal, toInternal } from '../journal/distributions'
import { type JournalTrial, states } from '../journal/replay'
import { isConditional, type Point, pointBy, type Space, unit } from '../space'
import { type Parzen, parzen } from './parzen'

/** So many trials are drawn at random before. */
export const startupTrials = 10

const candidates = 24

/** What a point is drawn for. */
export interface Draw {
  readonly space: Space
  readonly seed: number
  /** The number of the trial. */
  readonly number: number
  readonly trials: readonly JournalTrial[]
}

/** The point to try next; undefined where too few have been tried, or there is nothing to choose. */
export function tpePoint({ space, seed, number, trials }: Draw): Point | undefined {
  const ended = trials.filter(({ state }) => state === states.complete || state === states.pruned)
  const free = Object.entries(space).flatMap(([name, dimension]) => {
    const distribution = distributionOf(dimension)
    return isSingle(distribution) ? [] : [{ name, distribution, isApart: isConditional(dimension) }]
  })
  if (ended.length < startupTrials || free.length === 0) return undefined
  const others = trials.filter((trial) => trial.number !== number)
  const together = free.filter(({ isApart }) => !isApart)
  const chosen = new Map(
    // What hangs on others is drawn by itself, of the trials that had it: as Optuna does with what not all trials have.
    [together, ...free.filter(({ isApart }) => isApart).map((one) => [one])]
      .filter((parameters) => parameters.length > 0)
      .flatMap((parameters) => {
        const best = likeliest(parameters, others, seed, number)
        return parameters.map(({ name, distribution }, i) => [name, toExternal(distribution, best[i])] as const)
      }),
  )
  return pointBy(space, (name, dimension) => {
    const value = chosen.get(name)
    return value === undefined ? onlyValue(distributionOf(dimension)) : value
  })
}

/** Of 24 points of the density of the best the one that is least like the others. */
function likeliest(
  parameters: readonly Named[],
  trials: readonly JournalTrial[],
  seed: number,
  number: number,
): number[] {
  const { below, above } = densities(parameters, trials)
  const drawn = Array.from({ length: candidates }, (_, i) => {
    const draw = number * candidates + i
    const quantiles = parameters.map(({ name }) => unit(seed, `tpe ${name}`, draw))
    const point = below.sample(unit(seed, `tpe of ${parameters[0].name}`, draw), quantiles)
    return { point, gain: below.logDensity(point) - above.logDensity(point) }
  })
  return drawn.reduce((a, b) => (b.gain > a.gain ? b : a)).point
}

/** A parameter by its name. */
export interface Named {
  readonly name: string
  readonly distribution: Distribution
}

/** The densities of the best trials and of all others. Those that run are among the others, so that the next ones go elsewhere. */
export function densities(
  parameters: readonly Named[],
  trials: readonly JournalTrial[],
): { readonly below: Parzen; readonly above: Parzen } {
  const complete = trials.filter(({ state }) => state === states.complete)
  const pruned = trials.filter(({ state }) => state === states.pruned)
  const ranked = [...complete.sort((a, b) => costOf(a) - costOf(b)), ...pruned.sort(byPruning)]
  const count = Math.min(25, Math.ceil(0.1 * ranked.length))
  const best = new Set(ranked.slice(0, count))
  const others = trials.filter(
    (trial) => !best.has(trial) && (ranked.includes(trial) || trial.state === states.running),
  )
  const observed = (chosen: readonly JournalTrial[]): number[][] =>
    [...chosen].sort((a, b) => a.number - b.number).flatMap((trial) => pointIn(parameters, trial) ?? [])
  const distributions = parameters.map(({ distribution }) => distribution)
  return {
    below: parzen(distributions, observed([...best])),
    above: parzen(distributions, observed(others)),
  }
}

/** Where a trial lies, alone in a list; undefined where it lacks a parameter, or has a value that is no choice any more. */
function pointIn(parameters: readonly Named[], { parameters: values }: JournalTrial): [number[]] | undefined {
  if (!parameters.every(({ name }) => name in values)) return undefined
  const point = parameters.map(({ name, distribution }) => toInternal(distribution, values[name]))
  return parameters.some(({ distribution }, i) => distribution.kind === 'choice' && point[i] < 0) ? undefined : [point]
}

const sign = ({ study }: JournalTrial): 1 | -1 => (study.directions[0] === 2 ? -1 : 1)
const costOf = (trial: JournalTrial): number => sign(trial) * (trial.values?.[0] ?? Number.POSITIVE_INFINITY)

/** Those first that were stopped last, then those with the better value there. */
function byPruning(a: JournalTrial, b: JournalTrial): number {
  const [stepA, valueA] = lastOf(a)
  const [stepB, valueB] = lastOf(b)
  return stepA !== stepB ? stepB - stepA : valueA === valueB ? 0 : valueA - valueB
}

function lastOf(trial: JournalTrial): [step: number, cost: number] {
  const step = Math.max(...trial.intermediate.keys())
  if (step === Number.NEGATIVE_INFINITY) return [-1, 0]
  const value = trial.intermediate.get(step) ?? Number.NaN
  return [step, Number.isNaN(value) ? Number.POSITIVE_INFINITY : sign(trial) * value]
}

const isSingle = (distribution: Distribution): boolean =>
  distribution.kind === 'choice' ? distribution.choices.length === 1 : distribution.low === distribution.high

const onlyValue = (distribution: Distribution) =>
  distribution.kind === 'choice' ? distribution.choices[0] : distribution.low
