// What is declared: a factory or function that knows its kind, its name and how it is made of options. Declaring has no
// effect, so that a bundler leaves out what nobody uses; `register` makes names of what is declared.
import { describeValue, OptionError } from '../errors'

/** A factory of the library, such as `lstm` or `losses.huber`, or a function of `activations`. */
// biome-ignore lint/suspicious/noExplicitAny: factories take what they like, and nothing here calls one.
export type Declared = (...given: any[]) => unknown

/** What is known of something that is declared. */
export interface Declaration<T = unknown> {
  readonly kind: string
  readonly name: string
  /** Short names that mean the same, such as `mse`. */
  readonly aliases: readonly string[]
  /** Makes the instance from options as they come, checked here. */
  make(options: Readonly<Record<string, unknown>>): T
  /** Whether a function of one's own stands behind it, so that the function itself may be given for the name. */
  readonly isOwn?: boolean
  /** Makes the name known to those who look for this kind. */
  register(): void
}

const declarations = new WeakMap<object, Declaration>()

/** Ties a function to what is declared by it. */
export function declareAs<F extends Declared>(declared: F, declaration: Declaration): F {
  declarations.set(declared, declaration)
  return declared
}

/** Gives a function the name it has in messages, which code that was made small has lost. */
export function named<F extends Declared>(declared: F, name: string): F {
  return Object.defineProperty(declared, 'name', { value: name, configurable: true })
}

/** Another way to call a factory: it stands for the same name. */
export function shorthand<F extends Declared>(factory: Declared, short: F): F {
  const declaration = declarationOf(factory)
  if (declaration === undefined) throw new Error(`${factory.name} is not declared`)
  return declareAs(named(short, declaration.name), declaration)
}

/** What is declared by a function; undefined for any other. */
export function declarationOf(value: unknown): Declaration | undefined {
  return typeof value === 'function' ? declarations.get(value) : undefined
}

/**
 * Makes known by name what `hornbeam/core` leaves unnamed, so that options take it as a string and files that name it
 * can be loaded. With `hornbeam` itself all names are known from the start.
 *
 * @param declared - factories such as `lstm`, `adam` and `losses.huber`, and functions of `activations`.
 * @throws OptionError for anything else.
 *
 * @example
 * ```ts
 * register(lstm, dense, activations.relu)
 * const model = await loadModel(await sequential([lstm(4), dense(1, { activation: 'relu' })], { inputShape: [3, 2] }).toBytes())
 * ```
 */
export function register(...declared: readonly Declared[]): void {
  for (const each of declared) {
    if (declarationOf(each) === undefined) {
      throw new OptionError(
        `register: expected factories of the library such as lstm or losses.huber, got ${describeValue(each)}`,
      )
    }
  }
  for (const each of declared) declarationOf(each)?.register()
}
