// Fusion: which nodes run together as one instruction. Element-wise nodes of one shape join the instruction of an
// operand unless something outside would have to run in between.
import { sameShape } from '../../tensor'
import type { Node } from '../value'

/** Nodes that run as one instruction, in topological order. All but element-wise ones stand alone. */
export interface Unit {
  readonly nodes: Node[]
}

export interface FuseOptions {
  /** The most buffers one element-wise instruction may read, with up to 4 that it may have to write. */
  readonly maxBuffers?: number
  /** The most operations in one element-wise instruction. */
  readonly maxSteps?: number
}

/** Groups the nodes (in topological order) into units, and puts the units into an order in which they can run. */
export function fuse(nodes: readonly Node[], { maxBuffers = 48, maxSteps = 96 }: FuseOptions = {}): Unit[] {
  const units: Unit[] = []
  const unitOf = new Map<Node, number>()
  const words = (nodes.length >> 5) + 1
  const ancestors: Uint32Array[] = []
  const has = (unit: number, ancestor: number): boolean =>
    ((ancestors[unit][ancestor >> 5] >>> (ancestor & 31)) & 1) === 1
  const inherit = (unit: number, from: number): void => {
    for (let w = 0; w < words; w++) ancestors[unit][w] |= ancestors[from][w]
    ancestors[unit][from >> 5] |= 1 << (from & 31)
  }
  const inputsOf = (node: Node): number[] => {
    const found = node.inputs.map((input) => unitOf.get(input.node))
    return [...new Set(found.filter((unit) => unit !== undefined))]
  }

  for (const node of nodes) {
    if (node.primitive.definition.source) continue
    const inputs = inputsOf(node)
    const joins = (unit: number): boolean =>
      canHold(units[unit], node, maxBuffers, maxSteps) && inputs.every((other) => other === unit || !has(other, unit))
    // The latest operand first: chains stay together.
    const home = [...inputs].sort((a, b) => b - a).find(joins)
    if (home !== undefined) {
      units[home].nodes.push(node)
      unitOf.set(node, home)
      const fresh = inputs.filter((other) => other !== home && !has(home, other))
      // What the unit now waits for, those that wait for it do too.
      const waiting = fresh.length === 0 ? [] : units.flatMap((_, unit) => (has(unit, home) ? [unit] : []))
      for (const other of fresh) for (const unit of [home, ...waiting]) inherit(unit, other)
      continue
    }
    const made = units.length
    units.push({ nodes: [node] })
    ancestors.push(new Uint32Array(words))
    unitOf.set(node, made)
    for (const other of inputs) inherit(made, other)
  }
  return ordered(units, unitOf)
}

/** Whether a node may run inside an element-wise unit, its own inputs aside. */
function canHold(unit: Unit, node: Node, maxBuffers: number, maxSteps: number): boolean {
  const [first] = unit.nodes
  if (first.primitive.definition.scalar === undefined || node.primitive.definition.scalar === undefined) return false
  if (!sameShape(first.outputs[0].shape, node.outputs[0].shape) || unit.nodes.length >= maxSteps) return false
  const members = new Set([...unit.nodes, node])
  const read = new Set([...members].flatMap((member) => member.inputs.filter((input) => !members.has(input.node))))
  // Who reads the members is not known yet; few have more than 4 results.
  return read.size + Math.min(members.size, 4) <= maxBuffers
}

/** Kahn's algorithm, the unit whose last node is oldest first, so that the order stays close to the traced one. */
function ordered(units: readonly Unit[], unitOf: ReadonlyMap<Node, number>): Unit[] {
  const age = units.map((unit) => Math.max(...unit.nodes.map((node) => node.id)))
  const waiting = units.map(() => 0)
  const followers = units.map(() => new Set<number>())
  units.forEach((unit, i) => {
    const needs = new Set(unit.nodes.flatMap((node) => node.inputs.map((input) => unitOf.get(input.node))))
    for (const needed of needs) {
      if (needed === undefined || needed === i) continue
      waiting[i]++
      followers[needed].add(i)
    }
  })
  const ready = units.flatMap((_, i) => (waiting[i] === 0 ? [i] : [])).sort((a, b) => age[b] - age[a])
  const order: Unit[] = []
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    order.push(units[next])
    for (const follower of followers[next]) {
      waiting[follower]--
      if (waiting[follower] > 0) continue
      let at = ready.length
      while (at > 0 && age[ready[at - 1]] < age[follower]) at--
      ready.splice(at, 0, follower)
    }
  }
  return order
}
