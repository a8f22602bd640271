// Ending the training when it no longer helps.
import { checkOptions, requireNumber } from '../errors'
import type { Tensor } from '../tensor'
import type { Callback, CallbackHost, Logs } from './callback'
import { Monitor, type MonitorOptions } from './monitor'
import { say } from './terminal/terminal'

/** Options of {@link earlyStopping}. */
export interface EarlyStoppingOptions extends MonitorOptions {
  /** How many epochs without improvement end the training; 0 by default. */
  readonly patience?: number
  /** 1 says when it stops; 0, the default, does not. */
  readonly verbose?: 0 | 1
  /** A value to do better than: until then epochs count as without improvement. */
  readonly baseline?: number
  /** Whether the model gets back the weights of its best epoch; `false` by default. */
  readonly restoreBestWeights?: boolean
  /** The first epoch (from 0) that is looked at; 0 by default. */
  readonly startFromEpoch?: number
}

/** What {@link earlyStopping} makes: a callback that tells how it went. */
export interface EarlyStopping extends Callback {
  /** The best value seen. */
  readonly best: number | undefined
  /** The epoch (from 0) of the best value. */
  readonly bestEpoch: number
  /** The epoch (from 0) after which training was stopped; 0 where it was not. */
  readonly stoppedEpoch: number
}

const optionNames = [
  'monitor',
  'minDelta',
  'patience',
  'verbose',
  'mode',
  'baseline',
  'restoreBestWeights',
  'startFromEpoch',
]

/** What it remembers of a run. */
interface State {
  readonly best: number | undefined
  readonly bestEpoch: number
  readonly stoppedEpoch: number
  readonly wait: number
  readonly bestWeights: Tensor[] | undefined
}

class EarlyStoppingCallback implements EarlyStopping {
  best: number | undefined
  bestEpoch = 0
  stoppedEpoch = 0
  private readonly options: EarlyStoppingOptions
  private readonly monitor: Monitor
  private readonly patience: number
  private readonly startFromEpoch: number
  private wait = 0
  private bestWeights: Tensor[] | undefined
  declare private model: CallbackHost

  constructor(options: EarlyStoppingOptions) {
    checkOptions('earlyStopping', options, optionNames)
    this.options = options
    this.monitor = new Monitor('earlyStopping', options)
    this.patience = requireNumber('earlyStopping', 'patience', options.patience ?? 0, 0)
    this.startFromEpoch = requireNumber('earlyStopping', 'startFromEpoch', options.startFromEpoch ?? 0, 0)
    if (options.baseline !== undefined) requireNumber('earlyStopping', 'baseline', options.baseline)
  }

  setModel(model: CallbackHost): void {
    this.model = model
  }

  onTrainBegin(): void {
    this.monitor.begin(this.model)
    this.best = undefined
    this.bestEpoch = 0
    this.stoppedEpoch = 0
    this.wait = 0
    this.bestWeights = undefined
  }

  getState(): State {
    const { best, bestEpoch, stoppedEpoch, wait, bestWeights } = this
    return { best, bestEpoch, stoppedEpoch, wait, bestWeights }
  }

  setState(state: unknown): void {
    const { best, bestEpoch, stoppedEpoch, wait, bestWeights } = state as State // as getState gave it
    this.best = best
    this.bestEpoch = bestEpoch
    this.stoppedEpoch = stoppedEpoch
    this.wait = wait
    this.bestWeights = bestWeights
  }

  async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    const current = this.monitor.value(logs)
    if (current === undefined || epoch < this.startFromEpoch) return
    this.wait++
    const { baseline } = this.options
    if (this.monitor.isBetter(current, this.best)) {
      this.best = current
      await this.keep(epoch)
      if (baseline === undefined || this.monitor.isBetter(current, baseline)) this.wait = 0
      return
    }
    if (this.wait >= this.patience && epoch > 0) {
      this.stoppedEpoch = epoch
      this.model.stopTraining = true
    }
  }

  async onTrainEnd(): Promise<void> {
    const verbose = this.options.verbose === 1
    if (verbose && this.stoppedEpoch > 0) say(`Epoch ${this.stoppedEpoch + 1}: early stopping`)
    if (this.bestWeights === undefined) return
    if (verbose) say(`Putting back the weights of the best epoch, ${this.bestEpoch + 1}`)
    await this.model.setWeights(this.bestWeights)
    this.bestWeights = undefined
  }

  private async keep(epoch: number): Promise<void> {
    this.bestEpoch = epoch
    if (this.options.restoreBestWeights === true) this.bestWeights = await this.model.getWeights()
  }
}

/**
 * Ends the training when what it monitors has not become better for `patience` epochs.
 *
 * @throws OptionError for an unknown option or a value it cannot have.
 *
 * @example
 * ```ts
 * await model.fit(x, y, {
 *   epochs: 500,
 *   validationSplit: 0.2,
 *   callbacks: [earlyStopping({ patience: 10, restoreBestWeights: true })],
 * })
 * ```
 */
export function earlyStopping(options: EarlyStoppingOptions = {}): EarlyStopping {
  return new EarlyStoppingCallback(options)
}
