// From what a user gives as a loss to a Loss.
import { OptionError } from '../errors'
import { type Operand, toValue, type Value } from '../graph'
import type { Config } from '../registry'
import { type Loss, lossRegistry } from './loss'

/** A loss of a user's own, written with ops: a value for each sample, or one. */
export type LossFunction = (yTrue: Value, yPred: Value) => Operand

/** What stands for a loss: a name, what a factory made, a function, or a config. */
export type LossOption = string | Loss | LossFunction | Config

/**
 * The loss an option stands for.
 *
 * @throws OptionError for an unknown name, with the nearest known one.
 */
export function resolveLoss(option: LossOption): Loss {
  if (typeof option !== 'function') return lossRegistry.resolve(option)
  const factory = lossRegistry.nameOf(option)
  if (factory === undefined) return lossFromFunction(option)
  throw new OptionError(`loss: expected what losses.${factory}() gives, got the function ${factory} itself`)
}

function lossFromFunction(fn: LossFunction): Loss {
  const name = fn.name === '' ? 'loss' : fn.name
  return {
    name,
    reduction: 'sumOverBatchSize',
    // The function itself: it makes saving say what cannot be saved, instead of losing it.
    config: { name, options: { function: fn } },
    call: (yTrue, yPred) => toValue(fn(yTrue, yPred), yPred.dtype),
  }
}
