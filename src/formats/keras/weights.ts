// Weights: the groups of a file against the layers of the model made of its config. Keras names a group by the layer's class
// and its number among those of the class, not by the layer's name. Shapes are compared before anything is read.

import { FormatError } from '../../errors'
import { filledBy } from '../../io'
import type { Layer, Weight } from '../../layers'
import { formatShape, sameShape, Tensor } from '../../tensor'
import type { H5Dataset, H5Group } from '../hdf5'
import { isList, isObject, type JsonObject, objectIn } from '../json'
import { isModel } from './graph/kinds'
import { bareName, classInKeras, groupNamer, innerGroups, otherSpelling } from './names'

/** Where the weights of a layer lie: its group, and those of the layers inside it. */
export interface WeightGroup {
  /** The path of the group from that of the layer around it. */
  readonly group: string
  /** The layer's name, by which a model knows it. */
  readonly name: string
  readonly parts: readonly WeightGroup[]
  /** Whether the parts are those of a model, in any order. */
  readonly isModel: boolean
}

/** Where the weights of a model lie, by its config. */
export function placesOf(json: JsonObject): WeightGroup {
  return placeOf(json, '')
}

function placeOf(json: JsonObject, group: string): WeightGroup {
  const config = isObject(json.config) ? json.config : {}
  const name = String(config.name ?? json.name ?? '')
  const part = (inner: unknown, path: string): WeightGroup => placeOf(objectIn('keras: a layer', inner as never), path)
  if (isModel(json)) {
    const namer = groupNamer()
    const layers = (isList(json.config) ? json.config : isList(config.layers) ? config.layers : []).map((layer) =>
      objectIn('keras: a layer', layer),
    )
    // A sequential model does not count its input among its layers.
    const counted = layers.filter((layer) => json.class_name !== 'Sequential' || layer.class_name !== 'InputLayer')
    const parts = counted.map((layer) => placeOf(layer, `layers/${namer(ownClass(layer))}`))
    return { group, name, parts, isModel: true }
  }
  const parts = partsOf(String(json.class_name), config, part)
  return { group, name, parts, isModel: false }
}

/** Where the weights of a model lie, by its layers. */
export function placesIn(layer: Layer, group = ''): WeightGroup {
  const part = (inner: number, path: string): WeightGroup => placesIn(layer.innerLayers[inner], path)
  const numbered = (folder: string): WeightGroup[] => {
    const namer = groupNamer()
    return layer.innerLayers.map((inner) => placesIn(inner, `${folder}/${namer(bareName(classInKeras(inner.kind)))}`))
  }
  const place = { group, name: layer.name, isModel: false }
  const groups = innerGroups(layer)
  if (groups !== undefined) return { ...place, parts: groups.map((name, i) => part(i, name)) }
  switch (layer.kind) {
    case 'model':
    case 'sequential':
      return { ...place, isModel: true, parts: numbered('layers') }
    case 'stackedRNNCells':
      return { ...place, parts: numbered('cells') }
    case 'bidirectional':
      return { ...place, parts: [part(0, 'forward_layer'), part(1, 'backward_layer')] }
    case 'timeDistributed':
    case 'spectralNormalization':
      return { ...place, parts: [part(0, 'layer')] }
    case 'lstm':
    case 'gru':
    case 'simpleRNN':
    case 'rnn':
    case 'convLSTM1d':
    case 'convLSTM2d':
    case 'convLSTM3d':
      return { ...place, parts: [part(0, 'cell')] }
    default:
      return { ...place, parts: [] }
  }
}

/** The class without the package of one of somebody's own. */
function ownClass(json: JsonObject): string {
  return bareName(String(json.class_name))
}

function partsOf(
  className: string,
  config: JsonObject,
  part: (inner: unknown, path: string) => WeightGroup,
): WeightGroup[] {
  switch (className) {
    case 'LSTM':
    case 'GRU':
    case 'SimpleRNN':
    case 'ConvLSTM1D':
    case 'ConvLSTM2D':
    case 'ConvLSTM3D':
      return [{ group: 'cell', name: '', parts: [], isModel: false }]
    case 'RNN':
      return [
        part(
          isList(config.cell) ? { class_name: 'StackedRNNCells', config: { cells: config.cell } } : config.cell,
          'cell',
        ),
      ]
    case 'StackedRNNCells': {
      const namer = groupNamer()
      const cells = isList(config.cells) ? config.cells : []
      return cells.map((cell) => part(cell, `cells/${namer(ownClass(objectIn('keras: a cell', cell)))}`))
    }
    case 'Bidirectional':
      return [part(config.layer, 'forward_layer'), part(config.backward_layer ?? config.layer, 'backward_layer')]
    case 'TimeDistributed':
    case 'SpectralNormalization':
      return [part(config.layer, 'layer')]
    default:
      return []
  }
}

