// Cutting a stretch out of the graph around it: what loops and gradients of one's own are made of.
import {
  constantNumber,
  type Graph,
  inScope,
  placeholder,
  reachable,
  rebuildNode,
  substitute,
  type Value,
} from '../../graph'

/**
 * Cuts a sub-graph out of the graph around it: every value in it that does not depend on `inputs` becomes a further
 * input, so that it is computed once and outside. Plain numbers stay within.
 */
export function closed(inputs: readonly Value[], outputs: readonly Value[]) {
  const inside = new Set(inputs.map((input) => input.node))
  const captured: Value[] = []
  const parameters: Value[] = []
  const renamed = new Map<Value, Value>()
  const within = (value: Value): Value => {
    const known = renamed.get(value)
    if (known !== undefined) return known
    if (inside.has(value.node) || constantNumber(value) !== undefined) return value
    const parameter = placeholder(value.shape, value.dtype, 'captured')
    captured.push(value)
    parameters.push(parameter)
    renamed.set(value, parameter)
    return parameter
  }
  for (const node of reachable(outputs)) {
    if (!node.inputs.some((input) => inside.has(input.node))) continue
    inside.add(node)
    const rebuilt = rebuildNode(node, node.inputs.map(within))
    node.outputs.forEach((output, i) => {
      renamed.set(output, rebuilt[i])
    })
  }
  return { outputs: outputs.map(within), inputs: [...inputs, ...parameters], captured }
}

/** The outputs of a graph for other inputs. */
export function instantiate(graph: Graph, inputs: readonly Value[]): readonly Value[] {
  return substitute(graph, rebuildNode, new Map(graph.inputs.map((input, i) => [input, inputs[i]]))).outputs
}

/**
 * The same outputs where what was made since then reads every value from before through `gate`.
 *
 * @param since - the newest node of before, as `newestId` tells.
 */
export function gated(outputs: readonly Value[], since: number, gate: (value: Value) => Value): readonly Value[] {
  const renamed = new Map<Value, Value>()
  const within = (value: Value): Value => {
    const known = renamed.get(value)
    if (known !== undefined) return known
    if (value.node.id > since) return value
    const passed = gate(value)
    renamed.set(value, passed)
    return passed
  }
  for (const node of reachable(outputs)) {
    if (node.id <= since) continue
    const inputs = node.inputs.map(within)
    const rebuilt = inScope(node.scope, () => rebuildNode(node, inputs))
    for (const [i, output] of node.outputs.entries()) renamed.set(output, rebuilt[i])
  }
  return outputs.map(within)
}
