// What a callback is: methods that training, testing and prediction call at their turning points, and the little of a
// model that they need.
import type { PartialShape, Tensor, TensorLike } from '../tensor'
import type { SafePoint, TrainingRun } from './runs/run'

/**
 * Losses and metrics at this moment, under Keras' keys: `loss`, `mae`, `val_loss`, ... What a callback adds at the end
 * of an epoch is seen by the callbacks after it, and goes into the history.
 *
 * A metric with several results, such as `precision({ thresholds: [0.2, 0.5] })`, stands there as a list of numbers. The
 * compiler takes it for a number, as nearly all are: `logs.precision as unknown as number[]`.
 */
export type Logs = Record<string, number>

/** Whether what the logs have under a name is a list: that of a metric with several results. */
export function isListOfResults(value: unknown): value is readonly number[] {
  return Array.isArray(value)
}

/** Whether a quantity is better when it is smaller or when it is greater. */
export type Direction = 'min' | 'max'

/** What a callback may do to the model in training. */
export interface CallbackHost {
  /** Set to `true`, training ends in the good way after the present batch. */
  stopTraining: boolean
  /** The learning rate in force. */
  getLearningRate(): number | Promise<number>
  /** Replaces the learning rate. */
  setLearningRate(rate: number): void | Promise<void>
  /** The weights in Keras' order. */
  getWeights(): Promise<Tensor[]>
  /** Replaces all weights. */
  setWeights(tensors: readonly TensorLike[]): Promise<void>
  /** Whether less or more is better of what stands in the logs under this name; undefined where that is not known. */
  directionOf?(log: string): Direction | undefined
  /** Puts the moving averages of an optimizer with `useEma` in the place of the weights, or the weights back. */
  putAverages?(averages: boolean): Promise<void>
  /** Saves the model, as `model.save` does. */
  save(place: string): Promise<void>
  /** Saves the weights alone, as `model.saveWeights` does. */
  saveWeights?(place: string): Promise<void>
  /** The bytes that `save` writes. */
  toBytes?(options?: { readonly format?: string }): Promise<Uint8Array<ArrayBuffer>>
  /** The weights by their paths. */
  namedWeights?(): Promise<Record<string, Tensor>>
  /** How many steps the optimizer has made. */
  getIterations?(): Promise<number>
  /** Whether it has weights: one without an input shape gets them by its first data. */
  readonly built?: boolean
  /** Every use of a layer, each after those it depends on; to be asked of a model that is built. */
  readonly calls?: readonly CallSeen[]
}

/** A use of a layer, as far as callbacks see it. */
export interface CallSeen {
  readonly layer: { readonly name: string; readonly kind: string }
  readonly inputs: readonly EndSeen[]
  readonly initialState: readonly EndSeen[]
  readonly outputs: readonly EndSeen[]
}

/** What flows between two uses of layers: the shape of one sample, and the use it comes from; none where it is an input of the model. */
export interface EndSeen {
  readonly name: string
  readonly shape: PartialShape
  readonly call: CallSeen | undefined
}

/** What training, testing or prediction is about to do. */
export interface RunParameters {
  /** The number of epochs; 1 for testing and prediction. */
  readonly epochs: number
  /** Steps (batches) an epoch, where known. */
  readonly steps?: number | undefined
  /** The signal that `fit` was given, for a callback that waits for something. */
  readonly signal?: AbortSignal | undefined
  /**
   * The first samples that `fit` validates on, at most so many, as `model.predict` takes them. Left out where there are none, and where they
   * come from a dataset: it may not be walked for others.
   */
  readonly validation?: ((most: number) => Promise<SamplesSeen | undefined>) | undefined
}

/** Samples with what is to be predicted for them: a tensor for each input, and for each output. */
export interface SamplesSeen {
  readonly x: readonly Tensor[]
  readonly y: readonly Tensor[]
}

type Maybe = void | Promise<void>

/**
 * Methods that are called while a model trains, is tested or predicts. All are optional, and may be async: training
 * waits for them. Epochs and batches count from 0.
 *
 * @example
 * ```ts
 * const history = await model.fit(x, y, {
 *   epochs: 50,
 *   callbacks: [{
 *     onEpochEnd(epoch, logs) {
 *       if (logs.loss < 0.01) model.stopTraining = true
 *     },
 *   }],
 * })
 * ```
 */
export interface Callback {
  /** Whether it deals with losses that are not finite: `fit` then leaves them to it, unless told otherwise. */
  readonly handlesNonFinite?: boolean
  /** Called once, before everything else, with the model. */
  setModel?(model: CallbackHost): void
  /** Called before each training, test or prediction with what it is about to do. */
  setParameters?(parameters: RunParameters): void
  /** Called before each training with the run that begins, for a callback that keeps it somewhere. */
  setRun?(run: TrainingRun): void
  /**
   * What it remembers of a run, so that the run can go on in another process as if it had not stopped (see `backupAndRestore`): numbers,
   * texts, booleans, tensors, and lists and records of them.
   */
  getState?(): unknown
  /** Called after every `onTrainBegin` where a run goes on, with what `getState` gave. It comes with `getState`. */
  setState?(state: unknown): Maybe
  /**
   * After all that belongs to a batch, or to an epoch with its validation: a moment at which a run can be kept, and gone on from.
   */
  onSafePoint?(at: SafePoint): Maybe
  /** Before the first epoch; the logs are empty. */
  onTrainBegin?(logs: Logs): Maybe
  /** After the last epoch, with its logs. */
  onTrainEnd?(logs: Logs): Maybe
  /** Before an epoch; the logs are empty. */
  onEpochBegin?(epoch: number, logs: Logs): Maybe
  /** In place of `onEpochBegin`, where a run goes on within an epoch: so many of its batches are over. */
  onEpochResume?(epoch: number, step: number): Maybe
  /** After an epoch and its validation: `loss`, the metrics, and the same as `val_...`. */
  onEpochEnd?(epoch: number, logs: Logs): Maybe
  /** The same as `onTrainBatchBegin`. */
  onBatchBegin?(batch: number, logs: Logs): Maybe
  /** The same as `onTrainBatchEnd`. */
  onBatchEnd?(batch: number, logs: Logs): Maybe
  /** Before a batch of training; the logs are empty. */
  onTrainBatchBegin?(batch: number, logs: Logs): Maybe
  /** After a batch of training: the loss and metrics of the epoch up to here. */
  onTrainBatchEnd?(batch: number, logs: Logs): Maybe
  /**
   * Whether the logs at the end of this batch will be looked at. Reading them makes training wait for the device, so
   * a callback that looks only now and then says so here. By default they are wanted where there is a method for the
   * end of a batch.
   */
  wantsBatchLogs?(batch: number): boolean
  /** Before an evaluation, also that of an epoch. */
  onTestBegin?(logs: Logs): Maybe
  /** After an evaluation, with its losses and metrics. */
  onTestEnd?(logs: Logs): Maybe
  /** Before a batch of an evaluation. */
  onTestBatchBegin?(batch: number, logs: Logs): Maybe
  /** After a batch of an evaluation. */
  onTestBatchEnd?(batch: number, logs: Logs): Maybe
  /** Before a prediction. */
  onPredictBegin?(logs: Logs): Maybe
  /** After a prediction. */
  onPredictEnd?(logs: Logs): Maybe
  /** Before a batch of a prediction. */
  onPredictBatchBegin?(batch: number, logs: Logs): Maybe
  /** After a batch of a prediction. */
  onPredictBatchEnd?(batch: number, logs: Logs): Maybe
}
