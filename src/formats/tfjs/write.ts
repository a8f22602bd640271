// Writing layers models of TensorFlow.js: `model.json` with a config as Keras 2 has it, and the weights in a file beside it.

import { FormatError } from '../../errors'
import { filledBy, joinedArrays } from '../../io'
import type { Layer, Weight } from '../../layers'
import type { Json } from '../../registry'
import type { Tensor } from '../../tensor'
import type { ModelJSON } from '../architecture'
import type { ModelParts, WriteOptions, Written } from '../format'
import { isList, isObject, type JsonObject } from '../json'
import { snakeCase } from '../keras/names'
import { pathsOf } from '../keras/weights'
import { configOf } from '../keras/write'
import { nameInKeras } from '../keras/writeConfig'
import { isModelKind, type SavedModel } from '../savedModel'
import { shrunk } from '../shrink'

/** The version whose files these are like. */
const version = '4.22.0'

/** Writes a model. */
export async function writeTfjs(
  model: SavedModel,
  parts: () => Promise<ModelParts>,
  { fileName, dtype = 'float32' }: WriteOptions,
): Promise<Written> {
  if (!model.built)
    throw new FormatError(`tfjs: ${model.name}: expected a model that is built, got one without weights`)
  const { architecture, tensors } = await parts()
  const topology = topologyOf(configOf(model, architecture as unknown as ModelJSON)) // as toJSON gave it
  const name = `${fileName.replace(/\.json$/i, '') || 'model'}.weights.bin`
  const paths = pathsOf(model)
  const entries = weightsOf(model)
  const names = entries.map(([entry]) => entry)
  const twice = names.find((entry, i) => names.indexOf(entry) !== i)
  if (twice !== undefined) {
    throw new FormatError(
      `tfjs: two weights would have the name ${twice}, and TensorFlow.js tells them by it; give the layers names of their own`,
    )
  }
  const stored = entries.map(([path, { variable }]) => {
    const tensor = tensors.get(paths.get(variable) ?? '')
    if (tensor === undefined) throw new FormatError(`tfjs: ${variable.name}: expected a weight, got none`)
    return store(path, tensor, dtype)
  })
  const json = {
    format: 'layers-model',
    generatedBy: 'hornbeam',
    convertedBy: null,
    modelTopology: { ...topology, keras_version: `tfjs-layers ${version}`, backend: 'tensor_flow.js' },
    weightsManifest: [{ paths: [name], weights: stored.map(({ entry }) => entry) }],
  }
  return {
    bytes: new TextEncoder().encode(JSON.stringify(json)),
    beside: [
      {
        name,
        bytes: joinedArrays(
          Uint8Array,
          stored.map(({ bytes }) => bytes),
        ),
      },
    ],
  }
}

// ---- the config ---------------------------------------------------------------------------------------------------

/** The layers that TensorFlow.js has, of those that can be written as Keras'. */
const layerClasses: ReadonlySet<string> = new Set(
  `InputLayer Sequential Functional Activation Add AlphaDropout Average AveragePooling1D AveragePooling2D AveragePooling3D BatchNormalization Bidirectional
  Concatenate Conv1D Conv2D Conv2DTranspose Conv3D ConvLSTM2D Cropping2D Dense DepthwiseConv2D Dot Dropout ELU Embedding Flatten GRU
  GaussianDropout GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D GlobalMaxPooling1D GlobalMaxPooling2D LSTM
  LayerNormalization LeakyReLU Masking MaxPooling1D MaxPooling2D MaxPooling3D Maximum Minimum Multiply PReLU Permute ReLU RepeatVector Rescaling
  Reshape SeparableConv2D SimpleRNN Softmax SpatialDropout1D TimeDistributed UpSampling2D ZeroPadding2D`.split(/\s+/),
)

/** Its activation functions that compute what those of Keras 3 of the same name do; `hard_sigmoid` has another slope. */
const activations: ReadonlySet<string> = new Set(
  'elu gelu linear log_softmax mish relu relu6 selu sigmoid softmax softplus softsign swish tanh'.split(' '),
)

/** What Keras 3 computes where nothing is said, and TensorFlow.js does not. */
const defaults: Readonly<Record<string, JsonObject>> = {
  LSTM: { recurrent_activation: 'sigmoid' },
  GRU: { recurrent_activation: 'sigmoid' },
  ConvLSTM2D: { recurrent_activation: 'sigmoid' },
  LeakyReLU: { alpha: 0.3 },
  Cropping2D: {
    cropping: [
      [0, 0],
      [0, 0],
    ],
  },
}

