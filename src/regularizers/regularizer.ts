// What a regularizer is, and the helper with which each is declared.

import type { Value } from '../graph'
import { type Config, type Configured, createRegistry, type Definition, type Factory } from '../registry'

/** A penalty on a weight, added to the loss. */
export interface Regularizer extends Configured {
  /** The penalty, a scalar. */
  call(x: Value): Value
}

/** A regularizer of one's own, written with `ops`. */
export type RegularizerFunction = (weight: Value) => Value

/**
 * The names of regularizers, which editors offer. A program adds those that it registers:
 *
 * @example
 * ```ts
 * declare module 'hornbeam' {
 *   interface RegularizerNames {
 *     readonly mine: true
 *   }
 * }
 * ```
 */
export interface RegularizerNames extends Readonly<Record<'l1' | 'l1l2' | 'l2' | 'orthogonalRegularizer', true>> {}

/** A name of a regularizer. */
export type RegularizerName = keyof RegularizerNames

/** What stands for a regularizer: a name, what a factory made, a function of the weight, or a config. */
export type RegularizerOption = RegularizerName | Regularizer | RegularizerFunction | Config

/** All regularizers by name. */
export const regularizerRegistry = /* @__PURE__ */ createRegistry<Regularizer>('regularizer', {
  isInstance: (value): value is Regularizer =>
    typeof value === 'object' && value !== null && 'call' in value && 'config' in value,
  configOf: (regularizer) => regularizer.config,
  registeredWith: 'registerRegularizer',
  fromFunction: (call, _, config) => ({
    call,
    get config() {
      return config()
    },
  }),
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
  return regularizerRegistry.declare<O>(name, {
    ...rest,
    make: (options, config) => ({ config, call: (x) => call(x, options) }),
  })
}

/**
 * The regularizer an option stands for.
 *
 * @throws OptionError for an unknown name, with the nearest known one.
 */
export function resolveRegularizer(option: RegularizerOption | string): Regularizer {
  return regularizerRegistry.resolve(option)
}

/**
 * Gives a regularizer of one's own a name, under which it is taken, saved and found again.
 *
 * @param own - a function from the weight to a scalar that is added to the loss, or a definition with options as the library's own have.
 * @returns the factory: with options where the definition has some.
 * @throws OptionError when the name is taken.
 *
 * @example
 * ```ts
 * registerRegularizer('l4', (weight) => ops.sum(ops.pow(weight, 4)))
 * declare module 'hornbeam' { interface RegularizerNames { readonly l4: true } } // for TypeScript
 * dense(8, { kernelRegularizer: 'l4' })
 * ```
 */
export function registerRegularizer(name: string, own: RegularizerFunction): Factory<Regularizer, object>
export function registerRegularizer<O extends object = object>(
  name: string,
  own: RegularizerDefinition<O>,
): Factory<Regularizer, O>
export function registerRegularizer<O extends object>(
  name: string,
  own: RegularizerFunction | RegularizerDefinition<O>,
): Factory<Regularizer, O> {
  return regularizerRegistry.registerOwn(name, own, regularizer<O>)
}
