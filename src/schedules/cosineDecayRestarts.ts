// The learning rate along the cosine, again and again.
import { add, div, floor, log, mul, pow, sub } from '../ops'
import { cosineFactor } from './cosineDecay'
import { type Schedule, schedule } from './schedule'

/** Options of {@link cosineDecayRestarts}. */
export interface CosineDecayRestartsOptions {
  /** The learning rate at the first step. */
  readonly initialLearningRate: number
  /** How many steps the first decay takes. */
  readonly firstDecaySteps: number
  /** How many times as long each decay takes as the one before; 2 by default. */
  readonly tMul?: number
  /** How many times as high each decay begins as the one before; 1 by default. */
  readonly mMul?: number
  /** The part of the initial rate that is left at the end of each decay; 0 by default. */
  readonly alpha?: number
}

/**
 * Cosine decay that begins anew, `tMul` times as long and `mMul` times as high each time (Loshchilov and Hutter, 2016,
 * "SGDR: stochastic gradient descent with warm restarts").
 *
 * @example
 * ```ts
 * sgd({ learningRate: schedules.cosineDecayRestarts({ initialLearningRate: 0.1, firstDecaySteps: 500, mMul: 0.8 }) })
 * ```
 */
export const cosineDecayRestarts: (options: CosineDecayRestartsOptions) => Schedule = /* @__PURE__ */ schedule<
  Required<CosineDecayRestartsOptions>
>('cosineDecayRestarts', {
  defaults: { initialLearningRate: undefined, firstDecaySteps: undefined, tMul: 2, mMul: 1, alpha: 0 },
  required: ['initialLearningRate', 'firstDecaySteps'],
  rules: {
    initialLearningRate: { from: 0 },
    firstDecaySteps: { above: 0 },
    tMul: { from: 1 },
    mMul: { from: 0 },
    alpha: { from: 0 },
  },
  call(step, { initialLearningRate, firstDecaySteps, tMul, mMul, alpha }) {
    const periods = div(step, firstDecaySteps)
    // After n decays (tMul^n - 1) / (tMul - 1) first periods have passed.
    const done = tMul === 1 ? floor(periods) : floor(div(log(add(1, mul(periods, tMul - 1))), Math.log(tMul)))
    const length = pow(tMul, done)
    const begun = tMul === 1 ? done : div(sub(length, 1), tMul - 1)
    const height = mul(pow(mMul, done), cosineFactor(div(sub(periods, begun), length), 0))
    return mul(initialLearningRate, add(mul(1 - alpha, height), alpha))
  },
})
