// Losses: how far predictions are from targets. Each is a formula in ops, declared with `loss`; reduce.ts turns the
// values of a batch into one number. Imports ops, graph, tensors, errors and the registry.

export { sparseLabels } from './crossentropy'
export * from './factories'
export { logitsOf } from './logits'
export {
  isLoss,
  type Loss,
  type LossDefinition,
  type LossFunction,
  type LossName,
  type LossNames,
  type LossOption,
  type LossOptions,
  loss,
  lossRegistry,
  type Reduction,
  registerLoss,
  resolveLoss,
} from './loss'
export { alongValues, divideOrZero, lossOf, type ReduceOptions, reduceLoss } from './reduce'
export { cosineOf } from './regression'
export { alignTargets, checkClassIndices, checkOneHotTargets, checkSameTargets, checkSparseTargets } from './targets'
