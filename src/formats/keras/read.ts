// Reading models of Keras: the `.keras` archive, the same as a folder, and `.h5` files, of Keras 2 and 3.

import { FormatError } from '../../errors'
import { Budget, type Source } from '../../io'
import type { Layer } from '../../layers'
import type { Json } from '../../registry'
import type { Tensor } from '../../tensor'
import type { FoundWeights, ModelFile } from '../format'
import { allDatasets, type H5Group, openHdf5 } from '../hdf5'
import { checkDepth, isObject, type JsonObject, jsonObjectOf, mostText, parseObject } from '../json'
import type { SavedModel } from '../savedModel'
import { isZip, openZip } from '../zip'
import { withVocabularies } from './assets/vocabularies'
import { readCompile } from './compile'
import { keysOf, readEnds } from './graph/calls'
import { checkSize } from './graph/kinds'
import { layersLeft, listedArrays, readLegacyWeights, textOf, textsOf } from './legacy'
import { readModel } from './model'
import type { Generation } from './objects'
import {
  addProduct,
  firstBeta,
  isLegacyOptimizer,
  keptOrder,
  optimizerKind,
  placeOfShared,
  readOldState,
  readState,
  warnAnew,
} from './optimizer'
import { groupAt, pathAbove, placesIn, placesOf, readVariables, readWeights } from './weights'

const mebibyte = 2 ** 20
/** More than any list of words has. */
const mostVocabulary = 16 * mebibyte
/** What an `.h5` file has beside its numbers: at most so much, and so much for each array. */
const overhead = { file: mebibyte, array: 16 * 1024 }

/** Reads a `.keras` archive. */
export async function readArchive({ where, bytes }: Source): Promise<ModelFile> {
  const archive = openZip(where, bytes)
  const has = (name: string): boolean => archive.names.includes(name)
  if (!has('config.json')) {
    throw new FormatError(
      has('model.weights.h5')
        ? `${where}: there is no config.json in the archive: weights alone; make the model here and use model.loadWeights`
        : `${where}: expected a config.json in the archive, got ${archive.names.slice(0, 5).join(', ') || 'nothing'}`,
    )
  }
  checkParts(where, archive.names)
  const written = parseObject(`${where}: config.json`, archive.read('config.json', mostText(bytes.length)))
  const config = withVocabularies(written, (path) =>
    has(`assets/${path}`)
      ? new TextDecoder().decode(archive.read(`assets/${path}`, Math.min(mostVocabulary, mostText(bytes.length))))
      : undefined,
  )
  const metadata = has('metadata.json')
    ? parseObject(`${where}: metadata.json`, archive.read('metadata.json', mostText(bytes.length)))
    : {}
  const file = fromConfig(
    where,
    config,
    generationOf(metadata.keras_version, config),
    String(metadata.keras_version ?? '3'),
    (most) => openWeights({ where, bytes }, most),
  )
  return isObject(metadata.metadata) && isObject(file.architecture)
    ? { ...file, architecture: { ...file.architecture, metadata: metadata.metadata } }
    : file
}

/** Reads the folder that has the same files; the source is its config.json. */
export async function readFolder(source: Source): Promise<ModelFile> {
  const { where, bytes, beside } = source
  if (beside === undefined) throw alone(where)
  const config = parseObject(where, bytes)
  const metadata = jsonObjectOf(await beside('metadata.json')) ?? {}
  const weights = await beside('model.weights.h5')
  return fromConfig(
    where,
    config,
    generationOf(metadata.keras_version, config),
    String(metadata.keras_version ?? '3'),
    () => openHdf5(weights),
  )
}

/** Weights may come in other ways, which are named. */
function checkParts(where: string, names: readonly string[]): void {
  if (names.includes('model.weights.h5')) return
  if (names.includes('model.weights.npz')) {
    throw new FormatError(
      `${where}: weights as .npz hold pickles, which are programs and are never run; save the model with Keras' own model.save`,
    )
  }
  const index = names.find((name) => name.endsWith('.weights.json'))
  const reason =
    index === undefined
      ? 'expected model.weights.h5 in the archive, got none'
      : `weights in several files (${index}) are not supported; save the model without max_shard_size`
  throw new FormatError(`${where}: ${reason}`)
}

/** Keras 2 or 3: by the version where it is said, else by how the config is written. */
function generationOf(version: Json | undefined, config: JsonObject): Generation {
  if (typeof version === 'string') return /^[012]\./.test(version) ? 2 : 3
  return JSON.stringify(config).includes('"keras_history"') || 'registered_name' in config ? 3 : 2
}

