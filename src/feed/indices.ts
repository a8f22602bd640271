// Indices on their way to embeddings that data do not go straight into: inside other layers, behind a concatenation, a reshape, a slice.
// A graph has no way to report one that lies in no vocabulary, so the way there is gone on the host.

import { constant, evaluate, nodesOf, placeholder, type Value, variableOf } from '../graph'
import { beginTrace, contextOf, Layer } from '../layers'
import { castTensor, type Tensor } from '../tensor'
import type { FedModel } from './fedModel'

/** What goes into an embedding, as it follows from the inputs of the model. */
interface Way {
  readonly layer: Layer
  readonly indices: Value
  readonly inputs: readonly Value[]
}

/** What is known of a model: the embeddings that data do not go straight into, and the ways there by the shapes of data. */
interface Hidden {
  readonly layers: readonly Layer[]
  readonly ways: Map<string, readonly Way[]>
}

const known = new WeakMap<FedModel, Hidden>()

/** Shapes for which ways are remembered. */
const mostShapes = 16

/**
 * Checks what goes into embeddings that are not called with an input of the model itself. What weights or sums have a part in is left to
 * whoever made the model so.
 *
 * @throws DataError for an index that is not in the vocabulary.
 */
export function checkHiddenIndices(model: FedModel, tensors: readonly Tensor[]): void {
  const hidden = known.get(model) ?? learn(model)
  if (hidden.layers.length === 0) return
  const key = tensors.map(({ shape }) => shape.join('x')).join()
  const ways = hidden.ways.get(key) ?? waysTo(hidden.layers, model, tensors)
  if (hidden.ways.size >= mostShapes) hidden.ways.clear()
  hidden.ways.set(key, ways)
  for (const { layer, indices, inputs } of ways) {
    const given = new Map(inputs.map((input, i) => [input, castTensor(tensors[i], input.dtype)]))
    const data = evaluate(indices, given)
    if (data !== undefined) layer.checkData(data)
  }
}

function learn(model: FedModel): Hidden {
  const hidden: Hidden = { layers: hiddenEmbeddings(model), ways: new Map() }
  known.set(model, hidden)
  return hidden
}

/** The embeddings in a model, but for those that only take its inputs: these are asked themselves. */
function hiddenEmbeddings(model: FedModel): Layer[] {
  const asked = (layer: Layer): boolean =>
    layer.checkData !== Layer.prototype.checkData &&
    layer.indexCount !== undefined &&
    model.computed.calls.every(
      (call) =>
        call.layer !== layer || call.inputs.every((input) => model.computed.inputs.some((each) => each === input)),
    )
  const within = (layer: Layer): Layer[] => {
    const inner = layer.innerLayers.flatMap(within)
    return inner.length === 0 && layer.indexCount !== undefined ? [layer] : inner
  }
  return [...new Set(model.innerLayers.filter((layer) => !asked(layer)).flatMap(within))]
}

/** Traces the model for data of these shapes, for what is gathered from the weights of embeddings. */
function waysTo(layers: readonly Layer[], model: FedModel, tensors: readonly Tensor[]): readonly Way[] {
  const tables = new Map(layers.map((layer) => [layer.weights[0]?.variable, layer]))
  const inputs = model.computed.inputs.map(({ dtype, name }, i) => placeholder(tensors[i].shape, dtype, name))
  const takeUpStates = model.setStatesAside()
  try {
    const { outputs } = model.callWith(inputs, contextOf(beginTrace(false, constant([0, 0], 'int32'))))
    return nodesOf({ inputs, outputs, updates: [] }).flatMap((node) => {
      const table = node.primitive.name === 'gather' ? variableOf(node.inputs[0]) : undefined
      const layer = table === undefined ? undefined : tables.get(table)
      return layer === undefined ? [] : [{ layer, indices: node.inputs[1], inputs }]
    })
  } catch {
    // What is wrong with the model shows, and is said, when it is traced to run.
    return []
  } finally {
    takeUpStates()
  }
}
