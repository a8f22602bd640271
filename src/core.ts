// The public API without effects: everything a user types, and no names registered. A bundler keeps of it what is used; `register` makes
// known what options are to take as strings, and what files may name.
import * as activations from './activations/functions'
import * as constraints from './constraints/factories'
import * as data from './data/factories'
import * as initializers from './initializers/factories'
import * as losses from './losses/factories'
import * as metrics from './metrics/factories'
import * as ops from './ops'
import * as regularizers from './regularizers/factories'
import * as schedules from './schedules/factories'

export {
  type Activation,
  type ActivationFunction,
  type ActivationName,
  type ActivationNames,
  type ActivationOption,
  registerActivation,
} from './activations'
export type { BackendInfo, BackendName, BackendOption } from './backends/backend'
export * from './callbacks/public'
export {
  type Constraint,
  type ConstraintDefinition,
  type ConstraintFunction,
  type ConstraintName,
  type ConstraintNames,
  type ConstraintOption,
  registerConstraint,
} from './constraints'
export type * from './data/factories'
export type { NonFiniteDetails, Rules } from './errors'
export { BackendError, DataError, FormatError, HornbeamError, NonFiniteError, OptionError, ShapeError } from './errors'
export { type Operand, Value, Variable } from './graph'
export {
  type Fans,
  type Initializer,
  type InitializerDefinition,
  type InitializerFunction,
  type InitializerName,
  type InitializerNames,
  type InitializerOption,
  type RandomStream,
  registerInitializer,
} from './initializers'
export type {
  BlockFlow,
  FlowVerdict,
  GradientFlow,
  GradientFlowOptions,
  InspectedName,
  Inspection,
  InspectionPlotOptions,
  InspectionViews,
  InspectOptions,
  LayerFlow,
  WeightFlow,
} from './inspect'
export * from './layers/public'
// The layers; those of the namespace `data` have the same names.
export { stringLookup, textVectorization } from './layers/public'
export {
  type Loss,
  type LossDefinition,
  type LossFunction,
  type LossName,
  type LossNames,
  type LossOption,
  type LossOptions,
  type Reduction,
  registerLoss,
} from './losses'
export {
  type Metric,
  type MetricContext,
  type MetricDefinition,
  type MetricName,
  type MetricNames,
  type MetricOption,
  type MetricOptions,
  type MetricState,
  registerMetric,
} from './metrics'
export * from './model'
export {
  type Clip,
  type Optimizer,
  type OptimizerDefinition,
  type OptimizerName,
  type OptimizerNames,
  type OptimizerOption,
  type OptimizerOptions,
  type Parameter,
  registerOptimizer,
  type SharedState,
  type SlotStart,
  type UpdateContext,
  type UpdateResult,
} from './optimizers'
export * from './optimizers/factories'
export { type Config, type Declared, type Factory, type Json, type JsonConfig, register } from './registry'
export {
  type Regularizer,
  type RegularizerDefinition,
  type RegularizerFunction,
  type RegularizerName,
  type RegularizerNames,
  type RegularizerOption,
  registerRegularizer,
} from './regularizers'
export type { Computed, Traced } from './runtime'
export {
  type ComputeOptions,
  compute,
  type Differentiated,
  type GradOptions,
  grad,
  type JitOptions,
  jit,
  valueAndGrad,
} from './runtime'
export {
  registerSchedule,
  type Schedule,
  type ScheduleDefinition,
  type ScheduleFunction,
  type ScheduleName,
  type ScheduleNames,
  type ScheduleOption,
} from './schedules'
export * from './search'
export {
  type ArrayOfRank,
  arange,
  type DType,
  type FloatType,
  type NestedArray,
  ones,
  type PartialShape,
  type RandomOptions,
  randomNormal,
  randomUniform,
  type Shape,
  setSeed,
  Tensor,
  type TensorJSON,
  type TensorLike,
  type TypedArray,
  tensor,
  zeros,
} from './tensor'
export { type HistoryLike, type HistoryPlotOptions, Plot, plotHistory } from './vis'
export { activations, constraints, data, initializers, losses, metrics, ops, regularizers, schedules }
