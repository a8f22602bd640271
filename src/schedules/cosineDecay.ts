// The learning rate along half a wave of the cosine, after a warm-up if wanted.
import { OptionError } from '../errors'
import type { Value } from '../graph'
import { add, cos, div, less, minimum, mul, sub, where } from '../ops'
import { type Schedule, schedule } from './schedule'

/** Options of {@link cosineDecay}. */
export interface CosineDecayOptions {
  /** The learning rate at the first step. */
  readonly initialLearningRate: number
  /** How many steps the decay takes, after the warm-up. */
  readonly decaySteps: number
  /** The part of the rate that is left in the end; 0 by default. */
  readonly alpha?: number
  /** The learning rate that the warm-up leads to and from which it decays; without it there is no warm-up. */
  readonly warmupTarget?: number | undefined
  /** How many steps the warm-up takes; 0 by default. */
  readonly warmupSteps?: number
}

/** 1 at fraction 0, `alpha` at fraction 1, along the cosine between. */
export function cosineFactor(fraction: Value, alpha: number): Value {
  return add(mul(0.5 * (1 - alpha), add(1, cos(mul(Math.PI, fraction)))), alpha)
}

/**
 * `rate * ((1 - alpha) * (1 + cos(π step / decaySteps)) / 2 + alpha)` (Loshchilov and Hutter, 2016). With `warmupTarget` the
 * rate rises to it in a straight line over `warmupSteps` first (Goyal et al., 2017).
 *
 * @example
 * ```ts
 * adam({
 *   learningRate: schedules.cosineDecay({ initialLearningRate: 0, warmupTarget: 0.01, warmupSteps: 100, decaySteps: 1000 }),
 * })
 * ```
 */
export const cosineDecay: (options: CosineDecayOptions) => Schedule = /* @__PURE__ */ schedule<
  Required<CosineDecayOptions> & { readonly warmupTarget: number | undefined }
>('cosineDecay', {
  defaults: {
    initialLearningRate: undefined,
    decaySteps: undefined,
    alpha: 0,
    warmupTarget: undefined,
    warmupSteps: 0,
  },
  required: ['initialLearningRate', 'decaySteps'],
  rules: {
    initialLearningRate: { from: 0 },
    decaySteps: { above: 0 },
    alpha: { from: 0 },
    warmupTarget: { from: 0 },
    warmupSteps: { from: 0 },
  },
  check({ warmupTarget, warmupSteps }) {
    if (warmupTarget === undefined && warmupSteps > 0) {
      throw new OptionError('cosineDecay: warmupSteps are given without the warmupTarget they lead to.')
    }
  },
  call(step, { initialLearningRate, decaySteps, alpha, warmupTarget, warmupSteps }) {
    const top = warmupTarget ?? initialLearningRate
    const passed = minimum(warmupSteps === 0 ? step : sub(step, warmupSteps), decaySteps)
    const decayed = mul(top, cosineFactor(div(passed, decaySteps), alpha))
    if (warmupSteps === 0) return decayed
    const warming = add(mul((top - initialLearningRate) / warmupSteps, step), initialLearningRate)
    return where(less(step, warmupSteps), warming, decayed)
  },
})
