// Training: epochs over batches, validation, callbacks, history.

import { CallbackList, type Logs, progress, stopOnInterrupt } from '../callbacks'
import { DataError, OptionError } from '../errors'
import type { Batches } from '../feed/batches'
import type { ModelData } from '../feed/binding'
import { type FitData, optionsBeside } from '../feed/dataset'
import { requireOneSize } from '../feed/stateful'
import { breathe } from '../step/breathe'
import { keptPosition } from '../step/kept/content'
import type { Learner } from '../step/learner'
import type { TrainingEngine } from '../step/trainingEngine'
import { untilAborted } from './abort'
import { Course } from './course'
import { runTest } from './evaluate'
import { firstSamples } from './firstSamples'
import { checkFit, type FitOptions, isFitOptions } from './fitOptions'
import { type Sources, sourcesOf } from './fitSources'
import { GuardWatch } from './guardWatch'
import { RunKeeper } from './runKeeper'
import { Truncation } from './truncation'

/** What training gave, epoch by epoch. */
export interface History<Key extends string = 'loss'> {
  /** The numbers of the epochs. */
  readonly epoch: number[]
  /**
   * Each log by name: `loss`, `val_loss`, `mae`, ... With clipping on also `gradientNorm`, the norm of all gradients
   * together before clipping, on average over the epoch's steps, and `clippedShare`, the share of those steps (0 to 1)
   * in which clipping changed a gradient.
   */
  readonly history: Record<string, number[]> & Record<Key | `val_${Key}`, number[]>
}

/** What training gave, whatever it is called. */
export interface Trained extends Pick<History, 'epoch'> {
  readonly history: Record<string, number[]>
}

/** What `model.fit` does. */
export async function fit(
  model: Learner,
  x: FitData,
  y: ModelData | FitOptions | undefined,
  given: FitOptions | undefined,
): Promise<Trained> {
  const engine = await model.trainingEngine('fit')
  // A step of one's own may need no targets: then the options stand in their place.
  const hasNone = model.hasOwnStep && given === undefined && isFitOptions(y)
  const [targets, rest] = hasNone ? [undefined, y] : [y, given]
  const options = (optionsBeside('fit', x, targets, rest) ?? {}) as FitOptions // by what x is
  checkFit(options)
  const course = new Course(engine, options.initialEpoch ?? 0)
  const data = sourcesOf(model, x, targets, options, course)
  const history: Trained = { epoch: [], history: {} }
  const release = options.verbose === 0 ? undefined : stopOnInterrupt(model)
  try {
    await trainOn(model, engine, data, options, course, history)
    return history
  } catch (error) {
    throw withHistory(error, history)
  } finally {
    release?.()
    const closing = data.train.close?.()
    // A dataset that is waited for in vain cannot be ended before its next batch.
    if (options.signal?.aborted) closing?.catch(() => undefined)
    else await closing
  }
}

/** The error, or whatever a signal was aborted with, with the history of the epochs that came to their end. */
function withHistory(error: unknown, history: Trained): unknown {
  const canHold = typeof error === 'object' && error !== null && Object.isExtensible(error)
  if (canHold) Object.defineProperty(error, 'history', { value: history, writable: true, configurable: true })
  return error
}

