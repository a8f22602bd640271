// Prediction: batches through the model, their outputs joined.

import type { BackendOption } from '../backends/backend'
import { isSamples, padded } from '../data'
import { checkOptions, DataError, requirePositiveInteger } from '../errors'
import { allocate, Tensor } from '../tensor'
import { rowsOf } from './batches'
import { countSamples, type ModelData } from './binding'
import { breathe } from './breathe'
import { datasetInputs, type InputBatch, isDataset, sampleInputs } from './dataset'
import type { FitData } from './fit'
import type { Model } from './model'
import { bindMasks } from './sequences'

export interface PredictOptions {
  /** 32 by default; it has no influence on the result. */
  readonly batchSize?: number
  /** Where to compute; where the model trains, else `'auto'`, by default. */
  readonly backend?: BackendOption
  /** `0` prints nothing; prediction prints nothing yet whatever it is. */
  readonly verbose?: 'auto' | 0 | 1 | 2
}

export async function predict(model: Model, x: FitData, options: PredictOptions): Promise<Tensor & Tensor[]> {
  checkOptions('predict', options, ['batchSize', 'backend', 'verbose'])
  const { batchSize = 32, backend } = options
  requirePositiveInteger('predict', 'batchSize', batchSize)
  const engine = model.engineFor(backend)
  const parts: Tensor[][] = []
  for await (const source of inputBatches(x, batchSize)) {
    const accepted = model.acceptSequences(source.x)
    const { inputs } = accepted
    const masks = source.mask === undefined ? accepted.masks : bindMasks(source.mask, inputs, model.inputSlots)
    const n = countSamples(inputs, 'x')
    for (let start = 0; start < n; start += batchSize) {
      const end = Math.min(n, start + batchSize)
      const rows = (tensor: Tensor): Tensor => rowsOf(tensor, start, end)
      const rowMasks = masks.map((mask) => mask && rows(mask))
      parts.push(await engine.predict(inputs.map(rows), false, rowMasks))
      await breathe()
    }
  }
  if (parts.length === 0) throw new DataError('predict: expected at least one sample, got none')
  const outputs = parts[0].map((_, i) => join(parts.map((part) => part[i])))
  return (outputs.length === 1 ? outputs[0] : outputs) as Tensor & Tensor[] // one output is given as itself
}

function inputBatches(x: FitData, batchSize: number): Iterable<InputBatch> | AsyncIterable<InputBatch> {
  if (isSamples(x)) return sampleInputs(x, batchSize)
  return isDataset(x) ? datasetInputs(x) : [{ x: x as ModelData }] // what is neither is data
}

/** Tensors one below the other; outputs for the steps of sequences are filled up with 0 to the longest. */
function join(parts: readonly Tensor[]): Tensor {
  if (parts.length === 1) return parts[0]
  if (parts.some(({ shape }) => shape[1] !== parts[0].shape[1])) {
    return padded(parts.flatMap((part) => Array.from({ length: part.shape[0] }, (_, i) => rowOf(part, i)))).sequences
  }
  const [{ dtype, shape }] = parts
  const data = allocate(
    dtype,
    parts.reduce((sum, part) => sum + part.size, 0),
  )
  let at = 0
  for (const part of parts) {
    data.set(part.data, at)
    at += part.size
  }
  return new Tensor(data, [parts.reduce((sum, part) => sum + part.shape[0], 0), ...shape.slice(1)], dtype)
}

function rowOf(tensor: Tensor, index: number): Tensor {
  const { data, shape, dtype } = rowsOf(tensor, index, index + 1)
  return new Tensor(data, shape.slice(1), dtype)
}
