// What an initializer is, and the helper with which each is declared.

import { ShapeError } from '../errors'
import { type Config, type Configured, createRegistry, type Definition, type Factory } from '../registry'
import {
  asTensor,
  type FloatType,
  formatShape,
  getSeed,
  nextStream,
  normalizeSeed,
  type Shape,
  sameShape,
  sizeOf,
  Tensor,
  type TensorLike,
} from '../tensor'

/** Where random numbers come from: the same key gives the same numbers. */
export interface RandomStream {
  readonly seed: number
  readonly stream: number
}

/** How many inputs and outputs a weight joins. */
export interface Fans {
  readonly fanIn: number
  readonly fanOut: number
}

/** What weights begin with. */
export interface Initializer extends Configured {
  /**
   * Makes a weight.
   *
   * @param random - by default the seed in force (`setSeed`) and a stream that nothing else draws from.
   * @param fans - how many inputs and outputs it joins, where its shape does not say so.
   */
  initialize(shape: Shape, dtype?: FloatType, random?: RandomStream, fans?: Fans): Tensor
  /**
   * Loads what makes weights of this shape faster; undefined where there is nothing to load. Weights come out the same without it.
   */
  faster?(shape: Shape): (() => Promise<unknown>) | undefined
}

/**
 * An initializer of one's own: from the shape of a weight to its values. Whoever draws random numbers draws the same for the
 * same `seed` and `stream`.
 */
export type InitializerFunction = (shape: Shape, context: { readonly dtype: FloatType } & RandomStream) => TensorLike

/**
 * The names of initializers, which editors offer. A program adds those that it registers:
 *
 * @example
 * ```ts
 * declare module 'hornbeam' {
 *   interface InitializerNames {
 *     readonly mine: true
 *   }
 * }
 * ```
 */
export interface InitializerNames
  extends Readonly<
    Record<
      | 'constant'
      | 'glorotNormal'
      | 'glorotUniform'
      | 'heNormal'
      | 'heUniform'
      | 'identity'
      | 'lecunNormal'
      | 'lecunUniform'
      | 'ones'
      | 'orthogonal'
      | 'randomNormal'
      | 'randomUniform'
      | 'truncatedNormal'
      | 'varianceScaling'
      | 'zeros',
      true
    >
  > {
  readonly normal: true
  readonly uniform: true
}

/** A name of an initializer. */
export type InitializerName = keyof InitializerNames

/** What stands for an initializer: a name, what a factory made, a function of the shape, or a config. */
export type InitializerOption = InitializerName | Initializer | InitializerFunction | Config

/** Whether it is an initializer. */
export function isInitializer(value: unknown): value is Initializer {
  return typeof value === 'object' && value !== null && 'initialize' in value
}

/** All initializers by name. */
export const initializerRegistry = /* @__PURE__ */ createRegistry<Initializer>('initializer', {
  isInstance: isInitializer,
  configOf: (initializer) => initializer.config,
  registeredWith: 'registerInitializer',
  fromFunction: (make, name = 'initializer', config) => ({
    initialize(shape, dtype = 'float32', random = { seed: getSeed(), stream: nextStream() }) {
      const made = asTensor(make(shape, { dtype, ...random }), dtype)
      if (sameShape(made.shape, shape)) return made
      throw new ShapeError(`${name}: expected values of shape ${formatShape(shape)}, got ${formatShape(made.shape)}`)
    },
    get config() {
      return config()
    },
  }),
})

/** How an initializer is declared. */
export interface InitializerDefinition<O> extends Omit<Definition<Initializer, O>, 'make'> {
  /** Fills `out`, the elements of a weight of this shape in row-major order, which are kept as `dtype`. */
  fill(out: Float64Array, shape: Shape, options: O, random: RandomStream, fans?: Fans, dtype?: FloatType): void
  /** As {@link Initializer.faster}. */
  faster?(shape: Shape): (() => Promise<unknown>) | undefined
}

/** Declares an initializer and returns its factory. */
export function initializer<O extends object>(
  name: string,
  definition: InitializerDefinition<O>,
): Factory<Initializer, O> {
  const { fill, faster, ...rest } = definition
  return initializerRegistry.declare<O>(name, {
    ...rest,
    make: (options, config) => ({
      config,
      initialize(shape, dtype = 'float32', random, fans) {
        // float64 is filled first either way: what is drawn does not depend on the type it is kept in.
        const out = new Float64Array(sizeOf(shape))
        fill(out, shape, options, keyOf(options, random), fans, dtype)
        const data = dtype === 'float64' ? out : new Float32Array(out)
        return new Tensor(data, shape, dtype)
      },
      ...(faster === undefined ? {} : { faster }),
    }),
  })
}

/** An initializer with a seed of its own always draws the same. */
function keyOf(options: object, random: RandomStream | undefined): RandomStream {
  if ('seed' in options && typeof options.seed === 'number') return { seed: normalizeSeed(options.seed), stream: 0 }
  return random ?? { seed: getSeed(), stream: nextStream() }
}

/**
 * The initializer an option stands for.
 *
 * @throws OptionError for an unknown name, with the nearest known one.
 */
export function resolveInitializer(option: InitializerOption | string): Initializer {
  return initializerRegistry.resolve(option)
}

/**
 * Gives an initializer of one's own a name, under which it is taken, saved and found again.
 *
 * @param own - a function from the shape of a weight to its values, or a definition with options as the library's own have.
 * @returns the factory: with options where the definition has some.
 * @throws OptionError when the name is taken.
 *
 * @example
 * ```ts
 * registerInitializer('small', (shape, { seed }) => {
 *   const values = randomUniform(shape, { seed })
 *   return tensor(values.data.map((value) => 0.02 * value - 0.01), shape)
 * })
 * declare module 'hornbeam' { interface InitializerNames { readonly small: true } } // for TypeScript
 * dense(8, { kernelInitializer: 'small' })
 * ```
 */
export function registerInitializer<O extends object = object>(
  name: string,
  own: InitializerFunction | InitializerDefinition<O>,
): Factory<Initializer, O> {
  return initializerRegistry.registerOwn(name, own, initializer<O>)
}
