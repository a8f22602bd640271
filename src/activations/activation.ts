// What an activation is, how one is declared, and how a layer finds it by name, with its options as data.
import type { Value } from '../graph'
import { type Config, type Configured, createRegistry } from '../registry'
import type { PartialShape } from '../tensor'

/** What a layer applies to its result, and how that is written in a file. */
export interface Activation extends Configured {
  /** Its name, where it is one of the library's. */
  readonly name?: string
  /** Whether all its options are at their defaults. */
  readonly isPlain?: boolean
  call(x: Value): Value
  /** The shape of the result, the batch among its axes, where it is not that of `x`. */
  outputShape?(shape: PartialShape): PartialShape
}

/** An activation function of one's own, written with `ops`. */
export type ActivationFunction = (x: Value) => Value

/**
 * How an activation is given: by name (`'relu'`), as a function of `activations`, with options as
 * `{ name: 'leakyRelu', options: { negativeSlope: 0.1 } }`, or as a function of one's own.
 */
export type ActivationOption = ActivationName | ActivationFunction | Activation | Config

/**
 * The names of activations, which editors offer. A program adds those that it registers:
 *
 * @example
 * ```ts
 * declare module 'hornbeam' {
 *   interface ActivationNames {
 *     readonly mine: true
 *   }
 * }
 * ```
 */
export interface ActivationNames
  extends Readonly<
    Record<
      | 'celu'
      | 'elu'
      | 'exponential'
      | 'gelu'
      | 'glu'
      | 'hardShrink'
      | 'hardSigmoid'
      | 'hardSilu'
      | 'hardSwish'
      | 'hardTanh'
      | 'leakyRelu'
      | 'linear'
      | 'logSigmoid'
      | 'logSoftmax'
      | 'mish'
      | 'relu'
      | 'relu6'
      | 'selu'
      | 'sigmoid'
      | 'silu'
      | 'softShrink'
      | 'softmax'
      | 'softplus'
      | 'softsign'
      | 'sparsePlus'
      | 'sparseSigmoid'
      | 'sparsemax'
      | 'squareplus'
      | 'swish'
      | 'tanh'
      | 'tanhShrink'
      | 'threshold',
      true
    >
  > {}

/** A name of an activation. */
export type ActivationName = keyof ActivationNames

/** All activations by name. */
export const activationRegistry = /* @__PURE__ */ createRegistry<Activation>('activation', {
  isInstance: isActivation,
  configOf: (activation) => activation.config,
  registeredWith: 'registerActivation',
  fromFunction: (call, _, config) => ({
    call,
    get config() {
      return config()
    },
  }),
})

/** How an activation is declared. */
export interface ActivationDefinition<O> {
  readonly aliases?: readonly string[]
  readonly defaults: { readonly [option in keyof O]-?: O[option] | undefined }
  readonly required?: readonly (keyof O & string)[]
  /** The formula with options; by default the function itself, which then has none. */
  call?(x: Value, options: O): Value
  /** The shape of the result, the batch among its axes; that of the value by default. */
  outputShape?(shape: PartialShape, options: O): PartialShape
}

// biome-ignore lint/suspicious/noExplicitAny: what comes after the value differs from function to function.
type FunctionOfValue = (x: Value, ...more: any[]) => Value

/** Declares a function as an activation, and gives it back. */
export function activation<O extends object, F extends FunctionOfValue>(
  name: string,
  call: F,
  definition: ActivationDefinition<O> = { defaults: {} as never }, // without options there is nothing to default
): F {
  const { call: withOptions = (x) => call(x), outputShape, ...rest } = definition
  const defaults: Readonly<Record<string, unknown>> = definition.defaults
  return activationRegistry.declareFunction<O, F>(
    name,
    {
      ...rest,
      make: (options, config) => ({
        name,
        isPlain: Object.entries(config.options).every(([option, value]) => value === defaults[option]),
        call: (x) => withOptions(x, options),
        ...(outputShape && { outputShape: (shape) => outputShape(shape, options) }),
        config,
      }),
    },
    call,
  )
}

/**
 * The activation an option stands for.
 *
 * @throws OptionError for an unknown name (with the nearest known one) and for anything that is no activation.
 *
 * @example
 * ```ts
 * resolveActivation('relu').call(x)
 * resolveActivation((x) => ops.mul(x, ops.sigmoid(x))).call(x)
 * ```
 */
export function resolveActivation(option: ActivationOption | string): Activation {
  return activationRegistry.resolve(option)
}

function isActivation(value: unknown): value is Activation {
  return typeof value === 'object' && value !== null && 'call' in value && typeof value.call === 'function'
}

/**
 * Gives an activation function of one's own a name, under which layers take it, save it and find it again.
 *
 * @throws OptionError when the name is taken.
 *
 * @example
 * ```ts
 * registerActivation('doubleTanh', (x) => ops.mul(2, ops.tanh(x)))
 * declare module 'hornbeam' { interface ActivationNames { readonly doubleTanh: true } } // for TypeScript
 * dense(8, { activation: 'doubleTanh' })
 * ```
 */
export function registerActivation(name: string, call: ActivationFunction): void {
  activationRegistry.registerOwn(name, call, (_, own: never) => own)
}
