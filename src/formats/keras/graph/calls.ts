// The calls of layers in a functional model, as Keras 2 and 3 write them, in one form.

import { FormatError, jsonOf } from '../../../errors'
import type { CallArguments } from '../../../layers'
import type { Json } from '../../../registry'
import { countIn, isList, isObject, type JsonObject, listIn, objectIn, said, textIn } from '../../json'
import { camelCase } from '../names'

/** A tensor of the graph: an output of a call of a layer, both counted from 0. */
export interface KerasTensor {
  readonly layer: string
  readonly call: number
  readonly output: number
}

/** One call of a layer. */
export interface KerasCall {
  readonly inputs: readonly KerasTensor[]
  readonly initialState: readonly KerasTensor[]
  /** The masks given by name, `undefined` for inputs without one. */
  readonly masks: readonly (KerasTensor | undefined)[]
  /** Further tensors and settings, by hornbeam's names. */
  readonly given: CallArguments<KerasTensor>
}

/** What a class is called with beside its inputs, by Keras' names, in order. */
interface Signature {
  /** Inputs that are arguments of their own. */
  readonly inputs?: readonly string[]
  readonly others: readonly string[]
}

const attentionWithHeads: Signature = {
  inputs: ['query', 'value', 'key'],
  others: [
    ...['query_mask', 'value_mask', 'key_mask', 'attention_mask', 'return_attention_scores', 'training'],
    'use_causal_mask',
  ],
}
const plainAttention: Signature = { others: ['mask', 'training', 'return_attention_scores', 'use_causal_mask'] }

/** The classes whose calls are given more than inputs, states and a mask. */
const signatures: Readonly<Record<string, Signature>> = {
  MultiHeadAttention: attentionWithHeads,
  GroupQueryAttention: attentionWithHeads,
  GroupedQueryAttention: attentionWithHeads,
  Attention: plainAttention,
  AdditiveAttention: plainAttention,
  ReversibleEmbedding: { others: ['reverse'] },
  PositionEmbedding: { others: ['start_index', 'positions'] },
  SinePositionEncoding: { others: ['start_index', 'positions'] },
  RotaryEmbedding: { others: ['start_index', 'positions'] },
  TokenAndPositionEmbedding: { others: ['start_index', 'positions'] },
  TransformerEncoder: { others: ['padding_mask', 'attention_mask', 'training', 'return_attention_scores'] },
  TransformerDecoder: {
    inputs: ['decoder_sequence', 'encoder_sequence'],
    others: [
      ...['decoder_padding_mask', 'decoder_attention_mask', 'encoder_padding_mask', 'encoder_attention_mask'],
      ...['self_attention_cache', 'self_attention_cache_update_index', 'cross_attention_cache'],
      ...['cross_attention_cache_update_index', 'use_causal_mask', 'training'],
    ],
  },
}

/** The inputs of a class that are arguments of their own; undefined where they are one argument. */
export function ownInputs(className: string): readonly string[] | undefined {
  return said(signatures, className)?.inputs
}

/** Masks of single inputs, where a call names them; in the order of the inputs. */
const maskNames = ['query_mask', 'value_mask', 'key_mask'] as const

/** The further arguments, in order, of layers that go over sequences. */
const sequenceArguments = ['initial_state', 'mask', 'training'] as const
/** Those of other layers that people give by position. */
const otherArguments: readonly string[] = ['training', 'mask']

/** All calls of a layer. */
export function readCalls(
  where: string,
  nodes: Json | undefined,
  className: string,
  isSequenceLayer: boolean,
): readonly KerasCall[] {
  const list = listIn(`${where}: inbound_nodes`, nodes ?? [])
  return list.map((node) =>
    isObject(node) && isList(node.args)
      ? readNewCall(where, node, className, isSequenceLayer)
      : readOldCall(where, node, className),
  )
}

