// Watching one number of the logs: which way is better, and whether it became better.
import { didYouMean, OptionError, requireNumber, requireOneOf, textOf } from '../errors'
import { type CallbackHost, type Direction, isListOfResults, type Logs } from './callback'

/** Options of callbacks that watch a number. */
export interface MonitorOptions {
  /** What to watch, as it is named in the logs; `'val_loss'` by default. */
  readonly monitor?: string
  /** Whether less or more is better; `'auto'`, the default, goes by what is watched. */
  readonly mode?: 'auto' | Direction
  /** The smallest change that counts as an improvement. */
  readonly minDelta?: number
}

const modes = ['auto', 'min', 'max'] as const

/** One watched number. */
export class Monitor {
  readonly name: string
  private readonly where: string
  private readonly mode: 'auto' | Direction
  private readonly minDelta: number
  private host: CallbackHost | undefined
  private warned = false

  constructor(where: string, { monitor = 'val_loss', mode = 'auto', minDelta = 0 }: MonitorOptions) {
    if (typeof monitor !== 'string' || monitor === '') {
      throw new OptionError(`${where}: monitor: expected a name in the logs, got ${textOf(monitor)}`)
    }
    this.where = where
    this.name = monitor
    this.mode = requireOneOf(where, 'mode', mode, modes)
    this.minDelta = Math.abs(requireNumber(where, 'minDelta', minDelta))
  }

  /** To be called when training begins. */
  begin(host: CallbackHost | undefined): void {
    this.warned = false
    this.host = host
  }

  /** Which way is better. Losses are made small; of anything else the model's metrics say it. */
  private get direction(): Direction | undefined {
    if (this.mode !== 'auto') return this.mode
    const name = this.name.replace(/^val_/, '')
    return this.host?.directionOf?.(name) ?? (name === 'loss' ? 'min' : undefined)
  }

  /** The number in the logs; undefined, with one warning, where there is none. */
  value(logs: Logs): number | undefined {
    const value = logs[this.name]
    if (isListOfResults(value)) {
      throw new OptionError(
        `${this.where}: monitor: expected a single number, got '${this.name}', which has ${value.length}; give one of its thresholds a metric and a name of its own`,
      )
    }
    if (value === undefined && !this.warned) {
      this.warned = true
      const names = Object.keys(logs)
      console.warn(
        `${this.where}: there is no '${this.name}' to monitor.${didYouMean(this.name, names)} ` +
          `The logs have ${names.join(', ') || 'nothing'}.`,
      )
    }
    return value
  }

  /**
   * Whether a value is better than another by more than `minDelta`; any number is better than none.
   *
   * @throws OptionError where it is not known which way is better.
   */
  isBetter(value: number, than: number | undefined): boolean {
    const { direction } = this
    if (direction === undefined) {
      throw new OptionError(
        `${this.where}: whether more or less '${this.name}' is better is not known; say mode: 'min' or mode: 'max'`,
      )
    }
    if (Number.isNaN(value)) return false
    if (than === undefined) return true
    return direction === 'max' ? value - this.minDelta > than : value + this.minDelta < than
  }
}
