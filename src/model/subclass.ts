// A model that is a class of the user's: layers as fields, and a `call`.

import type { Value } from '../graph'
import { type CallContext, findTopology, input, Layer, type Topology } from '../layers'
import type { DType, PartialShape } from '../tensor'

/** What of such a model its graph is made of. */
export interface Subclass {
  readonly name: string
  readonly dtype: DType
  /** The layers in its fields. */
  readonly layers: readonly Layer[]
  call(inputs: Value | readonly Value[], context: CallContext): Value | readonly Value[]
}

/** What such a model computes, as the one layer of its graph. */
class Body extends Layer {
  // Not in a field that is looked through for layers.
  readonly #model: Subclass

  constructor(model: Subclass) {
    super({ name: model.name, dtype: model.dtype }, 'subclass')
    this.#model = model
  }

  override get innerLayers(): readonly Layer[] {
    return this.#model.layers
  }

  override call(inputs: Value | readonly Value[], context: CallContext): Value | readonly Value[] {
    return this.#model.call(inputs, context)
  }
}

/** The graph of such a model for inputs of these shapes: one call of all that it is. */
export function topologyOf(model: Subclass, shapes: readonly PartialShape[]): Topology {
  const inputs = shapes.map((shape, i) =>
    input({ shape, name: `${model.name}_input${i === 0 ? '' : `_${i}`}`, dtype: model.dtype }),
  )
  const outputs = new Body(model).apply(inputs)
  return findTopology(inputs, Array.isArray(outputs) ? outputs : [outputs], model.name)
}

/** One shape, or a list of them, as a list. */
export function shapeList(given: PartialShape | readonly PartialShape[]): readonly PartialShape[] {
  return Array.isArray(given[0]) ? (given as readonly PartialShape[]) : [given as PartialShape] // by its first item
}
