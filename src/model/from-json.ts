// From a model's architecture as JSON back to a model, with new weights.

import { FormatError } from '../errors'
import { type Layer, layerFromConfig, registerLayer, SymbolicTensor } from '../layers'
import type { ModelJSON, Reference } from './architecture'
import { Model } from './model'

/**
 * Makes a model from its architecture, with new weights.
 *
 * @param json - what `toJSON` gave, or its text.
 * @throws FormatError when it is no such thing.
 *
 * @example
 * ```ts
 * const net = sequential([lstm(8), dense(1)], { inputShape: [null, 3] })
 * const twin = modelFromJSON(JSON.stringify(net)) // the same layers, weights of its own
 * ```
 */
export function modelFromJSON(json: ModelJSON | string): Model {
  const data = typeof json === 'string' ? parse(json) : json
  if (typeof data !== 'object' || data === null || !Array.isArray(data.layers)) {
    throw new FormatError('modelFromJSON: expected the architecture of a model, as toJSON gives it')
  }
  const layers = data.layers.map((config) => layerFromConfig(config))
  const options = { name: data.name, dtype: data.dtype }
  if (data.kind === 'sequential') {
    const architecture = { kind: 'sequential' as const, layers, inputShape: data.inputShape }
    return new Model(architecture, options)
  }
  if (data.kind !== 'functional')
    throw new FormatError(`modelFromJSON: expected a sequential or functional model, got ${String(data.kind)}`)
  const { inputs, outputs } = rebuildGraph(data, layers)
  return new Model({ kind: 'functional', inputs, outputs }, options)
}

function parse(text: string): ModelJSON {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new FormatError('modelFromJSON: the text is not JSON', { cause: error })
  }
}

function rebuildGraph({ inputs = [], calls = [], outputs = [] }: ModelJSON, layers: readonly Layer[]) {
  const starts = inputs.map(
    ({ shape, dtype, name, batchSize }) => new SymbolicTensor(shape, dtype, { name, batchSize }),
  )
  const made: (readonly SymbolicTensor[])[] = []
  const find = ([call, index]: Reference): SymbolicTensor => {
    const found = call < 0 ? starts[index] : made[call]?.[index]
    if (found === undefined)
      throw new FormatError(`modelFromJSON: the graph refers to [${call}, ${index}], which is not there`)
    return found
  }
  for (const call of calls) {
    const layer = layers[call.layer]
    if (layer === undefined)
      throw new FormatError(`modelFromJSON: the graph refers to layer ${call.layer} of ${layers.length}`)
    const result = layer.apply(call.inputs.map(find), {
      ...(call.initialState === undefined ? {} : { initialState: call.initialState.map(find) }),
      ...(call.mask === undefined ? {} : { mask: find(call.mask) }),
    })
    made.push(Array.isArray(result) ? result : [result])
  }
  return { inputs: starts, outputs: outputs.map(find) }
}

// A model inside a model is saved like any layer.
for (const kind of ['sequential', 'model']) {
  registerLayer<{ architecture: ModelJSON }>(kind, ({ architecture }) => modelFromJSON(architecture))
}
