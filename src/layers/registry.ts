// The layers by kind: how a layer becomes JSON and is made again, also one of a user's own.

import { describeValue, didYouMean, FormatError, OptionError } from '../errors'
import { type Config, type Json, type JsonConfig, toJson } from '../registry'
import { Layer } from './layer'
import { resolveNamed } from './namedOptions'

type Make = (options: Readonly<Record<string, unknown>>) => Layer

const makers = new Map<string, Make>()

/**
 * Registers a kind of layer, so that models with such layers can be saved and loaded.
 *
 * @param kind - the layer's `kind`: for a class of one's own its name with a small first letter.
 * @param make - makes the layer from what its `config()` gave, with the common options `name`, `trainable`,
 *   `inputShape`, `dtype` and `activityRegularizer` among it.
 * @throws OptionError when the kind is registered already.
 *
 * @example
 * ```ts
 * class Scale extends Layer { ... config() { return { factor: this.factor } } }
 * registerLayer('scale', ({ factor, ...options }) => new Scale(factor, options))
 * ```
 */
export function registerLayer<O extends object = Record<string, never>>(
  kind: string,
  make: (options: O) => Layer,
): void {
  if (makers.has(kind)) throw new OptionError(`registerLayer: the kind '${kind}' is registered already.`)
  // What comes out of a file is checked by the factory it is handed to.
  makers.set(kind, make as Make)
}

/** All registered kinds of layers, in the order of registration. */
export function layerKinds(): readonly string[] {
  return [...makers.keys()]
}

/**
 * What a layer was made of, as JSON: its kind under `name`, and all options. Layers inside it become the same.
 *
 * @throws OptionError for a kind that is not registered, and for options that cannot be written, such as functions.
 *
 * @example
 * ```ts
 * layerToConfig(dense(8, { name: 'hidden' })) // { name: 'dense', options: { units: 8, name: 'hidden' } }
 * ```
 */
export function layerToConfig(layer: Layer): JsonConfig {
  if (!makers.has(layer.kind)) {
    throw new OptionError(
      `${layer.name}: a layer of the kind '${layer.kind}' cannot be saved; make it a class and name it with registerLayer.`,
    )
  }
  const { activityRegularizer } = layer
  const given = Object.entries({ activityRegularizer, ...layer.config(), ...commonOptions(layer) })
  const options = given.flatMap(([option, value]): [string, Json][] =>
    value === undefined ? [] : [[option, optionToJson(`${layer.name}: ${option}`, option, value)]],
  )
  return { name: layer.kind, options: Object.fromEntries(options) }
}

/** The options all layers have, as they are now. */
function commonOptions(layer: Layer): Record<string, unknown> {
  return {
    name: layer.name,
    trainable: layer.trainable ? undefined : false,
    inputShape: layer.givenInputShape,
    dtype: layer.dtype === 'float32' ? undefined : layer.dtype,
  }
}

function optionToJson(where: string, option: string, value: unknown): Json {
  if (value instanceof Layer) return layerToJson(value)
  if (Array.isArray(value)) return value.map((item) => optionToJson(where, option, item))
  // A function such as activations.tanh is known by name to its registry.
  return toJson(where, typeof value === 'function' ? resolveNamed(where, option, value) : value)
}

function layerToJson(layer: Layer): Json {
  const { name, options } = layerToConfig(layer)
  return { name, options }
}

/**
 * Makes a layer again from what `layerToConfig` gave; a layer is given back as it is.
 *
 * @throws FormatError when it is no such thing, or of a kind that is not registered.
 *
 * @example
 * ```ts
 * const layer = layerFromConfig({ name: 'dense', options: { units: 8, activation: 'relu' } })
 * ```
 */
export function layerFromConfig(config: unknown): Layer {
  if (config instanceof Layer) return config
  if (!isConfig(config)) {
    throw new FormatError(`expected the config of a layer ({ name, options }), got ${describeValue(config)}.`)
  }
  const make = makers.get(config.name)
  if (make !== undefined) return make(config.options)
  throw new FormatError(
    `unknown layer '${config.name}'.${didYouMean(config.name, makers.keys())} Layers of your own are made known with registerLayer.`,
  )
}

function isConfig(value: unknown): value is Config {
  if (typeof value !== 'object' || value === null || !('name' in value) || !('options' in value)) return false
  return typeof value.name === 'string' && typeof value.options === 'object' && value.options !== null
}
