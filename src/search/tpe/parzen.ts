// Parzen estimators: a density as a mixture with one kernel for each observation and one for the prior, as Optuna has them
// (optuna/samplers/_tpe/parzen_estimator.py and probability_distributions.py): over all parameters together, with magic clipping.
import type { ChoiceDistribution, Distribution, NumberDistribution } from '../journal/distributions'
import { addLogs, logMass, quantile } from './normal'

/** A density. Values are those of journals: of a choice its place in the list. */
export interface Parzen {
  /** The logarithm of the density at a point. */
  logDensity(point: readonly number[]): number
  /** A point, from numbers from 0 to below 1: one that picks the kernel, and one for each parameter. */
  sample(kernel: number, quantiles: readonly number[]): number[]
}

/** The kernels along one parameter. */
interface Axis {
  /** Of each kernel. */
  logDensity(kernel: number, value: number): number
  sample(kernel: number, quantile: number): number
}

/** @param observations - points, the oldest first. */
export function parzen(distributions: readonly Distribution[], observations: readonly (readonly number[])[]): Parzen {
  const weights = kernelWeights(observations.length)
  const axes = distributions.map((distribution, i) => {
    const values = observations.map((point) => point[i])
    return distribution.kind === 'choice' ? choiceAxis(distribution, values) : numberAxis(distribution, values)
  })
  return {
    logDensity: (point) =>
      weights
        .map((weight, kernel) =>
          axes.reduce((sum, axis, i) => sum + axis.logDensity(kernel, point[i]), Math.log(weight)),
        )
        .reduce(addLogs),
    sample(at, quantiles) {
      let kernel = 0
      for (let left = at - weights[0]; left >= 0 && kernel + 1 < weights.length; left -= weights[kernel]) kernel++
      return axes.map((axis, i) => axis.sample(kernel, quantiles[i]))
    },
  }
}

/** Of the last 25 observations 1, of older ones less and less; 1 of the prior, which stands last; all by their sum. */
function kernelWeights(count: number): number[] {
  const old = count - 25
  const ramp = (i: number): number => (old === 1 ? 1 / count : 1 / count + ((1 - 1 / count) * i) / (old - 1))
  const weights = [...Array.from({ length: count }, (_, i) => (i < old ? ramp(i) : 1)), 1]
  const sum = weights.reduce((a, b) => a + b)
  return weights.map((weight) => weight / sum)
}

/** A kernel has its own choice once more than the others, which share what counts as one observation. */
function choiceAxis({ choices }: ChoiceDistribution, values: readonly number[]): Axis {
  const kernels = values.length + 1
  const probability = (kernel: number, choice: number): number => {
    const base = 1 / kernels
    if (kernel === values.length) return 1 / choices.length
    return (base + Number(choice === values[kernel])) / (1 + base * choices.length)
  }
  return {
    logDensity: (kernel, value) => Math.log(probability(kernel, value)),
    sample(kernel, at) {
      let choice = 0
      for (let left = at - probability(kernel, 0); left >= 0 && choice + 1 < choices.length; ) {
        left -= probability(kernel, ++choice)
      }
      return choice
    },
  }
}

/** Normal kernels, cut off at the ends of the range. */
function numberAxis({ low, high, log, step = 0 }: NumberDistribution, values: readonly number[]): Axis {
  const scaled = log ? Math.log : (value: number) => value
  const [least, most] = [scaled(low - step / 2), scaled(high + step / 2)]
  const observed = values.map(scaled)
  const means = [...observed, (least + most) / 2]
  const widths = [...kernelWidths(observed, least, most), most - least]
  const massOf = (kernel: number, from: number, to: number): number =>
    logMass((from - means[kernel]) / widths[kernel], (to - means[kernel]) / widths[kernel])
  const whole = means.map((_, kernel) => massOf(kernel, least, most))
  return {
    logDensity(kernel, value) {
      if (step > 0) return massOf(kernel, scaled(value - step / 2), scaled(value + step / 2)) - whole[kernel]
      const z = (scaled(value) - means[kernel]) / widths[kernel]
      return -(z * z) / 2 - Math.log(2 * Math.PI) / 2 - whole[kernel] - Math.log(widths[kernel])
    },
    sample(kernel, at) {
      const [mean, width] = [means[kernel], widths[kernel]]
      const drawn = quantile(at, (least - mean) / width, (most - mean) / width) * width + mean
      const value = log ? Math.exp(drawn) : drawn
      const rounded = step > 0 ? low + Math.round((value - low) / step) * step : value
      return Math.min(high, Math.max(low, rounded))
    },
  }
}

/** Each kernel as wide as the farther of its neighbours is away, the outermost as the one that they have; none too narrow. */
function kernelWidths(observed: readonly number[], least: number, most: number): number[] {
  const order = observed.map((_, i) => i).sort((a, b) => observed[a] - observed[b])
  const narrowest = (most - least) / Math.min(100, 2 + observed.length)
  const widths: number[] = []
  for (const [place, i] of order.entries()) {
    const below = place > 0 ? observed[i] - observed[order[place - 1]] : undefined
    const above = place + 1 < order.length ? observed[order[place + 1]] - observed[i] : undefined
    // One alone has the ends of the range for neighbours.
    const isAlone = below === undefined && above === undefined
    const width = isAlone ? Math.max(observed[i] - least, most - observed[i]) : Math.max(below ?? 0, above ?? 0)
    widths[i] = Math.min(most - least, Math.max(narrowest, width))
  }
  return widths
}
