// Layers: the config of a layer of Keras as that of one of hornbeam's.

import { describeValue, FormatError, textOf } from '../../errors'
import { layerKinds } from '../../layers'
import type { Json, JsonConfig } from '../../registry'
import { type DType, isFloat, type PartialShape } from '../../tensor'
import { isList, isObject, type JsonObject, listIn, objectIn, said, textIn } from '../json'
import { bareName, isOwn, nameFromKeras, optionFromKeras } from './names'
import { classAndConfig, type Generation, isObjectOption, readObject, readValue } from './objects'

/** What is said of a layer that is refused wherever it stands, and what helps. */
const refused: Readonly<Record<string, string>> = {
  Lambda: 'holds code, which is never run from a file; write the layer with ops and put it in its place',
  TFOpLambda: 'is an operation of TensorFlow among the layers; put a layer in its place',
  SlicingOpLambda: 'is an operation of TensorFlow among the layers; put a layer in its place',
  TorchModuleWrapper: 'holds code, which is never run from a file',
  JaxLayer: 'holds code, which is never run from a file',
  FlaxLayer: 'holds code, which is never run from a file',
  TFSMLayer: 'loads a SavedModel, which is never done from a file',
  CuDNNLSTM: 'is of Keras 1; save the model with an LSTM in its place',
  CuDNNGRU: 'is of Keras 1; save the model with a GRU in its place',
}

/** Options that change nothing here, whatever they say. */
const silent: ReadonlySet<string> = new Set([
  'name',
  'trainable',
  'dtype',
  'unroll',
  'implementation',
  'input_length',
  'fused',
  'use_cudnn',
  'lora_rank',
  'lora_alpha',
  'renorm_clipping',
  'renorm_momentum',
  'autocast',
  'batch_input_shape',
  'batch_shape',
  'build_input_shape',
  'quantization_config',
  // What a decoder was built for, which its calls say.
  'decoder_sequence_shape',
  'encoder_sequence_shape',
  // The same of attention in Keras 2.
  'query_shape',
  'key_shape',
  'value_shape',
])

/** The same of single kinds of layers. */
const silentOf: Readonly<Record<string, ReadonlySet<string>>> = {
  // Keras 2 writes what all convolutions have; these have it for each of their kernels.
  separableConv1d: new Set(['kernel_initializer', 'kernel_regularizer', 'kernel_constraint']),
  separableConv2d: new Set(['kernel_initializer', 'kernel_regularizer', 'kernel_constraint']),
  depthwiseConv1d: new Set(['filters', 'kernel_initializer', 'kernel_regularizer', 'kernel_constraint']),
  depthwiseConv2d: new Set(['filters', 'kernel_initializer', 'kernel_regularizer', 'kernel_constraint']),
  // It follows from the vocabulary.
  integerLookup: new Set(['vocabulary_size']),
  stringLookup: new Set(['vocabulary_size', 'has_input_vocabulary']),
  textVectorization: new Set(['vocabulary_size', 'has_input_vocabulary']),
}

/** Options that change nothing as long as they say this. */
const neutral: Readonly<Record<string, readonly Json[]>> = {
  time_major: [false],
  sparse: [false],
  ragged: [false],
  optional: [false],
  renorm: [false],
  virtual_batch_size: [],
  adjustment: [],
  synchronized: [false],
  rms_scaling: [false],
  softmax_robust_masking: [false],
  data_format: ['channels_last'],
  dynamic: [false],
  weights: [],
  layout_map: [],
  supports_masking: [true, false],
}

/** Keras 2 writes groups for these, too, which have none. */
const withoutGroups: Readonly<Record<string, readonly Json[]>> = { groups: [1] }

/** The same of single kinds of layers. */
const neutralOf: Readonly<Record<string, Readonly<Record<string, readonly Json[]>>>> = {
  separableConv1d: withoutGroups,
  separableConv2d: withoutGroups,
  depthwiseConv1d: withoutGroups,
  depthwiseConv2d: withoutGroups,
  conv1dTranspose: withoutGroups,
  conv2dTranspose: withoutGroups,
  conv3dTranspose: withoutGroups,
  resizing: { pad_to_aspect_ratio: [false], antialias: [false], fill_mode: ['constant'], fill_value: [0] },
  integerLookup: {
    pad_to_max_tokens: [false],
    oov_method: ['floormod'],
    vocabulary_dtype: ['int32', 'int64'],
  },
  stringLookup: { encoding: ['utf-8'], oov_method: ['floormod', 'farmhash'], salt: [] },
  textVectorization: { encoding: ['utf-8'] },
}

/** Options whose texts are texts, and not names that are written otherwise here. */
const verbatim: ReadonlySet<string> = new Set(['mask_token', 'oov_token', 'mask_value', 'vocabulary'])

