// Activations by name, with their options as data, so that a layer can be saved with its own.
import { describeValue, OptionError } from '../errors'
import type { Value } from '../graph'
import { type Config, type Configured, createRegistry } from '../registry'
import * as functions from './functions'

/** What a layer applies to its result, and how that is written in a file. */
export interface Activation extends Configured {
  call(x: Value): Value
}

/** An activation function of one's own, written with `ops`. */
export type ActivationFunction = (x: Value) => Value

/**
 * How an activation is given: by name (`'relu'`), as a function of `activations`, with options as
 * `{ name: 'leakyRelu', options: { negativeSlope: 0.1 } }`, or as a function of one's own.
 */
export type ActivationOption = ActivationName | (string & {}) | ActivationFunction | Activation | Config

/** The names of the activations that are there from the start. */
export type ActivationName = keyof typeof functions

/** All activations by name. */
export const activationRegistry = createRegistry<Activation>('activation', {
  isInstance: isActivation,
  configOf: (activation) => activation.config,
})

/** Functions that stand for a name when they are given as they are. */
const named = new Map<unknown, string>(Object.entries(functions).map(([name, each]) => [each, name]))

/** Names a function with options. */
function register<O extends object>(
  name: ActivationName,
  defaults: { readonly [option in keyof O]-?: O[option] | undefined },
  apply: (x: Value, options: O) => Value,
  more: { readonly aliases?: readonly ActivationName[]; readonly required?: readonly (keyof O & string)[] } = {},
): void {
  activationRegistry.register<O>(name, {
    ...more,
    defaults,
    make: (options, config) => ({ call: (x) => apply(x, options), config }),
  })
}

type Axis = { readonly axis: number }
type Alpha = { readonly alpha: number }
type Bound = { readonly threshold: number }
type Relu = { readonly negativeSlope: number; readonly maxValue: number | undefined; readonly threshold: number }
type Nothing = Record<never, never>

register<Nothing>('linear', {}, (x) => x)
register<Relu>('relu', { negativeSlope: 0, maxValue: undefined, threshold: 0 }, functions.relu)
register<Nothing>('relu6', {}, functions.relu6)
register<{ readonly negativeSlope: number }>('leakyRelu', { negativeSlope: 0.2 }, (x, { negativeSlope }) =>
  functions.leakyRelu(x, negativeSlope),
)
register<Alpha>('elu', { alpha: 1 }, (x, { alpha }) => functions.elu(x, alpha))
register<Nothing>('selu', {}, functions.selu)
register<Alpha>('celu', { alpha: 1 }, (x, { alpha }) => functions.celu(x, alpha))
register<{ readonly approximate: boolean }>('gelu', { approximate: false }, (x, { approximate }) =>
  functions.gelu(x, approximate),
)
register<Nothing>('silu', {}, functions.silu, { aliases: ['swish'] })
register<Nothing>('hardSilu', {}, functions.hardSilu, { aliases: ['hardSwish'] })
register<Nothing>('mish', {}, functions.mish)
register<Axis>('glu', { axis: -1 }, (x, { axis }) => functions.glu(x, axis))
register<Nothing>('tanh', {}, functions.tanh)
register<Nothing>('hardTanh', {}, functions.hardTanh)
register<Nothing>('tanhShrink', {}, functions.tanhShrink)
register<Nothing>('sigmoid', {}, functions.sigmoid)
register<Nothing>('hardSigmoid', {}, functions.hardSigmoid)
register<Nothing>('logSigmoid', {}, functions.logSigmoid)
register<Nothing>('sparseSigmoid', {}, functions.sparseSigmoid)
register<Axis>('softmax', { axis: -1 }, (x, { axis }) => functions.softmax(x, axis))
register<Axis>('logSoftmax', { axis: -1 }, (x, { axis }) => functions.logSoftmax(x, axis))
register<Axis>('sparsemax', { axis: -1 }, (x, { axis }) => functions.sparsemax(x, axis))
register<Nothing>('softplus', {}, functions.softplus)
register<Nothing>('softsign', {}, functions.softsign)
register<Nothing>('sparsePlus', {}, functions.sparsePlus)
register<{ readonly b: number }>('squareplus', { b: 4 }, (x, { b }) => functions.squareplus(x, b))
register<Nothing>('exponential', {}, functions.exponential)
register<Bound>('softShrink', { threshold: 0.5 }, (x, { threshold }) => functions.softShrink(x, threshold))
register<Bound>('hardShrink', { threshold: 0.5 }, (x, { threshold }) => functions.hardShrink(x, threshold))
register<Bound & { readonly defaultValue: number }>(
  'threshold',
  { threshold: undefined, defaultValue: undefined },
  (x, { threshold, defaultValue }) => functions.threshold(x, threshold, defaultValue),
  { required: ['threshold', 'defaultValue'] },
)

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
export function resolveActivation(option: ActivationOption): Activation {
  if (typeof option !== 'function') return activationRegistry.resolve(option)
  const name = named.get(option)
  return name === undefined ? ownActivation(option) : activationRegistry.resolve(name)
}

function ownActivation(call: ActivationFunction): Activation {
  return {
    call,
    get config(): Config {
      throw new OptionError(
        'activation: a function of your own cannot be saved; name it with registerActivation, and give it by that name.',
      )
    },
  }
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
 * dense(8, { activation: 'doubleTanh' })
 * ```
 */
export function registerActivation(name: string, call: ActivationFunction): void {
  if (typeof call !== 'function') {
    throw new OptionError(`registerActivation: expected a function, given ${describeValue(call)}.`)
  }
  if (activationRegistry.has(name)) throw new OptionError(`registerActivation: the name '${name}' is taken.`)
  activationRegistry.register<Nothing>(name, { defaults: {}, make: (_, config) => ({ call, config }) })
  named.set(call, name)
}
