// Metrics: numbers that say how well a model does, as pure functions of state that goes from batch to batch, so that they
// run inside the train step. Imports losses, ops, graph, tensors, errors and the registry.

export { type MetricChoice, metricKey, resolveMetric } from './choose'
export { directionOf } from './direction'
export * from './factories'
export {
  type Metric,
  type MetricContext,
  type MetricDefinition,
  type MetricOptions,
  type MetricState,
  meanMetric,
  metric,
  metricRegistry,
  registerMetric,
} from './metric'
export { checkMetricOption, type MetricName, type MetricNames, type MetricOption } from './option'
