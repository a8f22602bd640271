// Weights from a file into a model that is there already: by the names of its weights, else by modules and shapes; all of them or none.

import { checkOptions, FormatError, OptionError, requireBoolean } from '../errors'
import { openPlace, type Place, type Source } from '../io'
import { type Layer, writeWeights } from '../layers'
import { castTensor, formatShape, sameShape, type Tensor } from '../tensor'
import { folderFiles, formatOf, readGuarded } from './formatOf'
import type { SavedModel } from './savedModel'
import { inFlattenOrder } from './torch/flattened'
import { fits, type Matching, match, type Pair } from './torch/match'
import {
  type FileModule,
  levelsOfModule,
  modulesOf,
  shapesNeeded,
  signatureOf,
  type Unit,
  unitsOf,
} from './torch/units'
import { checkMap, type MapEntry, type WeightMap } from './weightMap'

/** How weights are loaded. */
export interface LoadWeightsOptions {
  /**
   * Which module of the file belongs to which layer: names of modules such as `'encoder.lstm'`, each with the name of a layer, a list of
   * layers for a module of several levels, or an empty list to leave it out. A layer inside a model has that model's name in front:
   * `'encoder/lstm'`. What is not named is matched as without a map.
   */
  readonly map?: WeightMap
  /** Leaves layers as they are that the file has nothing for, or something of another shape; `false` by default. */
  readonly skipMismatch?: boolean
}

/** What was loaded. */
export interface LoadedWeights {
  /** The weights that were replaced, by path. */
  readonly loaded: readonly string[]
  /** The weights that stayed as they were; empty without `skipMismatch`. */
  readonly skipped: readonly string[]
  /** The tensors of the file, or their modules, that were not used. */
  readonly unused: readonly string[]
}

/** Where the parts of a checkpoint are kept that hold a model, by common names. */
const partNames = /^(model|net|network|module|weights|params|.*state_dict|model_state)$/i

/** The content of each weight, and what was left on both sides. */
interface Found {
  readonly contents: ReadonlyMap<string, Tensor>
  readonly unused: readonly string[]
}

/** See `Model.loadWeights`. */
export async function loadWeights(
  model: SavedModel,
  place: Place,
  options: LoadWeightsOptions = {},
): Promise<LoadedWeights> {
  const where = `${model.name}.loadWeights`
  checkOptions(where, options, ['map', 'skipMismatch'])
  const skipMismatch = requireBoolean(where, 'skipMismatch', options.skipMismatch ?? false)
  const map = checkMap(where, model, options.map)
  if (!model.built) {
    throw new OptionError(`${where}: the model has no weights yet; give it an inputShape, or use it on data first`)
  }
  const source = await openPlace(place, folderFiles)
  const found = await readGuarded(source, () => find(model, source, map, skipMismatch))
  const weights = [...model.weightPaths()]
  const chosen = weights.filter(([path]) => found.contents.has(path))
  const contents = chosen.flatMap(([path, { variable }]) => {
    const content = found.contents.get(path)
    return content === undefined ? [] : [castTensor(content, variable.dtype)]
  })
  await writeWeights(
    where,
    chosen.map(([, weight]) => weight),
    contents,
  )
  return {
    loaded: chosen.map(([path]) => path),
    skipped: weights.map(([path]) => path).filter((path) => !found.contents.has(path)),
    unused: found.unused,
  }
}

async function find(
  model: SavedModel,
  source: Source,
  map: readonly MapEntry[],
  skipMismatch: boolean,
): Promise<Found> {
  const format = await formatOf(source)
  if (format.readWeights !== undefined && map.length === 0) {
    const given = await format.readWeights(source, model, skipMismatch)
    if (given !== undefined) return byName(model, source.where, given.contents, skipMismatch, given.unused)
  }
  if (format.readTensors === undefined) {
    throw new FormatError(`${source.where}: expected a file with weights, got ${format.what}`)
  }
  const tensors = await format.readTensors(source)
  const paths = model.weightPaths()
  if (map.length === 0) {
    const listed = inOrder(model, tensors)
    if (listed !== undefined) return byName(model, source.where, listed, skipMismatch)
    if ([...paths.keys()].some((path) => tensors.has(path))) return byName(model, source.where, tensors, skipMismatch)
  }
  return byModules(model, source.where, modulesOf(tensors), map, skipMismatch)
}

// ---- by the names of the weights

