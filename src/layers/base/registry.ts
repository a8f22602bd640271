// The layers by kind: how each is declared, how it becomes JSON and is made again, also one of a user's own.

import { describeValue, didYouMean, FormatError, isList, OptionError } from '../../errors'
import type { Value } from '../../graph'
import { type Config, createRegistry, declarationOf, type Json, type JsonConfig, toJson } from '../../registry'
import { kindOfClass, nameClass } from './kinds'
import { Layer } from './layer'

/** All kinds of layers. */
export const layerRegistry = /* @__PURE__ */ createRegistry<Layer>('layer', {
  isInstance: (value) => value instanceof Layer,
  configOf: configOfLayer,
  registeredWith: 'registerLayer',
})

/**
 * Declares a kind of layer: the function that makes it.
 *
 * @param leading - what the arguments before the options are called where all stand in one record: in files.
 * @param inner - which of all these are layers, or lists of layers: in files they stand as their configs.
 */
export function layerFactory<A extends readonly unknown[], L extends Layer>(
  kind: string,
  leading: readonly string[],
  make: (...given: A) => L,
  inner: readonly string[] = [],
): (...given: A) => L {
  const factory = (...given: A): L => {
    const options = given[leading.length]
    // Some have a first argument in the place of the options.
    const wrong = given
      .slice(leading.length)
      .find((each, i) => each !== undefined && !isRecord(each) && (each === null || leading.length + i > 0))
    if (wrong !== undefined) {
      throw new OptionError(`${kind}: expected an object of options, got ${describeValue(wrong)}`)
    }
    const twice = isRecord(options) ? leading.find((name) => name in options) : undefined
    if (twice !== undefined) {
      throw new OptionError(`${kind}: unknown option '${twice}'. It is an argument of its own, before the options.`)
    }
    return make(...given)
  }
  return layerRegistry.declareAs(factory, kind, (options) => {
    const value = (name: string): unknown => (inner.includes(name) ? layersFrom(options[name]) : options[name])
    const others = Object.keys(options).filter((name) => !leading.includes(name))
    const rest = Object.fromEntries(others.map((name) => [name, value(name)]))
    // What comes from a file is checked by the factory it is handed to.
    return make(...([...leading.map(value), rest] as unknown as A))
  })
}

