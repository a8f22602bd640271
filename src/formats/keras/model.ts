// Models: the config of a Sequential or functional model of Keras as an architecture of hornbeam's.

import { FormatError } from '../../errors'
import type { Json, JsonConfig } from '../../registry'
import { isList, isObject, type JsonObject, listIn, objectIn, textIn } from '../json'
import { type KerasCall, keysOf, readCalls, readEnds } from './graph/calls'
import { Graph } from './graph/graph'
import { isModel, nameOf } from './graph/kinds'
import { type CalledLayer, isOperation, Masks, type Operation } from './graph/masks'
import { readInput, readLayer, sampleShape } from './layers'
import type { Generation } from './objects'

const sequenceLayers: ReadonlySet<string> = new Set([
  'LSTM',
  'GRU',
  'SimpleRNN',
  'RNN',
  'Bidirectional',
  'ConvLSTM1D',
  'ConvLSTM2D',
  'ConvLSTM3D',
])

/**
 * A model as hornbeam's architecture, which `modelFromJSON` takes.
 *
 * @throws FormatError that names the layer, and what of it hornbeam does not have.
 */
export function readModel(json: JsonObject, generation: Generation): Json {
  if (!isModel(json)) {
    const name = String(json.registered_name ?? json.class_name)
    throw new FormatError(
      `keras: ${name} is a subclassed model: its layers are in the code of whoever wrote it, not in the file; build the same model here, and load its weights with model.loadWeights`,
    )
  }
  const config: JsonObject = isList(json.config)
    ? { name: 'sequential', layers: json.config }
    : objectIn('keras: config', json.config)
  return json.class_name === 'Sequential' ? readSequential(config, generation) : readFunctional(config, generation)
}

/** A layer or a model inside a model. */
function readAny(json: JsonObject, generation: Generation): JsonConfig {
  if (!isModel(json)) return readLayer(json, generation, (_, inner) => readAny(inner, generation))
  const name = nameOf(json)
  const kind = json.class_name === 'Sequential' ? 'sequential' : 'model'
  return { name: kind, options: { name, architecture: readModel(json, generation) } }
}

/** The type of a model: that of its layers, which each say their own in any case. */
function dtypeOf(layers: readonly JsonConfig[]): Json {
  return layers.some(({ options }) => options.dtype === 'float64') ? 'float64' : 'float32'
}

function asJson({ name, options }: JsonConfig): Json {
  return { name, options }
}

function readSequential(config: JsonObject, generation: Generation): Json {
  const given = listIn('keras: layers', config.layers).map((layer) => objectIn('keras: a layer', layer))
  const [first] = given
  if (first === undefined) throw new FormatError('keras: expected a model with layers, got one without any')
  const inputs = given.filter((layer) => layer.class_name === 'InputLayer')
  const own = given.filter((layer) => layer.class_name !== 'InputLayer')
  if (own.length === 0) throw new FormatError('keras: expected a model with layers, got an input alone')
  const layers = own.map((layer) => readAny(layer, generation))
  const input = inputs.length === 0 ? undefined : readInput(objectIn('keras: an input', inputs[0].config))
  const built = config.build_input_shape
  const shape =
    input?.shape ??
    layers[0].options.inputShape ??
    (isList(built) ? [...sampleShape('keras: build_input_shape', built)] : undefined)
  return {
    kind: 'sequential',
    name: textIn('keras: name', config.name ?? 'sequential'),
    dtype: dtypeOf(layers),
    layers: layers.map(asJson),
    ...(shape === undefined ? {} : { inputShape: shape as Json }),
  }
}

function readFunctional(config: JsonObject, generation: Generation): Json {
  const given = listIn('keras: layers', config.layers).map((layer) => objectIn('keras: a layer', layer))
  const ends = readEnds('keras: input_layers', config.input_layers)
  const isInput = (layer: JsonObject): boolean => layer.class_name === 'InputLayer'
  const operations = new Map<string, Operation>()
  const called = new Map<string, CalledLayer>()
  const own: JsonObject[] = []
  // Layers first, so that one that is not there is named, whatever else is unusual about its calls.
  const layers = given
    .filter((layer) => !isInput(layer) && !isOperation(layer))
    .map((layer) => readAny(layer, generation))
  for (const layer of given) {
    const name = String(layer.name ?? nameOf(layer))
    if (isInput(layer)) continue
    const className = String(layer.class_name)
    if (called.has(name) || operations.has(name)) throw new FormatError(`keras: two layers are named '${name}'`)
    if (isOperation(layer)) {
      operations.set(name, { name, className, nodes: listIn(name, layer.inbound_nodes) })
      continue
    }
    const calls = readCalls(`layer '${name}'`, layer.inbound_nodes, className, sequenceLayers.has(className))
    called.set(name, {
      name,
      className,
      config: isObject(layer.config) ? layer.config : {},
      calls: sequenceLayers.has(className) ? calls.map(splitStates) : calls,
    })
    own.push(layer)
  }
  const inputs = given.filter(isInput).map((layer) => readInput(objectIn('keras: an input', layer.config)))
  const starts = ends.map((end) => {
    const found = inputs.find(({ name }) => name === end.layer)
    if (found === undefined) throw new FormatError(`keras: the input '${end.layer}' is not among the layers`)
    return { ...found, name: end.key ?? found.name, layer: found.name }
  })
  const outputs = readEnds('keras: output_layers', config.output_layers)
  const [inputNames, outputNames] = [keysOf(ends), keysOf(outputs)]
  const graph = new Graph(
    own,
    called,
    new Masks(operations, called),
    starts.map(({ layer }) => layer),
    generation,
  )
  graph.settle(outputs)
  return {
    kind: 'functional',
    name: textIn('keras: name', config.name ?? 'model'),
    dtype: dtypeOf(layers),
    layers: layers.map(asJson),
    inputs: starts.map(({ layer: _, shape, ...input }) => ({ ...input, shape: [...shape] })),
    calls: graph.calls(),
    outputs: outputs.map((end) => graph.reference(end, true)),
    ...(inputNames === undefined ? {} : { inputNames }),
    ...(outputNames === undefined ? {} : { outputNames, outputsAs: 'list' }),
  }
}

/** Inputs after the first of a recurrent layer are its states. */
function splitStates(call: KerasCall): KerasCall {
  if (call.inputs.length < 2 || call.initialState.length > 0) return call
  return { ...call, inputs: call.inputs.slice(0, 1), initialState: call.inputs.slice(1) }
}