async function trainOn(
  model: Learner,
  engine: TrainingEngine,
  { train, validation }: Sources,
  options: FitOptions,
  course: Course,
  history: Trained,
): Promise<void> {
  const { epochs = 1, validationSteps, validationFreq = 1 } = options
  if (validation?.count === 0) {
    const option = options.validationData === undefined ? 'validationSplit' : 'validationData'
    throw new DataError(`fit: ${option}: expected samples to validate on, got none`)
  }
  if (validation?.isEndless && validationSteps === undefined) {
    throw new OptionError('fit: validationSteps: expected a number of batches, since the dataset has no end')
  }
  if (train.isEndless && options.stepsPerEpoch === undefined) {
    throw new OptionError('fit: stepsPerEpoch: expected a number of batches, since the dataset has no end')
  }
  const parameters = {
    epochs,
    steps: options.stepsPerEpoch ?? train.count,
    signal: options.signal,
    validation:
      validation?.samples === undefined || model.front !== undefined
        ? undefined
        : (most: number) => firstSamples(validation, most),
  }
  const keeper: RunKeeper = new RunKeeper(model, engine, course, history, () => callbacks)
  const callbacks: CallbackList = new CallbackList(
    [...(options.callbacks ?? []), progress(options.verbose === undefined ? {} : { verbose: options.verbose })],
    model,
    parameters,
    keeper,
  )
  const { onNonFinite = callbacks.handlesNonFinite ? 'continue' : 'stop' } = options
  const watch = onNonFinite === 'stop' ? new GuardWatch(engine) : undefined
  if (watch !== undefined) await engine.guard.begin()
  const { signal, stepsPerEpoch, truncate } = options
  const truncation = truncate === undefined ? undefined : new Truncation(model, engine, truncate, watch)
  requireOneSize(model, 'fit', train, validation)
  const run: Run = {
    firstEpoch: course.epoch,
    course,
    model,
    engine,
    train,
    callbacks,
    watch,
    signal,
    stepsPerEpoch,
    truncation,
  }
  model.stopTraining = false
  await course.begin()
  await callbacks.run('onTrainBegin')
  await keeper.begin()
  run.firstEpoch = course.epoch
  let logs: Logs = {}
  // An epoch in whose middle training was stopped comes to its end all the same.
  while (course.epoch < epochs && (course.step > 0 || !model.stopTraining)) {
    const { epoch } = course
    options.signal?.throwIfAborted()
    if (course.step === 0) await callbacks.epoch('onEpochBegin', epoch)
    else await callbacks.resumeEpoch(epoch, course.step)
    logs = await trainEpoch(run, epoch)
    signal?.throwIfAborted()
    if (validation !== undefined && (epoch + 1) % validationFreq === 0) {
      const results = await runTest(engine, validation, { steps: validationSteps, callbacks, signal })
      for (const [key, value] of Object.entries(results)) logs[`val_${key}`] = value
    }
    course.endEpoch(stepsPerEpoch !== undefined)
    await callbacks.epoch('onEpochEnd', epoch, logs)
    history.epoch.push(epoch)
    for (const [key, value] of Object.entries(logs)) {
      history.history[key] ??= []
      history.history[key].push(value)
    }
    await callbacks.safePoint({ epoch: course.epoch, step: 0 })
  }
  await engine.endTraining()
  await callbacks.run('onTrainEnd', logs)
}

/** What the epochs of one call of `fit` have in common. */
interface Run {
  firstEpoch: number
  readonly course: Course
  readonly signal: AbortSignal | undefined
  readonly stepsPerEpoch: number | undefined
  readonly model: Learner
  readonly engine: TrainingEngine
  readonly train: Batches
  readonly callbacks: CallbackList
  readonly watch: GuardWatch | undefined
  readonly truncation: Truncation | undefined
}

async function trainEpoch(run: Run, epoch: number): Promise<Logs> {
  const { model, engine, train, callbacks, watch, truncation, signal, course, stepsPerEpoch = Infinity } = run
  const before = course.step > 0 ? await keptPosition(engine) : undefined
  if (course.step === 0) await engine.training.reset()
  watch?.beginEpoch(epoch)
  let isTrained = false
  // Training that is told to stop as an epoch begins stops after its first batch.
  const isOver = course.step >= stepsPerEpoch || (course.step > 0 && model.stopTraining)
  for await (const batch of isOver ? [] : untilAborted(train.walk(epoch, course.step), signal)) {
    const { step } = course
    isTrained = true
    signal?.throwIfAborted()
    await callbacks.batch('onTrainBatchBegin', step)
    watch?.beginBatch()
    if (truncation === undefined) {
      await engine.step(batch, { train: true, fresh: false, guarded: watch !== undefined })
      await watch?.step()
    } else {
      await truncation.train(batch)
    }
    course.didStep()
    const wanted = callbacks.wantsBatchLogs(step)
    if (wanted) await watch?.ask()
    await callbacks.batch('onTrainBatchEnd', step, wanted ? await engine.readLogs(engine.training) : {})
    await callbacks.safePoint({ epoch, step: course.step })
    await breathe()
    // Before the next batch is asked for, which a stream may have none of yet.
    if (course.step >= stepsPerEpoch || model.stopTraining) break
  }
  if (course.step === 0) {
    throw new DataError(
      epoch === run.firstEpoch
        ? 'fit: expected at least one batch, got none'
        : `fit: expected batches in epoch ${epoch} too (counted from 0), got none; what can be walked only once, such as a generator, is given to data.fromGenerator as the function that makes it`,
    )
  }
  await watch?.ask()
  await engine.keep()
  // Where a run goes on behind the last batch of an epoch, all is counted already.
  return isTrained ? engine.readLogs(engine.training) : (before?.logs ?? {})
}
