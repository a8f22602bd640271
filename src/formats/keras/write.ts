// Writing models as Keras 3 does: `.keras` archives with optimizer state, and `.weights.h5` files.

import { FormatError } from '../../errors'
import { type Layer, Normalization } from '../../layers'
import type { Optimizer, OptimizerState } from '../../optimizers'
import type { Json } from '../../registry'
import { optimizerPrefix } from '../../step/kept/content'
import { Tensor, type Tensor as TensorType } from '../../tensor'
import type { ModelJSON } from '../architecture'
import type { ModelParts, WriteOptions, Written } from '../format'
import { type H5Array, writeHdf5 } from '../hdf5/write'
import { isObject, type JsonObject } from '../json'
import type { SavedModel } from '../savedModel'
import { writeZip } from '../zip'
import { bareName, classInKeras, groupNamer } from './names'
import { keptOrder, neverRead } from './optimizer'
import { joined, listedFor, pathAbove, pathsOf, placesIn, type WeightGroup } from './weights'
import { writeCompile } from './writeCompile'
import { givenMoments, nameInKeras, type ShapedModel, writeModelConfig } from './writeConfig'

/** The version of Keras whose files these are like. */
const kerasVersion = '3.10.0'

/** Writes a `.keras` archive. */
export async function writeArchive(
  model: SavedModel,
  parts: () => Promise<ModelParts>,
  { dtype }: WriteOptions,
): Promise<Written> {
  const { architecture, compile, tensors } = await parts()
  const config = configOf(model, architecture as unknown as ModelJSON) // as toJSON gave it
  const compiled = isObject(compile)
    ? { compile_config: writeCompile(compile, model.built ? model.outputs.length : 1, pathAbove(config)) }
    : { compile_config: {} }
  const weights = writeWeights(model, tensors, dtype)
  if (isObject(compile) && model.built) await addOptimizer(model, tensors, weights)
  const files = new Map<string, Uint8Array>([
    ['metadata.json', textBytes({ keras_version: kerasVersion, date_saved: dateNow(), ...metadataOf(architecture) })],
    ['config.json', textBytes({ ...config, ...compiled })],
    ['model.weights.h5', writeHdf5(weights)],
  ])
  return { bytes: writeZip(files) }
}

/** What the user keeps with the model: Keras reads past it. */
function metadataOf(architecture: Json): JsonObject {
  return isObject(architecture) && architecture.metadata !== undefined ? { metadata: architecture.metadata } : {}
}

/** Writes a `.weights.h5` file. */
export async function writeWeightsFile(
  model: SavedModel,
  parts: () => Promise<ModelParts>,
  { dtype }: WriteOptions,
): Promise<Written> {
  const { tensors } = await parts()
  return { bytes: writeHdf5(writeWeights(model, tensors, dtype)) }
}

/** The config of a model, as Keras 3 writes it. */
export function configOf(model: SavedModel, json: ModelJSON): JsonObject {
  return writeModelConfig(json, model.built ? shapesOf(model) : undefined)
}

/** The shapes of what every call gives, in the model and in those inside it. */
function shapesOf(model: Layer): ShapedModel {
  const calls = 'calls' in model ? (model as SavedModel).calls : [] // models have calls
  const outputs = calls.map((call) => call.outputs.map(({ shape, dtype }) => ({ shape, dtype })))
  const inner = new Map<string, ShapedModel>()
  const visit = (layer: Layer): void => {
    if ('calls' in layer) inner.set(nameInKeras(layer.name), shapesOf(layer))
    else for (const each of layer.innerLayers) visit(each)
  }
  for (const layer of model.innerLayers) visit(layer)
  return { outputs, inner }
}

interface Weights {
  readonly arrays: Map<string, H5Array>
  readonly names: Map<string, string>
}

