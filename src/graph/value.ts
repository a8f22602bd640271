// Values and nodes: a graph in static single assignment. A node is one use of a primitive; a value is one of its
// results. Ids only grow, so a node's inputs always have smaller ids: the order of ids is a topological order.
import { DataError } from '../errors'
import { type DType, formatShape, type Shape } from '../tensor'
import type { Primitive } from './primitive'

/** What is known of a value before it is computed. */
export interface Spec {
  readonly shape: Shape
  readonly dtype: DType
}

/** A symbolic value: result number `index` of a node. */
export class Value implements Spec {
  readonly node: Node
  readonly index: number
  readonly shape: Shape
  readonly dtype: DType

  constructor(node: Node, index: number, spec: Spec) {
    this.node = node
    this.index = index
    this.shape = spec.shape
    this.dtype = spec.dtype
  }

  /** The number of axes. */
  get rank(): number {
    return this.shape.length
  }

  /** As text its type and shape; as a number, in `a + b`, an error that says what to write instead. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === 'string') return `Value(${this.dtype} ${formatShape(this.shape)})`
    throw new DataError(
      'a symbolic value is no number yet: write ops.add(a, b), ops.mul(a, b) ... for a + b, a * b ...',
    )
  }
}

/** What a primitive is parametrised by beside its inputs: plain data, or a sub-graph. */
export type Attributes = Readonly<Record<string, unknown>>

/** One use of a primitive. */
export interface Node {
  readonly id: number
  readonly primitive: Primitive
  readonly inputs: readonly Value[]
  readonly attributes: Attributes
  readonly outputs: readonly Value[]
  /** What it was made for: the path of a layer, such as `encoder/lstm`; undefined outside of all. */
  readonly scope: string | undefined
}

/** A new value that a graph writes back to a variable when it has run. */
export interface Update {
  /** The variable's own value (its node is a `variable`). */
  readonly variable: Value
  readonly value: Value
}

/** What is to be computed: everything between the inputs and the outputs follows from the values. */
export interface Graph {
  readonly inputs: readonly Value[]
  readonly outputs: readonly Value[]
  readonly updates: readonly Update[]
}

let lastId = 0
let scope: string | undefined

/** Does work all of whose nodes belong to a scope. Gradients and rewritten nodes keep the scope of what they come from. */
export function inScope<T>(name: string | undefined, work: () => T): T {
  const outer = scope
  scope = name
  try {
    return work()
  } finally {
    scope = outer
  }
}

/** The scope that nodes made now belong to. */
export function currentScope(): string | undefined {
  return scope
}

/** Makes a node of the primitive and its output values. */
export function makeNode(
  primitive: Primitive,
  inputs: readonly Value[],
  attributes: Attributes,
  outputs: readonly Spec[],
): Node {
  lastId++
  const values: Value[] = []
  const node: Node = { id: lastId, primitive, inputs, attributes, outputs: values, scope }
  for (const spec of outputs) values.push(new Value(node, values.length, spec))
  return node
}

/** The id of the newest node: nodes with larger ids are made after this call. */
export function newestId(): number {
  return lastId
}

/** All nodes that the given values depend on, in topological order. */
export function reachable(from: readonly Value[]): Node[] {
  const seen = new Set<Node>()
  const stack = from.map((value) => value.node)
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (seen.has(node)) continue
    seen.add(node)
    for (const input of node.inputs) if (!seen.has(input.node)) stack.push(input.node)
  }
  return [...seen].sort((a, b) => a.id - b.id)
}

/** All nodes of a graph, in topological order; inputs that nothing uses are among them. */
export function nodesOf(graph: Graph): Node[] {
  const roots = [...graph.inputs, ...graph.outputs, ...graph.updates.map((update) => update.value)]
  return reachable(roots)
}

/** Whether an attribute is a sub-graph. */
export function isGraph(attribute: unknown): attribute is Graph {
  return typeof attribute === 'object' && attribute !== null && 'outputs' in attribute && 'updates' in attribute
}