function layersFrom(configs: unknown): Layer | readonly Layer[] {
  return Array.isArray(configs) ? configs.map(layerFromConfig) : layerFromConfig(configs)
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** A class of layers that is made from one record of options. */
// biome-ignore lint/suspicious/noExplicitAny: what a constructor takes is its own affair.
export type LayerClass = new (options: any) => Layer

/**
 * Registers a kind of layer of one's own, so that models with such layers can be saved and loaded.
 *
 * @param kind - what the layer is called in files; the name and the weights of a layer without a `name` are called so too.
 * @param maker - the class, whose constructor takes in one record what its `config()` gave and the common options `name`,
 *   `trainable`, `inputShape`, `dtype` and `activityRegularizer`. It is tied to the kind, whatever a minifier makes of
 *   its name. Or a function that makes the layer from that record; then `kind` must be the layer's own: what it hands to
 *   the constructor of `Layer`, else the name of its class with a small first letter.
 * @throws OptionError when the kind is registered already.
 *
 * @example
 * ```ts
 * class Scale extends Layer {
 *   readonly factor: number
 *   constructor({ factor = 1, ...options }: LayerOptions & { factor?: number } = {}) {
 *     super(options)
 *     this.factor = factor
 *   }
 *   call(x: Value) { return ops.mul(x, this.factor) }
 *   config() { return { factor: this.factor } }
 * }
 * registerLayer('scale', Scale)
 * ```
 */
export function registerLayer<O extends object = Record<string, never>>(
  kind: string,
  maker: LayerClass | ((options: O) => Layer),
): void {
  if (typeof maker !== 'function') {
    throw new OptionError(`registerLayer: expected a class or a function, got ${describeValue(maker)}`)
  }
  if (!isLayerClass(maker)) {
    // What comes out of a file is checked by the factory it is handed to.
    layerRegistry.registerMaker(kind, (options) => maker(options as O))
    return
  }
  layerRegistry.registerMaker(kind, (options) => new maker(options))
  nameClass(maker, kind)
}

function isLayerClass(maker: LayerClass | ((options: never) => Layer)): maker is LayerClass {
  return maker.prototype instanceof Layer
}

/** All registered kinds of layers, in the order of registration. */
export function layerKinds(): readonly string[] {
  return layerRegistry.names()
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
  if (!(layer instanceof Layer)) {
    throw new OptionError(`layerToConfig: expected a layer such as dense(8), got ${describeValue(layer)}`)
  }
  return layerRegistry.toConfig(layer)
}

/** The options are JSON already. */
function configOfLayer(layer: Layer): Config {
  const kind = kindOfClass(layer.constructor) ?? layer.kind
  if (!layerRegistry.has(kind)) {
    throw new OptionError(
      `${layer.name}: a layer of the kind '${kind}' cannot be saved; make it a class and name it with registerLayer('${kind}', ...).`,
    )
  }
  const { activityRegularizer } = layer
  const given = Object.entries({ activityRegularizer, ...layer.config(), ...commonOptions(layer) })
  const options = given.flatMap(([option, value]): [string, Json][] =>
    value === undefined ? [] : [[option, optionToJson(`${layer.name}: ${option}`, value)]],
  )
  const config = { name: kind, options: Object.fromEntries(options) }
  if (layer.config === Layer.prototype.config) checkKept(layer, config)
  return config
}

/** A layer without fields of its own: what all layers have is kept by the common options. */
class Bare extends Layer {
  override call(x: Value | readonly Value[]): Value | readonly Value[] {
    return x
  }
}

/**
 * Throws where a layer without a `config()` of its own, made again from its config, would be another: what its constructor was given
 * would be lost without a word.
 */
function checkKept(layer: Layer, config: JsonConfig): void {
  const common = new Set(Object.keys(new Bare()))
  const fields = Object.entries(layer).filter(([name, value]) => !common.has(name) && isPlain(value))
  if (fields.length === 0) return
  const again = new Map(Object.entries(layerRegistry.fromConfig(config)))
  const lost = fields.filter(([name, value]) => JSON.stringify(again.get(name)) !== JSON.stringify(value))
  if (lost.length === 0) return
  throw new OptionError(
    `${layer.name}: ${lost.map(([name]) => name).join(', ')}: expected a config() that returns what the layer is made of, got a layer without one; its options would be lost when it is saved`,
  )
}

/** Numbers, texts, booleans, and lists of them. */
function isPlain(value: unknown): boolean {
  return ['number', 'string', 'boolean'].includes(typeof value) || (isList(value) && value.every(isPlain))
}

/** The options all layers have, as they are now. */
function commonOptions(layer: Layer): Record<string, unknown> {
  return {
    name: layer.name,
    trainable: layer.trainable ? undefined : false,
    inputShape: layer.givenInputShape,
    dtype: layer.dtype === 'float32' ? undefined : layer.dtype,
    loraRank: layer.lora?.rank,
    loraAlpha: layer.lora?.alpha,
  }
}

function optionToJson(where: string, value: unknown): Json {
  if (value instanceof Layer) return layerToJson(value)
  if (Array.isArray(value)) return value.map((item) => optionToJson(where, item))
  if (typeof value !== 'function') return toJson(where, value)
  // A function such as activations.tanh is known by name to its registry.
  const declared = declarationOf(value)
  if (declared?.isOwn === true) return toJson(where, declared.make({}))
  throw new OptionError(
    `${where}: a function of your own cannot be saved; name it with registerActivation, registerInitializer or their like, and give it by that name`,
  )
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
  const name = isRecord(config) && 'name' in config ? config.name : undefined
  if (typeof name === 'string' && !layerRegistry.has(name)) {
    throw new FormatError(
      `unknown layer '${name}'.${didYouMean(name, layerKinds())} Layers of your own are made known with registerLayer, those of hornbeam/core with register.`,
    )
  }
  if (depth === deepest) throw new FormatError(`layers inside one another, more than ${deepest} deep or without end`)
  depth++
  try {
    return layerRegistry.fromConfig(config)
  } finally {
    depth--
  }
}

/** How many layers are inside one another: a file could say that one holds itself, or thousands. */
const deepest = 100
let depth = 0
