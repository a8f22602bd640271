// Passes over a graph before it is lowered: constants folded, needless nodes dropped, equal nodes shared. What nothing
// depends on disappears by itself, because a graph is what its outputs reach.
import { allocate, type Shape, sameShape, Tensor } from '../../tensor'
import { broadcastPrimitive } from '../basics'
import { encodeNumber } from '../program'
import { constant, constantNumber } from '../sources'
import { rebuildNode, substitute } from '../substitute'
import { type Graph, isGraph, type Node, type Value } from '../value'

export interface OptimizeOptions {
  /**
   * Keeps a primitive, fused or element-wise, as it is; the others are replaced by their decomposition where they have
   * one. All are kept by default.
   */
  readonly supports?: (primitiveName: string) => boolean
}

/** Everything a graph goes through between tracing and lowering. */
export function optimize(graph: Graph, options: OptimizeOptions = {}): Graph {
  const expanded = options.supports === undefined ? graph : decompose(graph, options.supports)
  return share(simplify(expanded))
}

/** Replaces every primitive the backend has no kernel for by its decomposition, again and again until none is left. */
function decompose(graph: Graph, supports: (name: string) => boolean): Graph {
  let changed = false
  const result = substitute(graph, (node, inputs) => {
    const { definition, name } = node.primitive
    if (definition.source || definition.decompose === undefined || supports(name)) return rebuildNode(node, inputs)
    changed = true
    return definition.decompose(inputs, node.attributes)
  })
  return changed ? decompose(result, supports) : result
}

/** Folds constants and takes what each primitive knows to be simpler. */
function simplify(graph: Graph): Graph {
  return substitute(graph, (node, inputs) => {
    const simpler = fold(node, inputs) ?? rule(node, inputs)
    return simpler === undefined ? rebuildNode(node, inputs) : [simpler]
  })
}

/** An element-wise node whose inputs are all constant numbers is one too. */
function fold(node: Node, inputs: readonly Value[]): Value | undefined {
  const { scalar } = node.primitive.definition
  const [output] = node.outputs
  if (scalar === undefined || output.shape.some((length) => length !== 1)) return undefined
  const numbers = inputs.map(constantNumber)
  if (!numbers.every((number) => number !== undefined)) return undefined
  const data = allocate(output.dtype, 1)
  const result = scalar(...numbers)
  data[0] = output.dtype === 'bool' ? Number(result !== 0) : result
  return constant(new Tensor(data, output.shape, output.dtype))
}

/** What the primitive itself knows to be simpler; and element-wise nodes need no stretches. */
function rule(node: Node, inputs: readonly Value[]): Value | undefined {
  const { simplify, scalar } = node.primitive.definition
  const [{ shape }] = node.outputs
  const simpler = simplify?.({ inputs, attributes: node.attributes })
  if (simpler !== undefined && sameShape(simpler.shape, shape)) return simpler
  return scalar === undefined ? undefined : withoutStretch(node, inputs)
}

/** Element-wise nodes stretch their operands themselves: a broadcastTo before them is needless unless it sets the shape. */
function withoutStretch(node: Node, inputs: readonly Value[]): Value | undefined {
  const sources = inputs.map((input) => broadcastPrimitive.useIn(input)?.inputs[0] ?? input)
  if (sources.every((source, i) => source === inputs[i])) return undefined
  for (let kept = sources.length; kept >= 0; kept--) {
    // All stretches dropped, or all but one.
    const tried = sources.map((source, i) => (i === kept ? inputs[i] : source))
    if (tried.every((value, i) => value === inputs[i])) continue
    const [spec] = node.primitive.definition.infer(tried, node.attributes)
    if (sameShape(spec.shape, node.outputs[0].shape)) return node.primitive.one(tried, node.attributes)
  }
  return undefined
}

/** Nodes with the same primitive, attributes and inputs become one. */
function share(graph: Graph): Graph {
  const known = new Map<string, readonly Value[]>()
  return substitute(graph, (node, inputs) => {
    const outputs = rebuildNode(node, inputs)
    const key = keyOf(node, inputs)
    if (key === undefined) return outputs
    const before = known.get(key)
    if (before !== undefined) return before
    known.set(key, outputs)
    return outputs
  })
}

function keyOf(node: Node, inputs: readonly Value[]): string | undefined {
  const { primitive, attributes, outputs } = node
  const number = constantNumber(outputs[0])
  if (number !== undefined) {
    return `constant ${Object.is(number, -0) ? '-0' : number} ${outputs[0].dtype} ${shapeKey(outputs[0].shape)}`
  }
  if (primitive.definition.source || Object.values(attributes).some(isGraph)) return undefined
  const operands = inputs.map((input) => `${input.node.id}.${input.index}`).join(' ')
  const parameters = JSON.stringify(attributes, (_, value: unknown) => encodeNumber(value))
  return `${primitive.name} ${operands} ${parameters} ${outputs[0].dtype}`
}

function shapeKey(shape: Shape): string {
  return shape.join('x')
}