function fromConfig(
  where: string,
  config: JsonObject,
  generation: Generation,
  version: string,
  open: (most: number) => H5Group,
): ModelFile {
  checkDepth(where, config as Json)
  checkSize(where, config)
  const architecture = readModel(config, generation)
  const compile = config.compile_config
  const isCompiled = isObject(compile) && Object.keys(compile).length > 0
  let root: H5Group | undefined
  const rootFor = (arrays: number, numbers: number): H5Group => {
    // Eight bytes a number, and up to five copies for the optimizer: an archive that unpacks to more is a trap.
    root ??= open(overhead.file + arrays * 6 * overhead.array + numbers * 6 * 8)
    return root
  }
  return {
    architecture,
    ...(isCompiled ? { compile: () => readCompile(compile, generation, outputKeys(config), pathAbove(config)) } : {}),
    weights: (model) => {
      const opened = rootFor(model.weightPaths().size + countGroups(config), model.countParams())
      if (!model.built) return unbuilt(where, opened, model)
      return readWeights(opened, model, placesOf(config))
    },
    optimizer: (state) => {
      const kind = optimizerKind(compile)
      const group =
        root === undefined ? undefined : (groupAt(root, 'optimizer/inner_optimizer') ?? groupAt(root, 'optimizer'))
      if (root !== undefined && group === undefined && isLegacyOptimizer(compile)) {
        warnAnew(where, state, 'tf_keras keeps none of its legacy optimizers in .keras files; in .h5 files it does')
      }
      if (root === undefined || group === undefined) return new Map()
      const variables = readVariables(root, group.path.slice(1))
      if (generation === 2) {
        const order = keptOrder(kind, state, { hasLearningRate: false, shared: 'nowhere' })
        return addProduct(state, readState(order, variables), firstBeta(compile))
      }
      return readState(keptOrder(kind, state, { hasLearningRate: true, shared: placeOfShared(version) }), variables)
    },
  }
}

function countGroups(config: JsonObject): number {
  return JSON.stringify(config).split('"class_name"').length
}

/** The keys of outputs that were given as a record, in the order in which hornbeam has them. */
function outputKeys(config: JsonObject): readonly string[] {
  const inner = isObject(config.config) ? config.config : {}
  if (!isObject(inner.output_layers)) return []
  return keysOf(readEnds('keras: output_layers', inner.output_layers)) ?? []
}

/** A model that was never built has no weights, here and in the file. */
function unbuilt(where: string, root: H5Group, model: Layer): ReadonlyMap<string, Tensor> {
  const count = [...allDatasets(root).keys()].filter((path) => !path.startsWith('optimizer/')).length
  if (count === 0) return new Map()
  throw new FormatError(
    `${where}: the shape of the input of ${model.name} is not in the file; build the same model here with an inputShape, and use model.loadWeights`,
  )
}

/** Whether an HDF5 file holds a model, and not weights alone. */
export function holdsModel({ bytes }: Source): boolean {
  return textOf(openHdf5(bytes), 'model_config') !== undefined
}

/** Reads an `.h5` file. */
export async function readH5({ where, bytes }: Source): Promise<ModelFile> {
  const root = openHdf5(bytes)
  const text = textOf(root, 'model_config')
  if (text === undefined) {
    const isWeights =
      textsOf(root, 'layer_names').length > 0 ||
      root.names.some((name) => ['layers', '_layer_checkpoint_dependencies', 'vars'].includes(name))
    throw new FormatError(
      isWeights
        ? `${where}: weights alone, without a model; make the model here and use model.loadWeights`
        : `${where}: this HDF5 file holds no model of Keras: it has no model_config`,
    )
  }
  const config = parseObject(`${where}: model_config`, text)
  checkSize(where, config)
  const version = textOf(root, 'keras_version') ?? '2.'
  const generation = /^[012]\./.test(version) ? 2 : 3
  const training = textOf(root, 'training_config')
  const compile = training === undefined ? undefined : parseObject(`${where}: training_config`, training)
  const weights = groupAt(root, 'model_weights')
  if (weights === undefined) throw new FormatError(`${where}: expected a group model_weights, got none`)
  return {
    architecture: readModel(config, generation),
    ...(compile === undefined
      ? {}
      : { compile: () => readCompile(compile, generation, outputKeys(config), pathAbove(config)) }),
    weights: (model) => (model.built ? readLegacyWeights(weights, model) : new Map()),
    optimizer: (state) => {
      const group = groupAt(root, 'optimizer_weights')
      if (group === undefined) return new Map()
      const listed = listedArrays(group)
      if (generation === 2) {
        const old = readOldState(state, listed)
        if (old === undefined) warnAnew(where, state, 'it has names that are not known, as before TensorFlow 2')
        return addProduct(state, old ?? new Map(), firstBeta(compile as Json | undefined))
      }
      const kind = optimizerKind(compile as Json | undefined)
      // What scales losses for half floats has steps of its own, before those of the optimizer in it.
      const own = listed.slice(listed.map(({ name }) => /(^|\/)iteration(:0)?$/.test(name)).lastIndexOf(true))
      const arrays = own.map(({ array }) => array)
      return readState(keptOrder(kind, state, { hasLearningRate: true, shared: placeOfShared(version) }), arrays)
    },
  }
}

