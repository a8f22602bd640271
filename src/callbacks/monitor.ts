// Watching one number of the logs: which way is better, and whether it became better.
import { didYouMean, OptionError, requireNumber, requireOneOf } from '../errors'
import type { Direction, Logs } from './callback'

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

// The metrics whose direction is known from their names.
const smallerIsBetter =
  /loss|error|mse|mae|mape|msle|rmse|hinge|crossentropy|divergence|perplexity|poisson|logcosh|huber/
const greaterIsBetter = /acc|auc|precision|recall|sensitivity|specificity|f1|fbeta|r2|iou|similarity|score/

/** One watched number. */
export class Monitor {
  readonly name: string
  private readonly where: string
  private readonly mode: 'auto' | Direction
  private readonly minDelta: number
  private direction: Direction | undefined
  private warned = false

  constructor(where: string, { monitor = 'val_loss', mode = 'auto', minDelta = 0 }: MonitorOptions) {
    if (typeof monitor !== 'string' || monitor === '') {
      throw new OptionError(`${where}: monitor: expected a name in the logs, got ${String(monitor)}`)
    }
    this.where = where
    this.name = monitor
    this.mode = requireOneOf(where, 'mode', mode, modes)
    this.minDelta = Math.abs(requireNumber(where, 'minDelta', minDelta))
  }

  /** To be called when training begins. */
  begin(): void {
    this.warned = false
    this.direction = this.mode === 'auto' ? directionOf(this.name.replace(/^val_/, '')) : this.mode
  }

  /** The number in the logs; undefined, with one warning, where there is none. */
  value(logs: Logs): number | undefined {
    const value = logs[this.name]
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
    if (this.direction === undefined) {
      throw new OptionError(
        `${this.where}: whether more or less '${this.name}' is better is not known; say mode: 'min' or mode: 'max'`,
      )
    }
    if (Number.isNaN(value)) return false
    if (than === undefined) return true
    return this.direction === 'max' ? value - this.minDelta > than : value + this.minDelta < than
  }
}

/** Which way a number of the logs is better, as far as its name tells. */
export function directionOf(name: string): Direction | undefined {
  const plain = name.toLowerCase().replace(/[_-]/g, '')
  if (smallerIsBetter.test(plain)) return 'min'
  return greaterIsBetter.test(plain) ? 'max' : undefined
}
