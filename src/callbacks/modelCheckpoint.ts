// Saving the model while it trains.
import { checkOptions, OptionError, requireBoolean, requireNumber, requirePositiveInteger, textOf } from '../errors'
import { removePlace } from '../io'
import type { Callback, CallbackHost, Logs } from './callback'
import { Monitor, type MonitorOptions } from './monitor'
import { checkTemplate, fillTemplate } from './template'
import { say } from './terminal/terminal'

/** Options of {@link modelCheckpoint}. */
export interface ModelCheckpointOptions extends Omit<MonitorOptions, 'minDelta'> {
  /** 1 says when it saves; 0, the default, does not. */
  readonly verbose?: 0 | 1
  /** Whether to save only when what is monitored has become better; `false` by default. */
  readonly saveBestOnly?: boolean
  /** Whether to save the weights alone, as `model.saveWeights` does; `false` by default. */
  readonly saveWeightsOnly?: boolean
  /** `'epoch'`, the default, saves at the end of each epoch; a number after so many batches. */
  readonly saveFreq?: 'epoch' | number
  /** How many saved models are kept, the newest ones: those before are removed. All by default. */
  readonly maxToKeep?: number
  /** With `saveBestOnly`, what the first value has to be better than. */
  readonly initialValueThreshold?: number
}

const optionNames = [
  'monitor',
  'verbose',
  'saveBestOnly',
  'saveWeightsOnly',
  'mode',
  'saveFreq',
  'maxToKeep',
  'initialValueThreshold',
]
const where = 'modelCheckpoint'

/** What it remembers of a run. */
interface State {
  readonly best: number | undefined
  readonly batchesSinceSaving: number
  readonly kept: readonly string[]
}

class ModelCheckpoint implements Callback {
  private readonly place: string
  private readonly options: ModelCheckpointOptions
  private readonly monitor: Monitor
  private readonly everyBatches: number | undefined
  private best: number | undefined
  private epoch = 0
  private batchesSinceSaving = 0
  private readonly maxToKeep: number | undefined
  /** Where it saved to, the oldest first: as many as are kept. */
  private kept: string[] = []
  declare private model: CallbackHost

  constructor(place: string, options: ModelCheckpointOptions) {
    checkOptions(where, options, optionNames)
    if (typeof place !== 'string' || place === '') {
      throw new OptionError(`${where}: expected the place to save to, got ${textOf(place)}`)
    }
    checkTemplate(where, place)
    const { saveFreq = 'epoch', maxToKeep, initialValueThreshold, saveWeightsOnly = false } = options
    requireBoolean(where, 'saveWeightsOnly', saveWeightsOnly)
    this.maxToKeep = maxToKeep === undefined ? undefined : requirePositiveInteger(where, 'maxToKeep', maxToKeep)
    this.place = place
    this.options = options
    this.monitor = new Monitor(where, options)
    this.everyBatches = saveFreq === 'epoch' ? undefined : requirePositiveInteger(where, 'saveFreq', saveFreq)
    this.best =
      initialValueThreshold === undefined
        ? undefined
        : requireNumber(where, 'initialValueThreshold', initialValueThreshold)
  }

  setModel(model: CallbackHost): void {
    this.model = model
  }

  onTrainBegin(): void {
    if (this.options.saveBestOnly === true) this.monitor.begin(this.model)
    this.batchesSinceSaving = 0
    this.kept = []
  }

  getState(): State {
    const { best, batchesSinceSaving, kept } = this
    return { best, batchesSinceSaving, kept }
  }

  setState(state: unknown): void {
    const { best, batchesSinceSaving, kept } = state as State // as getState gave it
    this.best = best
    this.batchesSinceSaving = batchesSinceSaving
    this.kept = [...kept]
  }

  onEpochBegin(epoch: number): void {
    this.epoch = epoch
  }

  onEpochResume(epoch: number): void {
    this.epoch = epoch
  }

  wantsBatchLogs(): boolean {
    return this.everyBatches !== undefined && this.batchesSinceSaving + 1 >= this.everyBatches
  }

  async onTrainBatchEnd(batch: number, logs: Logs): Promise<void> {
    if (this.everyBatches === undefined) return
    this.batchesSinceSaving++
    if (this.batchesSinceSaving < this.everyBatches) return
    this.batchesSinceSaving = 0
    await this.save(this.epoch, logs, { batch: batch + 1 })
  }

  async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    if (this.everyBatches === undefined) await this.save(epoch, logs)
  }

  private async save(epoch: number, logs: Logs, more: Logs = {}): Promise<void> {
    if (!this.isDue(logs)) return
    const place = fillTemplate(where, this.place, { ...logs, ...more, epoch: epoch + 1 })
    await this.write(place)
    await this.removeOldest(place)
    if (this.options.saveBestOnly === true) this.best = logs[this.monitor.name] ?? this.best
    if (this.options.verbose === 1) say(`Epoch ${epoch + 1}: saved the model to ${place}`)
  }

  private async write(place: string): Promise<void> {
    if (this.options.saveWeightsOnly !== true) return this.model.save(place)
    if (this.model.saveWeights === undefined) {
      throw new OptionError(`${where}: saveWeightsOnly: expected a model that saves its weights, got another host`)
    }
    await this.model.saveWeights(place)
  }

  /** What is saved to one place again and again is one model. */
  private async removeOldest(saved: string): Promise<void> {
    if (this.maxToKeep === undefined) return
    this.kept = [...this.kept.filter((place) => place !== saved), saved]
    for (const place of this.kept.splice(0, Math.max(0, this.kept.length - this.maxToKeep))) await removePlace(place)
  }

  /** A value that is missing is warned of, and the model saved all the same: rather one file too many than none. */
  private isDue(logs: Logs): boolean {
    if (this.options.saveBestOnly !== true) return true
    const current = this.monitor.value(logs)
    return current === undefined || this.monitor.isBetter(current, this.best)
  }
}

/**
 * Saves the model at the end of each epoch, or whenever it has become better.
 *
 * @param place - as in `model.save`; `{epoch}` (from 1), `{batch}` and the names in the logs are filled in, with a format
 *   as in Python: `'run/{epoch:02d}-{val_loss:.2f}.safetensors'`.
 * @throws OptionError for an unknown option or a value it cannot have.
 *
 * @example
 * ```ts
 * await model.fit(x, y, {
 *   epochs: 100,
 *   validationSplit: 0.2,
 *   callbacks: [modelCheckpoint('best.safetensors', { saveBestOnly: true })],
 * })
 * const best = await loadModel('best.safetensors')
 * ```
 */
export function modelCheckpoint(place: string, options: ModelCheckpointOptions = {}): Callback {
  return new ModelCheckpoint(place, options)
}
