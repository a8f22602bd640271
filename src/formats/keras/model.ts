// Models: the config of a Sequential or functional model of Keras as an architecture of hornbeam's.

import { FormatError } from '../../errors'
import type { Json, JsonConfig } from '../../registry'
import { isList, isObject, type JsonObject, listIn, objectIn, textIn } from '../json'
import { type KerasCall, type KerasTensor, keysOf, readCalls, readEnds } from './calls'
import { readInput, readLayer, sampleShape } from './layers'
import { type CalledLayer, isOperation, Masks, type Operation } from './masks'
import type { Generation } from './objects'

const functional: ReadonlySet<string> = new Set(['Functional', 'Model'])
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

/** Whether it is a model whose layers are in the file. */
export function isModel(json: JsonObject): boolean {
  const registered = json.registered_name
  if (typeof registered === 'string' && registered.includes('>')) return false
  return json.class_name === 'Sequential' || functional.has(String(json.class_name))
}

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

function nameOf(json: JsonObject): string {
  const { config } = json
  return textIn(
    'keras: the name of a layer',
    (isObject(config) ? config.name : undefined) ?? json.name ?? json.class_name,
  )
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

/** Layers of attention: a mask of theirs is that of one of their inputs. */
const attends: ReadonlySet<string> = new Set([
  'Attention',
  'AdditiveAttention',
  'MultiHeadAttention',
  'GroupQueryAttention',
  'GroupedQueryAttention', // its name in .h5 files
])
/** What such masks are called here, in the order of the inputs. */
const inputMasks = ['queryMask', 'valueMask', 'keyMask'] as const

/** Where a call stands: the layer by its index, and which of its calls. */
interface Placed {
  readonly layer: number
  readonly name: string
  readonly call: KerasCall
  readonly number: number
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

/** The calls of a graph, brought into an order in which each comes after those it reads. */
class Graph {
  private readonly ordered: Placed[] = []
  private readonly positions = new Map<string, number>()
  /** Nested models whose calls are counted from 1: the making of the model was their first. */
  private readonly shifted = new Map<string, number>()
  private readonly indices: ReadonlyMap<string, number>
  private readonly called: ReadonlyMap<string, CalledLayer>
  private readonly masks: Masks
  private readonly inputs: readonly string[]
  private readonly generation: Generation

  constructor(
    layers: readonly JsonObject[],
    called: ReadonlyMap<string, CalledLayer>,
    masks: Masks,
    inputs: readonly string[],
    generation: Generation,
  ) {
    this.called = called
    this.masks = masks
    this.inputs = inputs
    this.generation = generation
    const names = layers.map((layer) => String(layer.name ?? nameOf(layer)))
    this.indices = new Map(names.map((name, i) => [name, i]))
    for (const [i, layer] of layers.entries()) if (isModel(layer)) this.shifted.set(names[i], 1)
  }

  /** Finds the order of all calls that the outputs need. */
  settle(outputs: readonly KerasTensor[]): void {
    this.findShifts(outputs)
    const open = new Set<string>()
    const visit = (tensor: KerasTensor, isEnd: boolean): void => {
      if (this.inputs.includes(tensor.layer)) return
      const { layer, number } = this.callOf(tensor, isEnd)
      const key = `${layer.name}/${number}`
      if (this.positions.has(key)) return
      if (open.has(key)) throw new FormatError(`keras: layer '${layer.name}' depends on itself`)
      open.add(key)
      const call = layer.calls[number]
      const further = Object.values(call.given.tensors).flat()
      for (const source of [...call.inputs, ...call.initialState, ...this.ownMasks(layer, call), ...further])
        if (source !== undefined) visit(source, false)
      open.delete(key)
      this.positions.set(key, this.ordered.length)
      this.ordered.push({ layer: this.indices.get(layer.name) ?? 0, name: layer.name, call, number })
    }
    for (const output of outputs) visit(output, true)
  }

  /** Calls of nested models are counted from 0 all the same where one is referred to as 0. */
  private findShifts(outputs: readonly KerasTensor[]): void {
    const fromGraph = [...this.called.values()].flatMap(({ calls }) =>
      calls.flatMap((call) => [...call.inputs, ...call.initialState, ...Object.values(call.given.tensors).flat()]),
    )
    // Keras 3 counts from 0 within the graph, and from 1 at its ends where the layer is a functional model.
    const counted = this.generation === 2 ? [...fromGraph, ...outputs] : outputs
    for (const { layer, call } of counted) if (call === 0) this.shifted.delete(layer)
  }

  private callOf({ layer: name, call }: KerasTensor, isEnd: boolean): { layer: CalledLayer; number: number } {
    const layer = this.called.get(name)
    if (layer === undefined) {
      const what = this.masks.isMade({ layer: name, call, output: 0 })
        ? `'${name}' is an operation among the layers; hornbeam has layers in a graph, no operations: put a layer in its place`
        : `the graph refers to '${name}', which is not among its layers`
      throw new FormatError(`keras: ${what}`)
    }
    const shift =
      this.generation === 2 || (isEnd && functional.has(layer.className)) ? (this.shifted.get(name) ?? 0) : 0
    const number = call - shift
    if (layer.calls[number] !== undefined) return { layer, number }
    throw new FormatError(`keras: the graph refers to call ${call} of layer '${name}', which has ${layer.calls.length}`)
  }

  /** The masks that are given by hand, each the output of a layer or an input: one, or, of attention, one for each input. */
  private ownMasks(
    { name, className }: CalledLayer,
    { masks, inputs }: KerasCall,
  ): readonly (KerasTensor | undefined)[] {
    const where = `layer '${name}'`
    const given = masks.filter((mask) => mask !== undefined)
    for (const mask of given)
      if (this.masks.isMade(mask))
        this.masks.check(where, mask, masks.length === 1 ? inputs : [inputs[masks.indexOf(mask)] ?? inputs[0]])
    if (attends.has(className)) return masks.map((mask) => (mask && this.masks.isMade(mask) ? undefined : mask))
    const own = given.filter((mask) => !this.masks.isMade(mask))
    if (own.length > 1 || (own.length === 1 && masks.length > 1))
      throw new FormatError(`${where}: several masks given by hand are not supported`)
    return own
  }

  /** The calls as an architecture has them. */
  calls(): Json[] {
    return this.ordered.map(({ layer, name, call }) => {
      const called = this.called.get(name)
      const masks = called === undefined ? [] : this.ownMasks(called, call)
      const byInput = called !== undefined && attends.has(called.className)
      const [mask] = byInput ? [] : masks
      const named = masks.flatMap((each, i): (readonly [string, readonly KerasTensor[]])[] =>
        each === undefined || !byInput ? [] : [[inputMasks[i], [each]]],
      )
      const { settings } = call.given
      const tensors = [...Object.entries(call.given.tensors), ...named]
      return {
        layer,
        inputs: call.inputs.map((tensor) => this.reference(tensor)),
        ...(call.initialState.length === 0
          ? {}
          : { initialState: call.initialState.map((tensor) => this.reference(tensor)) }),
        ...(mask === undefined ? {} : { mask: this.reference(mask) }),
        ...(tensors.length === 0 ? {} : { tensors: this.referencesByName(tensors) }),
        ...(Object.keys(settings).length === 0 ? {} : { settings }),
      }
    })
  }

  private referencesByName(tensors: readonly (readonly [string, readonly KerasTensor[]])[]): Json {
    return Object.fromEntries(tensors.map(([name, list]) => [name, list.map((tensor) => this.reference(tensor))]))
  }

  /** A tensor by numbers: input i is [-1, i], output k of call i is [i, k]. */
  reference(tensor: KerasTensor, isEnd = false): Json {
    const input = this.inputs.indexOf(tensor.layer)
    if (input >= 0) return [-1, input]
    const { layer, number } = this.callOf(tensor, isEnd)
    return [this.positions.get(`${layer.name}/${number}`) ?? -2, tensor.output]
  }
}