function byName(
  model: SavedModel,
  where: string,
  tensors: ReadonlyMap<string, Tensor>,
  skipMismatch: boolean,
  left: readonly string[] = [],
): Found {
  const contents = new Map<string, Tensor>()
  const missing: string[] = []
  const wrong: string[] = []
  for (const [path, { variable }] of model.weightPaths()) {
    const tensor = tensors.get(path)
    if (tensor === undefined) missing.push(path)
    else if (sameShape(tensor.shape, variable.shape)) contents.set(path, tensor)
    else wrong.push(`${path}: expected ${formatShape(variable.shape)}, the file has ${formatShape(tensor.shape)}`)
  }
  const unused = [...[...tensors.keys()].filter((name) => !contents.has(name)), ...left]
  if (skipMismatch || (missing.length === 0 && unused.length === 0)) return { contents, unused }
  const extra = unused.filter((name) => !model.weightPaths().has(name))
  throw new FormatError(
    `${where}: the weights of the file are not those of ${model.name}.${lines('of another shape', wrong)}${lines(
      'in the model, not in the file',
      missing,
    )}${lines('in the file, not in the model', extra)}`,
  )
}

/** Arrays that have numbers for names, `arr_0`, `arr_1`, ...: the order of `getWeights`, as numpy.savez(path, *weights) keeps it. */
function inOrder(model: SavedModel, tensors: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor> | undefined {
  if (
    tensors.size === 0 ||
    !Array.from({ length: tensors.size }, (_, i) => `arr_${i}`).every((name) => tensors.has(name))
  ) {
    return undefined
  }
  const byWeight = new Map([...model.weightPaths()].map(([path, weight]) => [weight, path] as const))
  const names = model.weights.map((weight) => byWeight.get(weight) ?? '')
  return new Map(
    [...tensors].map(([name, tensor]) => {
      const at = Number(name.slice('arr_'.length))
      return [names[at] ?? name, tensor] as const
    }),
  )
}

// ---- by modules

function byModules(
  model: SavedModel,
  where: string,
  modules: readonly FileModule[],
  map: readonly MapEntry[],
  skipMismatch: boolean,
): Found {
  const units = unitsOf(model)
  const isChain = followOneAnother(model)
  const matching =
    map.length > 0 ? matchMapped(where, modules, units, map, isChain) : matchParts(modules, units, isChain)
  if (!skipMismatch && (matching.units.length > 0 || matching.modules.length > 0)) {
    throw new FormatError(explain(model, where, matching))
  }
  const paths = new Map([...model.weightPaths()].map(([path, weight]) => [weight, path] as const))
  const contents = new Map<string, Tensor>()
  for (const pair of matching.pairs) {
    for (const parameter of pair.as.parameters) {
      const tensors = parameter.names.flatMap((name) => pair.module.tensors.get(name) ?? [])
      const content = inFlattenOrder(model, pair.unit, pair.as, parameter, parameter.toWeight(tensors))
      contents.set(paths.get(parameter.weight) ?? '', content)
    }
  }
  return { contents, unused: matching.modules.map(({ path }) => path) }
}

/** All modules, or those in the one part of a checkpoint that holds the model. */
function matchParts(modules: readonly FileModule[], units: readonly Unit[], isChain: boolean): Matching {
  const whole = match(modules, units, isChain)
  if (whole.units.length === 0 && whole.modules.length === 0) return whole
  const parts = new Map<string, FileModule[]>()
  for (const module of modules) {
    const [first, ...rest] = module.path.split('.')
    if (!partNames.test(first)) continue
    parts.set(first, [...(parts.get(first) ?? []), { ...module, path: rest.join('.') }])
  }
  const found = [...parts.values()].map((part) => match(part, units, isChain))
  const fitting = found.filter((matching) => matching.units.length === 0 && matching.modules.length === 0)
  return fitting.length === 1 ? fitting[0] : whole
}

/** Whether each layer goes over what the one before it gives, so that their order is the only one. */
function followOneAnother(layer: Layer): boolean {
  const inner = layer.innerLayers.every(followOneAnother)
  if (!inner || !('calls' in layer)) return inner
  // Models alone have calls.
  const { calls } = layer as Layer & SavedModel
  return calls.every(({ inputs, initialState }, i) => {
    return inputs.length === 1 && initialState.length === 0 && (i === 0 || inputs[0].call === calls[i - 1])
  })
}

// ---- the map

function matchMapped(
  where: string,
  modules: readonly FileModule[],
  units: readonly Unit[],
  map: readonly MapEntry[],
  isChain: boolean,
): Matching {
  const pairs: Pair[] = []
  let open = modules
  let left = units
  for (const { module: name, layers } of map) {
    const prefix = plainName(name)
    const inside = open.filter(({ path }) => path === prefix || path.startsWith(`${prefix}.`) || prefix === '')
    if (inside.length === 0) {
      const names = modules.map(({ path }) => path || "''").join(', ')
      throw new FormatError(`${where}: map: '${name}': expected a module of the file, one of ${names}`)
    }
    open = open.filter((module) => !inside.includes(module))
    if (layers.length === 0) continue
    const wanted = layers.map((layer) => new Set(unitsOf(layer).map((unit) => unit.layer)))
    const targets = wanted.map((set) => left.filter((unit) => set.has(unit.layer)))
    const found =
      layers.length === 1
        ? match(
            inside.map((item) => ({ ...item, path: item.path.slice(prefix.length).replace(/^\./, '') })),
            targets[0],
            isChain,
          )
        : matchList(inside, targets.flat())
    if (found.units.length > 0 || found.modules.length > 0) {
      const expected = targets.flat().map((unit) => describeUnit(unit))
      throw new FormatError(
        `${where}: map: '${name}' does not fit.${lines('in the file', inside.map(describeModule))}${lines('expected', expected)}`,
      )
    }
    pairs.push(...found.pairs)
    left = left.filter((unit) => !found.pairs.some((pair) => pair.unit === unit))
    // Who names the whole model has chosen a part of the file, and leaves the others.
    if (left.length === 0 && layers.length === 1 && units.length === targets[0].length) open = []
  }
  const rest = match(open, left, isChain)
  return { ...rest, pairs: [...pairs, ...rest.pairs] }
}

/** A module of several levels, or modules in the order of the file, for a list of layers. */
function matchList(modules: readonly FileModule[], units: readonly Unit[]): Matching {
  const inOrder = modules.length === 1 ? levelsOfModule(modules[0]) : modules
  const pairs = units.flatMap((unit, i) => {
    const as = inOrder[i] === undefined ? undefined : fits(inOrder[i], unit)
    return as === undefined ? [] : [{ unit, module: inOrder[i], as }]
  })
  const isWhole = pairs.length === units.length && inOrder.length === units.length
  return isWhole ? { pairs, units: [], modules: [] } : { pairs: [], units, modules }
}

function plainName(name: string): string {
  return name
    .split(/[./]/)
    .filter((part) => part !== 'module' && part !== '_orig_mod')
    .join('.')
}

// ---- messages

function explain(model: SavedModel, where: string, { modules, units, pairs }: Matching): string {
  const same = modules.flatMap((module) => {
    const unit = units.find((item) => fits(module, item) !== undefined)
    return unit === undefined ? [] : [`'${module.path}': '${unit.path}'`]
  })
  const hint =
    same.length === 0 ? '' : ` Some fit several layers: name them, such as { map: { ${same.slice(0, 3).join(', ')} } }.`
  return `${where}: cannot tell which weights of the file belong to which layers of ${model.name} (${pairs.length} layers are clear).${hint}${lines(
    'in the file',
    modules.map(describeModule),
  )}${lines('in the model', units.map(describeUnit))}`
}

function describeModule(module: FileModule): string {
  const projected = [...module.tensors.keys()].some((name) => name.startsWith('weight_hr_'))
  return `${module.path || "''"}: ${signatureOf(module)}${projected ? ' (proj_size, which no layer has)' : ''}`
}

function describeUnit({ path, modules: [module], layer }: Unit): string {
  if (module === undefined || module.name === layer.kind)
    return `${path}: ${layer.kind}, for which PyTorch has no module`
  const needs = [...shapesNeeded(module)].map(([name, shape]) => `${name} ${formatShape(shape)}`)
  return `${path}: as ${module.name}: ${needs.join(', ')}`
}

/** A heading and what stands under it, a line each, the first thirty. */
function lines(heading: string, items: readonly string[]): string {
  if (items.length === 0) return ''
  const shown = items.slice(0, 30).map((item) => `\n  ${item.slice(0, 300)}`)
  return `\n${heading}:${shown.join('')}${items.length > 30 ? `\n  and ${items.length - 30} more` : ''}`
}
