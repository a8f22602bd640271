// Training: epochs over batches, validation, callbacks, history.

import type { Logs } from '../callbacks'
import { type Callback, CallbackList, progress } from '../callbacks'
import { callbackList } from '../callbacks/list'
import { isSamples, type Samples } from '../data'
import { checkOptions, DataError, describeValue, OptionError, requireOneOf, requirePositiveInteger } from '../errors'
import { getSeed, nextStream, permutation } from '../tensor'
import { untilAborted } from './abort'
import { arrayBatches, type Batches, continued, samplesOf, splitEnd } from './batches'
import type { ModelData } from './binding'
import { breathe } from './breathe'
import { bringsTargets, type DatasetLike, datasetBatches, isDataset, sampleBatches } from './dataset'
import { optionsBeside, runTest, testBatches } from './evaluate'
import type { Model } from './model'
import { requireOneSize } from './stateful'
import { acceptBatch, type Weighting } from './targets'
import type { TrainingEngine } from './training-engine'
import { Truncation } from './truncation'
import { Watch } from './watch'

/** What a model is trained on: arrays, samples such as windows over a series, or a dataset of batches. */
export type FitData = ModelData | Samples | DatasetLike

export interface FitOptions extends Weighting {
  /** 1 by default. */
  readonly epochs?: number
  /** 32 by default; a dataset brings batches of its own. */
  readonly batchSize?: number
  /** Whether arrays are visited in another order every epoch; `true` by default. */
  readonly shuffle?: boolean
  /** `[x, y]`, `[x, y, sampleWeight]`, samples such as windows, or a dataset. */
  readonly validationData?:
    | readonly [ModelData, ModelData]
    | readonly [ModelData, ModelData, Weighting['sampleWeight']]
    | Samples
    | DatasetLike
  /** The share of the samples, from the end, that is kept for validation. */
  readonly validationSplit?: number
  /** `batchSize` by default. */
  readonly validationBatchSize?: number
  /** The most batches a validation takes; all by default. */
  readonly validationSteps?: number
  /** Every so many epochs there is a validation; 1 by default. */
  readonly validationFreq?: number
  readonly callbacks?: readonly Callback[]
  /** The epoch to begin with, of a run that goes on; 0 by default. */
  readonly initialEpoch?: number
  /**
   * The number of batches that count as an epoch. The next epoch goes on with the batch after them; where the data end,
   * they begin anew.
   */
  readonly stepsPerEpoch?: number
  /** A progress bar on a terminal and else a line an epoch (`'auto'`), nothing (0), the bar (1), the line (2). */
  readonly verbose?: 'auto' | 0 | 1 | 2
  /**
   * What happens when the loss or a gradient is NaN or infinite. `'stop'` (default): `fit` throws a `NonFiniteError` and the
   * model keeps the weights, optimizer state and layer states of the last finite step. `'continue'`: training goes on
   * with whatever comes out, as in Keras; so does it where a callback deals with it, as `terminateOnNaN()` does.
   */
  readonly onNonFinite?: 'stop' | 'continue'
  /**
   * Truncated back-propagation through time: sequences are trained on in chunks of so many steps, one after another (the
   * last one may be shorter), each with a step of the optimizer. States go on from chunk to chunk of a batch, gradients do
   * not; so memory grows with the chunks and not with the sequences. Targets (and weights) for each step are cut
   * alike. With one target for a whole sequence only its last so many steps are trained on, and those before move the
   * states on. Every layer has to go forward in time, as for `model.stream`.
   */
  readonly truncate?: number
  /** Aborted, `fit` rejects with its reason; the model keeps the weights of the last whole step. */
  readonly signal?: AbortSignal
}

/** What training gave, epoch by epoch. */
export interface History {
  /** The numbers of the epochs. */
  readonly epoch: number[]
  /**
   * Each log by name: `loss`, `val_loss`, `mae`, ... With clipping on also `gradientNorm`, the norm of all gradients
   * together before clipping, on average over the epoch's steps, and `clippedShare`, the share of those steps (0 to 1)
   * in which clipping changed a gradient.
   */
  readonly history: Record<string, number[]>
}

const names = [
  'epochs',
  'batchSize',
  'shuffle',
  'validationData',
  'validationSplit',
  'validationBatchSize',
  'validationSteps',
  'validationFreq',
  'callbacks',
  'classWeight',
  'sampleWeight',
  'initialEpoch',
  'stepsPerEpoch',
  'verbose',
  'onNonFinite',
  'truncate',
  'signal',
]

export async function fit(
  model: Model,
  x: FitData,
  y: ModelData | FitOptions | undefined,
  given: FitOptions | undefined,
): Promise<History> {
  model.trainingEngine('fit')
  const options = (optionsBeside('fit', x, y, given) ?? {}) as FitOptions // by what x is
  checkFit(options)
  const data = sources(model, x, y, options)
  try {
    return await trainOn(model, data, options)
  } finally {
    const closing = data.train.close?.()
    // A dataset that is waited for in vain cannot be ended before its next batch.
    if (options.signal?.aborted) closing?.catch(() => undefined)
    else await closing
  }
}

