// A model as one file: architecture, weights, compile options, and the state of the optimizer.

import { OptionError } from '../errors'
import { encodeModel } from '../io'
import { type LossOption, lossRegistry, resolveLoss } from '../losses'
import { type Metric, type MetricOption, metricRegistry } from '../metrics'
import { optimizerRegistry } from '../optimizers'
import type { Config, Json } from '../registry'
import { type ByOutput, type CompileOptions, isByOutput } from '../step/compileOptions'
import type { TrainingEngine } from '../step/trainingEngine'
import type { Tensor } from '../tensor'
import type { Model } from './model'

/** What precedes the names of the optimizer's variables in a file. */
export const optimizerPrefix = 'optimizer/'

/** Under which name a file holds the random state of training: what dropout draws from. */
export const randomName = 'training/random'

/** The bytes of a model file. */
export async function modelToBytes(model: Model): Promise<Uint8Array<ArrayBuffer>> {
  const engine = model.compileOptions === undefined ? undefined : model.trainingEngine('save')
  const tensors = new Map<string, Tensor>(Object.entries(await model.namedWeights()))
  if (engine !== undefined && model.built) {
    for (const variable of engine.renamedState().variables) {
      tensors.set(`${optimizerPrefix}${variable.name}`, await variable.read())
    }
    tensors.set(randomName, await engine.randomState.read())
  }
  return encodeModel({
    // The architecture holds configs, strings and numbers only.
    architecture: model.toJSON() as unknown as Json,
    ...(engine === undefined ? {} : { compile: compileToJSON(engine) }),
    tensors,
  })
}

/** Compile options as JSON: what has a config by its config. @throws OptionError for functions of one's own. */
function compileToJSON({ choices }: TrainingEngine): Json {
  const { given, optimizer } = choices
  const options: Record<string, Json> = { optimizer: { ...optimizerRegistry.toConfig(optimizer) } }
  if (given.loss !== undefined) options.loss = lossesToJSON(given.loss)
  if (given.lossWeights !== undefined) options.lossWeights = given.lossWeights as Json
  if (given.metrics !== undefined) options.metrics = metricsToJSON(given.metrics)
  if (given.backend !== undefined) options.backend = given.backend as Json
  return options
}

function lossesToJSON(loss: ByOutput<LossOption>): Json {
  if (typeof loss === 'string') return loss
  if (Array.isArray(loss)) return loss.map(lossesToJSON)
  if (isByOutput(loss)) {
    const byOutput = Object.entries(loss as Readonly<Record<string, LossOption>>) // by that test
    return Object.fromEntries(byOutput.map(([key, item]) => [key, lossesToJSON(item)]))
  }
  return { ...lossRegistry.toConfig(resolveLoss(loss as LossOption)) } // neither a list nor a record
}

function metricsToJSON(metrics: NonNullable<CompileOptions['metrics']>): Json {
  const one = (item: MetricOption | readonly MetricOption[]): Json => {
    if (typeof item === 'string') return item
    if (Array.isArray(item)) return item.map(one)
    if (typeof item === 'function') {
      throw new OptionError(`save: metrics: the function ${item.name} cannot be saved; give a metric by its name`)
    }
    return { ...metricRegistry.toConfig(metricRegistry.resolve(item as Config | Metric)) } // neither a name nor a list
  }
  if (Array.isArray(metrics)) return metrics.map(one)
  return Object.fromEntries(Object.entries(metrics).map(([key, item]) => [key, one(item)]))
}
