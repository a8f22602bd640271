// What a metric is, and the helpers with which each is declared.
import type { Rules } from '../errors'
import { toValue, type Value } from '../graph'
import { divideOrZero, type LossFunction } from '../losses'
import { type Config, type Configured, createRegistry, type Factory } from '../registry'
import type { Shape, Tensor } from '../tensor'
import { addToMean, newMean } from './running'

/** What every metric can be told. */
export interface MetricOptions {
  /** The key in logs and history; by default the metric's own name. */
  readonly name: string | undefined
}

/** State of a metric by name. */
export type MetricState = Readonly<Record<string, Value>>

/** A number that says how well a model does, worked out from state that goes from batch to batch. Pure functions. */
export interface Metric extends Configured {
  readonly name: string
  /** What the state begins with, for predictions of this shape. */
  state(yPredShape: Shape): Record<string, Tensor>
  /** The state after one more batch. */
  update(state: MetricState, yTrue: Value, yPred: Value, sampleWeight?: Value): Record<string, Value>
  /** The number, a scalar. */
  result(state: MetricState): Value
  /** Whether less of it is better, or more; left out where neither is. Callbacks and searches go by it. */
  readonly better?: 'min' | 'max' | undefined
  /** Whether it is a mean in which each sample counts as 1, however many steps it has. */
  readonly averagesSamples?: boolean
}

/** How a metric is declared. */
export interface MetricDefinition<O> {
  readonly aliases?: readonly string[]
  readonly defaults: { readonly [name in keyof O]-?: O[name] | undefined }
  readonly rules?: Rules<O>
  /** Whether less of it is better, or more; left out where neither is. */
  readonly better?: 'min' | 'max' | undefined
  state(yPredShape: Shape, options: O): Record<string, Tensor>
  update(context: MetricContext<O>): Record<string, Value>
  result(state: MetricState, options: O): Value
}

/** What the state of a metric is updated from. */
export interface MetricContext<O> {
  readonly state: MetricState
  readonly yTrue: Value
  readonly yPred: Value
  readonly sampleWeight: Value | undefined
  readonly options: O
  /** The metric's name, for messages. */
  readonly name: string
}

/** Whether it is a metric. */
export function isMetric(value: unknown): value is Metric {
  return typeof value === 'object' && value !== null && 'update' in value && 'result' in value
}

/** All metrics by name. */
export const metricRegistry = /* @__PURE__ */ createRegistry<Metric>('metric', {
  isInstance: isMetric,
  configOf: (metric) => metric.config,
  registeredWith: 'registerMetric',
  fromFunction: (fn: LossFunction, name = 'metric', config) => ({
    name,
    state: newMean,
    update: (state, yTrue, yPred, sampleWeight) =>
      addToMean(state, toValue(fn(yTrue, yPred), yPred.dtype), sampleWeight),
    result: meanResult,
    averagesSamples: true,
    get config() {
      return config()
    },
  }),
})

/** Declares a metric and returns its factory. */
export function metric<O extends object>(
  name: string,
  { aliases = [], defaults, rules, better, state, update, result }: MetricDefinition<O>,
): Factory<Metric, O & MetricOptions> {
  return metricRegistry.declare<O & MetricOptions>(name, {
    aliases,
    // The record has every name of O and of MetricOptions, which a spread of a generic type no longer shows.
    defaults: { ...defaults, name: undefined } as never,
    rules: { ...rules } as Rules<O & MetricOptions>,
    make(options, config: Config) {
      const ownName = options.name ?? name
      return {
        name: ownName,
        config,
        better,
        state: (yPredShape) => state(yPredShape, options),
        update: (before, yTrue, yPred, sampleWeight) =>
          update({ state: before, yTrue, yPred, sampleWeight, options, name: ownName }),
        result: (before) => result(before, options),
        averagesSamples: state === newMean,
      }
    },
  })
}

/** The mean that running sums come to. */
export function meanResult({ total, count }: MetricState): Value {
  return divideOrZero(total, count)
}

/** How a metric that is the mean of a value a sample is declared. */
export interface MeanDefinition<O> extends Pick<MetricDefinition<O>, 'aliases' | 'defaults' | 'rules' | 'better'> {
  /** The values of a batch. */
  values(yTrue: Value, yPred: Value, options: O): Value
  /** What becomes of the mean in the end; the mean itself by default. */
  finish?(mean: Value): Value
}

/** Declares a metric that is the weighted mean of a value a sample, over all batches. */
export function meanMetric<O extends object>(
  name: string,
  { values, finish = (mean) => mean, ...rest }: MeanDefinition<O>,
): Factory<Metric, O & MetricOptions> {
  return metric<O>(name, {
    ...rest,
    state: newMean,
    update: ({ state, yTrue, yPred, sampleWeight, options }) =>
      addToMean(state, values(yTrue, yPred, options), sampleWeight),
    result: (state) => finish(meanResult(state)),
  })
}

/**
 * Gives a metric of one's own a name, under which it is taken, saved and found again.
 *
 * @param own - a function of targets and predictions, of which the mean over all samples is taken, or a definition with options as the library's own have.
 * @returns the factory: with options where the definition has some.
 * @throws OptionError when the name is taken.
 *
 * @example
 * ```ts
 * registerMetric('bias', (yTrue, yPred) => ops.mean(ops.sub(yPred, yTrue), { axis: -1 }))
 * declare module 'hornbeam' { interface MetricNames { readonly bias: true } } // for TypeScript
 * sequential([dense(1)]).compile({ loss: 'mse', metrics: ['bias'] })
 * ```
 */
export function registerMetric<O extends object = object>(
  name: string,
  own: LossFunction | MetricDefinition<O>,
): Factory<Metric, O & MetricOptions> {
  return metricRegistry.registerOwn(name, own, metric<O>)
}
