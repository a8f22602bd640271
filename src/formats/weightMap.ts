// Which module of a file belongs to which layer, as a user says it.

import { describeValue, OptionError } from '../errors'
import type { Layer } from '../layers'
import type { SavedModel } from './savedModel'
import { unitsOf } from './torch/units'

/** Names of modules, each with the name of a layer or a list of layers. */
export type WeightMap = Readonly<Record<string, string | readonly string[]>>

export interface MapEntry {
  readonly module: string
  /** The layers it belongs to; the model itself takes a part of the file. */
  readonly layers: readonly Layer[]
}

export function checkMap(where: string, model: SavedModel, map: WeightMap | undefined): readonly MapEntry[] {
  if (map === undefined) return []
  if (typeof map !== 'object' || map === null || Array.isArray(map)) {
    throw new OptionError(
      `${where}: map: expected a record such as { 'encoder.lstm': 'lstm' }, got ${describeValue(map)}`,
    )
  }
  return Object.entries(map).map(([module, names]) => {
    const list = typeof names === 'string' ? [names] : names
    if (!Array.isArray(list) || !list.every((name) => typeof name === 'string')) {
      throw new OptionError(
        `${where}: map: ${module}: expected the name of a layer or a list of names, got ${describeValue(names)}`,
      )
    }
    return { module, layers: list.map((name) => layerAt(where, model, name)) }
  })
}

function layerAt(where: string, model: SavedModel, name: string): Layer {
  if (name === model.name) return model
  const find = (layer: Layer, path: string): Layer | undefined => {
    for (const inner of layer.innerLayers) {
      if (inner.name === path) return inner
      const below = path.startsWith(`${inner.name}/`) ? find(inner, path.slice(inner.name.length + 1)) : undefined
      const found = below ?? find(inner, path)
      if (found !== undefined) return found
    }
    return undefined
  }
  const found = find(model, name) ?? unitsOf(model).find(({ path }) => path === name)?.layer
  if (found !== undefined) return found
  const names = unitsOf(model).map(({ path }) => path)
  throw new OptionError(
    `${where}: map: expected the name of a layer, one of ${names.join(', ')}; got ${describeValue(name)}`,
  )
}
