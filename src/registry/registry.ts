// A registry: everything of one kind (losses, layers, ...) by name, made from options that are checked in one place.
import { checkOptions, checkValue, describeValue, didYouMean, FormatError, OptionError, type Rules } from '../errors'
import { type Config, type Json, type JsonConfig, toJsonOptions } from './config'
import { type Declaration, declarationOf, declareAs, named } from './declared'

/** How something is made from its options. */
export interface Definition<T, O> {
  /** Short names that mean the same, such as `mse`. */
  readonly aliases?: readonly string[]
  /** Every option by name, with its default; `undefined` where it has none. */
  readonly defaults: { readonly [name in keyof O]-?: O[name] | undefined }
  /** Options that must be given. */
  readonly required?: readonly (keyof O & string)[]
  /** What the values of options may be, where their type is not all. */
  readonly rules?: Rules<O>
  /** Throws an OptionError for values that no rule can tell: lists, and options that do not fit together. */
  check?(options: O): void
  /**
   * Makes the instance.
   *
   * @param options - all options, checked, with defaults filled in.
   * @param config - the same as the config the instance is to carry.
   */
  make(options: O, config: Config): T
}

/** Makes an instance; options that are not given have their defaults. */
export type Factory<T, O> = (options?: Partial<O>) => T

/** A function of a user's own, whatever it takes and gives. */
// biome-ignore lint/suspicious/noExplicitAny: each registry knows what the functions of its kind take.
export type OwnFunction = (...given: any[]) => any

/** How a registry tells its instances from names and configs, and where they keep their config. */
export interface RegistryOptions<T> {
  isInstance(value: unknown): value is T
  configOf(instance: T): Config
  /** What users call to name one of their own, such as `registerLoss`. */
  readonly registeredWith: string
  /** What a function of a user's own stands for; without it functions are refused. */
  fromFunction?(call: OwnFunction, name: string | undefined, config: () => Config): T
}

/** Everything of one kind, by name. */
export interface Registry<T> {
  /** What is registered here, in the singular: `loss`, `layer`, ... */
  readonly kind: string
  /** A factory that checks options, fills in defaults and keeps both as the config. It has no name before it is registered. */
  declare<O extends object>(name: string, definition: Definition<T, O>): Factory<T, O>
  /** Declares a function that is itself what it names, such as an activation. */
  declareFunction<O extends object, F extends OwnFunction>(name: string, definition: Definition<T, O>, call: F): F
  /** Ties any function to a name of this kind, and to how it is made from options. */
  declareAs<F extends OwnFunction>(
    declared: F,
    name: string,
    make: (options: Readonly<Record<string, unknown>>) => T,
  ): F
  /** Declares and registers. A name can be registered once. */
  register<O extends object>(name: string, definition: Definition<T, O>): Factory<T, O>
  /**
   * Registers one of a user's own: a function, which may then be given for the name too, or what `declare` makes a factory of.
   *
   * @throws OptionError for a name that is taken, and for anything that is neither.
   */
  registerOwn<D extends object, F extends Factory<T, never>>(
    name: string,
    own: OwnFunction | D,
    declare: (name: string, definition: D) => F,
  ): F | Factory<T, object>
  /** Registers under a name what is made from options in any way. */
  registerMaker(name: string, make: (options: Readonly<Record<string, unknown>>) => T): void
  /** All registered names, without aliases, in the order of registration. */
  names(): readonly string[]
  /** The name of which it is the factory: one that was given without being called. */
  nameOf(factory: unknown): string | undefined
  /** Whether it is a registered name or alias. */
  has(name: string): boolean
  /** The function of a user's own that was registered under the name. */
  ownFunction(name: string): OwnFunction | undefined
  /**
   * The instance an option stands for: an instance itself, a name with all options at their defaults, a config, or a
   * function of a user's own.
   *
   * @throws OptionError for a name that is not registered (with the nearest that is) and for anything else.
   */
  resolve(option: string | T | Config | OwnFunction): T
  /** What the instance was made of, as JSON. */
  toConfig(instance: T): JsonConfig
  /** Makes an instance again. @throws FormatError when it is not a config, OptionError for an unknown name. */
  fromConfig(config: unknown): T
}

