// From a model's architecture as JSON back to a model, with new weights.

import { describeValue, FormatError, textOf } from '../errors'
import type { Outputs } from '../feed/fedModel'
import type { ModelJSON, Reference } from '../formats/architecture'
import { checkCommon, input, type Layer, layerFromConfig, type SymbolicTensor } from '../layers'
import { hasNames, type Tensor } from '../tensor'
import { Model } from './model'

/**
 * Makes a model from its architecture, with new weights.
 *
 * @param json - what `toJSON` gave, or its text.
 * @throws FormatError when it is no such thing; OptionError for options that a layer cannot have.
 *
 * @example
 * ```ts
 * const net = sequential([lstm(8), dense(1)], { inputShape: [null, 3] })
 * const twin = modelFromJSON(JSON.stringify(net)) // the same layers, weights of its own
 * ```
 */
export function modelFromJSON<P extends Outputs = Tensor>(json: ModelJSON | string): Model<P> {
  const data = typeof json === 'string' ? parse(json) : json
  if (typeof data !== 'object' || data === null || !Array.isArray(data.layers)) {
    throw new FormatError('modelFromJSON: expected the architecture of a model, as toJSON gives it')
  }
  checkCommon('modelFromJSON', { name: data.name, dtype: data.dtype, inputShape: data.inputShape })
  const made = assembled<P>(data)
  if (data.metadata === undefined) return made
  if (!hasNames(data.metadata)) {
    throw new FormatError(`modelFromJSON: metadata: expected a record, got ${describeValue(data.metadata)}`)
  }
  made.metadata = data.metadata
  return made
}

function assembled<P extends Outputs>(data: ModelJSON): Model<P> {
  const layers = data.layers.map((config) => layerFromConfig(config))
  const options = { name: data.name, dtype: data.dtype }
  if (data.kind === 'sequential') {
    if (layers.length === 0) throw new FormatError('modelFromJSON: layers: expected at least one, got none')
    const architecture = { kind: 'sequential' as const, layers, inputShape: data.inputShape }
    return new Model<P>(architecture, options)
  }
  if (data.kind === 'subclass') return subclassed<P>(data, layers[0])
  if (data.kind !== 'functional')
    throw new FormatError(
      `modelFromJSON: expected a sequential or functional model or a subclass, got ${textOf(data.kind)}`,
    )
  const { inputs, outputs } = rebuildGraph(data, layers)
  const inputNames = namesIn('inputNames', data.inputNames, inputs.length)
  const outputNames = namesIn('outputNames', data.outputNames, outputs.length)
  const outputsAs = data.outputsAs === 'list' ? data.outputsAs : undefined
  return new Model<P>({ kind: 'functional', inputs, outputs, inputNames, outputNames, outputsAs }, options)
}

/** A model of a class of the user's, built for the inputs it had. */
function subclassed<P extends Outputs>({ inputs }: ModelJSON, made: Layer | undefined): Model<P> {
  if (!(made instanceof Model)) {
    throw new FormatError(
      `modelFromJSON: expected a class that extends Model, got ${made === undefined ? 'none' : `a layer of the kind '${made.kind}'`}`,
    )
  }
  if (inputs !== undefined) made.buildFor(listIn('inputs', inputs).map(({ shape }) => shape))
  return made as Model<P> // what it gives is known to whoever wrote the class
}

function parse(text: string): ModelJSON {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new FormatError('modelFromJSON: the text is not JSON', { cause: error })
  }
}

function rebuildGraph({ inputs = [], calls = [], outputs = [] }: ModelJSON, layers: readonly Layer[]) {
  for (const [name, list] of [
    ['inputs', inputs],
    ['outputs', outputs],
  ] as const) {
    if (listIn(name, list).length === 0)
      throw new FormatError(`modelFromJSON: ${name}: expected at least one, got none`)
  }
  const starts = listIn('inputs', inputs).map((options) => input(options))
  const made: (readonly SymbolicTensor[])[] = []
  const find = (reference: unknown): SymbolicTensor => {
    const [call, index] = listIn('a reference', reference) as readonly number[] // what is not there is found missing
    const found = call < 0 ? starts[index] : made[call]?.[index]
    if (found === undefined)
      throw new FormatError(`modelFromJSON: the graph refers to [${call}, ${index}], which is not there`)
    return found
  }
  for (const call of listIn('calls', calls)) {
    if (typeof call !== 'object' || call === null) {
      throw new FormatError(`modelFromJSON: calls: expected the call of a layer, got ${describeValue(call)}`)
    }
    const layer = layers[call.layer]
    if (layer === undefined)
      throw new FormatError(`modelFromJSON: the graph refers to layer ${call.layer} of ${layers.length}`)
    const result = layer.apply(listIn('inputs of a call', call.inputs).map(find), {
      ...(call.initialState === undefined ? {} : { initialState: listIn('initialState', call.initialState).map(find) }),
      ...(call.mask === undefined ? {} : { mask: find(call.mask) }),
      ...furtherTensors(call.tensors, find),
      ...call.settings,
    })
    made.push(Array.isArray(result) ? result : [result])
  }
  return { inputs: starts, outputs: listIn('outputs', outputs).map(find) }
}

function furtherTensors(
  tensors: Readonly<Record<string, readonly Reference[]>> = {},
  find: (reference: unknown) => SymbolicTensor,
): Record<string, SymbolicTensor | SymbolicTensor[]> {
  const found = Object.entries(tensors).map(([name, references]) => {
    const list = listIn(name, references).map(find)
    return [name, list.length === 1 ? list[0] : list] as const
  })
  return Object.fromEntries(found)
}

/** Names that differ, one for each. @throws FormatError for anything else. */
function namesIn(what: string, given: unknown, count: number): readonly string[] | undefined {
  if (given === undefined) return undefined
  const names = listIn(what, given).filter((name) => typeof name === 'string')
  if (new Set(names).size === count && names.length === count) return names
  throw new FormatError(`modelFromJSON: ${what}: expected ${count} names that differ, got ${describeValue(given)}`)
}

/** The value, if it is a list: what comes from a file may be anything. */
function listIn<T>(what: string, value: T): T & readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new FormatError(`modelFromJSON: ${what}: expected a list, got ${describeValue(value)}`)
}
