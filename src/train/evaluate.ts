// Evaluation: the loss and the metrics over a data set.

import { type Callback, CallbackList, callbackList, type Logs, progress } from '../callbacks'
import { checkOptions, DataError, OptionError, requirePositiveInteger } from '../errors'
import type { Batches } from '../feed/batches'
import type { ModelData } from '../feed/binding'
import { type FitData, optionsBeside, testBatches } from '../feed/dataset'
import { requireOneSize } from '../feed/stateful'
import type { Weighting } from '../feed/targets'
import { breathe } from '../step/breathe'
import type { Learner } from '../step/learner'
import type { TrainingEngine } from '../step/trainingEngine'
import { untilAborted } from './abort'

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
  model: Learner,
  x: FitData,
  y: ModelData | EvaluateOptions | undefined,
  options: EvaluateOptions | undefined,
): Promise<Logs> {
  const engine = await model.trainingEngine('evaluate')
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
