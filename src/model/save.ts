// What is saved of a model: architecture, weights, compile options, and the state of the optimizer; written in a format.

import { checkOptions, OptionError, requireBoolean, requireOneOf } from '../errors'
import { formatForPlace, formatNamed, type ModelParts, type Written } from '../formats/formats'
import { requireMerged, type SavedModel } from '../formats/savedModel'
import { writeTensors } from '../formats/tensorFiles'
import { placeText, writePlace } from '../io'
import type { Json } from '../registry'
import { carriedTensors, keptPosition, trainingTensors } from '../step/kept/content'
import { positionToJSON } from '../step/kept/position'
import type { Tensor } from '../tensor'
import { compileToJSON } from './compileJSON'

/** How a model is written. */
export interface SaveOptions {
  /** `'hornbeam'` by default, or the format that the place's ending asks for. */
  readonly format?: string
  /** How weights are stored: smaller than `'float32'`, they are widened again when loaded. Optimizer state stays as it is. */
  readonly dtype?: 'float32' | 'float16' | 'int8'
  /**
   * Writes what `model.stream()` runs instead of what `predict` does: what layers remember goes in with the inputs and comes
   * out with the outputs. For the format `'onnx'`; false by default.
   */
  readonly streaming?: boolean
}

const optionNames = ['format', 'dtype', 'streaming'] as const
const dtypes = ['float32', 'float16', 'int8'] as const

/** The bytes of a model file. */
export async function modelToBytes(model: SavedModel, options: SaveOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  checkOptions('toBytes', options, optionNames)
  const { bytes, beside = [] } = await write('toBytes', model, options, '')
  if (beside.length === 0) return bytes
  throw new OptionError(`toBytes: format: '${options.format}' takes several files; use save`)
}

/** Writes a model to a place, in the format that its ending asks for. */
export async function saveModel(model: SavedModel, place: string | URL, options: SaveOptions = {}): Promise<void> {
  checkOptions('save', options, optionNames)
  const text = placeText(place)
  const format = options.format ?? formatForPlace(text).name
  const [folder, fileName] = splitPlace(text)
  const { bytes, beside = [] } = await write('save', model, { ...options, format }, fileName)
  // What lies beside first: whoever finds the file finds all of it.
  for (const file of beside) await writePlace(`${folder}${file.name}`, file.bytes)
  await writePlace(place, bytes)
}

/** Writes the weights alone: by their paths, or as Keras does where the place ends so. */
export async function saveWeights(model: SavedModel, place: string | URL): Promise<void> {
  if (/\.weights\.h5$/i.test(placeText(place))) return saveModel(model, place)
  await writeTensors(place, await model.namedWeights())
}

/** The formats that say what beside a kernel is added to it: hornbeam's own as weights, the others as what is computed. */
const holdsLowRank: ReadonlySet<string> = new Set(['hornbeam', 'onnx', 'module', 'c'])

async function write(where: string, model: SavedModel, options: SaveOptions, fileName: string): Promise<Written> {
  const { format = 'hornbeam', dtype, streaming } = options
  if (dtype !== undefined) requireOneOf(where, 'dtype', dtype, dtypes)
  const { writeModel } = formatNamed(where, format)
  if (writeModel === undefined) throw new OptionError(`${where}: format: '${format}' can be read only`)
  if (streaming !== undefined) requireBoolean(where, 'streaming', streaming)
  if (streaming && format !== 'onnx') {
    throw new OptionError(`${where}: streaming: expected the format 'onnx', got '${format}'`)
  }
  if (!holdsLowRank.has(format)) requireMerged(`${where}: format: '${format}'`, model)
  return writeModel(model, () => modelToParts(model), { fileName, dtype, streaming })
}

/** The folder with its last separator, and the name in it. */
function splitPlace(place: string): [folder: string, name: string] {
  const at = Math.max(place.lastIndexOf('/'), place.lastIndexOf('\\')) + 1
  return [place.slice(0, at), place.slice(at)]
}

/** Everything that is saved of a model. */
async function modelToParts(model: SavedModel): Promise<ModelParts> {
  if (!model.built && model.weights.length > 0) {
    throw new OptionError(
      `save: ${model.name}: expected a model that knows the shape of its input, got one that does not, of layers with weights; give it an inputShape`,
    )
  }
  const engine = model.compileOptions === undefined ? undefined : await model.trainingEngine('save')
  const trained = engine !== undefined && model.built ? engine : undefined
  const position = trained && (await keptPosition(trained))
  const tensors = new Map<string, Tensor>([
    ...Object.entries(await model.namedWeights()),
    ...(trained === undefined ? [] : await trainingTensors(trained)),
    ...(await carriedTensors(model)),
  ])
  return {
    // The architecture holds configs, strings and numbers only.
    architecture: model.toJSON() as unknown as Json,
    ...(engine === undefined ? {} : { compile: compileToJSON(engine) }),
    ...(position === undefined ? {} : { run: positionToJSON(position) }),
    tensors,
  }
}