/** Options that Keras writes as a list of one number where hornbeam takes the number. */
const single: ReadonlySet<string> = new Set([
  ...['kernel_size', 'strides', 'dilation_rate', 'pool_size', 'size', 'output_padding', 'output_size'],
])

/** Reads a layer inside another, which may be a model. */
export type ReadInner = (where: string, json: JsonObject) => JsonConfig

/**
 * A layer as hornbeam's config.
 *
 * @param inner - reads the layers and cells inside it.
 * @throws FormatError that names the layer and what of it is not there.
 */
export function readLayer(json: JsonObject, generation: Generation, inner: ReadInner): JsonConfig {
  const { className, config } = classAndConfig('a layer', json)
  const name = typeof config.name === 'string' ? config.name : className
  const where = `layer '${name}'`
  const kind = kindOf(where, className, json)
  const options: Record<string, Json> = {}
  for (const [option, value] of Object.entries(config)) {
    if (silent.has(option) || silentOf[kind]?.has(option) === true || isOfCell(kind, config, option)) continue
    const read = readOption({ where, kind, generation, inner }, option, value)
    if (read !== undefined) options[optionFromKeras(kind, renamed(kind, option))] = read
  }
  return { name: kind, options: { ...options, ...commonOptions(where, name, config) } }
}

/** Whether it is said of the cell: TensorFlow.js writes what its cell has among the options of an RNN, too. */
function isOfCell(kind: string, { cell, ...config }: JsonObject, option: string): boolean {
  const ofCell = kind === 'rnn' && isObject(cell) && isObject(cell.config) ? cell.config : {}
  return Object.hasOwn(ofCell, option) && JSON.stringify(ofCell[option]) === JSON.stringify(config[option])
}

/** What Keras 2 called otherwise. */
function renamed(kind: string, option: string): string {
  return kind === 'leakyReLU' && option === 'alpha' ? 'negative_slope' : option
}

/** KerasHub registers its layers under its own name, and under that which it had. */
const ofHub = /^keras_(hub|nlp)>/

/** Hornbeam's kind for a class. @throws FormatError with what is not there. */
function kindOf(where: string, className: string, json: JsonObject): string {
  const reason = said(refused, className)
  if (reason !== undefined) throw new FormatError(`${where}: ${className} ${reason}`)
  const known = layerKinds()
  if (ofHub.test(className)) return kindOf(where, className.replace(ofHub, ''), json)
  if (known.includes(className)) return className
  if (isOwn(className)) {
    throw new FormatError(
      `${where}: ${className} is a class of somebody's own, which no file brings along; write ${bareName(className)} as a layer and register it as '${className}' with registerLayer`,
    )
  }
  const found = nameFromKeras(className, known)
  // Own kinds are found by their registered name only: a class of the same name may be another one.
  if (found !== undefined && !isOwn(found)) return found
  const at = typeof json.module === 'string' ? ` of ${json.module}` : ''
  throw new FormatError(`${where}: a layer ${className}${at} is not there in hornbeam`)
}

interface Reading {
  readonly where: string
  readonly kind: string
  readonly generation: Generation
  readonly inner: ReadInner
}

function readOption({ where, kind, generation, inner }: Reading, option: string, value: Json): Json | undefined {
  if (value === null) return keepsNull(kind, option) ? null : undefined
  const allowed = said(said(neutralOf, kind) ?? {}, option) ?? said(neutral, option)
  if (allowed !== undefined) {
    if (allowed.includes(value)) return undefined
    const expected = allowed.length === 0 ? 'nothing' : allowed.map(describeValue).join(' or ')
    throw new FormatError(
      `${where}: ${option}: expected ${expected}, got ${describeValue(value)}, which hornbeam does not have`,
    )
  }
  if (isObjectOption(option)) {
    const { name, options } = readObject(where, option, value, generation)
    return { name, options: options as JsonObject } // read from JSON
  }
  if (option === 'layer' || option === 'backward_layer' || option === 'cell') {
    return { ...inner(where, isList(value) ? stackOf(value) : objectIn(`${where}: ${option}`, value)) }
  }
  const layer = (given: Json): JsonObject => ({ ...inner(where, objectIn(where, given)) })
  if (option === 'cells') return cellsIn(where, value).map(layer)
  if (verbatim.has(option)) return value
  if (isOwn(kind) && isList(value) && value.length > 0 && value.every(isLayer)) return value.map(layer)
  if (isOwn(kind) && isLayer(value)) return layer(value)
  const read = readValue(value, isOwn(kind))
  if (isList(read) && read.length === 1 && /1d(?=$|[A-Z])/.test(kind) && single.has(option)) return read[0]
  if (option === 'axis') return readAxis(kind, read)
  if (kind === 'normalization' && (option === 'mean' || option === 'variance')) return flat(read)
  if (isObject(read) && option === 'seed') return undefined // the state of a generator, not a number
  return read
}