async function trainOn(model: Model, { train, validation }: Sources, options: FitOptions): Promise<History> {
  const engine = model.trainingEngine('fit')
  const { epochs = 1, initialEpoch = 0, validationSteps, validationFreq = 1 } = options
  if (validation?.count === 0) throw new DataError('fit: validationData: expected samples to validate on, got none')
  if (validation?.isEndless && validationSteps === undefined) {
    throw new OptionError('fit: validationSteps: expected a number of batches, since the dataset has no end')
  }
  if (train.isEndless && options.stepsPerEpoch === undefined) {
    throw new OptionError('fit: stepsPerEpoch: expected a number of batches, since the dataset has no end')
  }
  const history: History = { epoch: [], history: {} }
  const parameters = { epochs, steps: options.stepsPerEpoch ?? train.count }
  const callbacks = new CallbackList(
    [...(options.callbacks ?? []), progress(options.verbose === undefined ? {} : { verbose: options.verbose })],
    model,
    parameters,
  )
  const { onNonFinite = callbacks.handlesNonFinite ? 'continue' : 'stop' } = options
  const watch = onNonFinite === 'stop' ? new Watch(engine) : undefined
  if (watch !== undefined) await engine.guard.begin()
  const { signal, stepsPerEpoch, truncate } = options
  const truncation = truncate === undefined ? undefined : new Truncation(model, engine, truncate, watch)
  requireOneSize(model, 'fit', train, validation)
  const run: Run = {
    firstEpoch: initialEpoch,
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
  await callbacks.run('onTrainBegin')
  let logs: Logs = {}
  for (let epoch = initialEpoch; epoch < epochs && !model.stopTraining; epoch++) {
    options.signal?.throwIfAborted()
    await callbacks.epoch('onEpochBegin', epoch)
    logs = await trainEpoch(run, epoch)
    signal?.throwIfAborted()
    if (validation !== undefined && (epoch + 1) % validationFreq === 0) {
      const results = await runTest(engine, validation, { steps: validationSteps, callbacks, signal })
      for (const [key, value] of Object.entries(results)) logs[`val_${key}`] = value
    }
    await callbacks.epoch('onEpochEnd', epoch, logs)
    history.epoch.push(epoch)
    for (const [key, value] of Object.entries(logs)) {
      history.history[key] ??= []
      history.history[key].push(value)
    }
  }
  await engine.endTraining()
  await callbacks.run('onTrainEnd', logs)
  return history
}

/** What the epochs of one call of `fit` have in common. */
interface Run {
  readonly firstEpoch: number
  readonly signal: AbortSignal | undefined
  readonly stepsPerEpoch: number | undefined
  readonly model: Model
  readonly engine: TrainingEngine
  readonly train: Batches
  readonly callbacks: CallbackList
  readonly watch: Watch | undefined
  readonly truncation: Truncation | undefined
}

async function trainEpoch(run: Run, epoch: number): Promise<Logs> {
  const { model, engine, train, callbacks, watch, truncation, signal, stepsPerEpoch = Infinity } = run
  await engine.training.reset()
  watch?.beginEpoch(epoch)
  let step = 0
  for await (const batch of untilAborted(train.walk(epoch), signal)) {
    signal?.throwIfAborted()
    await callbacks.batch('onTrainBatchBegin', step)
    watch?.beginBatch()
    if (truncation === undefined) {
      await engine.step(batch, { train: true, fresh: false, guarded: watch !== undefined })
      await watch?.step()
    } else {
      await truncation.train(batch)
    }
    const wanted = callbacks.wantsBatchLogs(step)
    if (wanted) await watch?.ask()
    await callbacks.batch('onTrainBatchEnd', step, wanted ? await engine.readLogs(engine.training) : {})
    step++
    await breathe()
    // Before the next batch is asked for, which a stream may have none of yet.
    if (step >= stepsPerEpoch || model.stopTraining) break
  }
  if (step === 0) {
    throw new DataError(
      epoch === run.firstEpoch
        ? 'fit: expected at least one batch, got none'
        : `fit: expected batches in epoch ${epoch} too (counted from 0), got none; what can be walked only once, such as a generator, is given to data.fromGenerator as the function that makes it`,
    )
  }
  await watch?.ask()
  await engine.keep()
  return engine.readLogs(engine.training)
}

/** Where the batches of training and validation come from. */
interface Sources {
  readonly train: Batches
  readonly validation: Batches | undefined
}

function sources(model: Model, x: FitData, y: FitOptions | ModelData | undefined, options: FitOptions): Sources {
  const { train, validation } = wholeSources(model, x, y, options)
  return { train: options.stepsPerEpoch === undefined ? train : continued(train), validation }
}

function wholeSources(model: Model, x: FitData, y: FitOptions | ModelData | undefined, options: FitOptions): Sources {
  const { batchSize = 32, validationData, validationSplit = 0, shuffle = true } = options
  const validationBatchSize = options.validationBatchSize ?? batchSize
  const separate =
    validationData === undefined ? undefined : validationSource(model, validationData, validationBatchSize)
  if (isDataset(x)) {
    if (validationSplit > 0)
      throw new OptionError('fit: validationSplit: expected arrays, got a dataset; give validationData')
    if (options.sampleWeight !== undefined)
      throw new OptionError('fit: sampleWeight: expected it in the batches of the dataset: { x, y, sampleWeight }')
    return { train: datasetBatches(model, x, 'fit', options.classWeight), validation: separate }
  }
  const orderOf = (count: number): ((epoch: number) => Int32Array) | undefined => {
    if (!shuffle) return undefined
    const stream = nextStream()
    return (epoch) => permutation(count, getSeed(), stream, epoch)
  }
  if (isSamples(x)) {
    if (options.sampleWeight !== undefined)
      throw new OptionError('fit: sampleWeight: expected arrays, got samples such as windows; use toTensors()')
    const [first, last] = validationSplit > 0 && separate === undefined ? x.splitEnd(validationSplit) : [x, undefined]
    if (first.size === 0) throw new DataError(`fit: expected samples to train on, got none of ${x.size}`)
    // The first sample builds the model, and shows at once whether it fits.
    const { x: one, y: target } = first.draw([0])
    acceptBatch(model, one, target, {}, 'fit')
    return {
      train: sampleBatches(model, first, batchSize, 'fit', {
        order: orderOf(first.size),
        classWeight: options.classWeight,
      }),
      validation: separate ?? (last && testBatches(model, last, undefined, {}, validationBatchSize, 'fit')),
    }
  }
  const data = acceptBatch(model, x as ModelData, y as ModelData, options, 'fit') // arrays come with y, which is checked there
  const [train, held] =
    validationSplit > 0 && separate === undefined ? splitEnd(data, validationSplit) : [data, undefined]
  const n = samplesOf(train)
  if (n === 0) throw new DataError(`fit: expected samples to train on, got none of ${samplesOf(data)}`)
  return {
    train: arrayBatches(train, batchSize, orderOf(n)),
    validation: separate ?? (held === undefined ? undefined : arrayBatches(held, validationBatchSize)),
  }
}

function validationSource(model: Model, given: NonNullable<FitOptions['validationData']>, batchSize: number): Batches {
  const call = 'fit: validationData'
  if (bringsTargets(given)) return testBatches(model, given as FitData, undefined, {}, batchSize, call) // by that test
  if (!Array.isArray(given) || given.length < 2 || given.length > 3) {
    const got = Array.isArray(given) ? `a list of ${given.length}` : describeValue(given)
    throw new DataError(`${call}: expected [x, y], [x, y, sampleWeight] or a dataset, got ${got}`)
  }
  const [x, y, sampleWeight] = given as [ModelData, ModelData, Weighting['sampleWeight']?] // by its length
  return testBatches(model, x, y, { sampleWeight }, batchSize, call)
}

function checkFit(options: FitOptions): void {
  checkOptions('fit', options, names)
  const { epochs = 1, initialEpoch = 0, validationSplit = 0, onNonFinite = 'stop' } = options
  requireOneOf('fit', 'onNonFinite', onNonFinite, ['stop', 'continue'])
  requirePositiveInteger('fit', 'epochs', epochs)
  checkKinds(options)
  for (const name of [
    'batchSize',
    'validationBatchSize',
    'stepsPerEpoch',
    'validationSteps',
    'validationFreq',
    'truncate',
  ] as const) {
    if (options[name] !== undefined) requirePositiveInteger('fit', name, options[name])
  }
  if (!Number.isInteger(initialEpoch) || initialEpoch < 0) {
    throw new OptionError(`fit: initialEpoch: expected a whole number of at least 0, got ${initialEpoch}`)
  }
  if (!(validationSplit >= 0 && validationSplit < 1)) {
    throw new OptionError(`fit: validationSplit: expected a share from 0 up to 1, got ${validationSplit}`)
  }
}

/** Options that are not numbers. */
function checkKinds({ shuffle = true, callbacks = [], signal }: FitOptions): void {
  const expected = (option: string, what: string, given: unknown): OptionError =>
    new OptionError(`fit: ${option}: expected ${what}, got ${describeValue(given)}`)
  if (typeof shuffle !== 'boolean') throw expected('shuffle', 'true or false', shuffle)
  callbackList('fit', callbacks)
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw expected('signal', 'an AbortSignal', signal)
}
