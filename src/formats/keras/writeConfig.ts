// A model's architecture as Keras 3 writes it: the config of the model and of all layers in it.

import { FormatError } from '../../errors'
import type { Json, JsonConfig } from '../../registry'
import type { PartialShape } from '../../tensor'
import type { ModelJSON, Reference } from '../architecture'
import { isList, isObject, type JsonObject } from '../json'
import { isModelKind } from '../savedModel'
import { ownInputs } from './graph/calls'
import { classInKeras, isOwn, ofKerasHub, optionToKeras, snakeCase } from './names'
import { classOf, isObjectOption, writeObject } from './objects'

/** The shapes and types of what each call gives, which a graph of Keras' says with every tensor. */
export interface Shapes {
  readonly shape: PartialShape
  readonly dtype: string
}

/** How the outputs of every call of a model look, and those of models inside it by their layer's name. */
export interface ShapedModel {
  readonly outputs: readonly (readonly Shapes[])[]
  readonly inner: ReadonlyMap<string, ShapedModel>
}

/** Options that only say how a weight begins, and that Keras does not have: weights come with the file. */
const dropped: ReadonlySet<string> = new Set(['inputShape', 'chrono', 'flashAttention'])

/** Layers that read texts. */
const readsTexts: ReadonlySet<string> = new Set(['stringLookup', 'textVectorization', 'hashing', 'hashedCrossing'])

/** Options whose texts are written as they are. */
const verbatim: ReadonlySet<string> = new Set([
  ...['equation', 'biasAxes', 'maskToken', 'oovToken', 'maskValue', 'vocabulary'],
])

/** A name that Keras takes: slashes are for paths. */
export function nameInKeras(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1) || 'layer'
}

/** The config of a model. */
export function writeModelConfig(json: ModelJSON, shaped: ShapedModel | undefined): JsonObject {
  return json.kind === 'sequential' ? writeSequential(json, shaped) : writeFunctional(json, shaped)
}

function writeSequential({ name, dtype, layers, inputShape }: ModelJSON, shaped: ShapedModel | undefined): JsonObject {
  const [first] = layers
  const read = first?.name === 'embedding' ? 'int32' : readsTexts.has(first?.name ?? '') ? 'string' : dtype
  const input =
    inputShape === undefined ? [] : [inputLayer({ name: `${nameInKeras(name)}_input`, shape: inputShape, dtype: read })]
  for (const layer of layers) needsNoBatch(layer)
  return {
    module: 'keras',
    class_name: 'Sequential',
    config: {
      name: nameInKeras(name),
      trainable: true,
      dtype,
      layers: [...input, ...layers.map((layer) => writeLayer(layer, shaped))],
      ...(inputShape === undefined ? {} : { build_input_shape: [null, ...inputShape] }),
    },
    registered_name: null,
    ...(inputShape === undefined ? {} : { build_config: { input_shape: [null, ...inputShape] } }),
  }
}

/** @throws FormatError for a layer that is stateful, or holds one that is; models inside are looked at by themselves. */
function needsNoBatch({ name, options }: JsonConfig): void {
  for (const value of Object.values(options)) if (isLayerConfig(value)) needsNoBatch(value)
  if (options.stateful !== true) return
  throw new FormatError(
    `keras: layer '${String(options.name ?? name)}': Keras must know the batch size of stateful layers; make the model with input({ batchSize }) and model({ inputs, outputs })`,
  )
}

interface InputJSON {
  readonly name: string
  readonly shape: PartialShape
  readonly dtype: string
  readonly batchSize?: number
}

function inputLayer({ name, shape, dtype, batchSize }: InputJSON): JsonObject {
  const config = { batch_shape: [batchSize ?? null, ...shape], dtype, sparse: false, name: nameInKeras(name) }
  return { module: 'keras.layers', class_name: 'InputLayer', config, registered_name: null }
}

