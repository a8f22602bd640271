// Rebuilding a graph with other nodes: the one way in which passes walk and change it.
import type { Graph, Node, Value } from './value'
import { inScope, nodesOf } from './value'

/**
 * Copies a graph node by node in topological order. `rebuild` is given each node with its new inputs and returns its
 * new outputs; sources that it does not replace are kept as they are.
 *
 * @param replaced - values to use in place of others from the start.
 */
export function substitute(
  graph: Graph,
  rebuild: (node: Node, inputs: readonly Value[]) => readonly Value[],
  replaced: ReadonlyMap<Value, Value> = new Map(),
): Graph {
  const renamed = new Map(replaced)
  const now = (value: Value): Value => renamed.get(value) ?? value
  for (const node of nodesOf(graph)) {
    if (node.outputs.every((output) => renamed.has(output))) continue
    const inputs = node.inputs.map(now)
    const outputs = inScope(node.scope, () => rebuild(node, inputs))
    node.outputs.forEach((output, i) => {
      renamed.set(output, outputs[i])
    })
  }
  return {
    inputs: graph.inputs.map(now),
    outputs: graph.outputs.map(now),
    updates: graph.updates.map(({ variable, value }) => ({ variable, value: now(value) })),
  }
}

/** The node again if its inputs are the same, else a copy with the new ones. */
export function rebuildNode(node: Node, inputs: readonly Value[]): readonly Value[] {
  const same = inputs.every((input, i) => input === node.inputs[i])
  return same ? node.outputs : node.primitive.apply(inputs, node.attributes)
}