/** Keras 3: `{ args, kwargs }` with tensors marked as such. */
function readNewCall(where: string, node: JsonObject, className: string, isSequenceLayer: boolean): KerasCall {
  const signature = said(signatures, className)
  if (signature?.inputs !== undefined) return readOwnInputs(where, node, signature.inputs, signature)
  const [first, ...rest] = listIn(`${where}: args`, node.args)
  const names = signature?.others ?? (isSequenceLayer ? sequenceArguments : otherArguments)
  const named: Record<string, Json> = {}
  rest.forEach((value, i) => {
    named[names[i] ?? `argument ${i + 2}`] = value
  })
  const kwargs: Record<string, Json> = { ...named, ...objectIn(`${where}: kwargs`, node.kwargs ?? {}) }
  // The layers for images are called as in training unless told otherwise: Keras writes what it takes by itself.
  if (isForImages(className) && kwargs.training === true) kwargs.training = null
  const { inputs: byName, sequences, ...others } = kwargs
  const data = first ?? byName ?? sequences
  const keys = sortedIfRecord(data)
  return { inputs: tensors(where, keys), ...readArguments(where, others, (value) => tensors(where, value), signature) }
}

/** Whether it is a layer that prepares images, in training at random. */
function isForImages(className: string): boolean {
  return /^(Resizing|CenterCrop|Random\w+)$/.test(className)
}

/** A call whose inputs are arguments of their own. */
function readOwnInputs(where: string, node: JsonObject, inputs: readonly string[], signature: Signature): KerasCall {
  const names = [...inputs, ...signature.others]
  const list = listIn(`${where}: args`, node.args)
  const byPlace = Object.fromEntries(list.map((value, i) => [names[i] ?? `argument ${i + 1}`, value]))
  const all: Readonly<Record<string, Json>> = { ...byPlace, ...objectIn(`${where}: kwargs`, node.kwargs ?? {}) }
  const others = Object.fromEntries(Object.entries(all).filter(([name]) => !inputs.includes(name)))
  return {
    inputs: inputs.flatMap((name) => (all[name] == null ? [] : tensors(where, all[name]))),
    ...readArguments(where, others, (value) => tensors(where, value), signature),
  }
}

/** Inputs that were given as a record are flattened by their sorted keys. */
function sortedIfRecord(value: Json | undefined): Json | undefined {
  if (!isObject(value) || 'class_name' in value) return value
  return Object.keys(value)
    .sort()
    .map((key) => value[key])
}

/** Arguments beside the inputs: states and masks; whatever else would change the result is refused. */
function readArguments(
  where: string,
  given: Readonly<Record<string, Json>>,
  read: (value: Json) => readonly KerasTensor[],
  signature?: Signature,
): Pick<KerasCall, 'initialState' | 'masks' | 'given'> {
  const { initial_state: state = null, mask = null, training = null, ...others } = given
  const further = {
    tensors: {} as Record<string, readonly KerasTensor[]>,
    settings: {} as Record<string, boolean | number>,
  }
  const byInput = maskNames.map((name) => others[name] ?? null)
  if (training !== null && training !== false) {
    throw new FormatError(
      `${where}: training: expected none or false, got ${jsonOf(training)}: the layer would act as in training`,
    )
  }
  for (const [name, value] of Object.entries(others)) {
    if (value === null || isMaskName(name)) continue
    // What is off by default need not be said.
    if (value === false && name !== 'use_causal_mask') continue
    if (signature?.others.includes(name) === true) {
      if (typeof value === 'boolean' || typeof value === 'number') further.settings[camelCase(name)] = value
      else further.tensors[camelCase(name)] = read(value)
      continue
    }
    throw new FormatError(`${where}: the call is given ${name}, which hornbeam's layer does not take`)
  }
  // The masks of inputs that were given as a record are one, too.
  const listed = sortedIfRecord(mask) ?? null
  const masks =
    listed === null ? [] : isList(listed) && listed.some((item) => item === null || isObject(item)) ? listed : [listed]
  return {
    initialState: state === null ? [] : read(state),
    masks: (byInput.some((item) => item !== null) ? byInput : masks).map((item) =>
      item === null ? undefined : read(item)[0],
    ),
    given: further,
  }
}

