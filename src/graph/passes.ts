// Passes over a graph before it is lowered: constants folded, needless nodes dropped, equal nodes shared. What nothing
// depends on disappears by itself, because a graph is what its outputs reach.
import { allocate, type Shape, sameShape, Tensor } from '../tensor'
import { findPrimitive } from './primitive'
import { encodeNumber } from './program'
import { constant, constantNumber } from './sources'
import { rebuildNode, substitute } from './substitute'
import { type Graph, isGraph, type Node, type Value } from './value'

export interface OptimizeOptions {
  /** Keeps a fused primitive whole; the others are replaced by their decomposition. All are kept by default. */
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

/** Folds constants and drops nodes that change nothing. */
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

function rule(node: Node, inputs: readonly Value[]): Value | undefined {
  const [a, b] = inputs
  const [output] = node.outputs
  const unchanged = (value: Value): Value | undefined => (sameShape(value.shape, output.shape) ? value : undefined)
  switch (node.primitive.name) {
    case 'identity':
    case 'stopGradient':
      return a
    case 'add':
      return constantNumber(b) === 0
        ? unchanged(a)
        : constantNumber(a) === 0
          ? unchanged(b)
          : withoutStretch(node, inputs)
    case 'sub':
      return constantNumber(b) === 0 ? unchanged(a) : withoutStretch(node, inputs)
    case 'mul':
      return constantNumber(b) === 1
        ? unchanged(a)
        : constantNumber(a) === 1
          ? unchanged(b)
          : withoutStretch(node, inputs)
    case 'div':
      return constantNumber(b) === 1 ? unchanged(a) : withoutStretch(node, inputs)
    case 'neg':
      return a.node.primitive.name === 'neg' ? a.node.inputs[0] : undefined
    case 'reshape':
    case 'broadcastTo':
      return unchanged(a) ?? sameTwice(node, a)
    case 'transpose':
      return transposed(node, a)
    case 'matmul':
      return intoMatmul(node, inputs)
    default:
      return node.primitive.definition.scalar === undefined ? undefined : withoutStretch(node, inputs)
  }
}

/** f(f(x)) as one node, for primitives of which the last alone decides. */
function sameTwice(node: Node, input: Value): Value | undefined {
  if (input.node.primitive !== node.primitive) return undefined
  return node.primitive.one([input.node.inputs[0]], node.attributes)
}

function transposed(node: Node, input: Value): Value | undefined {
  const outer = node.attributes.permutation as readonly number[] // by the declaration of transpose
  if (input.node.primitive.name !== 'transpose') {
    // Moving axes of length 1 about leaves the elements in their order.
    const moving = outer.filter((axis) => input.shape[axis] !== 1)
    const inOrder = moving.every((axis, i) => i === 0 || moving[i - 1] < axis)
    return inOrder ? findPrimitive('reshape').one([input], { shape: node.outputs[0].shape }) : undefined
  }
  const inner = input.node.attributes.permutation as readonly number[]
  const both = outer.map((axis) => inner[axis])
  const [source] = input.node.inputs
  return both.every((axis, i) => axis === i) ? source : node.primitive.one([source], { permutation: both })
}

/** A transpose of the last two axes before a product becomes a flag of the product. */
function intoMatmul(node: Node, inputs: readonly Value[]): Value | undefined {
  const flags = [node.attributes.transposeA === true, node.attributes.transposeB === true]
  const sources = inputs.map((input, i) => {
    const permutation = input.node.attributes.permutation as readonly number[] | undefined
    if (input.node.primitive.name !== 'transpose' || permutation === undefined) return input
    const last = permutation.length - 1
    const swapsLast = permutation.every((axis, k) => axis === (k === last ? last - 1 : k === last - 1 ? last : k))
    if (!swapsLast) return input
    flags[i] = !flags[i]
    return input.node.inputs[0]
  })
  if (sources.every((source, i) => source === inputs[i])) return undefined
  return node.primitive.one(sources, { transposeA: flags[0], transposeB: flags[1] })
}

/** Element-wise nodes stretch their operands themselves: a broadcastTo before them is needless unless it sets the shape. */
function withoutStretch(node: Node, inputs: readonly Value[]): Value | undefined {
  const sources = inputs.map((input) => (input.node.primitive.name === 'broadcastTo' ? input.node.inputs[0] : input))
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
  if (primitive.name === 'constant') {
    const number = constantNumber(outputs[0])
    if (number === undefined) return undefined
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
