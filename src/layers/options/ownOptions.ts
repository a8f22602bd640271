// The options of a kind of layer beside the common ones: defaults and rules, as all that has a name in a registry has them.

import { resolveActivation } from '../../activations'
import { resolveConstraint } from '../../constraints'
import { checkValue, type Rule, type Rules } from '../../errors'
import { resolveInitializer } from '../../initializers'
import { resolveRegularizer } from '../../regularizers'
import type { LayerOptions } from '../base/layer'

/** Options of a layer: every one of its own by name, and what its values may be. `O` is the interface that users see. */
export interface OwnOptions<O> {
  /** With their defaults; `undefined` where an option has none, or what is made of others. */
  readonly defaults: { readonly [name in Exclude<keyof O, keyof LayerOptions>]-?: O[name] | undefined }
  /** What values may be, where their type is not all. */
  readonly rules?: Rules<O>
}

/** The same, whatever the options are. */
export interface AnyOptions {
  readonly defaults: Readonly<Record<string, unknown>>
  readonly rules?: Readonly<Record<string, Rule | undefined>>
}

/** Checks the values of a layer's own options. @throws OptionError for one it cannot have. */
export function checkOwn(where: string, given: object, { defaults, rules = {} }: AnyOptions): void {
  for (const [option, value] of Object.entries(given)) {
    if (option in defaults) checkValue(where, option, value, defaults[option], rules[option])
  }
}

/** Looks the option up among the activations, so that a misspelling shows where the layer is made, not where it is built. */
export const anActivation: Rule = { lookUp: resolveActivation }
/** The same among the initializers. */
export const anInitializer: Rule = { lookUp: resolveInitializer }
/** The same among the regularizers. */
export const aRegularizer: Rule = { lookUp: resolveRegularizer }
/** The same among the constraints. */
export const aConstraint: Rule = { lookUp: resolveConstraint }
/** Fixes random numbers. */
export const aSeed: Rule = { integer: true, from: 0 }
/** A part of all, both ends included. */
export const aRate: Rule = { from: 0, to: 1 }