/** What Keras' paths of weights begin with in a sequential model. */
export function pathAbove({ class_name: className, config }: JsonObject): string {
  return className === 'Sequential' && isObject(config) && typeof config.name === 'string' ? `${config.name}/` : ''
}

/** The content of every weight by path; undefined for one that stays as it begins. */
export type Contents = Map<string, Tensor | undefined>

/** The paths of a model's weights. */
export function pathsOf(model: Layer): ReadonlyMap<object, string> {
  return new Map([...model.weightPaths()].map(([path, { variable }]) => [variable, path]))
}

/**
 * Reads the weights of a model from the root of a `.weights.h5` file.
 *
 * @param skipMismatch - leaves out layers of which the file has another number of arrays, or arrays of other shapes.
 * @param read - is given the paths of all groups that belong to a layer of the model.
 */
export function readWeights(
  root: H5Group,
  model: Layer,
  place: WeightGroup,
  skipMismatch = false,
  read: Set<string> = new Set(),
): Contents {
  const contents: Contents = new Map()
  const paths = pathsOf(model)
  const visit = (
    layer: Layer,
    { group: own, parts: given, isModel: holdsLayers }: WeightGroup,
    above: string,
  ): void => {
    const path = foundPath(root, joined(above, own))
    const parts = innerGroups(layer) === undefined ? given : placesIn(layer).parts
    const wanted = listedFor(layer, parts).map(({ variable }) => ({
      shape: variable.shape,
      path: paths.get(variable) ?? variable.name,
    }))
    if (wanted.length > 0 || parts.length === 0) {
      const found = readVariables(root, path)
      read.add(path)
      if (skipMismatch && !fitsLayer(layer, wanted, found)) return
      for (const [i, tensor] of matched(layer, path, wanted, found).entries()) contents.set(wanted[i].path, tensor)
    }
    const byName = new Map(holdsLayers ? layer.innerLayers.map((inner) => [inner.name, inner]) : [])
    for (const [i, part] of parts.entries()) {
      const inner = holdsLayers ? byName.get(part.name) : layer.innerLayers[i]
      // Inputs and operations are among the names, but are no layers here.
      if (inner !== undefined) visit(inner, part, path)
    }
  }
  visit(model, place, '')
  return contents
}

/** The weights that the group of a layer lists itself, beside those of the groups in it. */
export function listedFor(layer: Layer, parts: readonly WeightGroup[]): readonly Weight[] {
  if (parts.length === 0) return layer.weights
  if (layer.layersByField.length > 0) {
    const inner = new Set(layer.innerLayers.flatMap(({ weights }) => weights))
    return layer.weights.filter((weight) => !inner.has(weight))
  }
  // Keras lists the kernel that it divides here, too.
  return layer.kind === 'spectralNormalization' ? layer.weights.slice(0, 2) : []
}

/** The path, or its other spelling where only that is in the file. */
function foundPath(root: H5Group, path: string): string {
  const other = otherSpelling(path)
  return groupAt(root, path) === undefined && groupAt(root, other) !== undefined ? other : path
}

interface Wanted {
  readonly path: string
  readonly shape: readonly number[]
}

/** The variables of a group, in their order: by number, as names of numbers do not sort so. */
export function readVariables(root: H5Group, path: string): readonly H5Dataset[] {
  const group =
    groupAt(root, joined(path, 'vars')) ??
    groupAt(root, joined(path.replace(/(^|\/)layers(?=\/)/g, '$1_layer_checkpoint_dependencies'), 'vars'))
  if (group === undefined) return []
  return group.names.map((_, i) => {
    const found = group.get(String(i))
    if (found?.kind === 'dataset') return found
    throw new FormatError(`keras: ${group.path}: expected ${group.names.length} arrays, got no number ${i}`)
  })
}

/** What lies at a path below a group; undefined where it is no group. */
export function groupAt(root: H5Group, path: string): H5Group | undefined {
  let at: H5Group | undefined = root
  for (const part of path.split('/').filter((each) => each !== '')) {
    const next: H5Group | H5Dataset | undefined = at.get(part)
    if (next?.kind !== 'group') return undefined
    at = next
  }
  return at
}

