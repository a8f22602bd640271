// What a callback is: methods that training, testing and prediction call at their turning points, and the little of a
// model that they need.
import type { Tensor, TensorLike } from '../tensor'

/**
 * Losses and metrics at this moment, under Keras' keys: `loss`, `mae`, `val_loss`, ... What a callback adds at the end
 * of an epoch is seen by the callbacks after it, and goes into the history.
 */
export type Logs = Record<string, number>

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
  getWeights(): Promise<Tensor[]>
  setWeights(tensors: readonly TensorLike[]): Promise<void>
  save(place: string): Promise<void>
}

/** What training, testing or prediction is about to do. */
export interface RunParameters {
  /** The number of epochs; 1 for testing and prediction. */
  readonly epochs: number
  /** Steps (batches) an epoch, where known. */
  readonly steps?: number | undefined
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
  onTrainBegin?(logs: Logs): Maybe
  onTrainEnd?(logs: Logs): Maybe
  onEpochBegin?(epoch: number, logs: Logs): Maybe
  onEpochEnd?(epoch: number, logs: Logs): Maybe
  /** The same as `onTrainBatchBegin`. */
  onBatchBegin?(batch: number, logs: Logs): Maybe
  /** The same as `onTrainBatchEnd`. */
  onBatchEnd?(batch: number, logs: Logs): Maybe
  onTrainBatchBegin?(batch: number, logs: Logs): Maybe
  onTrainBatchEnd?(batch: number, logs: Logs): Maybe
  /**
   * Whether the logs at the end of this batch will be looked at. Reading them makes training wait for the device, so
   * a callback that looks only now and then says so here. By default they are wanted where there is a method for the
   * end of a batch.
   */
  wantsBatchLogs?(batch: number): boolean
  onTestBegin?(logs: Logs): Maybe
  onTestEnd?(logs: Logs): Maybe
  onTestBatchBegin?(batch: number, logs: Logs): Maybe
  onTestBatchEnd?(batch: number, logs: Logs): Maybe
  onPredictBegin?(logs: Logs): Maybe
  onPredictEnd?(logs: Logs): Maybe
  onPredictBatchBegin?(batch: number, logs: Logs): Maybe
  onPredictBatchEnd?(batch: number, logs: Logs): Maybe
}
