// Masks that Keras 3 wrote into a graph: operations that work out, from what Masking and Embedding read, the masks that
// layers pass on by themselves here. They are left out where they are just that; a mask made by hand is refused, for
// leaving it out would change the result without a word.

import { FormatError } from '../../../errors'
import type { Json } from '../../../registry'
import { isList, isObject, type JsonObject, listIn, objectIn } from '../../json'
import { type KerasCall, type KerasTensor, tensorIn } from './calls'
import { attends } from './kinds'

/** Operations of which Keras makes masks. */
const ofMasks: ReadonlySet<string> = new Set([
  'Any',
  'LogicalOr',
  'ExpandDims',
  'ZerosLike',
  'OnesLike',
  'Concatenate',
  'BroadcastTo',
  'ConvertToTensor',
])
/** Operations that take only the shape of what they are given. */
const ofShapes: ReadonlySet<string> = new Set(['ZerosLike', 'OnesLike'])

/** An operation among the layers. */
export interface Operation {
  readonly name: string
  readonly className: string
  readonly nodes: readonly Json[]
}

/** A layer with its calls. */
export interface CalledLayer {
  readonly name: string
  readonly className: string
  readonly config: JsonObject
  readonly calls: readonly KerasCall[]
}

/** Whether it is an operation, not a layer: many have names that layers have, too. */
export function isOperation(json: JsonObject): boolean {
  const { module, config } = json
  if (typeof module === 'string') return /(^|\.)ops(\.|$)/.test(module)
  // In .h5 files of Keras 3 nothing says a module. A layer says whether it is trainable, but for two kinds.
  const isSilent = /^(SpatialDropout|Discretization)/.test(String(json.class_name))
  return (
    isObject(config) && !('trainable' in config) && !isSilent && json.class_name !== 'InputLayer' && isKeras3Node(json)
  )
}

function isKeras3Node({ inbound_nodes: nodes }: JsonObject): boolean {
  return isList(nodes) && nodes.some((node) => isObject(node))
}

/** What decides on a mask: the tensor that is read and the value that does not count. */
type Roots = ReadonlySet<string>

/** Tells which masks are those that flow by themselves. */
export class Masks {
  private readonly operations: ReadonlyMap<string, Operation>
  private readonly layers: ReadonlyMap<string, CalledLayer>
  private readonly known = new Map<string, Roots>()
  /** What Masking and Embedding layers read, with the value that does not count. */
  private readonly begins: Roots

  constructor(operations: ReadonlyMap<string, Operation>, layers: ReadonlyMap<string, CalledLayer>) {
    this.operations = operations
    this.layers = layers
    this.begins = new Set(
      [...layers.values()].flatMap((layer) => layer.calls.flatMap(({ inputs }) => beginOf(layer, inputs[0]))),
    )
  }

  /** Whether the tensor is made by an operation. */
  isMade({ layer }: KerasTensor): boolean {
    return this.operations.has(layer)
  }

  /** Throws a FormatError unless the mask of the inputs of this call is the one that they bring along. */
  check(where: string, mask: KerasTensor, inputs: readonly KerasTensor[]): void {
    const given = this.ofOperation(where, mask, 0)
    const brought = new Set(inputs.flatMap((input) => [...this.ofData(input, 0)]))
    if (given.size === brought.size && [...given].every((root) => brought.has(root))) return
    throw new FormatError(
      `${where}: its mask is made by operations (${mask.layer}) and is not the one its input brings along; hornbeam has layers in a graph, no operations`,
    )
  }

  private ofOperation(where: string, { layer, call }: KerasTensor, depth: number): Roots {
    const operation = this.operations.get(layer)
    const node = operation?.nodes[call]
    if (operation === undefined || !isObject(node) || depth > 100)
      throw new FormatError(`${where}: the mask ${layer} cannot be followed`)
    const args = listIn(where, node.args)
    if (operation.className === 'NotEqual') {
      const [read, value] = args
      const begin = isTensor(read) && typeof value === 'number' ? beginKey(tensorOf(where, read), value) : ''
      if (this.begins.has(begin)) return new Set([begin])
      throw new FormatError(
        `${where}: its mask (${layer}) is made by hand with operations; hornbeam has layers in a graph, no operations`,
      )
    }
    if (!ofMasks.has(operation.className)) {
      throw new FormatError(
        `${where}: its mask is made by the operation ${operation.className} (${layer}); hornbeam has layers in a graph, no operations`,
      )
    }
    if (ofShapes.has(operation.className)) return new Set()
    const tensors = [...args, ...Object.values(objectIn(where, node.kwargs ?? {}))].flatMap((arg) =>
      tensorsIn(where, arg),
    )
    return new Set(tensors.flatMap((tensor) => [...this.ofOperation(where, tensor, depth + 1)]))
  }

  /** What decides on the mask that a tensor of data brings along. */
  private ofData(tensor: KerasTensor, depth: number): Roots {
    const key = `${tensor.layer}/${tensor.call}`
    const found = this.known.get(key)
    if (found !== undefined) return found
    const layer = this.layers.get(tensor.layer)
    const call = layer?.calls[tensor.call]
    if (layer === undefined || call === undefined || depth > 10_000) return new Set()
    const [first] = call.inputs
    const begin = beginOf(layer, first)
    // Attention passes on the mask of its queries alone.
    const sources = attends.has(layer.className) ? call.inputs.slice(0, 1) : call.inputs
    const roots = new Set(begin.length > 0 ? begin : sources.flatMap((input) => [...this.ofData(input, depth + 1)]))
    this.known.set(key, roots)
    return roots
  }
}

/** The beginning of a mask that a layer makes of what it reads; none for other layers. */
function beginOf({ className, config }: CalledLayer, input: KerasTensor | undefined): readonly string[] {
  if (input === undefined) return []
  if (className === 'Masking') return [beginKey(input, typeof config.mask_value === 'number' ? config.mask_value : 0)]
  return className === 'Embedding' && config.mask_zero === true ? [beginKey(input, 0)] : []
}

function beginKey({ layer, call, output }: KerasTensor, value: number): string {
  return `${layer}/${call}/${output} is not ${value}`
}

function isTensor(value: Json | undefined): value is JsonObject {
  return isObject(value) && value.class_name === '__keras_tensor__'
}

function tensorOf(where: string, value: JsonObject): KerasTensor {
  return tensorIn(where, objectIn(where, value.config).keras_history)
}

function tensorsIn(where: string, value: Json): readonly KerasTensor[] {
  if (isTensor(value)) return [tensorOf(where, value)]
  return isList(value) ? value.flatMap((item) => tensorsIn(where, item)) : []
}