/** The arrays of one layer against its weights. @throws FormatError where their number or a shape is another. */
export function matched(
  layer: Layer,
  place: string,
  wanted: readonly Wanted[],
  found: readonly H5Dataset[],
): readonly (Tensor | undefined)[] {
  const quantized = found.findIndex(({ type }) => type.kind === 'int' && type.size === 1)
  if (quantized >= 0 && (layer.kind === 'dense' || layer.kind === 'embedding'))
    return dequantized(place, wanted, found, quantized)
  if (found.length !== wanted.length) {
    throw new FormatError(
      `keras: layer '${layer.name}': expected ${wanted.length} arrays in ${place || 'the file'}, got ${found.length}`,
    )
  }
  return wanted.map((weight, i) => readAs(weight, found[i]))
}

/** Whether a layer's arrays are as many as its weights, and of their shapes. */
function fitsLayer({ kind }: Layer, wanted: readonly Wanted[], found: readonly H5Dataset[]): boolean {
  const quantized = found.find(({ type }) => type.kind === 'int' && type.size === 1)
  if (quantized !== undefined && (kind === 'dense' || kind === 'embedding'))
    return found.length === wanted.length + 1 && sameShape(quantized.shape, wanted[0].shape)
  return sameShapes(wanted, found)
}

/** Whether arrays are as many as these, and of their shapes. */
export function sameShapes(wanted: readonly Pick<Wanted, 'shape'>[], found: readonly StoredArray[]): boolean {
  return found.length === wanted.length && wanted.every(({ shape }, i) => hasShape(found[i], shape))
}

/** An array that is read when it is asked for. */
export type StoredArray = Pick<H5Dataset, 'path' | 'shape' | 'read'>

/** Reads an array of the shape a weight has. @throws FormatError before anything is read where it has another. */
export function readAs({ path, shape }: Wanted, dataset: StoredArray): Tensor {
  if (!hasShape(dataset, shape)) {
    throw new FormatError(
      `keras: ${path}: expected shape ${formatShape(shape)}, got ${formatShape(dataset.shape)} in ${dataset.path}`,
    )
  }
  const tensor = dataset.read()
  return dataset.shape.length === shape.length ? tensor : new Tensor(tensor.data, shape)
}

/** Whether an array has a shape. What a normalization over everything has is one number in Keras, and a list of one here. */
function hasShape(array: StoredArray, shape: readonly number[]): boolean {
  return sameShape(array.shape, shape) || (array.shape.length === 0 && sameShape(shape, [1]))
}

/** Weights of 8 bits: each is a whole number by the scale of its output channel (of its row, in an embedding). */
function dequantized(
  place: string,
  wanted: readonly Wanted[],
  found: readonly H5Dataset[],
  at: number,
): readonly Tensor[] {
  const [kernel, ...others] = wanted
  const numbers = readAs(kernel, found[at])
  const rest = found.filter((_, i) => i !== at)
  const [rows, columns] = kernel.shape
  const isByRow = !kernel.path.endsWith('/kernel')
  const count = isByRow ? rows : columns
  // The scale has one number a channel, and so may a bias have: the scale comes last.
  const scale = rest.pop()
  const length = scale?.shape.reduce((product, n) => product * n, 1)
  if (scale === undefined || length !== count || rest.length !== others.length) {
    throw new FormatError(
      `keras: ${place}: expected ${others.length + 2} arrays, the last one of ${count} scales, got ${found.length}`,
    )
  }
  const scales = scale.read().data
  const data = filledBy(
    new Float32Array(numbers.size),
    (i) => numbers.data[i] / scales[isByRow ? Math.floor(i / columns) : i % columns],
  )
  return [new Tensor(data, kernel.shape), ...others.map((weight, i) => readAs(weight, rest[i]))]
}

export function joined(above: string, own: string): string {
  return above === '' || own === '' ? `${above}${own}` : `${above}/${own}`
}

/** A weight with its layer. */
interface WantedOf extends Wanted {
  readonly layer: Layer
  readonly variable: Weight['variable']
}

/** A layer's weights as Keras' older files list them: what can be trained first, then the rest. */
export function trainableFirst(layer: Layer): readonly WantedOf[] {
  const can: WantedOf[] = []
  const cannot: WantedOf[] = []
  const visit = (inside: Layer, isTrainable: boolean): void => {
    const inner = new Set(inside.innerLayers.flatMap((each) => each.weights))
    for (const weight of inside.weights.filter((each) => !inner.has(each))) {
      const { variable } = weight
      const item = { layer: inside, variable, path: variable.name, shape: variable.shape }
      if (isTrainable && inside.trainable && weight.trainable) can.push(item)
      else cannot.push(item)
    }
    for (const each of inside.innerLayers) visit(each, isTrainable && inside.trainable)
  }
  visit(layer, true)
  return [...can, ...cannot]
}
