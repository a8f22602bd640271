// The objects that layers are told by name or with options: initializers, regularizers, constraints, activations. Read
// from how any Keras writes them; written as Keras 3 does.

import { activationRegistry } from '../../activations'
import { constraintRegistry } from '../../constraints'
import { FormatError } from '../../errors'
import { initializerRegistry } from '../../initializers'
import type { Config, Json, Registry } from '../../registry'
import { regularizerRegistry } from '../../regularizers'
import { isObject, type JsonObject, objectIn, said, textIn } from '../json'
import {
  bareName,
  camelCase,
  classInKeras,
  isOwn,
  nameFromKeras,
  optionFromKeras,
  optionToKeras,
  snakeCase,
} from './names'

/** Which Keras wrote a file: 2 (tf_keras and TensorFlow.js among them) or 3. */
export type Generation = 2 | 3

/** What an option's ending says its value is. */
const kinds = [
  { ending: /activation$/, module: 'keras.activations', registry: activationRegistry },
  { ending: /initializer$/, module: 'keras.initializers', registry: initializerRegistry },
  { ending: /regularizer$/, module: 'keras.regularizers', registry: regularizerRegistry },
  { ending: /constraint$/, module: 'keras.constraints', registry: constraintRegistry },
] as const

/** Options of objects that change nothing here, whatever they say. */
const silent: ReadonlySet<string> = new Set(['name', 'dtype', 'trainable'])

/** Whether the option of that name (in Keras' writing) holds such an object. */
export function isObjectOption(option: string): boolean {
  return kinds.some(({ ending }) => ending.test(option))
}

/**
 * An object as hornbeam's config.
 *
 * @throws FormatError that names what is not known here.
 */
export function readObject(where: string, option: string, value: Json, generation: Generation): Config {
  const kind = kinds.find(({ ending }) => ending.test(option))
  if (kind === undefined) throw new FormatError(`${where}: ${option}: expected no object`)
  const known: readonly string[] = kind.registry.names()
  const place = `${where}: ${option}`
  if (kind.module === 'keras.activations') return readActivation(place, value, generation)
  const { name, config } = nameAndConfig(place, value, known)
  return { name, options: readOptions(place, name, config, generation) }
}

function nameAndConfig(place: string, value: Json, known: readonly string[]): { name: string; config: JsonObject } {
  const { className, config } = classAndConfig(place, value)
  const name = known.includes(className) ? className : nameFromKeras(className, known)
  if (name === undefined) throw notKnown(place, className)
  return { name, config }
}

/** The class and config of an object; a plain text is a class without a config. */
export function classAndConfig(place: string, value: Json): { className: string; config: JsonObject } {
  if (typeof value === 'string') return { className: value, config: {} }
  const object = objectIn(place, value)
  const registered = object.registered_name
  const className = typeof registered === 'string' && isOwn(registered) ? registered : textIn(place, object.class_name)
  const { config } = object
  if (typeof config === 'string') return { className: config, config: {} } // a function by its name
  return { className, config: isObject(config) ? config : {} }
}

function readActivation(place: string, value: Json, generation: Generation): Config {
  const { className, config } = classAndConfig(place, value)
  const known = activationRegistry.names()
  const name = activationRegistry.has(className) ? className : nameFromKeras(className, known)
  // A layer given as an activation, such as ReLU or Softmax, has an activation of the same name.
  if (name === undefined) {
    const aliases: Readonly<Record<string, string>> = { swish: 'silu', hardswish: 'hardSilu' }
    const alias = said(aliases, className.replace(/_/g, '').toLowerCase())
    if (alias !== undefined) return { name: alias, options: {} }
    throw notKnown(place, className)
  }
  if (name === 'hardSigmoid' && generation === 2) return { name, options: { slope: 0.2 } }
  return { name, options: readOptions(place, name, config, generation) }
}

/** The options of an object, in hornbeam's names and values. */
export function readOptions(
  place: string,
  name: string,
  config: JsonObject,
  generation: Generation,
): Record<string, Json> {
  const read: Record<string, Json> = {}
  for (const [option, value] of Object.entries(config)) {
    if (value === null || silent.has(option)) continue
    if (option === 'input_axes' || option === 'output_axes')
      throw new FormatError(`${place}: ${option} is not supported`)
    // The old reading of 'normal', and the only one that older files mean.
    const isOldNormal = option === 'distribution' && value === 'normal' && generation === 2
    read[optionFromKeras(name, option)] = isOldNormal ? 'truncatedNormal' : readValue(value, isOwn(name))
  }
  if (name === 'l1l2' || name === 'l1' || name === 'l2') return penalties(name, read)
  return read
}