function isMaskName(name: string): boolean {
  return maskNames.some((each) => each === name)
}

function tensors(where: string, value: Json | undefined): readonly KerasTensor[] {
  if (isList(value)) return value.flatMap((item) => tensors(where, item))
  if (isObject(value) && value.class_name === '__tuple__') return tensors(where, value.items)
  if (isObject(value) && value.class_name === '__keras_tensor__') {
    return [tensorIn(where, objectIn(where, value.config).keras_history)]
  }
  if (isObject(value) && !('class_name' in value)) return tensors(where, sortedIfRecord(value))
  throw new FormatError(`${where}: expected a tensor of the graph, got ${JSON.stringify(value)?.slice(0, 80)}`)
}

/** Keras 2: a list of `[layer, node, tensor, kwargs]`, or a record of them. */
function readOldCall(where: string, node: Json, className: string): KerasCall {
  const items = flattened(where, node)
  const given: Record<string, Json> = {}
  for (const item of items) {
    if (isObject(item[3])) Object.assign(given, item[3])
    if (item[0] === '_CONSTANT_VALUE')
      throw new FormatError(`${where}: an input that is a constant is not there in hornbeam`)
  }
  const read = (value: Json): readonly KerasTensor[] => {
    const list = listIn(where, value)
    return typeof list[0] === 'string' ? [tensorIn(where, list)] : list.flatMap(read)
  }
  const signature = said(signatures, className)
  // Inputs that are arguments of their own stand among the others, but for the first.
  const own = signature?.inputs?.slice(1) ?? []
  const named = own.flatMap((name) => (given[name] == null ? [] : read(given[name])))
  const others = Object.fromEntries(Object.entries(given).filter(([name]) => !own.includes(name)))
  return {
    inputs: [...items.map((item) => tensorIn(where, item)), ...named],
    ...readArguments(where, others, read, signature),
  }
}

/** Tensors as Keras 2 lists them, out of the lists and records that they stand in. */
function flattened(where: string, value: Json | undefined): readonly (readonly Json[])[] {
  const list = listIn(where, sortedIfRecord(value))
  return typeof list[0] === 'string' ? [list] : list.flatMap((item) => flattened(where, item))
}

/** `[layer, node, tensor]`. */
export function tensorIn(where: string, value: Json | undefined): KerasTensor {
  const [layer, call, output] = listIn(where, value)
  return { layer: textIn(where, layer), call: countIn(where, call), output: countIn(where, output) }
}

/** An end of a graph, and its key where the ends stand in a record. */
export type KerasEnd = KerasTensor & { readonly key?: string }

/** The ends of a graph: one `[layer, node, tensor]`, a list of such, or a record, which is taken by its sorted keys. */
export function readEnds(where: string, value: Json | undefined): readonly KerasEnd[] {
  if (isObject(value) && value.class_name === '__tuple__') return readEnds(where, value.items)
  if (isObject(value)) {
    const keys = Object.keys(value).sort()
    return keys.flatMap((key) => readEnds(where, value[key]).map((end) => ({ key, ...end })))
  }
  const list = listIn(where, value)
  return typeof list[0] === 'string' ? [tensorIn(where, list)] : list.flatMap((item) => readEnds(where, item))
}

/** The keys of ends that were given as a record; undefined where some have none, or the same. */
export function keysOf(ends: readonly KerasEnd[]): readonly string[] | undefined {
  const keys = ends.flatMap(({ key }) => (key === undefined ? [] : [key]))
  return keys.length === ends.length && new Set(keys).size === keys.length ? keys : undefined
}
