// What fit takes: data, options, and the checks of what can be told without the data.

import { type Callback, callbackList } from '../callbacks'
import type { Samples } from '../data'
import {
  checkOptions,
  checkValue,
  describeValue,
  OptionError,
  requireOneOf,
  requirePositiveInteger,
  requireSignal,
} from '../errors'
import type { ModelData } from '../feed/binding'
import type { DatasetLike } from '../feed/dataset'
import type { Weighting } from '../feed/targets'

/** Options of {@link Model.fit}. */
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
  /**
   * The epoch to begin with, of a run that goes on; 0, a new run, by default. Where it is the one after the last epoch of the run
   * before, also of a model that was saved and loaded, the run goes on as if it had not stopped: with the same order of samples, the
   * same place in the data, the same random numbers. `'resume'` begins there, in the middle of an epoch where it was left there, or
   * with epoch 0 where there was no run.
   */
  readonly initialEpoch?: number | 'resume'
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

/** Whether this is a record of options, rather than targets. */
export function isFitOptions(given: unknown): given is FitOptions {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return false
  const keys = Object.keys(given)
  return keys.length > 0 && keys.every((key) => names.includes(key))
}

/** @throws OptionError for an option that fit does not know, or a value it cannot have. */
export function checkFit(options: FitOptions): void {
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
  if (initialEpoch !== 'resume' && !(Number.isInteger(initialEpoch) && initialEpoch >= 0)) {
    throw new OptionError(
      `fit: initialEpoch: expected a whole number of at least 0, or 'resume', got ${describeValue(initialEpoch)}`,
    )
  }
  checkValue('fit', 'validationSplit', validationSplit, 0, { from: 0, below: 1 })
}

/** Options that are not numbers. */
function checkKinds({ shuffle = true, callbacks = [], signal }: FitOptions): void {
  const expected = (option: string, what: string, given: unknown): OptionError =>
    new OptionError(`fit: ${option}: expected ${what}, got ${describeValue(given)}`)
  if (typeof shuffle !== 'boolean') throw expected('shuffle', 'true or false', shuffle)
  callbackList('fit', callbacks)
  requireSignal('fit', signal)
}
