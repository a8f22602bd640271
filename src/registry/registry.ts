// A registry: everything of one kind (losses, layers, ...) by name, made from options that are checked in one place.
import { checkOptions, checkValue, describeValue, didYouMean, FormatError, OptionError, type Rules } from '../errors'
import { type Config, type Json, type JsonConfig, toJsonOptions } from './config'

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

/** How a registry tells its instances from names and configs, and where they keep their config. */
export interface RegistryOptions<T> {
  isInstance(value: unknown): value is T
  configOf(instance: T): Config
}

/** Everything of one kind, by name. */
export interface Registry<T> {
  /** What is registered here, in the singular: `loss`, `layer`, ... */
  readonly kind: string
  /** Registers under a name (and its aliases) and returns the factory. A name can be registered once. */
  register<O extends object>(name: string, definition: Definition<T, O>): Factory<T, O>
  /** All registered names, without aliases, in the order of registration. */
  names(): readonly string[]
  /** The name of which it is the factory: one that was given without being called. */
  nameOf(factory: unknown): string | undefined
  /** Whether it is a registered name or alias. */
  has(name: string): boolean
  /**
   * The instance an option stands for: an instance itself, a name with all options at their defaults, or a config.
   *
   * @throws OptionError for a name that is not registered (with the nearest that is) and for anything else.
   */
  resolve(option: string | T | Config): T
  /** What the instance was made of, as JSON. */
  toConfig(instance: T): JsonConfig
  /** Makes an instance again. @throws FormatError when it is not a config. */
  fromConfig(config: unknown): T
}

/**
 * Makes an empty registry.
 *
 * @example
 * ```ts
 * const losses = createRegistry<Loss>('loss', { isInstance: isLoss, configOf: (loss) => loss.config })
 * const huber = losses.register<HuberOptions>('huber', { defaults: { delta: 1 }, make: ({ delta }, config) => ... })
 * losses.resolve('huber') // the same as huber()
 * losses.fromConfig(losses.toConfig(huber({ delta: 2 }))) // the same as huber({ delta: 2 })
 * ```
 */
export function createRegistry<T>(kind: string, { isInstance, configOf }: RegistryOptions<T>): Registry<T> {
  const factories = new Map<string, Factory<T, Record<string, unknown>>>()
  const names: string[] = []

  const find = (name: string): Factory<T, Record<string, unknown>> => {
    const factory = factories.get(name)
    if (factory !== undefined) return factory
    throw new OptionError(
      `unknown ${kind} '${name}'.${didYouMean(name, factories.keys())} Known names: ${names.join(', ')}.`,
    )
  }

  return {
    kind,
    register<O extends object>(name: string, definition: Definition<T, O>): Factory<T, O> {
      const factory = factoryOf(name, definition)
      for (const each of [name, ...(definition.aliases ?? [])]) {
        if (factories.has(each)) throw new Error(`the ${kind} ${each} is registered twice`)
        // Names of options are checked when the factory runs, so it may be kept as one that takes any.
        factories.set(each, factory as Factory<T, Record<string, unknown>>)
      }
      names.push(name)
      return factory
    },
    names: () => names,
    nameOf: (factory) => [...factories].find(([, known]) => known === factory)?.[0],
    has: (name) => factories.has(name),
    resolve(option) {
      if (typeof option === 'string') return find(option)()
      if (isInstance(option)) return option
      if (isConfig(option)) return find(option.name)(option.options)
      throw new OptionError(`expected a ${kind}: a name, or what a factory made; given ${describeValue(option)}.`)
    },
    toConfig(instance) {
      const { name, options } = configOf(instance)
      return { name, options: toJsonOptions(name, options) }
    },
    fromConfig(config) {
      if (isConfig(config)) return find(config.name)(config.options)
      throw new FormatError(`expected the config of a ${kind} ({name, options}), given ${describeValue(config)}.`)
    },
  }
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
      if (options[option] === undefined) throw new OptionError(`${name}: option '${option}' must be given.`)
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
