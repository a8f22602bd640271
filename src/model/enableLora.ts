// Fine-tuning a model with few weights: which layers.

import { checkOptions, didYouMean, OptionError } from '../errors'
import type { Layer, LoraOptions, Weight } from '../layers'

/** A model with layers. */
export interface Layered extends Layer {
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

/** The low-rank matrices, by their paths. */
export function adaptedWeights(model: Layered): (readonly [string, Weight])[] {
  return [...model.weightPaths()].filter(([, { lowRank }]) => lowRank)
}
