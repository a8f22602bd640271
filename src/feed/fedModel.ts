// What feeding needs of a model. It stands for the class, which is built on top of the rooms that take this.

import type { Front, Layer, LayerCall, NumberGraph, SymbolicTensor } from '../layers'
import type { Loss } from '../losses'
import type { Tensor } from '../tensor'
import type { Slots } from './binding'

/** What a model gives: a tensor, a list of one for each output, or a record of them by name. */
export type Outputs = Tensor | readonly Tensor[] | Readonly<Record<string, Tensor>>

/** A layer made of layers, as data on its way into a step sees it. */
export interface FedModel extends Layer {
  /** The symbolic inputs. @throws OptionError before the model is built. */
  readonly inputs: readonly SymbolicTensor[]
  /** The symbolic outputs. @throws OptionError before the model is built. */
  readonly outputs: readonly SymbolicTensor[]
  /** Every use of a layer, each after those it depends on. @throws OptionError before the model is built. */
  readonly calls: readonly LayerCall[]
  /** What is computed in a graph: the same, but for layers that make numbers of texts first. @throws OptionError before the model is built. */
  readonly computed: NumberGraph
  /** Those layers; undefined where the graph has the inputs of the model. */
  readonly front: Front | undefined
  /** Whether the first layer of a list of them, not built yet, reads texts. */
  readonly beginsWithTexts: boolean
  /** The names and shapes of the inputs; without shapes before the model is built. */
  readonly inputSlots: Slots
  /** The names of the outputs, which targets are given by. */
  readonly targetSlots: Slots
  /** The names of the outputs, where the model was made with a record of them. */
  readonly outputRecord: readonly string[] | undefined
  /** Whether a training step of one's own says what targets are for: then they may be of any shape, or none. */
  readonly hasOwnStep: boolean
  /** The loss of each output. @throws OptionError before `compile`. */
  lossesFor(call: string): readonly (Loss | undefined)[]
}

/** The outputs as the model gives them: one as itself, several as a list, or by name. */
export function givenOutputs({ outputRecord }: FedModel, outputs: readonly Tensor[]): Outputs {
  if (outputRecord !== undefined) return Object.fromEntries(outputRecord.map((name, i) => [name, outputs[i]]))
  return outputs.length === 1 ? outputs[0] : outputs
}

/** Whether a layer is made of a graph of layers, as models are. */
export function isFedModel(layer: Layer): layer is FedModel {
  return 'calls' in layer
}
