// The learning rate times a factor every so many steps.
import { div, floor, mul, pow } from '../ops'
import { type Schedule, schedule } from './schedule'

/** Options of {@link exponentialDecay}. */
export interface ExponentialDecayOptions {
  /** The learning rate at the first step. */
  readonly initialLearningRate: number
  /** Over how many steps `decayRate` works once. */
  readonly decaySteps: number
  readonly decayRate: number
  /** Whether the rate falls in jumps every `decaySteps` instead of a little every step; `false` by default. */
  readonly staircase?: boolean
}

/**
 * `initialLearningRate * decayRate ^ (step / decaySteps)`; with `staircase` the quotient is rounded down.
 *
 * @example
 * ```ts
 * adam({ learningRate: schedules.exponentialDecay({ initialLearningRate: 0.01, decaySteps: 1000, decayRate: 0.9 }) })
 * ```
 */
export const exponentialDecay: (options: ExponentialDecayOptions) => Schedule = /* @__PURE__ */ schedule<
  Required<ExponentialDecayOptions>
>('exponentialDecay', {
  defaults: { initialLearningRate: undefined, decaySteps: undefined, decayRate: undefined, staircase: false },
  required: ['initialLearningRate', 'decaySteps', 'decayRate'],
  rules: { initialLearningRate: { from: 0 }, decaySteps: { above: 0 }, decayRate: { from: 0 } },
  call(step, { initialLearningRate, decaySteps, decayRate, staircase }) {
    const periods = div(step, decaySteps)
    return mul(initialLearningRate, pow(decayRate, staircase ? floor(periods) : periods))
  },
})
