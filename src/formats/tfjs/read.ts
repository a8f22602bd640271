// Reading layers models of TensorFlow.js. Their config is that of Keras 2; a converter may have taken over that of Keras 3.

import { FormatError } from '../../errors'
import type { Source } from '../../io'
import type { Layer } from '../../layers'
import type { Json } from '../../registry'
import { sameShape, type Tensor } from '../../tensor'
import type { FoundWeights, ModelFile } from '../format'
import { checkDepth, isObject, objectIn, parseObject } from '../json'
import { readCompile } from '../keras/compile'
import { checkSize } from '../keras/graph/kinds'
import { assign } from '../keras/legacy'
import { readModel } from '../keras/model'
import { type Contents, pathsOf, readAs, type StoredArray, sameShapes, trainableFirst } from '../keras/weights'
import { isModelKind, type SavedModel } from '../savedModel'
import { readManifest } from './manifest'
import { ofLayer } from './order'

/** Reads a model. */
export async function readTfjs(source: Source): Promise<ModelFile> {
  const { where, bytes } = source
  const json = parseObject(where, bytes)
  if (json.format === 'graph-model') {
    throw new FormatError(
      `${where}: a graph-model has no layers, only operations, and cannot be read; convert the Keras model it came from, or load its .keras or .h5 file`,
    )
  }
  if (!isObject(json.modelTopology)) {
    throw new FormatError(`${where}: weights alone, without a model; make the model here and use model.loadWeights`)
  }
  const topology = isObject(json.modelTopology.model_config) ? json.modelTopology.model_config : json.modelTopology
  const config = objectIn(`${where}: modelTopology`, topology)
  checkDepth(where, config as Json)
  checkSize(where, config)
  const generation = JSON.stringify(config).includes('"keras_history"') || 'registered_name' in config ? 3 : 2
  const architecture = readModel(config, generation)
  const arrays = await readManifest(source, json)
  const training = json.trainingConfig ?? json.modelTopology.training_config
  return {
    architecture,
    ...(isObject(training) ? { compile: () => readCompile(training, generation, []) } : {}),
    weights: (model) => (model.built ? assignAll(where, model, arrays) : new Map()),
  }
}

/** All arrays by name. */
export async function readTfjsTensors(source: Source): Promise<ReadonlyMap<string, Tensor>> {
  const arrays = await readManifest(source, parseObject(source.where, source.bytes))
  return new Map(arrays.map((array) => [array.path, array.read()]))
}

/** The weights of a file for a model that is there. */
export async function readTfjsWeights(
  source: Source,
  model: SavedModel,
  skipMismatch: boolean,
): Promise<FoundWeights | undefined> {
  const arrays = await readManifest(source, parseObject(source.where, source.bytes))
  const { contents, unused } = skipMismatch
    ? assignSome(model, arrays)
    : { contents: assignAll(source.where, model, arrays), unused: [] }
  const read = [...contents].flatMap(([path, tensor]) => (tensor === undefined ? [] : [[path, tensor] as const]))
  return { contents: new Map(read), unused }
}

/** The arrays of the layers that have some of their names, as many and of their shapes. */
function assignSome(
  model: Layer,
  arrays: readonly StoredArray[],
): { readonly contents: Contents; readonly unused: readonly string[] } {
  const paths = pathsOf(model)
  const contents: Contents = new Map()
  const used = new Set<StoredArray>()
  const visit = (layer: Layer): void => {
    if (isModelKind(layer.kind)) {
      for (const inner of layer.innerLayers) visit(inner)
      return
    }
    const own = ofLayer(layer, arrays)
    if (!sameShapes(trainableFirst(layer), own)) return
    for (const array of own) used.add(array)
    for (const [path, tensor] of assign(layer, own, paths)) contents.set(path, tensor)
  }
  visit(model)
  return { contents, unused: arrays.filter((array) => !used.has(array)).map(({ path }) => path) }
}

/** The arrays against the layers: by names, which begin with the layer's; else all in the order TensorFlow.js has. */
function assignAll(where: string, model: Layer, arrays: readonly StoredArray[]): Contents {
  const paths = pathsOf(model)
  const byName = named(model, arrays)
  if (byName !== undefined) {
    const contents: Contents = new Map()
    for (const [layer, own] of byName)
      for (const [path, tensor] of assign(layer, own, paths)) contents.set(path, tensor)
    return contents
  }
  const wanted = trainableFirst(model)
  if (wanted.length !== arrays.length || wanted.some(({ shape }, i) => !sameShape(shape, arrays[i].shape))) {
    throw new FormatError(
      `${where}: expected ${wanted.length} weights as the layers have them, got ${arrays.length} that do not go with their names or shapes`,
    )
  }
  return new Map(wanted.map((weight, i) => [paths.get(weight.variable) ?? weight.path, readAs(weight, arrays[i])]))
}

/** The arrays of each layer that is no model; undefined where names do not tell. */
function named(model: Layer, arrays: readonly StoredArray[]): ReadonlyMap<Layer, readonly StoredArray[]> | undefined {
  const found = new Map<Layer, readonly StoredArray[]>()
  const used = new Set<StoredArray>()
  const visit = (layer: Layer): boolean => {
    if (isModelKind(layer.kind)) return layer.innerLayers.every(visit)
    const own = ofLayer(layer, arrays)
    for (const array of own) used.add(array)
    found.set(layer, own)
    return own.length === layer.weights.length
  }
  return visit(model) && used.size === arrays.length ? found : undefined
}
