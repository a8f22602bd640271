// A callback made of functions.
import { checkOptions } from '../errors'
import type { Callback } from './callback'
import { callbackMethods } from './list'

/**
 * A callback made of functions. A plain object with the same methods does as well; this one checks their names at once.
 *
 * @throws OptionError for a name that is no method of a callback.
 *
 * @example
 * ```ts
 * const watch = lambdaCallback({ onEpochEnd: (epoch, logs) => console.log(epoch, logs.loss) })
 * await model.fit(x, y, { epochs: 10, callbacks: [watch] })
 * ```
 */
export function lambdaCallback(methods: Callback): Callback {
  checkOptions('lambdaCallback', methods, callbackMethods)
  return methods
}
