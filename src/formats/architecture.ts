// A model's architecture, and the same as JSON: layers by their configs, a functional model's graph by numbers.

import { OptionError } from '../errors'
import type { FedModel } from '../feed/fedModel'
import { type Layer, layerToConfig, mapGiven, type SymbolicTensor } from '../layers'
import type { Json, JsonConfig } from '../registry'
import type { DType, PartialShape } from '../tensor'

/** How a model is put together: a list of layers, or the ends of a graph. */
export type Architecture =
  | { readonly kind: 'sequential'; readonly layers: readonly Layer[]; readonly inputShape?: PartialShape | undefined }
  | {
      readonly kind: 'functional'
      readonly inputs: readonly SymbolicTensor[]
      readonly outputs: readonly SymbolicTensor[]
      /** The names of inputs and outputs, where they were given as a record. */
      readonly inputNames?: readonly string[] | undefined
      readonly outputNames?: readonly string[] | undefined
      /** `'list'` where outputs have names, and are predicted as a list all the same. */
      readonly outputsAs?: 'list' | undefined
    }
  /** A class of the user's that extends `Model`. */
  | { readonly kind: 'subclass'; readonly inputShape?: PartialShape | readonly PartialShape[] | undefined }

/** A symbolic tensor by numbers: input i is `[-1, i]`, output k of call i is `[i, k]`. */
export type Reference = readonly [number, number]

export interface CallJSON {
  readonly layer: number
  readonly inputs: readonly Reference[]
  readonly initialState?: readonly Reference[]
  readonly mask?: Reference
  /** Further tensors by the name of the option, and settings of the call. */
  readonly tensors?: Readonly<Record<string, readonly Reference[]>>
  readonly settings?: Readonly<Record<string, boolean | number>>
}

/** A model's architecture as plain data, as `toJSON` gives it. */
export interface ModelJSON {
  readonly kind: 'sequential' | 'functional' | 'subclass'
  readonly name: string
  readonly dtype: DType
  /** Of a subclass the model itself, as a layer of its kind. */
  readonly layers: readonly JsonConfig[]
  /** Of a sequential model, when it is built. */
  readonly inputShape?: PartialShape
  /** Of a functional model, and of a subclass when it is built. */
  readonly inputs?: readonly {
    readonly name: string
    readonly shape: PartialShape
    readonly dtype: DType | 'string'
    readonly batchSize?: number
  }[]
  readonly calls?: readonly CallJSON[]
  readonly outputs?: readonly Reference[]
  /** What the user keeps with the model. */
  readonly metadata?: Metadata
  /** Of a functional model whose inputs, or outputs, were given by name. */
  readonly inputNames?: readonly string[]
  readonly outputNames?: readonly string[]
  /** `'list'` where outputs have names, and are predicted as a list all the same: of a file of Keras'. */
  readonly outputsAs?: 'list'
}

/** What a user keeps with a model, as plain data. */
export type Metadata = Readonly<Record<string, Json>>

/** A model, as its architecture is read. */
export interface AssembledModel extends FedModel {
  readonly architecture: Architecture
  /** The layers, in order. */
  readonly layers: readonly Layer[]
  /** What the user keeps with it. */
  readonly metadata: Metadata
}

/** The architecture of a model as plain data. */
export function architectureToJSON(model: AssembledModel): ModelJSON {
  const { metadata } = model
  return { ...assembledToJSON(model), ...(Object.keys(metadata).length === 0 ? {} : { metadata }) }
}

function assembledToJSON(model: AssembledModel): ModelJSON {
  checkShared(model)
  const { name, dtype, architecture } = model
  if (architecture.kind === 'sequential') {
    const layers = architecture.layers.map(layerToConfig)
    return { kind: 'sequential', name, dtype, layers, ...(model.built ? { inputShape: model.inputs[0].shape } : {}) }
  }
  if (architecture.kind === 'subclass') {
    const inputs = model.built ? { inputs: model.inputs.map(inputToJSON) } : {}
    return { kind: 'subclass', name, dtype, layers: [layerToConfig(model)], ...inputs }
  }
  const { inputs, calls, outputs } = model
  const reference = (tensor: SymbolicTensor): Reference => {
    const at = inputs.indexOf(tensor)
    if (at >= 0) return [-1, at]
    const call = calls.findIndex((item) => item.outputs.includes(tensor))
    return [call, calls[call].outputs.indexOf(tensor)]
  }
  return {
    kind: 'functional',
    name,
    dtype,
    layers: model.layers.map(layerToConfig),
    inputs: inputs.map(inputToJSON),
    calls: calls.map((call) => ({
      layer: model.layers.indexOf(call.layer),
      inputs: call.inputs.map(reference),
      ...(call.initialState.length === 0 ? {} : { initialState: call.initialState.map(reference) }),
      ...(call.mask === undefined ? {} : { mask: reference(call.mask) }),
      ...withoutEmpty(mapGiven(call.given, reference)),
    })),
    outputs: outputs.map(reference),
    ...(architecture.inputNames === undefined ? {} : { inputNames: architecture.inputNames }),
    ...(architecture.outputNames === undefined ? {} : { outputNames: architecture.outputNames }),
    ...(architecture.outputsAs === undefined ? {} : { outputsAs: architecture.outputsAs }),
  }
}

function inputToJSON({ name, shape, dtype, batchSize }: SymbolicTensor) {
  return { name, shape, dtype, ...(batchSize === undefined ? {} : { batchSize }) }
}

/** Only what there is something in. */
function withoutEmpty<T extends object>(records: T): Partial<T> {
  const kept = Object.entries(records).filter(([, record]) => Object.keys(record).length > 0)
  return Object.fromEntries(kept) as Partial<T> // some of its entries
}

/** A layer that two models inside this one share would be two layers when it is read again. */
function checkShared(model: Layer): void {
  const holders = new Map<Layer, Layer>()
  const visit = (holder: Layer): void => {
    for (const layer of holder.innerLayers) {
      const other = holders.get(layer)
      if (other !== undefined) {
        throw new OptionError(
          `${model.name}: ${layer.name} is part of both ${other.name} and ${holder.name}; a model can be written if layers are shared within one model only`,
        )
      }
      holders.set(layer, holder)
      visit(layer)
    }
  }
  visit(model)
}
