// From graphs of primitives, one for each set of stand-ins, to the nodes of one ONNX graph.

import { FormatError } from '../../errors'
import {
  constantData,
  type Graph,
  isGraph,
  type Node,
  nodesOf,
  optimize,
  rebuildNode,
  substitute,
  type Value,
  variableOf,
} from '../../graph'
import { isFloat, type Tensor } from '../../tensor'
import { lengthMatters, type Peers, sideBySide } from '../openLengths'
import type { Emitter } from './emitter'
import { type Fused, fusedAt } from './fusions'
import { elementTypes } from './proto'
import { hasRule, rules } from './rules'
import { recurrentParts } from './rules/recurrent'
import { Use } from './use'

/** Brings a graph to primitives that have a rule. */
function prepared(graph: Graph, isState: (value: Value) => boolean): Graph {
  return optimize(withoutOddRecurrence(forAnyLength(optimize(graph)), isState), { supports: hasRule })
}

/** Decomposes what would be other nodes for other lengths. */
function forAnyLength(graph: Graph): Graph {
  return substitute(graph, (node, inputs) => {
    const { decomposeOpen } = node.primitive.definition
    return decomposeOpen === undefined ? rebuildNode(node, inputs) : decomposeOpen(inputs, node.attributes)
  })
}

/**
 * Decomposes recurrent primitives that ONNX' operators cannot stand for: those in float64, those whose weights are not
 * known beforehand, and those of which gates are wanted.
 */
function withoutOddRecurrence(graph: Graph, isState: (value: Value) => boolean): Graph {
  const fromWeights = new Set<Value>()
  const nodes = nodesOf(graph)
  for (const node of nodes) {
    const { name, definition } = node.primitive
    const isSource = definition.source === true
    const isKnown = isSource
      ? name !== 'input' && !isState(node.outputs[0])
      : node.inputs.every((x) => fromWeights.has(x))
    if (isKnown) for (const output of node.outputs) fromWeights.add(output)
  }
  const read = new Set([
    ...graph.outputs,
    ...graph.updates.map(({ value }) => value),
    ...nodes.flatMap((n) => n.inputs),
  ])
  return substitute(graph, (node, inputs) => {
    const parts = recurrentParts[node.primitive.name]
    const { decompose } = node.primitive.definition
    if (parts === undefined || decompose === undefined) return rebuildNode(node, inputs)
    const isPlain =
      node.outputs[0].dtype === 'float32' &&
      parts.weights.every((i) => fromWeights.has(node.inputs[i])) &&
      node.outputs.slice(parts.results).every((output) => !read.has(output))
    return isPlain ? rebuildNode(node, inputs) : decompose(inputs, node.attributes)
  })
}

/**
 * Writes what the outputs and updates of the graphs need.
 *
 * @param emitter - knows the names of the graphs' inputs and states.
 * @returns the names of the outputs, then of the updates.
 */
export function writeGraph(emitter: Emitter, traced: readonly Graph[]): readonly string[] {
  const { where } = emitter.shared
  const isState = (value: Value): boolean => emitter.nameOf(value) !== undefined
  const graphs = traced.map((graph) => prepared(graph, isState))
  const all = sideBySide(where, graphs.map(nodesOf))
  return new GraphWriter(emitter, graphs[0], all).write()
}

class GraphWriter {
  private readonly emitter: Emitter
  private readonly graph: Graph
  private readonly all: readonly Peers[]
  /** Values that depend on weights and constants alone, whatever the open lengths. */
  private readonly weights: ReadonlySet<Value>
  private readonly fused = new Map<Node, Fused>()
  private readonly readers = new Map<Value, number>()

  constructor(emitter: Emitter, graph: Graph, all: readonly Peers[]) {
    this.emitter = emitter
    this.graph = graph
    this.all = all
    this.weights = this.findWeights()
  }

  private get results(): readonly Value[] {
    return [...this.graph.outputs, ...this.graph.updates.map(({ value }) => value)]
  }

  write(): readonly string[] {
    const needed = this.findNeeded()
    for (const peers of this.all) {
      const [node] = peers
      if (!needed.has(node) || node.primitive.definition.source === true) continue
      if (node.outputs.every((output) => this.weights.has(output))) continue
      this.emitter.scope = node.scope ?? ''
      this.writeNode(peers)
    }
    this.emitter.scope = ''
    return this.results.map((value) => this.nameOf(value))
  }

  // ---- what is written --------------------------------------------------------------------------------------------

  private findWeights(): Set<Value> {
    const found = new Set<Value>()
    for (const peers of this.all) {
      const [node] = peers
      const isBound = node.outputs.some((output) => this.emitter.nameOf(output) !== undefined)
      const isRandom = node.primitive.name.startsWith('random')
      if (isBound || isRandom || node.primitive.name === 'input' || !node.inputs.every((x) => found.has(x))) continue
      if (isTheSame(peers)) for (const output of node.outputs) found.add(output)
    }
    return found
  }

