// Losses: how far predictions are from targets. Each is a formula in ops, declared with `loss`; reduce.ts turns the
// values of a batch into one number. Imports ops, graph, tensors, errors and the registry.

export * from './factories'
export { isLoss, type Loss, type LossDefinition, type LossOptions, loss, lossRegistry, type Reduction } from './loss'
export { divideOrZero, lossOf, type ReduceOptions, reduceLoss } from './reduce'
export { type LossFunction, type LossOption, resolveLoss } from './resolve'
export { alignTargets, checkClassIndices, checkSameTargets, checkSparseTargets } from './targets'
