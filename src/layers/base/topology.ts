// The graph of layers behind a model: found from its outputs, checked, and executed on values.
import { OptionError } from '../../errors'
import { currentScope, inScope, type Value } from '../../graph'
import type { DType, PartialShape } from '../../tensor'
import { mapGiven } from '../options/callOptions'
import type { Front } from '../texts/front'
import type { CallContext } from './context'
import type { Called, Layer } from './layer'
import { type LayerCall, SymbolicTensor } from './symbolic'

/** A model's graph of layers. */
export interface Topology {
  readonly inputs: readonly SymbolicTensor[]
  readonly outputs: readonly SymbolicTensor[]
  /** Every call between inputs and outputs, each after those it depends on. */
  readonly calls: readonly LayerCall[]
  /** The layers, each once, in Keras' order: those further from the outputs first. */
  readonly layers: readonly Layer[]
}

/** A symbolic tensor of numbers. */
export type NumberTensor = SymbolicTensor & { readonly dtype: DType }

/** A graph of numbers: none of its inputs are texts. */
export interface NumberGraph extends Topology {
  readonly inputs: readonly NumberTensor[]
}

/** A model's graph, what of it is behind the layers that work on the host, and these; no front where it has none. */
export interface SplitGraph {
  readonly whole: Topology
  readonly graph: NumberGraph
  readonly front: Front | undefined
}

/** Parts a graph at the layers that work on the host. @throws OptionError for texts that go anywhere else. */
export function splitGraph(whole: Topology): SplitGraph {
  const first = whole.calls.find(({ layer }) => layer.splitsGraph !== undefined)
  const { graph, front } = first?.layer.splitsGraph?.(whole) ?? { graph: whole, front: undefined }
  const texts = graph.inputs.find(({ dtype }) => dtype === 'string')
  if (texts === undefined) return { whole, graph: graph as NumberGraph, front } // by that search
  throw new OptionError(
    `model: ${texts.name}: expected textVectorization, stringLookup or hashing behind an input of texts, and nothing else`,
  )
}

/** Finds everything between the inputs and the outputs. @throws OptionError when an output hangs on something else. */
export function findTopology(
  inputs: readonly SymbolicTensor[],
  outputs: readonly SymbolicTensor[],
  where = 'model',
): Topology {
  const calls: LayerCall[] = []
  const seen = new Set<LayerCall>()
  const met = new Set<Layer>()
  const given = new Set(inputs)
  const visit = (tensor: SymbolicTensor): void => {
    if (given.has(tensor)) return
    if (!(tensor instanceof SymbolicTensor)) {
      throw new OptionError(`${where}: expected symbolic tensors as inputs and outputs, got ${typeof tensor}`)
    }
    const { call } = tensor
    if (call === undefined) {
      throw new OptionError(`${where}: inputs: ${tensor.name} is needed for the outputs, but is not among the inputs`)
    }
    if (seen.has(call)) return
    seen.add(call)
    met.add(call.layer)
    for (const source of sourcesOf(call)) visit(source)
    calls.push(call)
  }
  for (const output of outputs) visit(output)
  return { inputs, outputs, calls, layers: inKerasOrder(calls, [...met]) }
}

/**
 * Layers in the order in which Keras lists them, and so their weights (`map_graph` in ops/function.py): by the largest
 * number of calls between a layer and the end of the graph; of one depth, in the order they are met from the outputs.
 */
function inKerasOrder(calls: readonly LayerCall[], met: readonly Layer[]): Layer[] {
  const callDepths = new Map<LayerCall, number>()
  const depths = new Map<Layer, number>()
  const depthOf = (layer: Layer): number => depths.get(layer) ?? 0
  for (const call of [...calls].reverse()) {
    const depth = Math.max(callDepths.get(call) ?? 0, depthOf(call.layer))
    depths.set(call.layer, depth)
    for (const { call: source } of sourcesOf(call)) {
      if (source !== undefined) callDepths.set(source, Math.max(depth + 1, callDepths.get(source) ?? 0))
    }
  }
  return [...met].sort((a, b) => depthOf(b) - depthOf(a))
}

/** Everything a call reads. */
function sourcesOf({ inputs, initialState, mask, given }: LayerCall): readonly SymbolicTensor[] {
  return [...inputs, ...initialState, ...(mask === undefined ? [] : [mask]), ...Object.values(given.tensors).flat()]
}

/** Runs the graph on values: every layer's `call`, with the masks that flow beside the values. */
export function execute(topology: Topology, inputs: readonly Value[], context: CallContext): Called {
  const values = new Map<SymbolicTensor, Value>()
  const masks = new Map<SymbolicTensor, Value | undefined>()
  topology.inputs.forEach((input, i) => {
    values.set(input, inputs[i])
    masks.set(input, context.masks[i])
  })
  const find = (tensor: SymbolicTensor): Value => {
    const found = values.get(tensor)
    if (found === undefined) throw new OptionError(`model: ${tensor.name} is used before it is computed`)
    return found
  }
  for (const call of topology.calls) {
    const inner = context.inner({
      masks: call.mask === undefined ? call.inputs.map((input) => masks.get(input)) : [find(call.mask)],
      initialState: call.initialState.length === 0 ? undefined : call.initialState.map(find),
      given: mapGiven(call.given, find),
    })
    const outer = currentScope()
    const scope = outer === undefined ? call.layer.name : `${outer}/${call.layer.name}`
    const called = inScope(scope, () => call.layer.callWith(call.inputs.map(find), inner))
    call.outputs.forEach((output, i) => {
      values.set(output, called.outputs[i])
      masks.set(output, called.masks[i])
    })
  }
  return { outputs: topology.outputs.map(find), masks: topology.outputs.map((output) => masks.get(output)) }
}

/** The shapes of a graph's outputs for inputs of other shapes than it was built with. */
export function shapesThrough(
  { inputs: own, outputs, calls }: Topology,
  inputs: readonly PartialShape[],
): PartialShape[] {
  const shapes = new Map<SymbolicTensor, PartialShape>(own.map((item, i) => [item, inputs[i]]))
  for (const { layer, inputs: read, outputs: made, given } of calls) {
    const known = read.map((item) => shapes.get(item) ?? item.shape)
    const found = layer.outputShapes(known, given.settings)
    made.forEach((item, i) => {
      shapes.set(item, found[i])
    })
  }
  return outputs.map((item) => shapes.get(item) ?? item.shape)
}

/** One shape as itself, several as a list. */
export function oneOrAll<T>(items: readonly T[]): T | readonly T[] {
  return items.length === 1 ? items[0] : items
}
