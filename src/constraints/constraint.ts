// What a constraint is, and the helper with which each is declared.
import type { Value } from '../graph'
import { type Config, type Configured, createRegistry, type Definition, type Factory } from '../registry'

/** What a weight must satisfy: after each update it is brought back to where it does. */
export interface Constraint extends Configured {
  /** The weight as it may be. */
  call(weight: Value): Value
}

/** What stands for a constraint: a name, what a factory made, or a config. */
export type ConstraintOption = string | Constraint | Config

/** All constraints by name. */
export const constraintRegistry = createRegistry<Constraint>('constraint', {
  isInstance: (value): value is Constraint =>
    typeof value === 'object' && value !== null && 'call' in value && 'config' in value,
  configOf: (constraint) => constraint.config,
})

/** How a constraint is declared. */
export interface ConstraintDefinition<O> extends Omit<Definition<Constraint, O>, 'make'> {
  call(weight: Value, options: O): Value
}

/** Declares a constraint and returns its factory. */
export function constraint<O extends object>(
  name: string,
  definition: ConstraintDefinition<O>,
): Factory<Constraint, O> {
  const { call, ...rest } = definition
  return constraintRegistry.register<O>(name, {
    ...rest,
    make: (options, config) => ({ config, call: (weight) => call(weight, options) }),
  })
}

/**
 * The constraint an option stands for.
 *
 * @throws OptionError for an unknown name, with the nearest known one.
 */
export function resolveConstraint(option: ConstraintOption): Constraint {
  return constraintRegistry.resolve(option)
}
