// The two sides that are matched when a model takes weights from a file: the layers that have weights, and the modules that the names
// in the file make up.

import type { Layer } from '../../layers'
import { formatShape, type Shape, type Tensor } from '../../tensor'
import { isModelKind } from '../savedModel'
import { partInTorch } from './attention'
import { ignoredParameters, torchModules } from './modules'
import type { TorchModule } from './parameter'

/** A layer with weights, and the modules that it may take them from. */
export interface Unit {
  readonly layer: Layer
  /** Its name, behind those of the models it is in: `encoder/lstm`. */
  readonly path: string
  /** Its name within each layer and model around it. */
  readonly around: ReadonlyMap<Layer, string>
  readonly modules: readonly TorchModule[]
}

/** Tensors of a file whose names are alike but for the last part. */
export interface FileModule {
  /** What the names have in common, without the prefixes of wrappers: `encoder.lstm`. */
  readonly path: string
  readonly tensors: ReadonlyMap<string, Tensor>
}

/** All layers with weights, each once, in the order of the model. */
export function unitsOf(model: Layer): Unit[] {
  const seen = new Set<Layer>()
  const visit = (layer: Layer, path: string, above: readonly (readonly [Layer, string])[]): Unit[] => {
    if (seen.has(layer)) return []
    seen.add(layer)
    const modules = torchModules(layer)
    if (modules !== undefined) {
      const around = new Map(above.map(([each, prefix]) => [each, pathBelow(each, path, prefix)]))
      return [{ layer, path, around, modules: [...modules, ...itself(layer)] }]
    }
    const all = [...above, [layer, path] as const]
    return layer.innerLayers.flatMap((inner) => visit(inner, pathInside(layer, path, inner), all))
  }
  return visit(model, '', [])
}

/** Names of models stand in front of those of their layers, except that of the outermost; parts of a layer have its name in front already. */
function pathInside(layer: Layer, path: string, { name }: Layer): string {
  if (isModelKind(layer.kind)) return path === '' ? name : `${path}/${name}`
  if (name.startsWith(`${layer.name}/`)) return `${path}/${partInTorch(layer, name.slice(layer.name.length + 1))}`
  return `${path.slice(0, path.lastIndexOf('/') + 1)}${name}`
}

/** What a path is within a layer around it; what is around a single layer is no module in PyTorch. */
function pathBelow({ kind }: Layer, path: string, prefix: string): string {
  if (kind === 'timeDistributed') return ''
  return prefix !== '' && path.startsWith(`${prefix}/`) ? path.slice(prefix.length + 1) : path
}

/** The layer with the names of its own weights, such as `kernel` and `bias`, where no two have the same. */
function itself(layer: Layer): TorchModule[] {
  const names = layer.weights.map(({ name }) => name)
  if (new Set(names).size !== names.length) return []
  const parameters = layer.weights.map((weight) => ({
    weight,
    names: [weight.name],
    shape: weight.variable.shape,
    toWeight: ([tensor]: readonly Tensor[]) => tensor,
    fromWeight: (tensor: Tensor) => [tensor],
  }))
  return [{ name: layer.kind, parameters }]
}

/** The modules of a file. Optimizer state is left out; the prefixes of DataParallel and torch.compile too. */
export function modulesOf(tensors: ReadonlyMap<string, Tensor>): FileModule[] {
  const modules = new Map<string, Map<string, Tensor>>()
  for (const [name, tensor] of tensors) {
    const parts = name.split(/[./]/)
    if (isOptimizerState(parts)) continue
    const plain = parts.filter((part, i) => i === parts.length - 1 || (part !== 'module' && part !== '_orig_mod'))
    const path = plain.slice(0, -1).join('.')
    const parameter = plain[plain.length - 1].replace(/:0$/, '')
    let module = modules.get(path)
    if (module === undefined) {
      module = new Map()
      modules.set(path, module)
    }
    // Two that differ in the prefix of a wrapper only are both kept: which is meant is not for us to say.
    module.set(module.has(parameter) ? name : parameter, tensor)
  }
  // nn.MultiheadAttention has its last product in a module of its own.
  for (const [path, module] of modules) {
    const inner = `${path === '' ? '' : `${path}.`}out_proj`
    if (!module.has('in_proj_weight') && !module.has('q_proj_weight')) continue
    for (const [name, tensor] of modules.get(inner) ?? []) module.set(`out_proj.${name}`, tensor)
    modules.delete(inner)
  }
  return [...modules].map(([path, module]) => ({ path, tensors: module }))
}

/** What a module may have: `optimizer.state.0.exp_avg` is none of it. */
const parameterName = /^(weight|bias|running_|num_batches|kernel|alpha|in_proj|original)/

function isOptimizerState(parts: readonly string[]): boolean {
  const at = parts.length - 3
  return at >= 0 && parts[at] === 'state' && /^\d+$/.test(parts[at + 1]) && !parameterName.test(parts[at + 2])
}

/** What a module of the file holds, as one text: the same text, the same names and shapes. */
export function signatureOf({ tensors }: FileModule): string {
  const entries = [...tensors].filter(([name]) => !ignoredParameters.has(name))
  return textOf(entries.map(([name, { shape }]) => [name, shape]))
}

/** The same of a module that a layer may take its weights from. */
export function signatureNeeded(module: TorchModule): string {
  return textOf([...shapesNeeded(module)])
}

/** The parameters of a module with their shapes, each once. */
export function shapesNeeded({ parameters }: TorchModule): ReadonlyMap<string, Shape> {
  return new Map(parameters.flatMap(({ names, shape }) => names.map((name) => [name, shape] as const)))
}

function textOf(entries: readonly (readonly [string, readonly number[]])[]): string {
  return entries
    .map(([name, shape]) => `${name} ${formatShape(shape)}`)
    .sort()
    .join(', ')
}

/** The levels of a recurrent module, each as a module of one level: `weight_ih_l1_reverse` becomes `weight_ih_l0_reverse` of level 1. */
export function levelsOfModule({ path, tensors }: FileModule): FileModule[] {
  const levels: Map<string, Tensor>[] = []
  for (const [name, tensor] of tensors) {
    const [, parameter, level, reverse] = /^(weight_[ih]h|bias_[ih]h)_l(\d{1,3})(_reverse)?$/.exec(name) ?? []
    if (parameter === undefined) return []
    levels[Number(level)] ??= new Map()
    levels[Number(level)].set(`${parameter}_l0${reverse ?? ''}`, tensor)
  }
  if (levels.length < 2 || !levels.every((level) => level !== undefined)) return []
  return Array.from(levels, (level, i) => ({ path: `${path}.${i}`, tensors: level }))
}
