// What a model was compiled with: optimizer, loss and metrics of Keras as the options of `compile`.

import { describeValue, FormatError } from '../../errors'
import { lossRegistry } from '../../losses'
import { metricRegistry } from '../../metrics'
import { optimizerRegistry } from '../../optimizers'
import type { Json, Registry } from '../../registry'
import { scheduleRegistry } from '../../schedules'
import { isList, isObject, type JsonObject, objectIn, said } from '../json'
import { bareName, isOwn, nameFromKeras, optionFromKeras } from './names'
import { classAndConfig, type Generation, readValue } from './objects'

const help = 'load the model with { compile: false } and compile it anew'

/** Options that say nothing about how a model learns here. */
const silent: ReadonlySet<string> = new Set([
  'name',
  'dtype',
  'fn',
  'jit_compile',
  'is_legacy_optimizer',
  'iterations',
  'build_config',
])

/**
 * The options of `compile`.
 *
 * @param outputKeys - the keys of outputs given as a record, in their order; empty for a list of outputs.
 * @param above - what the paths of weights begin with in Keras and not here: the name of a sequential model.
 * @throws FormatError for what is not there in hornbeam.
 */
export function readCompile(
  config: JsonObject,
  generation: Generation,
  outputKeys: readonly string[],
  above = '',
): Json {
  const {
    optimizer,
    optimizer_config: older,
    loss,
    loss_weights: weights,
    metrics,
    weighted_metrics: weighted,
  } = config
  const options: Record<string, Json> = { optimizer: readOptimizer(optimizer ?? older ?? 'rmsprop', generation, above) }
  if (loss !== undefined && loss !== null)
    options.loss = byOutput(loss, outputKeys, (item) => (item === null ? null : readLoss(item, generation)))
  if (weights !== undefined && weights !== null) options.lossWeights = byOutput(weights, outputKeys, (item) => item)
  if (hasAny(metrics)) options.metrics = readMetrics(metrics, outputKeys, generation)
  if (hasAny(weighted)) options.weightedMetrics = readMetrics(weighted, outputKeys, generation)
  return options
}

function hasAny(value: Json | undefined): value is Json {
  if (value === undefined || value === null) return false
  if (isList(value)) return value.some(hasAny)
  return isObject(value) ? Object.keys(value).length > 0 : true
}

/** Whether it is a record by output, not an object with a class. */
function isByOutput(value: Json): value is JsonObject {
  return isObject(value) && !('class_name' in value)
}

function byOutput(value: Json, keys: readonly string[], read: (item: Json) => Json): Json {
  if (isList(value)) return value.map((item) => byOutput(item, [], read))
  if (!isByOutput(value)) return read(value)
  if (keys.length > 0 && keys.every((key) => key in value)) return keys.map((key) => read(value[key]))
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, read(item)]))
}

function readLoss(value: Json, generation: Generation): Json {
  const { className, config } = classAndConfig('keras: loss', value)
  const name = resolveName(lossRegistry, className, config)
  if (name === undefined)
    throw new FormatError(`keras: compile: the loss ${className} is not there in hornbeam; ${help}`)
  if (typeof value === 'string') return name
  const options = lossOptions(name, config, generation)
  if (Object.keys(options).length === 0) return name
  return { name, options }
}

/** What a class means: one of somebody's own the thing registered under just its name, and never another that is called so. */
function exactly(registry: Registry<unknown>, className: string): string | undefined {
  if (registry.has(className)) return className
  if (isOwn(className)) return undefined
  return nameFromKeras(
    className,
    registry.names().filter((name) => !isOwn(name)),
  )
}

/** The name of a loss or metric; what wraps a function has its name in the config. */
function resolveName(registry: Registry<unknown>, className: string, config: JsonObject): string | undefined {
  const wraps = /^(MeanMetricWrapper|LossFunctionWrapper|SumOverBatchSizeMetricWrapper)$/.test(className)
  const fn = isObject(config.fn) ? config.fn.config : config.fn
  const name = wraps && typeof fn === 'string' ? fn : className
  // Short names that hornbeam also has are kept: results are named so.
  if (registry.has(name)) return name
  const aliases: Readonly<Record<string, string>> = {
    acc: 'accuracy',
    MSE: 'mse',
    MAE: 'mae',
    MAPE: 'mape',
    MSLE: 'msle',
  }
  return said(aliases, name) ?? exactly(registry, name)
}

function lossOptions(name: string, config: JsonObject, generation: Generation): Record<string, Json> {
  const options: Record<string, Json> = {}
  for (const [option, value] of Object.entries(config)) {
    if (value === null || silent.has(option)) continue
    if (option === 'reduction') {
      if (value === 'auto' || value === 'sum_over_batch_size') continue
      options.reduction = readValue(value)
      continue
    }
    // The last axis is the only one that most losses have here.
    if (option === 'axis' && (value === -1 || (generation === 2 && value === 1)) && name !== 'cosineSimilarity')
      continue
    options[optionFromKeras(name, option)] = readValue(value, isOwn(name))
  }
  return options
}

/** What a metric is called in results, where that is not what all of its kind are. */
function ownName(given: Json | undefined, ...kinds: readonly string[]): { readonly name?: string } {
  if (typeof given !== 'string' || given === '') return {}
  const isUsual = nameFromKeras(given, kinds.map(bareName))
  return isUsual === undefined ? { name: given } : {}
}