function writeFunctional(json: ModelJSON, shaped: ShapedModel | undefined): JsonObject {
  const { name, layers, inputs = [], calls = [], outputs = [] } = json
  if (inputs.every(({ batchSize = null }) => batchSize === null)) for (const layer of layers) needsNoBatch(layer)
  const names = layers.map((layer) => nameInKeras(String(layer.options.name ?? layer.name)))
  /** Which call of its layer a call is. */
  const numbers = calls.map(({ layer }, i) => calls.slice(0, i).filter((call) => call.layer === layer).length)
  const isFunctional = (layer: number): boolean => layers[layer].name === 'model'
  const history = ([call, output]: Reference): Json =>
    call < 0 ? [nameInKeras(inputs[output].name), 0, 0] : [names[calls[call].layer], numbers[call], output]
  const tensor = (reference: Reference): Json => {
    const [call, output] = reference
    const input = inputs[output]
    const found =
      call < 0
        ? { shape: input.shape, dtype: input.dtype, batchSize: input.batchSize }
        : shaped?.outputs[call]?.[output]
    const batch = call < 0 ? (input.batchSize ?? null) : (inputs[0]?.batchSize ?? null)
    return {
      class_name: '__keras_tensor__',
      config: {
        shape: [batch, ...(found?.shape ?? [])],
        dtype: found?.dtype ?? 'float32',
        keras_history: history(reference),
      },
    }
  }
  const end = (reference: Reference): Json => {
    const [call, output] = reference
    // A functional model inside a graph had a first call when it was made.
    if (call >= 0 && isFunctional(calls[call].layer)) return [names[calls[call].layer], numbers[call] + 1, output]
    return history(reference)
  }
  const nodes = (layer: number): Json =>
    calls
      .filter((call) => call.layer === layer)
      .map(({ inputs: read, initialState, mask, tensors = {}, settings = {} }) => {
        const list = read.map(tensor)
        const takesList = isMerging(layers[layer].name) || list.length > 1
        const isApart = ownInputs(classInKeras(layers[layer].name)) !== undefined
        const keys = inputKeys(layers[layer])
        const given = keys === undefined ? (takesList ? list : list[0]) : byKey(keys, list)
        return {
          args: isApart ? list : [given],
          kwargs: {
            ...(initialState === undefined ? {} : { initial_state: initialState.map(tensor) }),
            ...(mask === undefined ? {} : { mask: tensor(mask) }),
            ...(isApart ? namedTensors(tensors, tensor) : listedMasks(tensors, tensor)),
            ...Object.fromEntries(Object.entries(settings).map(([setting, value]) => [snakeCase(setting), value])),
          },
        }
      })
  const ends = (list: readonly Json[], keys: readonly string[] | undefined): Json => {
    if (keys !== undefined) return byKey(keys, list)
    return list.length === 1 ? list[0] : list
  }
  return {
    module: 'keras.src.models.functional',
    class_name: 'Functional',
    config: {
      name: nameInKeras(name),
      trainable: true,
      layers: [
        ...inputs.map((input) => ({ ...inputLayer(input), name: nameInKeras(input.name), inbound_nodes: [] })),
        ...layers.map((layer, i) => ({ ...writeLayer(layer, shaped), name: names[i], inbound_nodes: nodes(i) })),
      ],
      input_layers: ends(
        inputs.map((input) => [nameInKeras(input.name), 0, 0]),
        json.inputNames,
      ),
      output_layers: ends(outputs.map(end), json.outputNames),
    },
    registered_name: 'Functional',
    build_config: { input_shape: null },
  }
}

/** The names by which a model inside the graph takes its inputs; undefined for one that takes a list, and for layers. */
function inputKeys({ options: { architecture } }: JsonConfig): readonly string[] | undefined {
  return isObject(architecture) ? (architecture as unknown as ModelJSON).inputNames : undefined // as a model's config has it
}

function byKey(keys: readonly string[], list: readonly Json[]): Json {
  return Object.fromEntries(keys.map((key, i) => [key, list[i]]))
}

/** Further tensors of a call by Keras' names. */
function namedTensors(
  tensors: Readonly<Record<string, readonly Reference[]>>,
  tensor: (reference: Reference) => Json,
): JsonObject {
  const entries = Object.entries(tensors).map(([name, list]) => [snakeCase(name), list.map(tensor)] as const)
  return Object.fromEntries(entries.map(([name, list]) => [name, list.length === 1 ? list[0] : list]))
}

/** The same where masks of inputs stand in one list, that of the query first. */
function listedMasks(
  { queryMask, valueMask, ...others }: Readonly<Record<string, readonly Reference[]>>,
  tensor: (reference: Reference) => Json,
): JsonObject {
  const list = [queryMask, valueMask].map((mask) => (mask === undefined ? null : tensor(mask[0])))
  return { ...namedTensors(others, tensor), ...(list.every((mask) => mask === null) ? {} : { mask: list }) }
}

const merging: ReadonlySet<string> = new Set([
  'add',
  'subtract',
  'multiply',
  'average',
  'maximum',
  'minimum',
  'concatenate',
  'dot',
])

/** Whether the layer takes a list, also of one. */
function isMerging(kind: string): boolean {
  return merging.has(kind)
}

