// Evaluation: the loss and the metrics over a data set.

import { type Callback, CallbackList, type Logs, progress } from '../callbacks'
import { callbackList } from '../callbacks/list'
import { isSamples } from '../data'
import { checkOptions, DataError, OptionError, requirePositiveInteger } from '../errors'
import { arrayBatches, type Batches } from '../feed/batches'
import type { ModelData } from '../feed/binding'
import { bringsTargets, datasetBatches, isDataset, sampleBatches } from '../feed/dataset'
import { requireOneSize } from '../feed/stateful'
import { acceptBatch, type Weighting } from '../feed/targets'
import type { Model } from '../model/model'
import { breathe } from '../step/breathe'
import type { TrainingEngine } from '../step/trainingEngine'
import { isTypedArray, Tensor } from '../tensor'
import { untilAborted } from './abort'
import type { FitData } from './fitOptions'

/** Options of `evaluate`. */
export interface EvaluateOptions extends Pick<Weighting, 'sampleWeight'> {
  /** 32 by default. */
  readonly batchSize?: number
  /** The most batches to take. */
  readonly steps?: number
  /** Their `onTest...` methods are called. */
  readonly callbacks?: readonly Callback[]
  /** Prints nothing (0, by default), a bar on a terminal (1), a line (2), or what suits (`'auto'`). */
  readonly verbose?: 'auto' | 0 | 1 | 2
}

export async function evaluate(
  model: Model,
  x: FitData,
  y: ModelData | EvaluateOptions | undefined,
  options: EvaluateOptions | undefined,
): Promise<Logs> {
  const engine = model.trainingEngine('evaluate')
  const given = optionsBeside('evaluate', x, y, options) as EvaluateOptions | undefined // by what x is
  checkOptions('evaluate', given, ['batchSize', 'sampleWeight', 'steps', 'callbacks', 'verbose'])
  const { batchSize = 32, sampleWeight, steps, callbacks, verbose = 0 } = given ?? {}
  requirePositiveInteger('evaluate', 'batchSize', batchSize)
  if (steps !== undefined) requirePositiveInteger('evaluate', 'steps', steps)
  const batches = testBatches(model, x, y as ModelData, { sampleWeight }, batchSize, 'evaluate') // y is no options here
  requireOneSize(model, 'evaluate', batches)
  const parameters = { epochs: 1, steps: steps ?? batches.count }
  const list = new CallbackList([...callbackList('evaluate', callbacks), ...progress({ verbose })], model, parameters)
  return runTest(engine, batches, { steps, callbacks: list })
}

/**
 * The options of a call: what follows x where x brings its own targets, as a dataset does, else what follows y.
 *
 * @throws DataError for targets beside data that bring their own.
 */
export function optionsBeside(call: string, x: FitData, second: unknown, third: unknown): unknown {
  if (!bringsTargets(x)) return third
  const isTarget = second instanceof Tensor || Array.isArray(second) || isTypedArray(second)
  if (!isTarget && (second === undefined || third === undefined)) return third ?? second
  throw new DataError(`${call}: y: expected none, since x is a dataset, or samples, that brings its own targets`)
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

/** How a test is run. */
export interface TestRun {
  /** The most batches to take. */
  readonly steps?: number | undefined
  readonly callbacks: CallbackList
  readonly signal?: AbortSignal | undefined
}

/** Walks the batches once; the running results at the end. */
export async function runTest(
  engine: TrainingEngine,
  batches: Batches,
  { steps = Infinity, callbacks, signal }: TestRun,
): Promise<Logs> {
  if (batches.isEndless && steps === Infinity) {
    throw new OptionError('evaluate: steps: expected a number of batches, since the dataset has no end')
  }
  await callbacks.run('onTestBegin')
  const logs = await engine.evaluating(async (tally) => {
    await tally.reset()
    let done = 0
    for await (const batch of untilAborted(batches.walk(0), signal)) {
      signal?.throwIfAborted()
      await callbacks.batch('onTestBatchBegin', done)
      await engine.step(batch, { train: false, fresh: false, tally })
      const wanted = callbacks.wantsBatchLogs(done, 'onTestBatchEnd')
      await callbacks.batch('onTestBatchEnd', done, wanted ? await engine.readLogs(tally) : {})
      done++
      await breathe()
      // Before the next batch is asked for, which a stream may have none of yet.
      if (done >= steps) break
    }
    if (done === 0) throw new DataError('evaluate: expected at least one batch, got none')
    return engine.readLogs(tally)
  })
  await callbacks.run('onTestEnd', logs)
  return logs
}
