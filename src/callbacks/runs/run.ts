// The run of `fit` that is going on, as a callback sees it that keeps the run somewhere.
import type { Tensor } from '../../tensor'

/** All that a run is at one moment. */
export interface RunContent {
  /** Weights, the optimizer's state, random numbers, what layers carry, and tensors among the states of callbacks: by name. */
  readonly tensors: ReadonlyMap<string, Tensor>
  /** All else as a text: where the run stands, its history, the states of callbacks. */
  readonly text: string
}

/** A run of `fit`: what a callback needs to keep it, and to take it up again in another process. */
export interface TrainingRun {
  /** All that the run is now. To be called in `onSafePoint`, where nothing is half done. */
  capture(): Promise<RunContent>
  /**
   * Goes on from what was captured, as if the run had not stopped. To be called in `onTrainBegin`.
   *
   * @throws FormatError for what is of another model, and leaves everything as it was; OptionError where the callbacks are others.
   */
  resume(content: RunContent): Promise<void>
}

/** A moment of a run at which it can be kept. */
export interface SafePoint {
  /** How many epochs are over. */
  readonly epoch: number
  /** How many batches of the next epoch are over: 0 between two epochs. */
  readonly step: number
}
