// What a call of a layer may be given beside its inputs: further tensors, and settings such as `useCausalMask`.

import { checkOptions, OptionError, requireBoolean, textOf } from '../../errors'

/** What calls of some layers may be given, by name. @template T - what stands for a tensor where the layer is called. */
export interface FurtherOptions<T> {
  /** Of attention: which keys each query may attend to, `bool` of shape `[batch, queries, keys]`; all by default. */
  readonly attentionMask?: T
  /** Of attention: which queries count, `[batch, queries]`; by default the mask of the first input. */
  readonly queryMask?: T
  /** Of attention: which values count, `[batch, keys]`; by default the mask of the second input. */
  readonly valueMask?: T
  /** Of attention: which keys count, `[batch, keys]`; by default the mask of the third input. */
  readonly keyMask?: T
  /** Of attention: whether a query attends to no key behind its own place; `false` by default, `true` in a decoder. */
  readonly useCausalMask?: boolean
  /** Of attention: whether the scores are a second output; `false` by default. */
  readonly returnAttentionScores?: boolean
  /** Of an encoder: which steps count, `[batch, time]`, in the place of the mask that the input brings. */
  readonly paddingMask?: T
  /** Of a decoder: the same of its sequence. */
  readonly decoderPaddingMask?: T
  /** Of a decoder: which steps of its sequence each step may attend to, `[batch, time, time]`. */
  readonly decoderAttentionMask?: T
  /** Of a decoder: which steps of the encoder's sequence count, `[batch, keys]`. */
  readonly encoderPaddingMask?: T
  /** Of a decoder: which steps of the encoder's sequence each step may attend to, `[batch, time, keys]`. */
  readonly encoderAttentionMask?: T
  /** Of positions: the place of the first step; 0 by default. */
  readonly startIndex?: number
  /** Of positions: the place of each step, `[time]` or `[batch, time]`. */
  readonly positions?: T
  /** Of an `rnn`: what its cell sees beside each step, such as the sequence of an encoder; one or a list. */
  readonly constants?: T | readonly T[]
  /** Of a reversible embedding: whether it goes from vectors back to scores for the words; `false` by default. */
  readonly reverse?: boolean
}

/** The further options of a layer's calls: `apply`, `run` and files know them by this. */
export interface CallOptions {
  /** The names of tensors. */
  readonly tensors?: readonly string[]
  /** Those of them that are lists. */
  readonly lists?: readonly string[]
  /** The names of settings with their defaults. */
  readonly settings?: CallSettings
}

/** CallSettings of a call by name. */
export type CallSettings = Readonly<Record<string, boolean | number>>

/** What a call was given, each tensor (or list of them) and each setting by its name. */
export interface CallArguments<T> {
  readonly tensors: Readonly<Record<string, readonly T[]>>
  readonly settings: CallSettings
}

/** Nothing further. */
export const nothingGiven: CallArguments<never> = { tensors: {}, settings: {} }

/**
 * Takes the further options of a call apart.
 *
 * @param where - the call, for messages.
 * @param others - the options that every layer's call takes.
 * @param read - makes a list of what an option holds; throws where it is no tensor.
 * @throws OptionError for an option that the layer does not know, and for a setting of another type.
 */
export function readGiven<T>(
  where: string,
  { tensors = [], lists = [], settings = {} }: CallOptions,
  options: object,
  others: readonly string[],
  read: (name: string, value: unknown) => readonly T[],
): CallArguments<T> {
  checkOptions(where, options, [...others, ...tensors, ...Object.keys(settings)])
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  const readOne = (name: string, value: unknown): readonly T[] => {
    const list = read(name, value)
    if (list.length === 1 || lists.includes(name)) return list
    throw new OptionError(`${where}: ${name}: expected one tensor, got ${list.length}`)
  }
  return {
    tensors: Object.fromEntries(
      given.flatMap(([name, value]) => (tensors.includes(name) ? [[name, readOne(name, value)]] : [])),
    ),
    settings: Object.fromEntries(
      given.flatMap(([name, value]) => (name in settings ? [[name, setting(where, name, value, settings[name])]] : [])),
    ),
  }
}

function setting(where: string, name: string, value: unknown, byDefault: boolean | number): boolean | number {
  if (typeof byDefault === 'boolean') return requireBoolean(where, name, value)
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value
  throw new OptionError(`${where}: ${name}: expected a whole number from 0, got ${textOf(value)}`)
}

/** The same with other things in the place of the tensors. */
export function mapGiven<A, B>({ tensors, settings }: CallArguments<A>, change: (tensor: A) => B): CallArguments<B> {
  const changed = Object.entries(tensors).map(([name, list]) => [name, list.map(change)] as const)
  return { tensors: Object.fromEntries(changed), settings }
}
