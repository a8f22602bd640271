// A model's weights as a state dict of PyTorch, in safetensors: names, layouts and gate orders are those of its modules.

import { checkOptions, FormatError } from '../../errors'
import { encodeSafetensors, type Stored } from '../../io'
import { Tensor } from '../../tensor'
import { requireMerged, type SavedModel } from '../savedModel'
import { checkMap, type MapEntry, type WeightMap } from '../weightMap'
import { outOfFlattenOrder } from './flattened'
import { below } from './layout'
import { type Unit, unitsOf } from './units'

/** How a state dict is written. */
export interface ToTorchOptions {
  /** The names of modules by layer, as `loadWeights` takes them: `{ 'encoder.lstm': 'lstm' }`. By default the names of the layers. */
  readonly map?: WeightMap
}

/** See `Model.toTorch`. */
export async function toTorch(model: SavedModel, options: ToTorchOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  const where = `${model.name}.toTorch`
  checkOptions(where, options, ['map'])
  const map = checkMap(where, model, options.map)
  requireMerged(where, model)
  const dict = new Map<string, Tensor | Stored>()
  for (const unit of unitsOf(model)) {
    const [module] = unit.modules
    if (module === undefined || module.name === unit.layer.kind) {
      throw new FormatError(`${where}: ${unit.path}: PyTorch has no module that is the same as this ${unit.layer.kind}`)
    }
    const { path, level } = placeOf(unit, map)
    const put = (name: string, tensor: Tensor | Stored, isJoined = false): void => {
      const whole = `${path}.${level === undefined ? name : name.replace('_l0', `_l${level}`)}`
      const before = dict.get(whole)
      if (isJoined && before instanceof Tensor && tensor instanceof Tensor) {
        dict.set(whole, below(before, tensor))
        return
      }
      if (before !== undefined) throw new FormatError(`${where}: two tensors would have the name ${whole}`)
      dict.set(whole, tensor)
    }
    for (const parameter of module.parameters) {
      const weight = outOfFlattenOrder(model, unit, module, parameter, await parameter.weight.variable.read())
      parameter.fromWeight(weight).forEach((tensor, i) => void put(parameter.names[i], tensor, parameter.isJoined))
    }
    // load_state_dict asks for it; a new count moves nothing, since the momentum of the module is fixed.
    if (module.name.startsWith('nn.BatchNorm')) put('num_batches_tracked', noBatches)
  }
  return encodeSafetensors({ tensors: dict, metadata: { format: 'pt' } })
}

const noBatches: Stored = { type: 'int64', shape: [], bytes: new Uint8Array(8) }

/** The module that a layer becomes, and its level where several layers become one module. */
function placeOf(
  { layer, path, around }: Unit,
  map: readonly MapEntry[],
): { readonly path: string; readonly level?: number } {
  for (const { module, layers } of map) {
    const level = layers.indexOf(layer)
    if (level >= 0) return layers.length > 1 ? { path: module, level } : { path: module }
    const inside = layers.length === 1 ? around.get(layers[0]) : undefined
    if (inside !== undefined)
      return {
        path: [module, inside]
          .filter((part) => part !== '')
          .join('.')
          .replaceAll('/', '.'),
      }
  }
  return { path: path.replaceAll('/', '.') }
}
