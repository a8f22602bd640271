// Evaluation: the loss and the metrics over a data set.

import type { Logs } from '../callbacks'
import { isSamples } from '../data'
import { checkOptions, DataError, OptionError, requirePositiveInteger } from '../errors'
import { arrayBatches, type Batches } from './batches'
import type { ModelData } from './binding'
import { breathe } from './breathe'
import { bringsTargets, datasetBatches, isDataset, sampleBatches } from './dataset'
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
  const given = (bringsTargets(x) ? (options ?? y) : options) as EvaluateOptions | undefined // a dataset brings its own y
  checkOptions('evaluate', given, ['batchSize', 'sampleWeight', 'steps', 'verbose'])
  const { batchSize = 32, sampleWeight, steps } = given ?? {}
  requirePositiveInteger('evaluate', 'batchSize', batchSize)
  if (steps !== undefined) requirePositiveInteger('evaluate', 'steps', steps)
  const batches = testBatches(model, x, y as ModelData, { sampleWeight }, batchSize, 'evaluate') // y is no options here
  return runTest(engine, batches, steps)
}

/** The batches of a data set to test on, in order. */
export function testBatches(
  model: Model,
  x: FitData,
  y: ModelData | undefined,
  weighting: Weighting,
  batchSize: number,
  call: string,
): Batches {
  if (isSamples(x)) return sampleBatches(model, x, batchSize, call)
  if (isDataset(x)) return datasetBatches(model, x, call)
  return arrayBatches(acceptBatch(model, x as ModelData, y, weighting, call), batchSize) // what is neither is arrays
}

/** Walks the batches once; the running results at the end. */
export async function runTest(engine: TrainingEngine, batches: Batches, steps = Infinity): Promise<Logs> {
  await engine.resetTrackers()
  let done = 0
  if (batches.isEndless && steps === Infinity) {
    throw new OptionError('evaluate: steps: expected a number of batches, since the dataset has no end')
  }
  for await (const batch of batches.walk(0)) {
    if (done >= steps) break
    await engine.step(batch, { train: false, fresh: false })
    done++
    await breathe()
  }
  if (done === 0) throw new DataError('evaluate: expected at least one batch, got none')
  return engine.readLogs('evaluation')
}