/** Options that its layers do not have, and pass over in silence. */
const without: Readonly<Record<string, readonly string[]>> = {
  ReLU: ['negative_slope', 'threshold'],
  ELU: ['alpha'],
  Conv1D: ['groups'],
  Conv2D: ['groups'],
  Conv3D: ['groups'],
  LayerNormalization: ['rms_scaling'],
  LSTM: ['zero_output_for_mask'],
  GRU: ['zero_output_for_mask'],
  SimpleRNN: ['zero_output_for_mask'],
}

/** Whether an option says what would be so without it. */
function isNeutral(value: Json): boolean {
  return value === 0 || value === 1 || value === false
}

const renamedActivations: Readonly<Record<string, string>> = { silu: 'swish' }

function topologyOf(config: JsonObject): JsonObject {
  const written = legacy(config) as JsonObject // of an object one is made
  return { class_name: written.class_name, config: written.config }
}

/** The same as Keras 2 writes it: objects by class and config alone, and nodes as lists. */
function legacy(value: Json): Json {
  if (isList(value)) return value.map(legacy)
  if (!isObject(value)) return value
  if (typeof value.class_name !== 'string' || !isObject(value.config)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, legacy(item)]))
  }
  if (value.class_name === 'DTypePolicy') return (value.config.name as Json) ?? 'float32'
  if (value.module === 'keras.regularizers') return regularizer(value)
  const isLayer = value.module !== 'keras.initializers' && value.module !== 'keras.constraints'
  return {
    class_name: value.class_name === 'Functional' ? 'Model' : value.class_name,
    config: isLayer ? layerConfig(value.class_name, value.config) : (legacy(value.config) as JsonObject),
    ...(typeof value.name === 'string' ? { name: value.name } : {}),
    ...(isList(value.inbound_nodes) ? { inbound_nodes: value.inbound_nodes.map((node) => nodeOf(value, node)) } : {}),
  }
}

function layerConfig(className: string, config: JsonObject): JsonObject {
  const where = `tfjs: layer '${String(config.name)}'`
  if (!layerClasses.has(className)) {
    throw new FormatError(`${where}: TensorFlow.js has no layer ${className}; save('model.onnx') can say any layer`)
  }
  if (className.startsWith('GRU') && config.reset_after !== false) {
    throw new FormatError(
      `${where}: TensorFlow.js has no GRU with resetAfter; make it gru(units, { resetAfter: false })`,
    )
  }
  if (config.padding === 'causal') {
    throw new FormatError(
      `${where}: padding 'causal': TensorFlow.js gives fewer steps than it says; save('model.onnx') can say it`,
    )
  }
  const unknown = [...(without[className] ?? []), 'activity_regularizer'].find(
    (option) => config[option] !== undefined && config[option] !== null,
  )
  if (unknown !== undefined && !isNeutral(config[unknown])) {
    throw new FormatError(`${where}: ${unknown}: TensorFlow.js has no ${className} with it`)
  }
  const written: Record<string, Json> = { ...defaults[className] }
  for (const [option, value] of Object.entries(config)) {
    if (option === 'backward_layer') continue
    if (/^(input|output)_layers$/.test(option)) written[option] = endsOf(value)
    else if (option === 'batch_shape') written.batch_input_shape = value
    else if (className === 'LeakyReLU' && option === 'negative_slope') written.alpha = value
    else if (/activation$/.test(option)) written[option] = activationOf(`${where}: ${option}`, value)
    else written[option] = legacy(value)
  }
  // The two directions are made of one layer, whose name they prefix.
  if (className === 'Bidirectional' && isObject(written.layer) && isObject(written.layer.config)) {
    const { name } = written.layer.config
    written.layer = {
      ...written.layer,
      config: { ...written.layer.config, name: String(name).replace(/^forward_/, '') },
    }
  }
  return written
}

/** The ends of a graph as a list, where Keras 3 has one by itself, or several by name. */
function endsOf(value: Json): Json {
  if (!isList(value)) return isObject(value) ? Object.values(value) : value
  return typeof value[0] === 'string' ? [value] : value
}

