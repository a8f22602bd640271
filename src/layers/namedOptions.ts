// Options that name an activation, initializer, regularizer or constraint: which registry looks them up.

import { resolveActivation } from '../activations'
import { resolveConstraint } from '../constraints'
import { OptionError } from '../errors'
import { resolveInitializer } from '../initializers'
import { resolveRegularizer } from '../regularizers'

/** By the end of the option's name: `activation` and `recurrentActivation`, `kernelInitializer`, ... */
const resolvers: readonly (readonly [ending: RegExp, resolve: (option: never) => unknown])[] = [
  [/activation$/i, resolveActivation],
  [/initializer$/i, resolveInitializer],
  [/regularizer$/i, resolveRegularizer],
  [/constraint$/i, resolveConstraint],
]

/**
 * What a named option stands for; the value itself of any other option.
 *
 * @throws OptionError for an unknown name, with the layer and the option in front.
 */
export function resolveNamed(where: string, option: string, value: unknown): unknown {
  const resolve = resolvers.find(([ending]) => ending.test(option))?.[1]
  if (resolve === undefined || value == null) return value
  try {
    return resolve(value as never) // the resolvers check what they are given
  } catch (error) {
    if (error instanceof OptionError) throw new OptionError(`${where}: ${option}: ${error.message}`)
    throw error
  }
}

/** Looks up all named options, so that a misspelling shows where the layer is made, not where it is built. */
export function checkNamedOptions(where: string, options: object): void {
  for (const [option, value] of Object.entries(options)) resolveNamed(where, option, value)
}
