// Metrics. Used by src/model: resolveMetric(option, context), metricKey(option, metric), metricRegistry, Metric, MetricOption.
import type { Loss } from '../losses'
import type { Config } from '../registry'
import type { Shape } from '../tensor'
import { type Metric, metricRegistry } from './metric'

export { type Metric, metricRegistry } from './metric'
export type MetricOption = string | Metric | Config
export interface MetricContextOfModel {
  readonly yTrueShape: Shape
  readonly yPredShape: Shape
  readonly loss: Loss | undefined
}
export function resolveMetric(option: MetricOption, _context: MetricContextOfModel): Metric {
  return metricRegistry.resolve(option)
}
/** The key in logs: the name as the user typed it, else the metric's own. */
export function metricKey(option: MetricOption, metric: Metric): string {
  return typeof option === 'string' ? option : metric.name
}
