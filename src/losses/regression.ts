// Losses for numbers: squared, absolute, relative and logarithmic errors, and what lies between them.
import type { Value } from '../graph'
import { mean, mul, sub } from '../ops'
import { loss } from './loss'
import { alignTargets } from './targets'

/** The mean over the last axis of f(target, prediction), element by element. */
export const meanOf =
  <O>(f: (yTrue: Value, yPred: Value, options: O) => Value) =>
  (yTrue: Value, yPred: Value, options: O): Value => {
    const [targets, predictions] = alignTargets(yTrue, yPred)
    const values = f(targets, predictions, options)
    return values.rank === 0 ? values : mean(values, { axis: -1 })
  }

/**
 * Mean squared error: `mean((yTrue - yPred)²)`.
 *
 * @example
 * ```ts
 * model.compile({ loss: losses.meanSquaredError() }) // or 'mse'
 * ```
 */
export const meanSquaredError = loss('meanSquaredError', {
  aliases: ['mse'],
  defaults: {},
  call: meanOf((yTrue, yPred) => {
    const difference = sub(yPred, yTrue)
    return mul(difference, difference)
  }),
})
