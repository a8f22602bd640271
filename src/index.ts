// Hornbeam's public API: everything a user types, by name. Exports only.
import './names/all'
import * as activations from './activations/functions'
import * as constraints from './constraints/factories'
import * as data from './data/factories'
import * as initializers from './initializers/factories'
import * as losses from './losses/factories'
import * as metrics from './metrics/factories'
import * as ops from './ops'
import * as regularizers from './regularizers/factories'
import * as schedules from './schedules/factories'

export { type ActivationFunction, type ActivationOption, registerActivation } from './activations'
export type { BackendInfo, BackendName, BackendOption } from './backends/backend'
export * from './callbacks/public'
export type { Constraint, ConstraintOption } from './constraints'
export type * from './data/factories'
export { BackendError, DataError, FormatError, HornbeamError, NonFiniteError, OptionError, ShapeError } from './errors'
export { type Operand, Value, Variable } from './graph'
export type { Initializer, InitializerOption } from './initializers'
export type {
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
export type { Loss, LossFunction, LossOption, LossOptions } from './losses'
export type { Metric, MetricOption, MetricOptions } from './metrics'
export * from './model'
export type { Optimizer, OptimizerOption, OptimizerOptions } from './optimizers'
export * from './optimizers/factories'
export type { Config, Factory, JsonConfig } from './registry'
export type { Regularizer, RegularizerOption } from './regularizers'
export type { Computed, Traced } from './runtime'
export { type Differentiated, type GradOptions, grad, type JitOptions, jit, valueAndGrad } from './runtime'
export type { Schedule, ScheduleOption } from './schedules'
export * from './search'
export {
  arange,
  type DType,
  type NestedArray,
  ones,
  type PartialShape,
  type RandomOptions,
  randomNormal,
  randomUniform,
  type Shape,
  setSeed,
  Tensor,
  type TensorLike,
  type TypedArray,
  tensor,
  zeros,
} from './tensor'
export { type HistoryLike, type HistoryPlotOptions, Plot, plotHistory } from './vis'
export { activations, constraints, data, initializers, losses, metrics, ops, regularizers, schedules }
