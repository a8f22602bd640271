// The learning rate divided by a number that grows steadily.
import { add, div, floor, mul } from '../ops'
import type { ExponentialDecayOptions } from './exponentialDecay'
import { type Schedule, schedule } from './schedule'

/** Options of {@link inverseTimeDecay}. */
export type InverseTimeDecayOptions = ExponentialDecayOptions

/**
 * `initialLearningRate / (1 + decayRate * step / decaySteps)`; with `staircase` the quotient is rounded down.
 *
 * @example
 * ```ts
 * sgd({ learningRate: schedules.inverseTimeDecay({ initialLearningRate: 0.1, decaySteps: 100, decayRate: 0.5 }) })
 * ```
 */
export const inverseTimeDecay: (options: InverseTimeDecayOptions) => Schedule = /* @__PURE__ */ schedule<
  Required<InverseTimeDecayOptions>
>('inverseTimeDecay', {
  defaults: { initialLearningRate: undefined, decaySteps: undefined, decayRate: undefined, staircase: false },
  required: ['initialLearningRate', 'decaySteps', 'decayRate'],
  rules: { initialLearningRate: { from: 0 }, decaySteps: { above: 0 }, decayRate: { from: 0 } },
  call(step, { initialLearningRate, decaySteps, decayRate, staircase }) {
    const periods = div(step, decaySteps)
    return div(initialLearningRate, add(1, mul(decayRate, staircase ? floor(periods) : periods)))
  },
})
