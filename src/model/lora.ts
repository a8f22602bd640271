// Fine-tuning a model with few weights: which layers, and what of it is saved.

import { checkOptions, didYouMean, FormatError, OptionError } from '../errors'
import type { Layer, LoraOptions, Weight } from '../layers'
import { formatShape, sameShape, type Tensor } from '../tensor'

/** A model with layers. */
interface Layered extends Layer {
  readonly layers: readonly Layer[]
}

/** Adapts the kernels of these layers, and freezes all others. */
export function enableLora(
  model: Layered,
  options: LoraOptions & { readonly layers?: readonly (string | Layer)[] },
): void {
  const where = `${model.name}.enableLora`
  checkOptions(where, options, ['rank', 'alpha', 'layers'])
  if (!model.built)
    throw new OptionError(
      `${where}: expected a model that is built, got one without weights; fit it, or give an inputShape`,
    )
  if (adaptedWeights(model).length > 0) throw new OptionError(`${where}: it is enabled already; call mergeLora first`)
  const { layers: given, rank, alpha } = options
  const chosen =
    given === undefined
      ? model.layers.filter((layer) => layer.isAdaptable)
      : given.map((each) => layerOf(where, model, each))
  const wrong = chosen.find((layer) => !layer.isAdaptable)
  if (wrong !== undefined || chosen.length === 0) {
    throw new OptionError(
      `${where}: layers: expected layers with kernels, got ${wrong === undefined ? 'none' : wrong.name}`,
    )
  }
  for (const layer of chosen) layer.adaptKernels({ rank, ...(alpha === undefined ? {} : { alpha }) })
  for (const layer of model.layers) if (!chosen.includes(layer)) layer.trainable = false
}

function layerOf(where: string, model: Layered, given: string | Layer): Layer {
  const found = model.layers.find((layer) => layer === given || layer.name === given)
  if (found !== undefined) return found
  const names = model.layers.map(({ name }) => name)
  throw new OptionError(
    `${where}: layers: expected layers of the model, got ${typeof given === 'string' ? `'${given}'${didYouMean(given, names)}` : 'another'}`,
  )
}

/** Makes what was trained a part of the kernels. */
export async function mergeLora(model: Layered): Promise<void> {
  const where = `${model.name}.mergeLora`
  requireEnabled(model, where)
  for (const layer of model.layers) await layer.mergeKernels()
}

/** The weights that are trained, by their paths: beside kernels, and biases. @throws OptionError before `enableLora`. */
export function loraWeights(model: Layered): (readonly [string, Weight])[] {
  requireEnabled(model, `${model.name}.saveLora`)
  return trainedWeights(model)
}

/** Writes them, all or none. */
export async function writeLora(model: Layered, tensors: Readonly<Record<string, Tensor>>): Promise<void> {
  const where = `${model.name}.loadLora`
  requireEnabled(model, where)
  const weights = trainedWeights(model)
  const extra = Object.keys(tensors).find((path) => !weights.some(([own]) => own === path))
  if (extra !== undefined)
    throw new FormatError(`${where}: expected ${weights.map(([path]) => path).join(', ')}, got also ${extra}`)
  for (const [path, { variable }] of weights) {
    const found = tensors[path]
    if (found !== undefined && sameShape(found.shape, variable.shape)) continue
    throw new FormatError(
      `${where}: ${path}: expected shape ${formatShape(variable.shape)}, got ${found === undefined ? 'none' : formatShape(found.shape)}`,
    )
  }
  for (const [path, { variable }] of weights) await variable.write(tensors[path])
}

function adaptedWeights(model: Layered): (readonly [string, Weight])[] {
  return [...model.weightPaths()].filter(([, { lowRank }]) => lowRank)
}

function trainedWeights(model: Layered): (readonly [string, Weight])[] {
  const trained = new Set(model.trainableWeights.map(({ variable }) => variable))
  return [...model.weightPaths()].filter(([, { variable }]) => trained.has(variable))
}

function requireEnabled(model: Layered, where: string): void {
  if (adaptedWeights(model).length === 0) throw new OptionError(`${where}: expected enableLora before`)
}
