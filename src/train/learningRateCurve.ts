// What a learning-rate range test found: the losses by rate, where they fall best, the picture.
import { draw, formatNumber, type Plot, sparkLine } from '../vis'

/** How a rate is picked from the curve. */
export type LearningRateRule = 'valley' | 'steepest' | 'minimum'

/** The losses of a range test. */
export interface LearningRateCurve {
  /** The learning rate of each step, growing by the same factor from step to step. */
  readonly rates: readonly number[]
  /** The loss of each step's batch, before its update. */
  readonly losses: readonly number[]
  /** The losses, smoothed by an exponential moving average without its bias towards zero. */
  readonly smoothed: readonly number[]
  /** Why the test ended: all steps done, the loss far above its lowest, or no finite number any more. */
  readonly stopped: 'finished' | 'diverged' | 'nonFinite'
}

/** The result of {@link Model.findLearningRate}. */
export interface LearningRateTest extends LearningRateCurve {
  /** The rate to train with, by the rule that was asked for; undefined where the loss never fell. */
  readonly suggestion: number | undefined
  /** The rate halfway along the longest stretch of falling losses, as in fastai. */
  readonly valley: number | undefined
  /** The rate at which the smoothed loss falls fastest. */
  readonly steepest: number | undefined
  /** A tenth of the rate with the lowest smoothed loss. */
  readonly minimum: number | undefined
  /** A few lines, with the curve as a spark line. */
  toString(): string
  /** The curve over a logarithmic axis, with the suggestion marked. */
  plot(): Promise<Plot>
}

/** Makes the result of a test from its curve. */
export function learningRateTest(curve: LearningRateCurve, rule: LearningRateRule): LearningRateTest {
  const picks = picksOf(curve)
  const suggestion = picks[rule]
  const { rates, losses, smoothed, stopped } = curve
  return {
    ...curve,
    ...picks,
    suggestion,
    toString: () =>
      [
        `learning rate: ${suggestion === undefined ? 'none found: the loss never fell' : formatNumber(suggestion)} (${rule})`,
        `loss from ${formatNumber(rates[0])} to ${formatNumber(rates[rates.length - 1])}: ${sparkLine(smoothed)}`,
        `${rates.length} steps, ${endings[stopped]}`,
      ].join('\n'),
    plot: () =>
      draw({
        title: 'Learning-rate range test',
        description: `The loss of each step as the learning rate grows; the test ${endings[stopped]}.`,
        panels: [
          {
            kind: 'lines',
            x: { label: 'learning rate', scale: 'log' },
            y: { label: 'loss' },
            lines: [
              { label: 'smoothed', x: rates, y: smoothed },
              { label: 'loss', x: rates, y: losses, dashed: true },
            ],
            marks: suggestion === undefined ? [] : [{ x: suggestion, label: `suggested ${formatNumber(suggestion)}` }],
          },
        ],
      }),
  }
}

const endings: Readonly<Record<LearningRateCurve['stopped'], string>> = {
  finished: 'went through all steps',
  diverged: 'ended when the loss had left its lowest far behind',
  nonFinite: 'ended at a loss that was no finite number',
}

/**
 * The rates that the rules pick. The first tenth of the steps, where the average is still young, and what follows the
 * lowest loss do not count.
 */
function picksOf({ rates, smoothed }: LearningRateCurve): Record<LearningRateRule, number | undefined> {
  const lowest = smoothed.indexOf(Math.min(...smoothed))
  const from = Math.min(Math.floor(smoothed.length / 10), Math.max(0, lowest - 1))
  const [x, y] = [rates.slice(from, lowest + 1), smoothed.slice(from, lowest + 1)]
  if (y.length < 2 || !(y[y.length - 1] < y[0])) return { valley: undefined, steepest: undefined, minimum: undefined }
  const [start, end] = longestDescent(y)
  // Rates grow by the same factor, so differences of the loss are its slopes over the logarithm of the rate.
  const slopes = y.slice(1).map((value, i) => value - y[i])
  return {
    valley: x[Math.floor((start + end) / 2)],
    steepest: x[slopes.indexOf(Math.min(...slopes))],
    minimum: rates[lowest] / 10,
  }
}

/** The longest falling subsequence of the values: where it starts and where it ends. */
function longestDescent(values: readonly number[]): [start: number, end: number] {
  const lengths = values.map(() => 1)
  const starts = values.map((_, i) => i)
  let best = 0
  for (let i = 1; i < values.length; i++) {
    for (let j = 0; j < i; j++) {
      if (values[i] < values[j] && lengths[i] < lengths[j] + 1) {
        lengths[i] = lengths[j] + 1
        starts[i] = starts[j]
      }
    }
    if (lengths[i] > lengths[best]) best = i
  }
  return [starts[best], best]
}