function writeWeights(
  model: SavedModel,
  tensors: ReadonlyMap<string, TensorType>,
  dtype: WriteOptions['dtype'],
): Weights {
  if (dtype === 'int8')
    throw new FormatError(
      "keras: weights of 'int8' cannot be written: Keras would compute with inputs of 8 bits, too, and give other numbers; expected 'float32' or 'float16'",
    )
  const arrays = new Map<string, H5Array>()
  const names = new Map<string, string>()
  const paths = pathsOf(model)
  const as = dtype === 'float16' ? dtype : undefined
  const put = (path: string, tensor: TensorType): void => {
    arrays.set(path, { tensor, as: tensor.dtype === 'int32' ? undefined : as })
  }
  const visit = (layer: Layer, { group: own, parts, isModel }: WeightGroup, above: string): void => {
    const path = joined(above, own)
    const vars = joined(path, 'vars')
    names.set(vars, nameInKeras(layer.name))
    for (const [i, { variable }] of listedFor(layer, parts).entries()) {
      const tensor = tensors.get(paths.get(variable) ?? '')
      if (tensor === undefined) throw new FormatError(`keras: ${variable.name}: expected a weight, got none`)
      const isSingle = layer instanceof Normalization && layer.config().axis === null
      put(`${vars}/${i}`, isSingle ? new Tensor(tensor.data, []) : tensor)
    }
    if (parts.length === 0) {
      const given = layer instanceof Normalization ? layer.given : undefined
      if (given !== undefined && givenMoments(layer.config()).mean === undefined) {
        const count = new Tensor(new Int32Array(1), [])
        for (const [i, tensor] of [given.mean, given.variance, count].entries()) put(`${vars}/${i}`, tensor)
      }
      return
    }
    for (const [i, part] of parts.entries()) {
      const inner = isModel ? layer.innerLayers.find(({ name }) => name === part.name) : layer.innerLayers[i]
      if (inner !== undefined) visit(inner, part, path)
    }
  }
  if (model.built) visit(model, placesIn(model), '')
  return { arrays, names }
}

async function addOptimizer(
  model: SavedModel,
  tensors: ReadonlyMap<string, TensorType>,
  { arrays, names }: Weights,
): Promise<void> {
  const engine = await model.trainingEngine('save')
  const put = (optimizer: Optimizer, state: OptimizerState, path: string): void => {
    const order = keptOrder(optimizer.config.name, state, { hasLearningRate: true, shared: 'last' })
    names.set(`${path}/vars`, optimizer.name)
    order.forEach((variable, i) => {
      if (variable === neverRead) {
        arrays.set(`${path}/vars/${i}`, { tensor: new Tensor(new Int32Array(1), []), as: undefined })
        return
      }
      const tensor = tensors.get(`${optimizerPrefix}${variable.name}`)
      if (tensor === undefined) throw new FormatError(`keras: ${variable.name}: expected optimizer state, got none`)
      arrays.set(`${path}/vars/${i}`, { tensor, as: variable.dtype === 'int32' ? 'int64' : undefined })
    })
  }
  put(engine.choices.optimizer, engine.optimizerState, 'optimizer')
  // Those of several optimizers stand there once more, each for itself.
  const parts = [...(engine.optimizerState.parts ?? [])]
  const namer = groupNamer()
  for (const [optimizer, state] of parts) {
    put(optimizer, state, `optimizer/optimizers/${namer(bareName(classInKeras(optimizer.config.name)))}`)
  }
}

/** Options that Keras takes only as a number with a point: `0.0`, where JSON has `0`. */
const floats: ReadonlySet<string> = new Set(['momentum', 'beta', 'threshold'])
const marked = /"<float>(-?\d+)"/g

function textBytes(json: JsonObject): Uint8Array {
  const text = JSON.stringify(json, (key, value: Json) =>
    floats.has(key) && Number.isInteger(value) ? `<float>${String(value)}` : value,
  )
  return new TextEncoder().encode(text.replace(marked, '$1.0'))
}

/** As Keras writes it: 2025-01-31@13:45:00. */
function dateNow(): string {
  return new Date().toISOString().slice(0, 19).replace('T', '@')
}
