// Lowering the learning rate when training gets no further.
import { checkOptions, OptionError, requireNumber } from '../errors'
import type { Callback, CallbackHost, Logs } from './callback'
import { Monitor, type MonitorOptions } from './monitor'
import { say } from './terminal/terminal'

/** Options of {@link reduceLROnPlateau}. `minDelta` is 1e-4 by default. */
export interface ReduceLROnPlateauOptions extends MonitorOptions {
  /** What the learning rate is multiplied by; 0.1 by default. */
  readonly factor?: number
  /** How many epochs without improvement lower it; 10 by default. */
  readonly patience?: number
  /** 1 says when it does; 0, the default, does not. */
  readonly verbose?: 0 | 1
  /** How many epochs after lowering it are not counted; 0 by default. */
  readonly cooldown?: number
  /** What the learning rate never falls below; 0 by default. */
  readonly minLR?: number
}

const optionNames = ['monitor', 'factor', 'patience', 'verbose', 'mode', 'minDelta', 'cooldown', 'minLR']
const where = 'reduceLROnPlateau'

/** What it remembers of a run. */
interface State {
  readonly best: number | undefined
  readonly wait: number
  readonly cooling: number
}

class ReduceLROnPlateau implements Callback {
  private readonly monitor: Monitor
  private readonly factor: number
  private readonly patience: number
  private readonly cooldown: number
  private readonly minLR: number
  private readonly verbose: boolean
  private best: number | undefined
  private wait = 0
  private cooling = 0
  declare private model: CallbackHost

  constructor(options: ReduceLROnPlateauOptions) {
    checkOptions(where, options, optionNames)
    const { factor = 0.1, patience = 10, cooldown = 0, minLR = 0, minDelta = 1e-4 } = options
    this.monitor = new Monitor(where, { ...options, minDelta })
    this.factor = requireNumber(where, 'factor', factor, 0)
    if (factor >= 1) throw new OptionError(`${where}: factor: expected a number below 1, got ${factor}`)
    this.patience = requireNumber(where, 'patience', patience, 0)
    this.cooldown = requireNumber(where, 'cooldown', cooldown, 0)
    this.minLR = requireNumber(where, 'minLR', minLR, 0)
    this.verbose = options.verbose === 1
  }

  setModel(model: CallbackHost): void {
    this.model = model
  }

  onTrainBegin(): void {
    this.monitor.begin(this.model)
    this.best = undefined
    this.wait = 0
    this.cooling = 0
  }

  getState(): State {
    const { best, wait, cooling } = this
    return { best, wait, cooling }
  }

  setState(state: unknown): void {
    const { best, wait, cooling } = state as State // as getState gave it
    this.best = best
    this.wait = wait
    this.cooling = cooling
  }

  async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    const rate = await this.model.getLearningRate()
    logs.learning_rate = rate
    const current = this.monitor.value(logs)
    if (current === undefined) return
    if (this.cooling > 0) {
      this.cooling--
      this.wait = 0
    }
    if (this.monitor.isBetter(current, this.best)) {
      this.best = current
      this.wait = 0
    } else if (this.cooling === 0) {
      this.wait++
      if (this.wait >= this.patience) await this.lower(epoch, rate)
    }
  }

  private async lower(epoch: number, rate: number): Promise<void> {
    // The rate is kept as float32 on a device; as such it may lie a little above minLR.
    if (rate <= Math.fround(this.minLR)) return
    const lowered = Math.max(rate * this.factor, this.minLR)
    await this.model.setLearningRate(lowered)
    if (this.verbose) say(`Epoch ${epoch + 1}: learning rate lowered to ${lowered}`)
    this.cooling = this.cooldown
    this.wait = 0
  }
}

/**
 * Lowers the learning rate when what it monitors has not become better for `patience` epochs. The history gets
 * `learning_rate`.
 *
 * @throws OptionError for an unknown option or a value it cannot have.
 *
 * @example
 * ```ts
 * const { history } = await model.fit(x, y, {
 *   epochs: 100,
 *   validationSplit: 0.2,
 *   callbacks: [reduceLROnPlateau({ factor: 0.5, patience: 5, minLR: 1e-5 })],
 * })
 * history.learning_rate
 * ```
 */
export function reduceLROnPlateau(options: ReduceLROnPlateauOptions = {}): Callback {
  return new ReduceLROnPlateau(options)
}
