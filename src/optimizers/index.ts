// Optimizers: how gradients change weights. Each is a formula for one variable, declared with `optimizer`; apply.ts puts
// it into the train step. fullBatch/ is a search on the host, which needs the loss of all data as often as it asks. Imports ops, graph, tensors, errors, schedules and the registry.

export * from './factories'
export { type LbfgsEnd, type LbfgsOptions, lbfgs } from './fullBatch/lbfgs'
export { type Applied, applyOptimizer } from './step/apply'
export { clipGradients, globalNorm } from './step/clip'
export {
  type Clip,
  isOptimizer,
  learningRateAt,
  membersOf,
  type Optimizer,
  type OptimizerDefinition,
  type OptimizerName,
  type OptimizerNames,
  type OptimizerOption,
  type OptimizerOptions,
  optimizer,
  optimizerRegistry,
  type Parameter,
  registerOptimizer,
  resolveOptimizer,
  type SharedState,
  type SlotStart,
  type UpdateContext,
  type UpdateResult,
} from './step/optimizer'
export {
  createOptimizerState,
  finalizeAverages,
  type OptimizerState,
  type ParameterState,
  readLearningRate,
  writeLearningRate,
} from './step/state'