/** Keras 2 writes `l1` and `l2` for each of its norms. */
function penalties(name: string, options: Record<string, Json>): Record<string, Json> {
  if (name === 'l1l2') return options
  return Object.fromEntries(Object.entries(options).filter(([option]) => option === name))
}

/** How the config of a thing begins in Keras: by its module and class, or by the name that somebody has registered it under. */
export function classOf(name: string, module: string, className: string): JsonObject {
  if (isOwn(name)) return { module: null, class_name: bareName(name), registered_name: name }
  return { module, class_name: className, registered_name: null }
}

/** Functions of somebody's own, as Keras refers to them; by Python's custom they have small letters, and classes capitals. Undefined for others. */
export function ownFunction(name: string): JsonObject | undefined {
  if (!isOwn(name) || !/>[^A-Z]/.test(name)) return undefined
  return { module: 'builtins', class_name: 'function', config: name, registered_name: 'function' }
}

/**
 * Words in hornbeam's writing; arrays of NumPy and tuples as lists; everything else as it is.
 *
 * @param verbatim - leaves words as they are: those of somebody's own class are its own.
 */
export function readValue(value: Json, verbatim = false): Json {
  if (typeof value === 'string') return verbatim ? value : camelCase(value)
  if (!isObject(value)) return value
  const { class_name: className, config } = value
  if (className === '__numpy__' && isObject(config)) return config.value ?? null
  if (className === '__tuple__') return value.items ?? null
  return value
}

/** Hornbeam's config of such an object as Keras 3 writes it. */
export function writeObject(option: string, value: Json): Json {
  const kind = kinds.find(({ ending }) => ending.test(option))
  if (kind === undefined) return value
  const registry: Registry<unknown> = kind.registry as Registry<unknown> // what it holds does not matter here
  const { name, options } =
    typeof value === 'string'
      ? { name: value, options: {} }
      : (value as unknown as { name: string; options: JsonObject }) // a config
  const known = registry.names().includes(name) ? name : (registry.toConfig(registry.resolve(name)).name ?? name)
  if (kind.module === 'keras.activations') return writeActivation(known, options)
  return (
    ownFunction(known) ?? {
      ...classOf(known, kind.module, classInKeras(known)),
      config: writeOptions(known, options),
    }
  )
}

/** Keras' activations are functions without options, but some are layers that have them. */
function writeActivation(name: string, options: JsonObject): Json {
  if (isOwn(name)) return ownFunction(name) ?? { ...classOf(name, '', ''), config: writeOptions(name, options) }
  const plain = activationRegistry.toConfig(
    activationRegistry.resolve(needsOptions(name) ? { name, options } : name),
  ).options
  const changed = Object.entries(options).filter(
    ([option, value]) => JSON.stringify(plain[option]) !== JSON.stringify(value),
  )
  if (changed.length === 0 && !needsOptions(name)) return snakeCase(name)
  const layer = { relu: 'ReLU', leakyRelu: 'LeakyReLU', elu: 'ELU', softmax: 'Softmax' }[name]
  if (layer === undefined) {
    throw new FormatError(
      `keras: the activation ${name} with ${changed.map(([option]) => option).join(', ')} cannot be written: Keras has none with options`,
    )
  }
  return { module: 'keras.layers', class_name: layer, config: writeOptions(name, options), registered_name: null }
}

function needsOptions(name: string): boolean {
  return name === 'threshold'
}

/** Options in Keras' names and words. */
export function writeOptions(name: string, options: JsonObject): Record<string, Json> {
  const entries = Object.entries(options).map(([option, value]): [string, Json] => [
    optionToKeras(name, option),
    typeof value === 'string' && !isOwn(name) ? snakeCase(value) : value,
  ])
  return Object.fromEntries(entries)
}

function notKnown(place: string, name: string): FormatError {
  const what = isOwn(name)
    ? `${name} is code of somebody's own, which no file brings along; register it under that name`
    : `'${name}' is not known`
  return new FormatError(`${place}: ${what}`)
}