/**
 * Makes an empty registry.
 *
 * @example
 * ```ts
 * const losses = createRegistry<Loss>('loss', { isInstance: isLoss, configOf: (loss) => loss.config, registeredWith: 'registerLoss' })
 * const huber = losses.declare<HuberOptions>('huber', { defaults: { delta: 1 }, make: ({ delta }, config) => ... })
 * register(huber)
 * losses.resolve('huber') // the same as huber()
 * losses.fromConfig(losses.toConfig(huber({ delta: 2 }))) // the same as huber({ delta: 2 })
 * ```
 */
export function createRegistry<T>(
  kind: string,
  { isInstance, configOf, registeredWith, fromFunction }: RegistryOptions<T>,
): Registry<T> {
  const known = new Map<string, Declaration<T>>()
  const names: string[] = []
  const ownFunctions = new Map<string, OwnFunction>()
  const article = /^[aeiou]/.test(kind) ? 'an' : 'a'

  const add = (declaration: Declaration<T>): void => {
    if (known.get(declaration.name) === declaration) return
    const taken = [declaration.name, ...declaration.aliases].find((name) => known.has(name))
    if (taken !== undefined) throw new OptionError(`${registeredWith}: the name '${taken}' is taken.`)
    for (const each of [declaration.name, ...declaration.aliases]) known.set(each, declaration)
    names.push(declaration.name)
  }

  const declaration = (
    name: string,
    make: Declaration<T>['make'],
    more: Partial<Pick<Declaration, 'aliases' | 'isOwn'>> = {},
  ): Declaration<T> => {
    const made: Declaration<T> = { kind, name, aliases: [], ...more, make, register: () => add(made) }
    return made
  }

  const find = (name: string): Declaration<T> => {
    const found = known.get(name)
    if (found !== undefined) return found
    const all = names.length === 0 ? 'No name is registered' : `Known names: ${names.join(', ')}`
    throw new OptionError(`unknown ${kind} '${name}'.${didYouMean(name, known.keys())} ${all}.`)
  }

  /** A factory of this kind, or a function that is itself declared here. */
  const declaredHere = (value: unknown): Declaration<T> | undefined => {
    const found = declarationOf(value)
    return found?.kind === kind ? (found as Declaration<T>) : undefined // a kind has one registry
  }

  const ofFunction = (given: OwnFunction): T => {
    const declared = declaredHere(given)
    if (declared?.isOwn === true) return declared.make({})
    if (declared !== undefined) {
      throw new OptionError(
        `expected ${article} ${kind}: what ${declared.name}() gives, got the function ${declared.name} itself`,
      )
    }
    if (fromFunction === undefined) throw refused(given)
    return fromFunction(given, given.name === '' ? undefined : given.name, () => {
      const which = given.name === '' ? 'a function of your own' : `the function ${given.name}`
      throw new OptionError(
        `${kind}: ${which} cannot be saved; name it with ${registeredWith}, and give it by that name`,
      )
    })
  }

  const refused = (given: unknown): OptionError =>
    new OptionError(`expected ${article} ${kind}: a name, or what a factory made; got ${describeValue(given)}`)

  const self: Registry<T> = {
    kind,
    declare(name, definition) {
      const factory = factoryOf(name, definition)
      // Names of options are checked when the factory runs, so it may be kept as one that takes any.
      const make = factory as Declaration<T>['make']
      return declareAs(named(factory, name), declaration(name, make, { aliases: definition.aliases ?? [] }))
    },
    declareFunction(name, definition, call) {
      const make = factoryOf(name, definition) as Declaration<T>['make'] // as above
      return declareAs(call, declaration(name, make, { aliases: definition.aliases ?? [], isOwn: true }))
    },
    declareAs: (declared, name, make) => declareAs(named(declared, name), declaration(name, make)),
    register(name, definition) {
      const made = self.declare(name, definition)
      declarationOf(made)?.register()
      return made
    },
    registerOwn(name, own, declare) {
      checkName(registeredWith, name)
      if (known.has(name)) throw new OptionError(`${registeredWith}: the name '${name}' is taken.`)
      if (typeof own === 'function' && fromFunction !== undefined) {
        const call = own as OwnFunction // the only function of these types
        ownFunctions.set(name, call)
        declareAs(
          call,
          declaration(name, (options) => find(name).make(options), { isOwn: true }),
        )
        return self.register<object>(name, {
          defaults: {},
          make: (_, config) => fromFunction(call, name, () => config),
        })
      }
      if (typeof own !== 'object' || own === null) {
        const what = fromFunction === undefined ? 'a definition' : 'a function or a definition'
        throw new OptionError(`${registeredWith}: expected ${what}, got ${describeValue(own)}`)
      }
      const { defaults }: { readonly defaults?: unknown } = own
      if (typeof defaults !== 'object' || defaults === null) {
        throw new OptionError(
          `${registeredWith}: defaults: expected the options with their defaults as a record, got ${describeValue(defaults)}`,
        )
      }
      const made = declare(name, own)
      declarationOf(made)?.register()
      return made
    },
    registerMaker(name, make) {
      checkName(registeredWith, name)
      add(declaration(name, make))
    },
    names: () => names,
    nameOf: (factory) => declaredHere(factory)?.name,
    has: (name) => known.has(name),
    ownFunction: (name) => ownFunctions.get(name),
    resolve(option) {
      if (typeof option === 'string') return find(option).make({})
      if (typeof option === 'function') return ofFunction(option as OwnFunction) // the only functions of these types
      if (isInstance(option)) return option
      if (isConfig(option)) return find(option.name).make(option.options)
      throw refused(option)
    },
    toConfig(instance) {
      const { name, options } = configOf(instance)
      return { name, options: toJsonOptions(name, options) }
    },
    fromConfig(config) {
      if (isConfig(config)) return find(config.name).make(config.options)
      throw new FormatError(`expected the config of a ${kind} ({name, options}), got ${describeValue(config)}`)
    },
  }
  return self
}

