// Evaluation: the loss and the metrics over a data set.

import type { Logs } from '../callbacks'
import { checkOptions, DataError, requirePositiveInteger } from '../errors'
import { arrayBatches, type Batches } from './batches'
import type { ModelData } from './binding'
import { breathe } from './breathe'
import { datasetBatches, isDataset } from './dataset'
import type { TrainingEngine } from './engine'
import type { FitData } from './fit'
import type { Model } from './model'
import { acceptBatch, type Weighting } from './targets'

export interface EvaluateOptions extends Pick<Weighting, 'sampleWeight'> {
  /** 32 by default. */
  readonly batchSize?: number
  /** The most batches to take. */
  readonly steps?: number
  /** `0` prints nothing; evaluation prints nothing yet whatever it is. */
  readonly verbose?: 'auto' | 0 | 1 | 2
}

export async function evaluate(
  model: Model,
  x: FitData,
  y: ModelData | EvaluateOptions | undefined,
  options: EvaluateOptions | undefined,
): Promise<Logs> {
  const engine = model.trainingEngine('evaluate')
  const given = (isDataset(x) ? (options ?? y) : options) as EvaluateOptions | undefined // a dataset brings its own y
  checkOptions('evaluate', given, ['batchSize', 'sampleWeight', 'steps', 'verbose'])
  const { batchSize = 32, sampleWeight, steps } = given ?? {}
  requirePositiveInteger('evaluate', 'batchSize', batchSize)
  if (steps !== undefined) requirePositiveInteger('evaluate', 'steps', steps)
  const batches = isDataset(x)
    ? datasetBatches(model, x, 'evaluate')
    : arrayBatches(acceptBatch(model, x as ModelData, y as ModelData, { sampleWeight }, 'evaluate'), batchSize)
  return runTest(engine, batches, steps)
}

/** Walks the batches once; the running results at the end. */
export async function runTest(engine: TrainingEngine, batches: Batches, steps = Infinity): Promise<Logs> {
  await engine.resetTrackers()
  let done = 0
  for await (const batch of batches.walk(0)) {
    if (done >= steps) break
    await engine.step(batch, { train: false, fresh: false })
    done++
    await breathe()
  }
  if (done === 0) throw new DataError('evaluate: expected at least one batch, got none')
  return engine.readLogs('evaluation')
}
