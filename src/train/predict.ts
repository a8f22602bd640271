// Prediction: batches through the model, their outputs joined.

import type { BackendOption } from '../backends/backend'
import { type Callback, CallbackList, callbackList, progress } from '../callbacks'
import { isSamples } from '../data'
import { checkOptions, DataError, OptionError, requirePositiveInteger } from '../errors'
import { acceptSequences } from '../feed/acceptInputs'
import { joinColumns, joinRows, rowsOf } from '../feed/batches'
import { countSamples, type ModelData } from '../feed/binding'
import { datasetInputs, type FitData, type InputBatch, isDataset, sampleInputs } from '../feed/dataset'
import { checkFeatureNames } from '../feed/featureNames'
import { givenOutputs, type Outputs } from '../feed/fedModel'
import { bindMasks } from '../feed/sequences'
import { requireOneSize } from '../feed/stateful'
import type { Masks } from '../feed/stepData'
import { breathe } from '../step/breathe'
import type { Learner } from '../step/learner'
import type { Tensor } from '../tensor'

/** Options of `predict`. */
export interface PredictOptions {
  /** 32 by default; it has no influence on the result, unless a layer is stateful. */
  readonly batchSize?: number
  /** Where to compute; where the model trains, else `'auto'`, by default. */
  readonly backend?: BackendOption
  /** Their `onPredict...` methods are called. */
  readonly callbacks?: readonly Callback[]
  /** Prints nothing (0, by default), a bar on a terminal (1), a line (2), or what suits (`'auto'`). */
  readonly verbose?: 'auto' | 0 | 1 | 2
}

const optionNames = ['batchSize', 'backend', 'callbacks', 'verbose']

export async function predict(model: Learner, x: FitData, options: PredictOptions): Promise<Outputs> {
  checkOptions('predict', options, optionNames)
  const { batchSize = 32, backend, callbacks: given, verbose = 0 } = options
  requirePositiveInteger('predict', 'batchSize', batchSize)
  if (isDataset(x) && x.size === Infinity) {
    throw new OptionError('predict: expected a dataset with an end; take(n) gives the first n batches of it')
  }
  // What is there is not waited for: a small model takes less time to compute than a few promises.
  const found = model.engineFor(backend)
  const engine = found instanceof Promise ? await found : found
  const callbacks = given === undefined && verbose === 0 ? undefined : callbacksOf(model, options)
  if (callbacks !== undefined) await callbacks.run('onPredictBegin')
  const parts: (readonly Tensor[])[] = []
  const predictBatch = async (inputs: readonly Tensor[], masks: Masks): Promise<void> => {
    const step = parts.length
    if (callbacks !== undefined) await callbacks.batch('onPredictBatchBegin', step)
    const outputs = engine.predict(inputs, false, masks)
    parts.push(outputs instanceof Promise ? await outputs : outputs)
    if (callbacks !== undefined) await callbacks.batch('onPredictBatchEnd', step)
    const pause = breathe()
    if (pause !== undefined) await pause
  }
  const predictAll = async (source: InputBatch): Promise<void> => {
    const accepted = acceptSequences(model, source.x)
    if (parts.length === 0 && isSamples(x)) checkFeatureNames(model, x, 'predict')
    const { inputs } = accepted
    const masks = source.mask === undefined ? accepted.masks : bindMasks(source.mask, inputs, model.inputSlots)
    const n = countSamples(inputs, 'x')
    requireOneSize(model, 'predict', { samples: n, batchSize })
    if (n > 0 && n <= batchSize) return predictBatch(inputs, masks)
    for (let start = 0; start < n; start += batchSize) {
      const end = Math.min(n, start + batchSize)
      const rows = (tensor: Tensor): Tensor => rowsOf(tensor, start, end)
      await predictBatch(
        inputs.map(rows),
        masks.map((mask) => mask && rows(mask)),
      )
    }
  }
  if (isSamples(x) || isDataset(x)) {
    for await (const source of isSamples(x) ? sampleInputs(x, batchSize) : datasetInputs(x)) await predictAll(source)
  } else await predictAll({ x: x as ModelData }) // what is neither is data
  if (callbacks !== undefined) await callbacks.run('onPredictEnd')
  if (parts.length === 0) throw new DataError('predict: expected at least one sample, got none')
  if (parts.length === 1) return givenOutputs(model, parts[0])
  const outputs = parts[0].map((_, i) =>
    join(
      parts.map((part) => part[i]),
      model.batchAxis(i),
    ),
  )
  return givenOutputs(model, outputs)
}

function callbacksOf(model: Learner, { callbacks, verbose = 0 }: PredictOptions): CallbackList {
  return new CallbackList([...callbackList('predict', callbacks), ...progress({ verbose })], model, { epochs: 1 })
}

/** Batches of an output as one. */
function join(parts: readonly Tensor[], batchAxis: 0 | 1): Tensor {
  return batchAxis === 0 ? joinRows(parts) : joinColumns(parts)
}