/** @throws OptionError for what cannot be a name. */
export function checkName(where: string, name: unknown): void {
  if (typeof name === 'string' && name !== '') return
  throw new OptionError(`${where}: name: expected a text, got ${describeValue(name)}`)
}

/** The factory that checks options, fills in defaults and keeps both as the config. */
function factoryOf<T, O extends object>(name: string, definition: Definition<T, O>): Factory<T, O> {
  const { defaults, rules = {}, required = [], check, make } = definition
  const known = Object.keys(defaults)
  return (given) => {
    checkOptions(name, given, known)
    const options: Record<string, unknown> = { ...defaults }
    for (const [option, value] of Object.entries(given ?? {})) if (value !== undefined) options[option] = value
    for (const option of required) {
      if (options[option] === undefined) throw new OptionError(`${name}: ${option}: expected a value, got none`)
    }
    for (const option of known as (keyof O & string)[]) {
      checkValue(name, option, options[option], defaults[option], (rules as Rules<O>)[option])
    }
    // Complete: every option of O is among the defaults or was just checked to be there.
    const complete = options as O
    check?.(complete)
    return make(complete, { name, options })
  }
}

function isConfig(value: unknown): value is Config & { options: Record<string, Json> } {
  if (typeof value !== 'object' || value === null || !('name' in value) || !('options' in value)) return false
  return typeof value.name === 'string' && typeof value.options === 'object' && value.options !== null
}
