// Progress for whoever waits: a bar on a terminal, one line an epoch elsewhere.
import { checkOptions, OptionError, textOf } from '../../errors'
import type { Callback, Logs, RunParameters } from '../callback'
import { barLine, epochTitle, type Progress, plainLine } from './progressText'
import { clearLine, standardOutput, type TextStream } from './terminal'

/** How much is said: `0` nothing, `1` a bar (where there is a terminal), `2` one line an epoch, `'auto'` what suits. */
export type Verbose = 'auto' | 0 | 1 | 2

/** Options of {@link progress}. */
export interface ProgressOptions {
  /** `'auto'` by default: a bar on a terminal, one line an epoch elsewhere. */
  readonly verbose?: Verbose | undefined
  /** Where to write; standard output, in a page the console, by default. */
  readonly stream?: TextStream
  /** The time in milliseconds. */
  readonly now?: () => number
}

/** A bar is drawn this often at most, in milliseconds: the eye sees no more, and each time the losses are read. */
const interval = 100
const widthOfPlainTerminals = 80

/**
 * The callback that shows progress; none for `verbose: 0`. It belongs after the user's callbacks, so that it shows what
 * they add to the logs.
 *
 * @throws OptionError for another `verbose`.
 *
 * @example
 * ```ts
 * await model.fit(x, y, { epochs: 5, verbose: 0, callbacks: [...progress({ verbose: 2 })] })
 * ```
 */
export function progress(options: ProgressOptions = {}): readonly Callback[] {
  checkOptions('progress', options, ['verbose', 'stream', 'now'])
  const { verbose = 'auto', stream = standardOutput(), now = () => performance.now() } = options
  switch (verbose) {
    case 0:
      return []
    case 1:
    case 2:
    case 'auto':
      return [new ProgressCallback(stream, stream.isTTY === true && verbose !== 2, now)]
    default:
      throw new OptionError(`verbose: expected 'auto', 0, 1 or 2, got ${textOf(verbose)}`)
  }
}

class ProgressCallback implements Callback {
  private readonly stream: TextStream
  private readonly hasBar: boolean
  private readonly now: () => number
  private epochs = 1
  private steps: number | undefined
  private isTraining = false
  private title = ''
  private step = 0
  private logs: Logs = {}
  private start = 0
  private firstStepEnd = 0
  private lastStepEnd = 0
  private lastDrawn = 0

  constructor(stream: TextStream, hasBar: boolean, now: () => number) {
    this.stream = stream
    this.hasBar = hasBar
    this.now = now
  }

  setParameters({ epochs, steps }: RunParameters): void {
    this.epochs = epochs
    this.steps = steps
  }

  /** Logs are wanted only when the bar is about to be drawn: reading them makes training wait. */
  wantsBatchLogs(): boolean {
    return this.hasBar && this.now() - this.lastDrawn >= interval
  }

  onTrainBegin(): void {
    this.isTraining = true
  }

  onTrainEnd(): void {
    this.isTraining = false
  }

  onEpochBegin(epoch: number): void {
    this.begin(epochTitle(epoch, this.epochs))
    if (this.hasBar && this.epochs > 1) this.stream.write(`${this.title}\n`)
  }

  onEpochResume(epoch: number): void {
    this.onEpochBegin(epoch)
  }

  onEpochEnd(_epoch: number, logs: Logs): void {
    this.end(logs)
  }

  onTrainBatchEnd(batch: number, logs: Logs): void {
    this.advance(batch, logs)
  }

  // While a model trains, its validation is silent.
  onTestBegin(): void {
    if (!this.isTraining) this.begin('Evaluation')
  }

  onTestBatchEnd(batch: number, logs: Logs): void {
    if (!this.isTraining) this.advance(batch, logs)
  }

  onTestEnd(logs: Logs): void {
    if (!this.isTraining) this.end(logs)
  }

  onPredictBegin(): void {
    this.begin('Prediction')
  }

  onPredictBatchEnd(batch: number): void {
    this.advance(batch, {})
  }

  onPredictEnd(): void {
    this.end({})
  }

  private begin(title: string): void {
    this.title = title
    this.step = 0
    this.logs = {}
    this.start = this.now()
    this.lastStepEnd = this.start
    this.lastDrawn = Number.NEGATIVE_INFINITY
  }

  private advance(batch: number, logs: Logs): void {
    this.step = batch + 1
    this.lastStepEnd = this.now()
    if (this.step === 1) this.firstStepEnd = this.lastStepEnd
    // The number of steps was a guess by the last epoch, and wrong.
    if (this.steps !== undefined && this.step > this.steps) this.steps = undefined
    if (Object.keys(logs).length > 0) this.logs = { ...logs }
    if (this.hasBar && this.lastStepEnd - this.lastDrawn >= interval) this.draw(false)
  }

  private end(logs: Logs): void {
    this.logs = logs
    this.steps ??= this.step
    if (this.hasBar) this.draw(true)
    else this.stream.write(`${plainLine(this.title, this.state())}\n`)
  }

  private draw(isFinished: boolean): void {
    const line = barLine(this.state(), this.stream.columns || widthOfPlainTerminals, isFinished)
    this.stream.write(`${clearLine}${line}${isFinished ? '\n' : ''}`)
    this.lastDrawn = this.now()
  }

  private state(): Progress {
    const { step, steps, logs } = this
    // The first step compiles, so it says little of the others.
    const perStep =
      step > 1
        ? (this.lastStepEnd - this.firstStepEnd) / (step - 1)
        : (this.lastStepEnd - this.start) / Math.max(step, 1)
    return { step, steps, logs, elapsed: (this.now() - this.start) / 1000, perStep: perStep / 1000 }
  }
}