function activationOf(where: string, value: Json): Json {
  if (value === null) return value
  const name = typeof value === 'string' ? (renamedActivations[value] ?? value) : undefined
  if (name !== undefined && activations.has(name)) return name
  throw new FormatError(
    `${where}: TensorFlow.js has no activation that computes ${typeof value === 'string' ? `'${value}'` : 'this'} as Keras 3 does`,
  )
}

function regularizer({ class_name: name, config }: JsonObject): Json {
  if (!isObject(config) || !/^L1$|^L2$|^L1L2$/.test(String(name))) {
    throw new FormatError(`tfjs: TensorFlow.js has no regularizer ${String(name)}`)
  }
  return { class_name: 'L1L2', config: { l1: (config.l1 as Json) ?? 0, l2: (config.l2 as Json) ?? 0 } }
}

/** One call: the tensors it reads, states among them. */
function nodeOf(layer: JsonObject, node: Json): Json {
  const where = `tfjs: layer '${String(layer.name)}'`
  if (!isObject(node)) throw new FormatError(`${where}: expected a call, got ${JSON.stringify(node)}`)
  const { args, kwargs } = node
  const { initial_state: states, ...others } = isObject(kwargs) ? kwargs : {}
  const other = Object.entries(others).find(([, value]) => value !== null && value !== false)
  if (other !== undefined) throw new FormatError(`${where}: ${other[0]}: TensorFlow.js keeps none in its files`)
  return [...tensorsIn(args as Json), ...tensorsIn((states as Json) ?? [])]
}

function tensorsIn(value: Json): Json[] {
  if (isList(value)) return value.flatMap(tensorsIn)
  if (!isObject(value)) return []
  // A model inside the graph may take a record: its inputs are in the order of their names.
  if (!('class_name' in value)) return Object.values(value).flatMap(tensorsIn)
  if (!isObject(value.config) || !isList(value.config.keras_history)) return []
  return [[...value.config.keras_history, {}]]
}

// ---- the weights --------------------------------------------------------------------------------------------------

/** The weights by the names that TensorFlow.js looks them up under. */
function weightsOf(layer: Layer): [string, Weight][] {
  if (isModelKind(layer.kind)) return layer.innerLayers.flatMap(weightsOf)
  if (layer.kind === 'bidirectional') {
    return layer.innerLayers.flatMap((inner) => named(`${layer.name}/${nameInKeras(inner.name)}`, inner.weights))
  }
  if (layer.kind === 'timeDistributed') return layer.innerLayers.flatMap((inner) => named(layer.name, inner.weights))
  return named(layer.name, layer.weights, /^(depthwise|separable)Conv/.test(layer.kind))
}

/** Two cells in one layer have weights of the same name: the later ones get a number. */
function named(prefix: string, weights: readonly Weight[], isByDepth = false): [string, Weight][] {
  const counts = new Map<string, number>()
  return weights.map((weight) => {
    const count = counts.get(weight.name) ?? 0
    counts.set(weight.name, count + 1)
    const name = isByDepth && weight.name === 'kernel' ? 'depthwise_kernel' : snakeCase(weight.name)
    return [`${prefix}/${name}${count === 0 ? '' : `_${count}`}`, weight]
  })
}

interface StoredWeight {
  readonly entry: JsonObject
  readonly bytes: Uint8Array
}

function store(name: string, tensor: Tensor, dtype: NonNullable<WriteOptions['dtype']>): StoredWeight {
  const { data, shape } = tensor
  const entry = { name, shape: [...shape], dtype: 'float32' }
  if (dtype === 'int8') return eightBits(entry, data)
  const halves = shrunk(tensor, dtype)
  if (halves === undefined) return { entry, bytes: new Uint8Array(new Float32Array(data).buffer) }
  const quantization = { dtype: 'float16', original_dtype: 'float32' }
  return { entry: { ...entry, quantization }, bytes: halves.numbers.bytes }
}

/** Numbers in 256 steps from the smallest to the largest, such that zero stays zero. */
function eightBits(entry: JsonObject, data: Tensor['data']): StoredWeight {
  let [least, most] = [0, 0]
  for (const value of data) {
    least = Math.min(least, value)
    most = Math.max(most, value)
  }
  const scale = (most - least) / 255 || 1
  const min = Math.round(least / scale) * scale
  const bytes = filledBy(new Uint8Array(data.length), (i) =>
    Math.max(0, Math.min(255, Math.round((data[i] - min) / scale))),
  )
  return { entry: { ...entry, quantization: { dtype: 'uint8', scale, min, original_dtype: 'float32' } }, bytes }
}
