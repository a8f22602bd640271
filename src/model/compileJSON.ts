// Compile options as JSON and back: what has a config by its config, what is registered by its name. A loss or metric that is a function
// without a registered name keeps the function's own name, and is looked for under it when the model is loaded.

import { type LossOption, lossRegistry, resolveLoss } from '../losses'
import { type Metric, type MetricOption, metricRegistry } from '../metrics'
import { optimizerRegistry } from '../optimizers'
import type { Config, Json, OwnFunction, Registry } from '../registry'
import { type CompileOptions, isByOutput, type LossByOutput, type MetricsOption } from '../step/compileOptions'
import type { TrainingEngine } from '../step/trainingEngine'

/** How a function without a registered name stands in a file. */
const ownKey = 'ownFunction'

/** Steps of one's own, which no file holds. */
const ownSteps = ['trainStep', 'testStep'] as const

/** The compile options of a model as JSON. */
export function compileToJSON({ choices }: TrainingEngine): Json {
  const { given, optimizer } = choices
  const options: Record<string, Json> = { optimizer: { ...optimizerRegistry.toConfig(optimizer) } }
  if (given.loss !== undefined) options.loss = lossesToJSON(given.loss)
  if (given.lossWeights !== undefined) options.lossWeights = given.lossWeights as Json
  for (const kind of ['metrics', 'weightedMetrics'] as const) {
    const metrics = given[kind]
    if (metrics !== undefined) options[kind] = metricsToJSON(metrics)
  }
  for (const kind of ownSteps) {
    const step = given[kind]
    if (step !== undefined) options[kind] = { [ownKey]: step.name }
  }
  if (given.backend !== undefined) options.backend = given.backend as Json
  return options
}

function lossesToJSON(loss: LossByOutput | null): Json {
  if (loss === null) return null
  if (typeof loss === 'string') return loss
  if (typeof loss === 'function') return functionToJSON(lossRegistry, loss)
  if (Array.isArray(loss)) return loss.map(lossesToJSON)
  if (isByOutput(loss)) {
    const byOutput = Object.entries(loss as Readonly<Record<string, LossOption | null>>) // by that test
    return Object.fromEntries(byOutput.map(([key, item]) => [key, lossesToJSON(item)]))
  }
  return { ...lossRegistry.toConfig(resolveLoss(loss as LossOption)) } // neither a list nor a record
}

function metricsToJSON(metrics: MetricsOption): Json {
  const one = (item: MetricOption | readonly MetricOption[]): Json => {
    if (typeof item === 'string') return item
    if (Array.isArray(item)) return item.map(one)
    if (typeof item === 'function') return functionToJSON(metricRegistry, item)
    return { ...metricRegistry.toConfig(metricRegistry.resolve(item as Config | Metric)) } // neither a name nor a list
  }
  if (Array.isArray(metrics)) return metrics.map(one)
  return Object.fromEntries(Object.entries(metrics).map(([key, item]) => [key, one(item)]))
}

/** The name it is registered under, else its own. */
function functionToJSON<T>(registry: Registry<T>, given: OwnFunction): Json {
  return registry.nameOf(given) ?? { [ownKey]: given.name }
}

/** Compile options from a file, and which functions of the user's own are not known here, as words. */
export interface ReadCompile {
  readonly options: CompileOptions
  readonly missing: readonly string[]
}

/** The compile options that JSON says, with functions in place of their names. */
export function compileFromJSON(json: Json): ReadCompile {
  const missing: string[] = []
  const withFunctions = (registry: Registry<unknown>, item: unknown): unknown => {
    if (Array.isArray(item)) return item.map((each) => withFunctions(registry, each))
    if (typeof item !== 'object' || item === null || 'options' in item) return item
    if (!(ownKey in item)) {
      return Object.fromEntries(Object.entries(item).map(([key, each]) => [key, withFunctions(registry, each)]))
    }
    const name = String(item[ownKey])
    const found = registry.ownFunction(name)
    if (found === undefined) missing.push(`the ${registry.kind} ${name === '' ? 'without a name' : `'${name}'`}`)
    return found
  }
  const options: Record<string, unknown> = { ...Object(json) }
  if (options.loss !== undefined) options.loss = withFunctions(lossRegistry, options.loss)
  for (const kind of ['metrics', 'weightedMetrics']) {
    if (options[kind] !== undefined) options[kind] = withFunctions(metricRegistry, options[kind])
  }
  for (const kind of ownSteps) {
    if (options[kind] === undefined) continue
    missing.push(`a ${kind} of its own`)
    delete options[kind]
  }
  return { options, missing } // what is in them is checked by compile
}