  /** The nodes to be written: of a fused group its last one. */
  private findNeeded(): Set<Node> {
    for (const value of this.results) this.count(value)
    for (const [node] of this.all) for (const input of node.inputs) this.count(input)
    const surroundings = {
      isWeight: (value: Value): boolean => this.weights.has(value),
      isOnlyRead: (value: Value): boolean => this.readers.get(value) === 1,
    }
    const needed = new Set<Node>()
    const stack = this.results.map(({ node }) => node)
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (needed.has(node) || node.outputs.some((output) => this.weights.has(output))) continue
      needed.add(node)
      const fused = fusedAt(node, surroundings)
      if (fused !== undefined) this.fused.set(node, fused)
      for (const input of fused?.inputs ?? node.inputs) stack.push(input.node)
    }
    return needed
  }

  private count(value: Value): void {
    this.readers.set(value, (this.readers.get(value) ?? 0) + 1)
  }

  // ---- nodes and values -------------------------------------------------------------------------------------------

  private writeNode(peers: Peers): void {
    const { emitter } = this
    const [node] = peers
    const fused = this.fused.get(node)
    const rule = rules[node.primitive.name]
    if (fused === undefined && rule === undefined) {
      throw new FormatError(
        `${emitter.shared.where}: layer '${node.scope ?? node.primitive.name}' computes ${node.primitive.name}, which ONNX cannot: expected layers made of what it can`,
      )
    }
    const use = new Use(emitter, peers, {
      inputs: (fused?.inputs ?? node.inputs).map((input) => this.nameOf(input)),
      wanted: node.outputs.map((output) => (this.readers.get(output) ?? 0) > 0),
      weights: this.weights,
      writeWithin: writeGraph,
    })
    const made = fused === undefined ? rule(use) : fused.write(use)
    const names = typeof made === 'string' ? [made] : made
    node.outputs.forEach((output, i) => {
      if (names[i] === undefined || names[i] === '') return
      const shape = output.shape.map((_, axis) => peers.map((peer) => peer.outputs[i].shape[axis]))
      emitter.bind(output, names[i], shape)
    })
  }

  private nameOf(value: Value): string {
    const known = this.emitter.nameOf(value)
    if (known !== undefined) return known
    const peers = this.all.find(([node]) => node === value.node)
    if (peers === undefined) throw new Error(`${value.node.primitive.name} is not part of the graph`)
    const name = this.makeName(value, peers)
    this.emitter.bind(value, name, [])
    return name
  }

  private makeName(value: Value, peers: Peers): string {
    const { shared } = this.emitter
    const data = constantData(value)
    if (data !== undefined && this.weights.has(value)) return shared.constant(data)
    if (data !== undefined) return this.openConstant(peers)
    const variable = variableOf(value)
    if (variable !== undefined) return shared.weight(value, variable.name)
    const { scope, primitive } = value.node
    return shared.weight(value, `${scope ?? ''}/${primitive.name}`)
  }

  /** A constant that depends on open lengths: a length itself, or counting numbers. */
  private openConstant(peers: Peers): string {
    const { emitter } = this
    const tensors = peers.map((peer) => constantData(peer.outputs[0])).filter((tensor) => tensor !== undefined)
    const [{ dtype, rank, size }] = tensors
    const to = elementTypes[dtype]
    if (tensors.every((tensor) => tensor.size === 1)) {
      const length = emitter.findLength(tensors.map((tensor) => tensor.item()))
      if (length === undefined) throw lengthMatters(emitter.shared.where, peers[0])
      const shaped = emitter.emit('Reshape', [length, emitter.list(tensors[0].shape)])
      return emitter.emit('Cast', [shaped], { to })
    }
    const counting = rank === 1 && size > 1 ? countingFrom(tensors) : undefined
    if (counting === undefined) throw lengthMatters(emitter.shared.where, peers[0])
    const [start, step] = counting
    const count = emitter.length(tensors.map((tensor) => tensor.size))
    const scalar = emitter.emit('Squeeze', [count, emitter.list([0])])
    const places = emitter.emit('Range', [
      emitter.shared.constant({ int64: [0], shape: [] }),
      scalar,
      emitter.shared.constant({ int64: [1], shape: [] }),
    ])
    const cast = emitter.emit('Cast', [places], { to })
    const times = emitter.emit('Mul', [cast, emitter.scalar(step, dtype)])
    return emitter.emit('Add', [times, emitter.scalar(start, dtype)])
  }
}

/** The first number and the step of numbers at equal distances, the same in all tensors. */
function countingFrom(tensors: readonly Tensor[]): readonly [start: number, step: number] | undefined {
  const [{ data, dtype }] = tensors
  if (dtype === 'bool') return undefined
  const [start, step] = [data[0], data[1] - data[0]]
  const near = isFloat(dtype) ? 1e-5 : 0
  const isCounting = tensors.every((tensor) => {
    for (let i = 0; i < tensor.size; i++) {
      const expected = start + i * step
      if (Math.abs(tensor.data[i] - expected) > near * Math.max(1, Math.abs(expected))) return false
    }
    return true
  })
  return isCounting ? [start, step] : undefined
}

/** Whether a node gives the same whatever the open lengths, if its operands do. */
function isTheSame(peers: Peers): boolean {
  const [first] = peers
  const attributes = describe(first)
  return (
    attributes !== undefined &&
    peers.every(
      (peer) =>
        describe(peer) === attributes &&
        peer.outputs.every((output, i) => String(output.shape) === String(first.outputs[i].shape)),
    )
  )
}

/** The attributes of a node as text; undefined for loops, which are written rather than computed. */
function describe(node: Node): string | undefined {
  const data = constantData(node.outputs[0])
  if (data !== undefined) return `${data.dtype} ${data.shape.join()} ${data.data.join()}`
  if (variableOf(node.outputs[0]) !== undefined) return 'variable'
  if (Object.values(node.attributes).some(isGraph)) return undefined
  return JSON.stringify(node.attributes)
}
