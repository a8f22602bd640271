// A model's prediction traced several times, each time with other stand-ins for the lengths that are open (the batch, and
// what `null` stands for in the shapes of inputs): what differs between the traces depends on those lengths.

import { FormatError, OptionError, ShapeError } from '../errors'
import { type Graph, type Node, Variable } from '../graph'
import type { Layer } from '../layers'
import { CarriedVariables } from '../step/carried'
import { tracePrediction } from '../step/tracePrediction'
import { type DType, tensor } from '../tensor'
import { overTime } from '../time/overTime'
import type { SavedModel } from './savedModel'

/** A number that may depend on open lengths: what it is in each trace. */
export type Varying = readonly number[]

/** An open length of an input: its name, and what stands for it in each trace. */
export interface OpenLength {
  readonly name: string
  readonly standIns: Varying
}

/** A state that goes in with the inputs and comes out with the outputs. */
export interface TracedState {
  readonly name: string
  /** The variable that stands for it in each trace. */
  readonly variables: readonly Variable[]
}

/** The same prediction, traced once for each set of stand-ins. */
export interface Traces {
  readonly graphs: readonly Graph[]
  readonly open: readonly OpenLength[]
  readonly states: readonly TracedState[]
}

export interface TraceOptions {
  /** The call, for messages. */
  readonly where: string
  /** How many samples a batch has; open by default. */
  readonly batch?: number
  /** Whether layers go on from run to run, as in `model.stream()`. */
  readonly streaming?: boolean
  /** The number of steps of each run where it streams; open by default. */
  readonly steps?: number
  /** Whether all inputs are as long as one another; found out where it is not said. */
  readonly areEqual?: boolean
}

const traceCount = 4

/** What stands for the size of batches: rare numbers, so that nothing else in a model is as long. */
const batches: Varying = [1009, 1013, 1019, 1021]

/** Rare numbers for the lengths, two for each. */
const primes = [1031, 1033, 1049, 1061, 1087, 1091, 1103, 1117, 1129, 1151, 1163, 1171, 1187, 1193, 1201, 1217]

/**
 * What stands for the n-th open length. What is computed for strides depends on the rest that a length leaves: among these
 * are one that leaves none and one that leaves 1, whatever the stride up to {@link largestStride}.
 */
function standInsOf(n: number): Varying {
  return [840 * (n + 1), 840 * (n + 1) + 1, primes[2 * n], primes[2 * n + 1]]
}

/** The largest stride that the stand-ins tell apart from others. */
export const largestStride = 8

/** Traces a model's prediction. @throws FormatError where a length has to be known, OptionError where the model has no weights or cannot stream. */
export function traceOpen(model: SavedModel, options: TraceOptions): Traces {
  if (!model.built) {
    throw new OptionError(`${options.where}: the model has no weights yet; give an inputShape, or fit it first`)
  }
  if (model.front !== undefined) {
    const { layer } = model.front.find((stage) => stage.layer !== undefined) ?? {}
    throw new FormatError(
      `${options.where}: ${layer?.name} works on texts, before there is a graph; write what stands behind it: model({ inputs: layer.output, outputs })`,
    )
  }
  const open = model.inputSlots.names.filter((_, i) => model.inputs[i].shape.includes(null))
  let first: ShapeError | undefined
  for (const groups of options.areEqual === true ? [[open]] : groupings(open)) {
    try {
      return trace(model, options, groups)
    } catch (error) {
      if (!(error instanceof ShapeError) || open.length === 0) throw error
      first ??= error
    }
  }
  throw needsLengths(options, first)
}

/** Beyond that many inputs of open lengths there are too many ways in which some of them may be equally long. */
const mostGrouped = 5

/**
 * The ways in which inputs may be equally long, as those have to be that are joined step by step: each by itself first, all of them last, and in
 * between those with more groups before those with fewer.
 */
function groupings(names: readonly string[]): readonly (readonly (readonly string[])[])[] {
  const apart = names.map((name) => [name])
  if (names.length < 2) return [apart]
  if (names.length > mostGrouped) return [apart, [names]]
  let all: string[][][] = [[]]
  for (const name of names) {
    all = all.flatMap((groups) => [
      [...groups, [name]],
      ...groups.map((_, k) => groups.map((group, at) => (at === k ? [...group, name] : group))),
    ])
  }
  return all.sort((a, b) => b.length - a.length)
}

