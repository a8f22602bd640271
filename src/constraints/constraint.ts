// What a constraint is, and the helper with which each is declared.

import type { Value } from '../graph'
import { type Config, type Configured, createRegistry, type Definition, type Factory } from '../registry'

/** What a weight must satisfy: after each update it is brought back to where it does. */
export interface Constraint extends Configured {
  /** The weight as it may be. */
  call(weight: Value): Value
}

/** A constraint of one's own, written with `ops`. */
export type ConstraintFunction = (weight: Value) => Value

/**
 * The names of constraints, which editors offer. A program adds those that it registers:
 *
 * @example
 * ```ts
 * declare module 'hornbeam' {
 *   interface ConstraintNames {
 *     readonly mine: true
 *   }
 * }
 * ```
 */
export interface ConstraintNames extends Readonly<Record<'maxNorm' | 'minMaxNorm' | 'nonNeg' | 'unitNorm', true>> {}

/** A name of a constraint. */
export type ConstraintName = keyof ConstraintNames

/** What stands for a constraint: a name, what a factory made, a function of the weight, or a config. */
export type ConstraintOption = ConstraintName | Constraint | ConstraintFunction | Config

/** All constraints by name. */
export const constraintRegistry = /* @__PURE__ */ createRegistry<Constraint>('constraint', {
  isInstance: (value): value is Constraint =>
    typeof value === 'object' && value !== null && 'call' in value && 'config' in value,
  configOf: (constraint) => constraint.config,
  registeredWith: 'registerConstraint',
  fromFunction: (call, _, config) => ({
    call,
    get config() {
      return config()
    },
  }),
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
  return constraintRegistry.declare<O>(name, {
    ...rest,
    make: (options, config) => ({ config, call: (weight) => call(weight, options) }),
  })
}

/**
 * The constraint an option stands for.
 *
 * @throws OptionError for an unknown name, with the nearest known one.
 */
export function resolveConstraint(option: ConstraintOption | string): Constraint {
  return constraintRegistry.resolve(option)
}

/**
 * Gives a constraint of one's own a name, under which it is taken, saved and found again.
 *
 * @param own - a function from the weight to what it may be, or a definition with options as the library's own have.
 * @returns the factory: with options where the definition has some.
 * @throws OptionError when the name is taken.
 *
 * @example
 * ```ts
 * registerConstraint('atMostOne', (weight) => ops.minimum(weight, 1))
 * declare module 'hornbeam' { interface ConstraintNames { readonly atMostOne: true } } // for TypeScript
 * dense(8, { kernelConstraint: 'atMostOne' })
 * ```
 */
export function registerConstraint(name: string, own: ConstraintFunction): Factory<Constraint, object>
export function registerConstraint<O extends object = object>(
  name: string,
  own: ConstraintDefinition<O>,
): Factory<Constraint, O>
export function registerConstraint<O extends object>(
  name: string,
  own: ConstraintFunction | ConstraintDefinition<O>,
): Factory<Constraint, O> {
  return constraintRegistry.registerOwn(name, own, constraint<O>)
}
