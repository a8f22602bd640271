// What a regularizer is, and the helper with which each is declared.
import type { Value } from '../graph'
import { type Config, type Configured, createRegistry, type Definition, type Factory } from '../registry'

/** A penalty on a weight, added to the loss. */
export interface Regularizer extends Configured {
  /** The penalty, a scalar. */
  call(x: Value): Value
}

/** What stands for a regularizer: a name, what a factory made, or a config. */
export type RegularizerOption = string | Regularizer | Config

/** All regularizers by name. */
export const regularizerRegistry = createRegistry<Regularizer>('regularizer', {
  isInstance: (value): value is Regularizer =>
    typeof value === 'object' && value !== null && 'call' in value && 'config' in value,
  configOf: (regularizer) => regularizer.config,
})

/** How a regularizer is declared. */
export interface RegularizerDefinition<O> extends Omit<Definition<Regularizer, O>, 'make'> {
  call(x: Value, options: O): Value
}

/** Declares a regularizer and returns its factory. */
export function regularizer<O extends object>(
  name: string,
  definition: RegularizerDefinition<O>,
): Factory<Regularizer, O> {
  const { call, ...rest } = definition
  return regularizerRegistry.register<O>(name, {
    ...rest,
    make: (options, config) => ({ config, call: (x) => call(x, options) }),
  })
}

/**
 * The regularizer an option stands for.
 *
 * @throws OptionError for an unknown name, with the nearest known one.
 */
export function resolveRegularizer(option: RegularizerOption): Regularizer {
  return regularizerRegistry.resolve(option)
}