function readMetrics(value: Json, keys: readonly string[], generation: Generation): Json {
  const read = (item: Json): Json => {
    if (isList(item)) return item.filter((each) => each !== null).map(read)
    const { className, config } = classAndConfig('keras: metrics', item)
    const name = resolveName(metricRegistry, className, config)
    if (name === undefined)
      throw new FormatError(`keras: compile: the metric ${className} is not there in hornbeam; ${help}`)
    if (typeof item === 'string') return name
    const options = { ...lossOptions(name, config, generation), ...ownName(config.name, className, name) }
    return Object.keys(options).length === 0 ? name : { name, options }
  }
  if (isByOutput(value)) {
    if (keys.length > 0) return keys.map((key) => asList(read(value[key] ?? [])))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, read(item)]))
  }
  const list = isList(value) ? value : [value]
  const hasLists = list.some(isList)
  if (!hasLists) return list.filter((each) => each !== null).map(read)
  // A list for every output; for a single one the list itself.
  const lists = list.map((item) => asList(read(item ?? [])))
  return lists.length === 1 ? lists[0] : lists
}

function asList(value: Json): readonly Json[] {
  return isList(value) ? value : [value]
}

function readOptimizer(value: Json, generation: Generation, above: string): Json {
  const { className, config } = classAndConfig('keras: optimizer', value)
  if (className === 'LossScaleOptimizer') return readOptimizer(config.inner_optimizer ?? null, generation, above)
  if (className === 'MultiOptimizer') return readMultiOptimizer(config, generation, above)
  // Keras 2 has its own optimizers under a package, too.
  const bare = generation === 2 ? className.replace(/^(Custom|keras)>/, '') : className
  const name = exactly(optimizerRegistry, bare)
  if (name === undefined)
    throw new FormatError(`keras: compile: the optimizer ${className} is not there in hornbeam; ${help}`)
  const options: Record<string, Json> = {}
  for (const [option, given] of Object.entries(config)) {
    if (given === null || silent.has(option)) continue
    if (option === 'decay' || option === 'loss_scale_factor' || option === 'schedule_decay') {
      // What Nadam calls so is how its momentum grows.
      if (given === 0 || (option === 'decay' && name !== 'nadam' && typeof given === 'number')) continue
      throw new FormatError(
        `keras: compile: the optimizer's ${option} ${describeValue(given)} is not there in hornbeam; ${help}`,
      )
    }
    // Keras 2 says false where no weight decays.
    if (option === 'weight_decay' && given === false) continue
    const isRate = option === 'learning_rate' || option === 'lr'
    options[isRate ? 'learningRate' : optionFromKeras('optimizer', option)] = isRate
      ? readRate(given)
      : readValue(given, isOwn(name))
  }
  return { name, options: withDecay(options, config.decay) }
}

/** Keras' optimizers before TensorFlow 2.11 divide the rate by `1 + decay * iterations`, which a schedule does, too. */
function withDecay(options: JsonObject, decay: Json | undefined): JsonObject {
  if (typeof decay !== 'number' || decay === 0) return options
  const { learningRate } = options
  if (typeof learningRate !== 'number')
    throw new FormatError(`keras: compile: a decay beside a schedule is not there in hornbeam; ${help}`)
  const schedule = { initialLearningRate: learningRate, decaySteps: 1, decayRate: decay }
  return { ...options, learningRate: { name: 'inverseTimeDecay', options: schedule } }
}

/** Patterns are of paths as they are here. */
function readMultiOptimizer({ optimizer_map: map }: JsonObject, generation: Generation, above: string): Json {
  const { className, config } = classAndConfig('keras: optimizer_map', map ?? null)
  if (className !== 'OptimizerMap') {
    throw new FormatError(`keras: compile: an optimizer_map that is a function is not there in hornbeam; ${help}`)
  }
  const read = (value: Json): Json => readOptimizer(value, generation, above)
  const mapped = Object.entries(objectIn('keras: optimizer_map', config.optimizer_map ?? {})).map(
    ([pattern, value]): [string, Json] => [withoutAbove(pattern, above), read(value)],
  )
  const options = { defaultOptimizer: read(config.default_optimizer ?? null), optimizerMap: Object.fromEntries(mapped) }
  return { name: 'multiOptimizer', options }
}

/** A pattern of paths that begin with `above` as one of the rest. */
function withoutAbove(pattern: string, above: string): string {
  if (above === '') return pattern
  if (pattern.startsWith(above)) return pattern.slice(above.length)
  return pattern.startsWith('.*/') ? `(?:.*/)?${pattern.slice(3)}` : pattern
}

function readRate(value: Json): Json {
  if (!isObject(value)) return value
  const { className, config } = classAndConfig('keras: learning_rate', value)
  const name = exactly(scheduleRegistry, className)
  if (name === undefined)
    throw new FormatError(`keras: compile: the schedule ${className} is not there in hornbeam; ${help}`)
  const entries = Object.entries(config).filter(([option, given]) => given !== null && option !== 'name')
  return {
    name,
    options: Object.fromEntries(
      entries.map(([option, given]) => [optionFromKeras(name, option), readValue(given, isOwn(name))]),
    ),
  }
}
