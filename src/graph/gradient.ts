// Differentiation of a graph: one pass from the outputs back, each primitive's rule written in primitives. The result
// is a graph again, so it can be differentiated once more.
import { isFloat } from '../tensor'
import { addPrimitive, identityPrimitive } from './basics'
import { inScope, type Node, reachable, type Value } from './value'

/**
 * The gradients of sum(outputs[i] * upstreams[i]) with respect to `wrt`.
 *
 * @param outputs - the values to differentiate.
 * @param upstreams - the gradient of the final result for each output, of the same shape; undefined counts as zero.
 * @param wrt - the values to differentiate by.
 * @returns one value for each of `wrt`, undefined where the outputs do not depend on it.
 */
export function gradients(
  outputs: readonly Value[],
  upstreams: readonly (Value | undefined)[],
  wrt: readonly Value[],
): (Value | undefined)[] {
  const active = dependents(reachable(outputs), wrt)
  const sums = new Map<Value, Value>()
  const accumulate = (value: Value, gradient: Value | undefined): void => {
    if (gradient === undefined || !active.has(value)) return
    const before = sums.get(value)
    sums.set(value, before === undefined ? gradient : addPrimitive.one([before, gradient], {}))
  }
  outputs.forEach((output, i) => {
    accumulate(output, upstreams[i])
  })
  const nodes = new Set([...active].map((value) => value.node))
  for (const node of [...nodes].sort((a, b) => b.id - a.id)) {
    const given = node.outputs.map((output) => sums.get(output))
    if (node.inputs.length === 0 || given.every((gradient) => gradient === undefined)) continue
    const wanted = node.inputs.map((input) => active.has(input))
    inScope(node.scope, () => {
      nodeGradients(node, given, wanted).forEach((gradient, i) => {
        accumulate(node.inputs[i], gradient)
      })
    })
  }
  return wrt.map((value) => sums.get(value))
}

/** The values among the nodes' outputs through which a gradient can flow to `wrt`. */
function dependents(nodes: readonly Node[], wrt: readonly Value[]): Set<Value> {
  const active = new Set(wrt)
  for (const node of nodes) {
    if (!node.inputs.some((input) => active.has(input))) continue
    for (const output of node.outputs) if (isFloat(output.dtype)) active.add(output)
  }
  return active
}

function nodeGradients(
  node: Node,
  upstreams: readonly (Value | undefined)[],
  wanted: readonly boolean[],
): readonly (Value | undefined)[] {
  const { primitive, inputs, attributes, outputs } = node
  const { gradient, decompose } = primitive.definition
  if (gradient !== undefined) {
    const first = upstreams[0] ?? outputs[0]
    return gradient({ inputs, attributes, outputs, output: outputs[0], upstreams, upstream: first, wanted })
  }
  if (decompose !== undefined) {
    // Behind an identity each input is a value of its own, even where one input is given twice or depends on another.
    const own = inputs.map((input) => identityPrimitive.one([input], {}))
    return gradients(decompose(own, attributes), upstreams, own)
  }
  return inputs.map(() => undefined)
}
