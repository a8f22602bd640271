// How a model goes through time: which inputs and outputs are sequences, which layers carry a state from step to step, and
// whether no layer looks ahead. What is cut in chunks (streams, truncated training) rests on it.

import { OptionError } from '../errors'
import { type FedModel, isFedModel } from '../feed/fedModel'
import { type Layer, type LayerCall, RecurrentLayer, type SymbolicTensor } from '../layers'

/** A value with a step on axis 1 for each step of the sequence, or one without: of the present moment alone. */
export type Extent = 'sequence' | 'moment'

/** What is known of a model whose layers all go forward in time. */
export interface TimePlan {
  readonly inputs: readonly Extent[]
  readonly outputs: readonly Extent[]
  /** The layers that carry a state. */
  readonly carrying: ReadonlySet<Layer>
}

/**
 * Finds out how a model goes through time.
 *
 * @param where - the call, for messages.
 * @throws OptionError that names a layer that is not causal, or that treats steps in a way that is not known.
 */
export function overTime(model: FedModel, where: string): TimePlan {
  if (model.front !== undefined) {
    throw new OptionError(`${where}: expected a model of numbers, got one of texts, which come as a whole`)
  }
  const { inputs, calls } = model
  const hasIndexOrMarkAStep = (input: SymbolicTensor): boolean =>
    calls.some(
      ({ layer, inputs: read, mask }) => mask === input || (layer.indexCount !== undefined && read.includes(input)),
    )
  const extents = inputs.map((input): Extent => {
    const [length] = input.shape
    const isSequence =
      input.shape.length >= 2 || (input.shape.length === 1 && length !== 1 && hasIndexOrMarkAStep(input))
    return isSequence ? 'sequence' : 'moment'
  })
  if (!extents.includes('sequence')) {
    throw new OptionError(`${where}: expected a model with sequences as input, got one of ${model.name} without time`)
  }
  const carrying = new Set<Layer>()
  return { inputs: extents, outputs: follow(model, extents, carrying, where), carrying }
}

/** Follows the values through a graph of layers. */
function follow(model: FedModel, inputs: readonly Extent[], carrying: Set<Layer>, where: string): Extent[] {
  const extents = new Map<SymbolicTensor, Extent>(model.inputs.map((input, i) => [input, inputs[i]]))
  const extentOf = (tensor: SymbolicTensor): Extent => extents.get(tensor) ?? 'moment'
  for (const call of model.calls) {
    const read = call.inputs.map(extentOf)
    if (call.mask !== undefined && extentOf(call.mask) === 'moment' && read.includes('sequence')) {
      throw new OptionError(
        `${where}: layer '${call.layer.name}' cannot take a sequence in parts: its mask has no steps`,
      )
    }
    const given = through(call, read, carrying, where)
    call.outputs.forEach((output, i) => {
      extents.set(output, given[i])
    })
  }
  return model.outputs.map(extentOf)
}

/** A layer and those inside it, each of which may carry something. */
function addAll(layer: Layer, carrying: Set<Layer>): void {
  carrying.add(layer)
  for (const inner of layer.innerLayers) addAll(inner, carrying)
}

function through(call: LayerCall, read: readonly Extent[], carrying: Set<Layer>, where: string): readonly Extent[] {
  const { layer, inputs, initialState, outputs, given } = call
  const refuse = (reason: string): never => {
    throw new OptionError(`${where}: layer '${layer.name}' cannot take a sequence in parts: ${reason}`)
  }
  if (isFedModel(layer)) return follow(layer, read, carrying, where)
  if (read.every((extent) => extent === 'moment')) {
    if (layer instanceof RecurrentLayer) refuse('its input is no sequence of the model')
    return outputs.map(() => 'moment')
  }
  if (read.includes('moment')) refuse('it joins a sequence with something that has no steps')
  const how = layer.overTime(
    inputs.map(({ shape }) => shape.length + 1),
    given.settings,
  )
  if (typeof how === 'object') refuse(how.mixed)
  if (Object.keys(given.tensors).length > 0) refuse(`its call is given ${Object.keys(given.tensors).join(', ')}`)
  if (initialState.length > 0) refuse('its initial state comes from another layer')
  if (how === 'carried') addAll(layer, carrying)
  return outputs.map((_, i) => (layer.givesSteps(i) ? 'sequence' : 'moment'))
}
