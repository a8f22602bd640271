// What a model was compiled with, as Keras 3 writes it.

import { FormatError } from '../../errors'
import { optimizerRegistry } from '../../optimizers'
import type { Json } from '../../registry'
import { isList, isObject, type JsonObject, objectIn } from '../json'
import { classInKeras, isOwn, optionToKeras, snakeCase } from './names'
import { classOf, ownFunction, readValue } from './objects'

/** What Keras does not have, by what it is. */
const missing: Readonly<Record<string, readonly string[]>> = {
  metric: ['perplexity'],
  schedule: ['warmup'],
}
/** Names of metrics in Keras that the rule for names does not give. */
const named: Readonly<Record<string, string>> = { fBetaScore: 'fbeta_score', logCosh: 'logcosh' }
const metricClasses: Readonly<Record<string, string>> = {
  logCosh: 'LogCoshError',
  f1Score: 'F1Score',
  r2Score: 'R2Score',
}

/**
 * The options of `compile` that a file has, as Keras' `compile_config`.
 *
 * @param outputs - how many outputs the model has.
 * @param above - what the paths of weights begin with in Keras and not here: the name of a sequential model.
 */
export function writeCompile(options: JsonObject, outputs: number, above = ''): JsonObject {
  const { optimizer, loss = null, lossWeights = null, metrics = null, weightedMetrics = null } = options
  return {
    optimizer: writeOptimizer(objectIn('keras: optimizer', optimizer), above),
    loss: mapped(loss, (item) => writeOne('loss', item)),
    loss_weights: lossWeights,
    metrics: mapped(forEach(metrics, outputs), (item) => writeOne('metric', item)),
    weighted_metrics: mapped(forEach(weightedMetrics, outputs), (item) => writeOne('metric', item)),
    run_eagerly: false,
    steps_per_execution: 1,
    jit_compile: 'auto',
  }
}

/** A list for each output: one list for all of them says it in hornbeam, not in Keras. */
function forEach(metrics: Json, outputs: number): Json {
  if (outputs < 2 || !isList(metrics) || metrics.some(isList)) return metrics
  return Array.from({ length: outputs }, () => metrics)
}

function isConfig(value: Json): boolean {
  return isObject(value) && typeof value.name === 'string' && isObject(value.options)
}

function mapped(value: Json, write: (item: Json) => Json): Json {
  if (value === null) return null
  if (isList(value)) return value.map((item: Json) => mapped(item, write))
  if (!isObject(value) || isConfig(value)) return write(value)
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapped(item, write)]))
}

function checkThere(kind: string, name: string): void {
  if (!missing[kind]?.includes(name)) return
  throw new FormatError(
    `keras: the ${kind} ${name} cannot be written: Keras has none of it; compile the model without it first`,
  )
}

function writeOne(kind: 'loss' | 'metric', item: Json): Json {
  if (!isObject(item) || !isConfig(item)) {
    const name = String(item)
    checkThere(kind, name)
    if (isOwn(name)) return ownFunction(name) ?? { ...classOf(name, '', ''), config: {} }
    return kind === 'metric' ? (named[name] ?? snakeCase(name)) : snakeCase(name)
  }
  const name = String(item.name)
  checkThere(kind, name)
  const options = objectIn(name, item.options)
  if (Object.keys(options).length === 0 && isOwn(name)) return writeOne(kind, name)
  const className = (kind === 'metric' ? metricClasses[name] : undefined) ?? classInKeras(name)
  return {
    ...classOf(name, kind === 'loss' ? 'keras.losses' : 'keras.metrics', className),
    config: writeOptions(name, options),
  }
}

/** Whether a text is a word of hornbeam's, which Keras writes otherwise, and no name. */
function isWord(name: string, option: string, value: string): boolean {
  if (option === 'reduction') return true
  return !isOwn(name) && option !== 'name' && value !== 'ROC' && value !== 'PR'
}

function writeOptions(name: string, options: JsonObject): Record<string, Json> {
  const entries = Object.entries(options).map(([option, value]): [string, Json] => [
    optionToKeras(name, option),
    typeof value === 'string' && isWord(name, option, value) ? snakeCase(value) : readValue(value, true),
  ])
  return Object.fromEntries(entries)
}

/** Several optimizers, each of which may stand as its name alone. */
function writeMultiOptimizer(options: JsonObject, above: string): JsonObject {
  const write = (value: Json): Json => {
    const option = typeof value === 'string' ? value : { name: '', options: {}, ...objectIn('keras: optimizer', value) }
    return writeOptimizer({ ...optimizerRegistry.toConfig(optimizerRegistry.resolve(option)) }, above)
  }
  const mapped = Object.entries(objectIn('keras: optimizerMap', options.optimizerMap)).map(([pattern, value]) => [
    above === '' || !pattern.includes('|') ? `${above}${pattern}` : `${above}(?:${pattern})`,
    write(value),
  ])
  const config = { default_optimizer: write(options.defaultOptimizer), optimizer_map: Object.fromEntries(mapped) }
  const map = { module: 'keras.optimizers', class_name: 'OptimizerMap', config, registered_name: null }
  return {
    module: 'keras.optimizers',
    class_name: 'MultiOptimizer',
    config: { optimizer_map: map, loss_scale_factor: null, name: options.name ?? 'multi_optimizer' },
    registered_name: null,
  }
}

function writeOptimizer({ name: given, options }: JsonObject, above: string): JsonObject {
  const name = String(given)
  if (name === 'multiOptimizer') return writeMultiOptimizer(objectIn('keras: optimizer', options), above)
  const config: Record<string, Json> = {}
  for (const [option, value] of Object.entries(objectIn('keras: optimizer', options))) {
    if (option === 'excludeFromWeightDecay') {
      if (isList(value) && value.length === 0) continue
      throw new FormatError('keras: excludeFromWeightDecay cannot be written: a file of Keras has no place for it')
    }
    if (option === 'learningRate' && isObject(value)) config.learning_rate = writeSchedule(value)
    else config[optionToKeras('optimizer', option)] = value
  }
  return { ...classOf(name, 'keras.optimizers', classInKeras(name)), config }
}

function writeSchedule({ name: given, options }: JsonObject): Json {
  const name = String(given)
  checkThere('schedule', name)
  return {
    ...classOf(name, 'keras.optimizers.schedules', classInKeras(name)),
    config: writeOptions(name, objectIn('keras: schedule', options)),
  }
}