/** Whether it is a layer as Keras writes one. */
function isLayer(value: Json): boolean {
  if (!isObject(value) || !isObject(value.config)) return false
  const { module, registered_name: registered } = value
  return /^keras(\.src)?\.(layers|models)\b|^keras$/.test(String(module)) || layerKinds().includes(String(registered))
}

/** More than any stack has. */
const mostCells = 1000

function cellsIn(where: string, value: Json): readonly Json[] {
  const cells = listIn(`${where}: cells`, value)
  if (cells.length <= mostCells) return cells
  throw new FormatError(`${where}: cells: expected at most ${mostCells}, got ${cells.length}`)
}

/** A list of cells is a stack of them. */
function stackOf(cells: readonly Json[]): JsonObject {
  return { class_name: 'StackedRNNCells', config: { cells } }
}

/** Where nothing means something. */
function keepsNull(kind: string, option: string): boolean {
  return (kind === 'bidirectional' && option === 'merge_mode') || (kind === 'normalization' && option === 'axis')
}

/** Keras writes an axis as a list in some versions; none at all for a normalization over everything. */
function readAxis(kind: string, axis: Json): Json {
  if (!isList(axis)) return axis
  if (axis.length === 0 && kind === 'normalization') return null
  return axis.length === 1 ? axis[0] : axis
}

function flat(value: Json): Json {
  return isList(value) ? value.flatMap((item) => flat(item)) : value
}

function commonOptions(where: string, name: string, config: JsonObject): Record<string, Json> {
  const dtype = readDType(where, config.dtype)
  const shape = config.batch_input_shape
  return {
    name,
    ...(config.trainable === false ? { trainable: false } : {}),
    ...(isFloat(dtype) && config.dtype !== undefined ? { dtype } : {}),
    ...(shape === undefined || shape === null ? {} : { inputShape: [...sampleShape(where, shape)] }),
  }
}

/** Floats that are computed as float32 here: weights of them are widened, and mixed policies keep float32 weights. */
const widened: ReadonlySet<string> = new Set(['float16', 'bfloat16', 'mixed_float16', 'mixed_bfloat16'])

/** The type that a dtype or a dtype policy comes to. @throws FormatError for one that hornbeam does not have. */
export function readDType(where: string, value: Json | undefined): DType {
  if (value === undefined || value === null) return 'float32'
  const policy = isObject(value) ? objectIn(where, value.config) : {}
  const isQuantized = isObject(value) && String(value.class_name).startsWith('Quantized')
  if (isQuantized && policy.mode !== 'int8') {
    throw new FormatError(`${where}: weights quantised as ${textOf(policy.mode)} are not supported; expected int8`)
  }
  if (isObject(value) && String(value.class_name).startsWith('Int4')) {
    throw new FormatError(`${where}: weights quantised as int4 are not supported; expected int8`)
  }
  const name = isQuantized ? (policy.source_name ?? 'float32') : isObject(value) ? policy.name : value
  const text = textIn(`${where}: dtype`, name)
  if (widened.has(text) || text === 'float32') return 'float32'
  if (text === 'float64') return 'float64'
  if (/^u?int(8|16|32|64)$/.test(text)) return 'int32'
  if (text === 'bool') return 'bool'
  throw new FormatError(`${where}: dtype: expected numbers, got ${describeValue(text)}`)
}

/** The shape of one sample: without the batch. */
export function sampleShape(where: string, shape: Json): PartialShape {
  const lengths = listIn(`${where}: shape`, readValue(shape))
  return lengths.slice(1).map((length) => {
    if (length === null || (typeof length === 'number' && Number.isSafeInteger(length) && length > 0)) return length
    throw new FormatError(`${where}: shape: expected lengths from 1 or null, got ${describeValue(length)}`)
  })
}

/** The input that an InputLayer is. */
export function readInput(config: JsonObject): {
  name: string
  shape: PartialShape
  dtype: DType | 'string'
  batchSize?: number
} {
  const name = textIn('an input', config.name ?? 'input')
  const where = `input '${name}'`
  for (const option of ['sparse', 'ragged', 'optional']) {
    if (config[option] === true) throw new FormatError(`${where}: ${option} inputs are not there in hornbeam`)
  }
  const batchShape = config.batch_shape ?? config.batch_input_shape
  if (batchShape === undefined || batchShape === null)
    throw new FormatError(`${where}: expected a batch_shape, got none`)
  const [batch] = listIn(where, readValue(batchShape))
  const dtype = config.dtype === 'string' ? config.dtype : readDType(where, config.dtype)
  return {
    name,
    shape: sampleShape(where, batchShape),
    dtype: dtype !== 'string' && isFloat(dtype) && dtype !== 'float64' ? 'float32' : dtype,
    ...(typeof batch === 'number' && Number.isSafeInteger(batch) && batch > 0 ? { batchSize: batch } : {}),
  }
}
