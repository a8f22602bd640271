// The `.h5` files of Keras 2, which Keras 3 still writes: one list of weights for each layer of the model.

import { FormatError } from '../../errors'
import type { Layer } from '../../layers'
import type { H5Dataset, H5Group, H5Value } from '../hdf5'
import { type Contents, groupAt, pathsOf, readAs, type StoredArray, sameShapes, trainableFirst } from './weights'

/** The texts of an attribute, which is split in parts where it is long. */
export function textsOf(group: H5Group, name: string): readonly string[] {
  const whole = listOf(group.attribute(name))
  if (whole !== undefined) return whole
  const parts: string[] = []
  for (let i = 0; ; i++) {
    const part = listOf(group.attribute(`${name}${i}`))
    if (part === undefined) return parts
    parts.push(...part)
  }
}

function listOf(value: H5Value | undefined): readonly string[] | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'string') return [value]
  // An empty list of texts is written as one of numbers.
  return 'data' in value ? [] : value
}

/** The text of an attribute; undefined where there is none. */
export function textOf(group: H5Group, name: string): string | undefined {
  const value = group.attribute(name)
  return typeof value === 'string' ? value : undefined
}

/** The arrays that a group lists by name, in that order. */
export function listedArrays(group: H5Group): readonly { readonly name: string; readonly array: H5Dataset }[] {
  return textsOf(group, 'weight_names').map((name) => {
    const parts = name.split('/')
    const folder = groupAt(group, parts.slice(0, -1).join('/'))
    const array = folder?.get(parts[parts.length - 1])
    if (array?.kind !== 'dataset') throw new FormatError(`keras: ${group.path}: it lists ${name}, which is not there`)
    return { name, array }
  })
}

/**
 * Reads the weights of a model from a file of this kind.
 *
 * @param weights - the group that lists the layers.
 * @param skipMismatch - leaves out layers of which the file has another number of arrays, or arrays of other shapes.
 */
export function readLegacyWeights(weights: H5Group, model: Layer, skipMismatch = false): Contents {
  const contents: Contents = new Map()
  const paths = pathsOf(model)
  const names = textsOf(weights, 'layer_names')
  for (const layer of model.innerLayers) {
    const group = names.includes(layer.name) ? groupAt(weights, layer.name) : undefined
    const arrays = group === undefined ? [] : listedArrays(group).map(({ array }) => array)
    if (skipMismatch && !sameShapes(trainableFirst(layer), arrays)) continue
    for (const [path, tensor] of assign(layer, arrays, paths)) contents.set(path, tensor)
  }
  return contents
}

/** The layers that have arrays in a file of this kind, but are not in the model. */
export function layersLeft(weights: H5Group, model: Layer): readonly string[] {
  const known = new Set(model.innerLayers.map(({ name }) => name))
  return textsOf(weights, 'layer_names').filter((name) => {
    const group = known.has(name) ? undefined : groupAt(weights, name)
    return group !== undefined && listedArrays(group).length > 0
  })
}

/** The arrays of a layer, with all layers inside it, by path. */
export function assign(layer: Layer, arrays: readonly StoredArray[], paths: ReadonlyMap<object, string>): Contents {
  const byPath = new Map(layer.weights.map(({ variable }) => [variable.name, paths.get(variable) ?? variable.name]))
  const contents: Contents = new Map()
  let next = 0
  for (const { path, shape } of trainableFirst(layer)) {
    const full = byPath.get(path) ?? path
    const array = arrays[next++]
    if (array === undefined) throw lacks(layer, arrays.length)
    contents.set(full, readAs({ path: full, shape }, array))
  }
  if (next === arrays.length) return contents
  throw lacks(layer, arrays.length)
}

function lacks(layer: Layer, count: number): FormatError {
  return new FormatError(`keras: layer '${layer.name}': expected ${layer.weights.length} arrays, the file has ${count}`)
}
