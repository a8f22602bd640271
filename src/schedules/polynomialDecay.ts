// The learning rate on its way to another along a power of time.
import { add, ceil, div, equal, minimum, mul, pow, sub, where } from '../ops'
import { type Schedule, schedule } from './schedule'

/** Options of {@link polynomialDecay}. */
export interface PolynomialDecayOptions {
  /** The learning rate at the first step. */
  readonly initialLearningRate: number
  /** How many steps the way takes. */
  readonly decaySteps: number
  /** The learning rate in the end; 0.0001 by default. */
  readonly endLearningRate?: number
  /** 1 (a straight line) by default. */
  readonly power?: number
  /** Whether the way is made ever longer, by whole multiples, instead of ending; `false` by default. */
  readonly cycle?: boolean
}

/**
 * `(initialLearningRate - endLearningRate) * (1 - step / decaySteps) ^ power + endLearningRate`, where step stays at
 * `decaySteps`, or with `cycle` decaySteps is the next multiple of itself.
 *
 * @example
 * ```ts
 * sgd({ learningRate: schedules.polynomialDecay({ initialLearningRate: 0.1, decaySteps: 1000, power: 0.5 }) })
 * ```
 */
export const polynomialDecay: (options: PolynomialDecayOptions) => Schedule = /* @__PURE__ */ schedule<
  Required<PolynomialDecayOptions>
>('polynomialDecay', {
  defaults: {
    initialLearningRate: undefined,
    decaySteps: undefined,
    endLearningRate: 0.0001,
    power: 1,
    cycle: false,
  },
  required: ['initialLearningRate', 'decaySteps'],
  rules: { initialLearningRate: { from: 0 }, decaySteps: { above: 0 }, endLearningRate: { from: 0 } },
  call(step, { initialLearningRate, decaySteps, endLearningRate, power, cycle }) {
    // The first way is the same with and without cycles, also at step 0.
    const ways = cycle ? where(equal(step, 0), 1, ceil(div(step, decaySteps))) : 1
    const passed = cycle ? step : minimum(step, decaySteps)
    const rest = sub(1, div(passed, mul(ways, decaySteps)))
    return add(mul(initialLearningRate - endLearningRate, pow(rest, power)), endLearningRate)
  },
})
