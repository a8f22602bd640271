// How a model goes through time: which inputs and outputs are sequences, which layers carry a state from step to step, and
// whether no layer looks ahead. What is cut in chunks (streams, truncated training) rests on it.

import { OptionError } from '../errors'
import { type FedModel, isFedModel } from '../feed/fedModel'
import { type Layer, type LayerCall, RecurrentCell, RecurrentLayer, type SymbolicTensor } from '../layers'
import { normalizeAxes } from '../tensor'

/** A value with a step on axis 1 for each step of the sequence, or one without: of the present moment alone. */
export type Extent = 'sequence' | 'moment'

/** What is known of a model whose layers all go forward in time. */
export interface OverTime {
  readonly inputs: readonly Extent[]
  readonly outputs: readonly Extent[]
  /** The layers that carry a state. */
  readonly carrying: ReadonlySet<Layer>
}

/** Layers that treat each step of a sequence by itself. */
const stepwise = /* @__PURE__ */ new Set([
  'dense',
  'activation',
  'dropout',
  'spatialDropout1d',
  'embedding',
  'masking',
  'gaussianNoise',
  'gaussianDropout',
  'alphaDropout',
  'reLU',
  'leakyReLU',
  'elu',
  'rescaling',
  'timeDistributed',
  'add',
  'subtract',
  'multiply',
  'average',
  'maximum',
  'minimum',
])

/** Layers that treat each step by itself unless their option `axis` is, or holds, the axis of time. */
const alongAxis = /* @__PURE__ */ new Set([
  'layerNormalization',
  'batchNormalization',
  'unitNormalization',
  'normalization',
  'softmax',
  'concatenate',
])

/** What other layers do with steps. */
const reasons: Readonly<Record<string, string>> = {
  bidirectional: 'it also reads the sequence from its end',
  flatten: 'it takes all steps together',
  reshape: 'it takes all steps together',
  permute: 'it moves the axis of time',
  prelu: 'it has weights for each step',
  repeatVector: 'it begins a sequence of its own',
  dot: 'it multiplies steps with one another',
}

/**
 * Finds out how a model goes through time.
 *
 * @param where - the call, for messages.
 * @throws OptionError that names a layer that is not causal, or that treats steps in a way that is not known.
 */
export function overTime(model: FedModel, where: string): OverTime {
  const { inputs, calls } = model
  const readsIndices = (input: SymbolicTensor): boolean =>
    calls.some(({ layer, inputs: read }) => layer.kind === 'embedding' && read.includes(input))
  const extents = inputs.map((input): Extent => {
    const [length] = input.shape
    const isSequence = input.shape.length >= 2 || (input.shape.length === 1 && length !== 1 && readsIndices(input))
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
    const given = through(call, read, carrying, where)
    call.outputs.forEach((output, i) => {
      extents.set(output, given[i])
    })
  }
  return model.outputs.map(extentOf)
}

function through(call: LayerCall, read: readonly Extent[], carrying: Set<Layer>, where: string): Extent[] {
  const { layer, initialState, outputs } = call
  const refuse = (reason: string): never => {
    throw new OptionError(`${where}: layer '${layer.name}' cannot take a sequence in parts: ${reason}`)
  }
  if (layer instanceof RecurrentLayer) {
    if (read[0] === 'moment') refuse('its input is no sequence of the model')
    if (layer.goBackwards) refuse('it goes backwards')
    if (initialState.length > 0) refuse('its initial state comes from another layer')
    if (!beginsWithZeros(layer.cell)) refuse('its cell begins with states of its own')
    carrying.add(layer)
    return outputs.map((_, i) => (i === 0 && layer.returnSequences ? 'sequence' : 'moment'))
  }
  if (isFedModel(layer)) return follow(layer, read, carrying, where)
  if (read.every((extent) => extent === 'moment')) {
    if (layer.kind === 'repeatVector') refuse(reasons.repeatVector)
    return outputs.map(() => 'moment')
  }
  if (read.includes('moment')) refuse('it joins a sequence with something that has no steps')
  if (layer.kind === 'conv1d') {
    const { padding, strides = 1 } = layer.config()
    if (padding !== 'causal') refuse("it looks at steps that come later; padding: 'causal' does not")
    if (strides !== 1) refuse('it skips steps; strides: 1 does not')
    carrying.add(layer)
  } else if (layer.kind === 'timeDistributed' && layer.innerLayers.some(carriesStates)) {
    refuse('a layer with a state inside it goes through each step by itself')
  } else if (!treatsStepsApart(layer, call)) {
    refuse(reasons[layer.kind] ?? 'it may mix steps; a layer of your own that does not has isStepwise return true')
  }
  return outputs.map(() => 'sequence')
}

function treatsStepsApart(layer: Layer, { inputs: [first] }: LayerCall): boolean {
  const { axis = -1, sharedAxes = [] } = layer.config()
  const rank = first.shape.length + 1
  // Both are numbers or lists of numbers, or null for no axis: the layers have checked them.
  const axes = (given: unknown): readonly number[] =>
    given === null ? [] : normalizeAxes(given as number | readonly number[], rank, layer.name)
  if (alongAxis.has(layer.kind)) return !axes(axis).includes(1)
  if (layer.kind === 'prelu') return axes(sharedAxes).includes(1)
  return stepwise.has(layer.kind) || layer.isStepwise
}

function beginsWithZeros(cell: RecurrentCell): boolean {
  const cells = cell.innerLayers.filter((inner) => inner instanceof RecurrentCell)
  if (cell.kind === 'stackedRNNCells') return cells.every(beginsWithZeros)
  return cell.initialState === RecurrentCell.prototype.initialState
}

function carriesStates(layer: Layer): boolean {
  return layer instanceof RecurrentLayer || layer.kind === 'conv1d' || layer.innerLayers.some(carriesStates)
}