/** A layer, or a model as one. */
function writeLayer({ name: kind, options }: JsonConfig, shaped: ShapedModel | undefined): JsonObject {
  const { architecture, name = kind } = options
  if (isModelKind(kind) && isObject(architecture)) {
    const inner = architecture as unknown as ModelJSON // as a model's config has it
    return writeModelConfig(inner, shaped?.inner.get(nameInKeras(inner.name)))
  }
  const isOfHub = ofKerasHub.has(kind)
  return {
    ...classOf(kind, isOfHub ? 'keras_hub.layers' : 'keras.layers', classInKeras(kind)),
    config: { name: nameInKeras(String(name)), ...writeOptions(kind, options, shaped) },
    ...(isOfHub ? { registered_name: `keras_hub>${classInKeras(kind)}` } : {}),
  }
}

function writeOptions(kind: string, options: JsonObject, shaped: ShapedModel | undefined): Record<string, Json> {
  const written: Record<string, Json> = {}
  for (const [option, value] of Object.entries(options)) {
    if (option === 'name' || dropped.has(option)) continue
    if (value === 'causal' && option === 'padding' && kind !== 'conv1d') {
      throw new FormatError(
        `keras: layer '${String(options.name)}': padding 'causal' cannot be written: Keras has it for Conv1D only; put zeroPadding1d before it, with padding 'valid'`,
      )
    }
    if (option === 'numLayers') {
      throw new FormatError(
        `keras: layer '${String(options.name)}': a stack by numLayers cannot be written: Keras has none; put ${String(value)} layers one after the other`,
      )
    }
    if (kind === 'normalization' && (option === 'mean' || option === 'variance')) continue
    written[optionToKeras(kind, option)] = writeValue(kind, option, value, shaped)
  }
  const given = kind === 'normalization' ? givenMoments(options) : {}
  return { ...written, ...given, ...requiredLists(kind, written), ...ofTexts(kind, options) }
}

/**
 * The mean and variance that a normalization was given, where every version of Keras takes them as options: single numbers, or a list along
 * the last axis. Others are written as if they had been adapted to: as weights.
 */
export function givenMoments({ axis = -1, mean, variance }: Readonly<Record<string, unknown>>): JsonObject {
  const flat = (value: unknown): value is number | readonly number[] =>
    typeof value === 'number' || (Array.isArray(value) && value.every((item) => typeof item === 'number'))
  const [means, variances] = [mean ?? 0, variance ?? 1]
  if ((mean === undefined && variance === undefined) || !flat(means) || !flat(variances)) return {}
  const { length = undefined } = [means, variances].find((value) => typeof value !== 'number') ?? {}
  if (length === undefined) return { mean: means, variance: variances }
  const list = (value: number | readonly number[]) => (typeof value === 'number' ? Array(length).fill(value) : value)
  return axis === -1 ? { mean: list(means), variance: list(variances) } : {}
}

function writeValue(kind: string, option: string, value: Json, shaped: ShapedModel | undefined): Json {
  // Among them letters of axes, of which capitals are others.
  if (verbatim.has(option) || (isOwn(kind) && typeof value === 'string' && !isObjectOption(snakeCase(option))))
    return value
  if (isObjectOption(snakeCase(option))) return value === null ? null : writeObject(snakeCase(option), value)
  if (isLayerConfig(value)) return writeLayer(value, shaped)
  if (isList(value) && value.length > 0 && value.every(isLayerConfig))
    return value.map((layer) => writeLayer(layer, shaped))
  return typeof value === 'string' ? snakeCase(value) : value
}

function isLayerConfig(value: Json): value is JsonObject & JsonConfig {
  return isObject(value) && typeof value.name === 'string' && isObject(value.options)
}

/** What Keras asks for in layers that read texts. */
function ofTexts(kind: string, { name, outputMode = 'int' }: JsonObject): Record<string, Json> {
  if (!readsTexts.has(kind)) return {}
  if (outputMode === 'tfIdf') {
    throw new FormatError(
      `keras: layer '${String(name)}': outputMode 'tfIdf' cannot be written: Keras reads its weights from another place; hornbeam's own file holds them`,
    )
  }
  return /^hash/.test(kind) && outputMode === 'int' ? { dtype: 'int64' } : {}
}

/** Keras asks for some things that hornbeam has defaults for. */
function requiredLists(kind: string, written: Record<string, Json>): Record<string, Json> {
  if (/^averagePooling|^maxPooling/.test(kind) && written.pool_size === undefined) return { pool_size: 2 }
  return {}
}