/**
 * Reads the weights of a file into a model that is there: of `.keras`, `.weights.h5` and `.h5` files, by the classes or names
 * of its layers. Undefined for an HDF5 file of another kind.
 */
export function readWeightsFor(
  { where, bytes }: Source,
  model: SavedModel,
  skipMismatch: boolean,
): FoundWeights | undefined {
  return weightsIn(openWeights({ where, bytes }), model, skipMismatch)
}

/** The same of the folder; the source is its config.json. */
export async function readFolderWeights(
  { where, beside }: Source,
  model: SavedModel,
  skipMismatch: boolean,
): Promise<FoundWeights | undefined> {
  if (beside === undefined) throw alone(where)
  return weightsIn(openHdf5(await beside('model.weights.h5')), model, skipMismatch)
}

function alone(where: string): FormatError {
  return new FormatError(
    `${where}: a config.json alone has no weights; load the folder by its path or URL, or the .keras file`,
  )
}

function weightsIn(root: H5Group, model: SavedModel, skipMismatch: boolean): FoundWeights | undefined {
  const listed = groupAt(root, 'model_weights') ?? root
  if (textsOf(listed, 'layer_names').length > 0)
    return { contents: present(readLegacyWeights(listed, model, skipMismatch)), unused: layersLeft(listed, model) }
  if (!root.names.some((name) => ['layers', '_layer_checkpoint_dependencies', 'vars'].includes(name))) return undefined
  // Groups are named by the classes of layers, so it is told by this model where they are.
  const read = new Set<string>()
  const contents = present(readWeights(root, model, placesIn(model), skipMismatch, read))
  return { contents, unused: groupsLeft(root, read) }
}

/** The groups of layers with arrays that were not read: those of layers that the model has not. */
function groupsLeft(root: H5Group, read: ReadonlySet<string>): readonly string[] {
  const folder = groupAt(root, 'layers') ?? groupAt(root, '_layer_checkpoint_dependencies')
  if (folder === undefined) return []
  const groups = [...allDatasets(folder).keys()].map((path) =>
    `layers/${path.slice(path.indexOf('/') + 1).replace(/\/?vars\/\d+$/, '')}`.replace(
      /(^|\/)_layer_checkpoint_dependencies(?=\/)/g,
      '$1layers',
    ),
  )
  // Older versions keep the state of what draws random numbers.
  return [...new Set(groups)].filter((path) => !read.has(path) && !path.includes('seed_generator'))
}

/** Those that the file has. */
function present(contents: ReadonlyMap<string, Tensor | undefined>): ReadonlyMap<string, Tensor> {
  return new Map([...contents].flatMap(([path, tensor]) => (tensor === undefined ? [] : [[path, tensor] as const])))
}

/** All arrays of an `.h5` file or of the weights in an archive, by their paths. */
export function readArrays(source: Source): ReadonlyMap<string, Tensor> {
  return arraysIn(openWeights(source))
}

/** The HDF5 file: the source itself, or what is in the archive. @param most - the most bytes that it may have there. */
function openWeights({ where, bytes }: Pick<Source, 'where' | 'bytes'>, most = Number.POSITIVE_INFINITY): H5Group {
  if (!isZip(bytes)) return openHdf5(bytes)
  const budget = new Budget(where, bytes.length)
  const weights = openZip(where, bytes).read('model.weights.h5', Math.min(most, budget.rest))
  budget.take(weights.length)
  return openHdf5(weights, budget)
}

/** The same of the folder; the source is its config.json. */
export async function readFolderArrays({ where, beside }: Source): Promise<ReadonlyMap<string, Tensor>> {
  if (beside === undefined) throw alone(where)
  return arraysIn(openHdf5(await beside('model.weights.h5')))
}

function arraysIn(root: H5Group): ReadonlyMap<string, Tensor> {
  return new Map([...allDatasets(root)].map(([path, array]) => [path, array.read()]))
}