function needsLengths({ where }: TraceOptions, error: ShapeError | undefined): FormatError {
  return new FormatError(
    `${where}: expected layers that take any length, as the shapes of the inputs leave some open; give the model an inputShape without null (${error?.message})`,
  )
}

function trace(
  model: SavedModel,
  { where, batch, streaming, steps }: TraceOptions,
  groups: readonly (readonly string[])[],
): Traces {
  const names = model.inputSlots.names
  const extents = streaming ? overTime(model, where) : undefined
  const open: OpenLength[] = []
  const opened = (name: string): Varying => {
    const known = open.find((length) => length.name === name)
    if (known !== undefined) return known.standIns
    const lengths = open.filter((length) => length.standIns !== batches).length
    if (2 * lengths >= primes.length) {
      throw new FormatError(`${where}: expected at most ${primes.length / 2} open lengths, got more`)
    }
    const made = { name, standIns: name === 'batch' ? batches : standInsOf(lengths) }
    open.push(made)
    return made.standIns
  }
  const always = (length: number): Varying => new Array<number>(traceCount).fill(length)
  const first = batch === undefined ? opened('batch') : always(batch)
  const shapes = model.inputs.map(({ shape }, i) => [
    first,
    ...shape.map((length, axis): Varying => {
      if (axis === 0 && extents?.inputs[i] === 'sequence') return steps === undefined ? opened('steps') : always(steps)
      if (length !== null) return always(length)
      // Those that are equally long have the name of the first of them.
      const group = groups.find((each) => each.includes(names[i])) ?? [names[i]]
      const ofInput = group.length > 1 && groups.length === 1 ? 'input' : group[0]
      return opened(axis === 0 ? `${ofInput}_length` : `${ofInput}_length_${axis + 1}`)
    }),
  ])
  const carrying = extents?.carrying ?? statefulLayers(model)
  const random = new Variable('random', tensor([0, 0], [2], 'int32'), { trainable: false })
  const carried: CarriedVariables[] = []
  const graphs = Array.from({ length: traceCount }, (_, k): Graph => {
    const own = new CarriedVariables(carrying)
    carried.push(own)
    const inputs = shapes.map((shape, i): { shape: number[]; dtype: DType } => ({
      shape: shape.map((length) => length[k]),
      dtype: model.computed.inputs[i].dtype,
    }))
    return tracePrediction(model, inputs, random, false, own.carrier(), [], true)
  })
  const states = carried[0].variables.map(({ name }, i) => ({
    name,
    variables: carried.map(({ variables }) => variables[i]),
  }))
  return { graphs, open, states }
}

/** The layers, also inside others, whose states go on from batch to batch. */
function statefulLayers(layer: Layer): Set<Layer> {
  const found = layer.innerLayers.flatMap((inner) => [...statefulLayers(inner)])
  return new Set('stateful' in layer && layer.stateful === true ? [layer, ...found] : found)
}

/** The node at one place of each trace. */
export type Peers = readonly Node[]

/**
 * The nodes of all traces side by side. @throws FormatError that names the layer where the traces differ in more than
 * numbers.
 */
export function sideBySide(where: string, traces: readonly (readonly Node[])[]): Peers[] {
  const [first] = traces
  const places = traces.map((nodes) => new Map(nodes.map((node, i) => [node, i])))
  return first.map((node, i) => {
    const peers = traces.map((nodes) => nodes[i])
    const isAlike = peers.every(
      (peer, k) =>
        traces[k].length === first.length &&
        peer.primitive === node.primitive &&
        peer.inputs.length === node.inputs.length &&
        peer.inputs.every((input, n) => places[k].get(input.node) === places[0].get(node.inputs[n].node)),
    )
    if (!isAlike) throw lengthMatters(where, node)
    return peers
  })
}

/** What is said where a length has to be known. */
export function lengthMatters(where: string, { scope, primitive }: Node): FormatError {
  return new FormatError(
    `${where}: layer '${scope ?? primitive.name}' computes in another way for each length: expected known lengths, got open ones; give the model an inputShape without null`,
  )
}
