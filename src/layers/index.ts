// Layers: one concept a file, each a factory named as in Keras. Imports ops, initializers, regularizers, constraints,
// activations, the runtime and tensors; nothing of models, losses or optimizers.

export { applyToValues, during, maskOf, rememberMasks } from './base/applying'
export { beginTrace, type Carrier, contextOf, type Trace } from './base/context'
export { isShapeList } from './base/layer'
export { layerKinds, layerRegistry } from './base/registry'
export {
  execute,
  findTopology,
  type NumberGraph,
  type NumberTensor,
  oneOrAll,
  type SplitGraph,
  shapesThrough,
  splitGraph,
  type Topology,
} from './base/topology'
export { deferInitial, writeWeights } from './base/weights'
export { Normalization } from './normalization/normalization'
export { type CallArguments, type CallOptions, type CallSettings, mapGiven, nothingGiven } from './options/callOptions'
export { checkCommon } from './options/commonOptions'
export type { Chain, Ranked, RankOf, Taken } from './options/ranks'
export * from './public'
export type { Front, Stage } from './texts/front'
export { type HostData, type HostLayer, hostData } from './texts/hostLayer'
