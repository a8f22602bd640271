// Configs: what a loss, a layer, an optimizer... was made of, as data that survives a file.
import { OptionError } from '../errors'
import { isTypedArray, Tensor } from '../tensor'

/** Anything JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

/** What something was made of: its registered name and all its options, defaults included. */
export interface Config {
  readonly name: string
  /** Options may hold instances that have configs of their own, such as an optimizer's schedule. */
  readonly options: Readonly<Record<string, unknown>>
}

/** A config all the way down to JSON. */
export interface JsonConfig extends Config {
  readonly options: Readonly<Record<string, Json>>
}

/** Something that knows its config. */
export interface Configured {
  readonly config: Config
}

/**
 * An option as JSON: instances become their configs, tensors nested arrays; options that are not set are left out.
 *
 * @throws OptionError for what a file cannot hold: functions, and numbers that are not finite.
 */
export function toJson(where: string, value: unknown): Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value
    throw new OptionError(`${where}: ${value} cannot be saved, expected a finite number.`)
  }
  if (value instanceof Tensor) return toJson(where, value.toArray())
  if (isTypedArray(value)) return Array.from(value)
  if (Array.isArray(value)) return value.map((element, i) => toJson(`${where}[${i}]`, element))
  if (typeof value === 'object') {
    return toJsonOptions(where, 'config' in value ? Object(value.config) : value)
  }
  throw new OptionError(`${where}: a ${typeof value} cannot be saved; give it by a registered name.`)
}

/** The same for each named option of a record. */
export function toJsonOptions(where: string, options: object): Record<string, Json> {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries.map(([name, value]) => [name, toJson(`${where}.${name}`, value)]))
}
