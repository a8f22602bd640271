// Training as TensorBoard shows it.
import { checkOptions, describeValue, OptionError, requireBoolean, requirePositiveInteger } from '../../errors'
import { hasNode } from '../../host'
import type { TensorLike } from '../../tensor'
import type { Callback, CallbackHost, Logs } from '../callback'
import type { Board } from './board'
import type { FileEnds } from './eventFiles'
import { type Hyperparameter, requireHyperparameters } from './hyperparameters'

/** Options of {@link tensorBoard}. */
export interface TensorBoardOptions {
  /**
   * `'epoch'`, the default, writes losses and metrics at the end of each epoch; `'batch'` also after every batch, a number after every
   * so many. Reading them makes training wait for the device.
   */
  readonly updateFreq?: 'epoch' | 'batch' | number
  /** After how many epochs the weights are written as histograms; 0, the default, for never. */
  readonly histogramFreq?: number
  /** Whether the graph of layers is written; `true` by default. */
  readonly writeGraph?: boolean
  /** Whether steps a second are written, with the losses; `false` by default. */
  readonly writeStepsPerSecond?: boolean
  /** What the run was made with, for the table of runs in HPARAMS: `{ units: 32, optimizer: 'adam' }`. */
  readonly hyperparameters?: Readonly<Record<string, Hyperparameter>>
}

/** What {@link tensorBoard} gives: a callback, and what else can be written to its folder. */
export interface TensorBoard extends Callback {
  /**
   * Writes a number.
   *
   * @param run - the folder in the board's folder: `'train'` by default.
   */
  scalar(tag: string, value: number, step: number, run?: string): Promise<void>
  /** Writes how numbers of any shape are spread, such as the gates of `model.inspect`. */
  histogram(tag: string, values: TensorLike, step: number, run?: string): Promise<void>
  /** Writes a text, as Markdown. */
  text(tag: string, text: string, step: number, run?: string): Promise<void>
  /** Writes a picture: the bytes of a PNG, or numbers from 0 to 1 `[height, width]` or `[height, width, channels]` (1 to 4). */
  image(tag: string, picture: Uint8Array | TensorLike, step: number, run?: string): Promise<void>
  /** Writes what waits to be written: records wait up to two seconds. At the end of an epoch nothing waits. */
  flush(): Promise<void>
  /** In a page: the bytes of the files by their names, such as `train/events.out.tfevents...`. @throws OptionError in Node, where they are in the folder. */
  files(): Promise<Map<string, Uint8Array<ArrayBuffer>>>
}

const where = 'tensorBoard'
const optionNames = ['updateFreq', 'histogramFreq', 'writeGraph', 'writeStepsPerSecond', 'hyperparameters']

/** What it remembers of a run. */
interface State {
  readonly batches: number
  readonly hasGraph: boolean
  readonly ends: FileEnds
}

class TensorBoardCallback implements TensorBoard {
  private readonly folder: string
  private readonly everyBatches: number | undefined
  private readonly everyEpochs: number
  private readonly writesGraph: boolean
  private readonly writesSpeed: boolean
  private readonly hyperparameters: Readonly<Record<string, Hyperparameter>> | undefined
  private loading: Promise<Board> | undefined
  private hasOpened = false
  private hasGraph = false
  /** How many batches of this call of `fit` have begun. */
  private batches = 0
  private isTraining = false
  private batchBegin = 0
  private epochBegin = { time: 0, batches: 0 }
  declare private model: CallbackHost

  constructor(folder: string, options: TensorBoardOptions) {
    checkOptions(where, options, optionNames)
    if (typeof folder !== 'string' || folder === '') {
      throw new OptionError(`${where}: expected a folder, got ${describeValue(folder)}`)
    }
    if (hasNode() && /^[a-z]{2,}:\/\//i.test(folder)) {
      throw new OptionError(`${where}: expected the path of a folder, got '${folder}'`)
    }
    const { updateFreq = 'epoch', histogramFreq = 0, writeGraph = true, writeStepsPerSecond = false } = options
    this.folder = folder.replace(/(.)[/\\]+$/, '$1')
    this.everyBatches = batchesBetween(updateFreq)
    this.everyEpochs = histogramFreq === 0 ? 0 : requirePositiveInteger(where, 'histogramFreq', histogramFreq)
    this.writesGraph = requireBoolean(where, 'writeGraph', writeGraph)
    this.writesSpeed = requireBoolean(where, 'writeStepsPerSecond', writeStepsPerSecond)
    this.hyperparameters =
      options.hyperparameters === undefined
        ? undefined
        : requireHyperparameters(where, 'hyperparameters', options.hyperparameters)
  }

  setModel(model: CallbackHost): void {
    this.model = model
    this.isTraining = false
  }

  onTrainBegin(): void {
    this.batches = 0
    this.hasOpened = false
    this.hasGraph = false
    this.isTraining = true
  }

  async getState(): Promise<State> {
    return { batches: this.batches, hasGraph: this.hasGraph, ends: await (await this.board()).ends() }
  }

  async setState(state: unknown): Promise<void> {
    const { batches, hasGraph, ends } = state as State // as getState gave it
    const board = await this.board()
    board.goOn(ends)
    this.batches = batches
    this.hasOpened = true
    this.hasGraph = hasGraph
  }

  async onEpochBegin(): Promise<void> {
    await this.open()
    this.epochBegin = { time: Date.now(), batches: this.batches }
  }

  onEpochResume(): void {
    this.epochBegin = { time: Date.now(), batches: this.batches }
  }

  onTrainBatchBegin(): void {
    this.batches++
    if (this.writesSpeed) this.batchBegin = performance.now()
  }

  wantsBatchLogs(): boolean {
    return this.isTraining && this.everyBatches !== undefined && this.batches % this.everyBatches === 0
  }

  async onTrainBatchEnd(_batch: number, logs: Logs): Promise<void> {
    if (!this.wantsBatchLogs()) return
    const board = await this.board()
    if (this.writesSpeed) {
      const seconds = Math.max(performance.now() - this.batchBegin, 1e-3) / 1000
      await board.scalar('train', 'batch_steps_per_second', 1 / seconds, this.batches)
    }
    for (const [name, value] of Object.entries(logs)) {
      await board.result('train', `batch_${name}`, value, this.batches)
    }
  }

  async onTestEnd(logs: Logs): Promise<void> {
    const step = (await this.model.getIterations?.()) ?? this.batches
    const board = await this.board()
    for (const [name, value] of Object.entries(logs)) {
      await board.result('validation', `evaluation_${name}_vs_iterations`, value, step)
    }
    if (!this.isTraining) await this.finish()
  }

  async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    const board = await this.board()
    await this.writeGraph(board)
    for (const [name, value] of Object.entries(logs)) {
      const [, validated] = /^val_(.*)$/.exec(name) ?? []
      await (validated === undefined
        ? board.result('train', `epoch_${name}`, value, epoch)
        : board.result('validation', `epoch_${validated}`, value, epoch))
    }
    await board.scalar('train', 'epoch_learning_rate', await this.model.getLearningRate(), epoch)
    if (this.writesSpeed) await this.writeSpeed(board, epoch)
    if (this.everyEpochs > 0 && epoch % this.everyEpochs === 0) await this.writeWeights(board, epoch)
    await board.flush()
  }

  async onTrainEnd(): Promise<void> {
    this.isTraining = false
    if (this.hyperparameters !== undefined) await (await this.board()).endOfRun()
    await this.finish()
  }

  async scalar(tag: string, value: number, step: number, run = 'train'): Promise<void> {
    await (await this.board()).scalar(run, tag, value, step)
  }

  async histogram(tag: string, values: TensorLike, step: number, run = 'train'): Promise<void> {
    await (await this.board()).histogram(run, tag, values, step)
  }

  async text(tag: string, text: string, step: number, run = 'train'): Promise<void> {
    await (await this.board()).text(run, tag, text, step)
  }

  async image(tag: string, picture: Uint8Array | TensorLike, step: number, run = 'train'): Promise<void> {
    await (await this.board()).image(run, tag, picture, step)
  }

  async flush(): Promise<void> {
    await (await this.board()).flush()
  }

  async files(): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
    return (await this.board()).contents()
  }

  private board(): Promise<Board> {
    this.loading ??= import('./board').then(({ Board }) => new Board(this.folder))
    return this.loading
  }

  /** What stands at the beginning of a run. */
  private async open(): Promise<void> {
    if (this.hasOpened) return
    this.hasOpened = true
    const board = await this.board()
    if (this.hyperparameters !== undefined) await board.hyperparameters(this.hyperparameters)
    await this.writeGraph(board)
  }

  /** Once, as soon as there is a graph: data may come one batch after the other, and the first one builds the model. */
  private async writeGraph(board: Board): Promise<void> {
    if (!this.writesGraph || this.hasGraph || this.model.built === false || this.model.calls === undefined) return
    this.hasGraph = true
    await board.graph('train', this.model.calls)
  }

  private async finish(): Promise<void> {
    const board = await this.board()
    await board.flush()
    await board.download()
  }

  private async writeSpeed(board: Board, epoch: number): Promise<void> {
    const { time, batches } = this.epochBegin
    const seconds = Math.max(Date.now() - time, 1) / 1000
    await board.scalar('train', 'epoch_steps_per_second', (this.batches - batches) / seconds, epoch)
  }

  private async writeWeights(board: Board, epoch: number): Promise<void> {
    const weights = (await this.model.namedWeights?.()) ?? {}
    for (const [path, weight] of Object.entries(weights)) {
      await board.histogram('train', `${path}/histogram`, weight, epoch)
    }
  }
}

/** After how many batches logs are written; undefined where they are at the ends of epochs alone. */
function batchesBetween(updateFreq: unknown): number | undefined {
  if (updateFreq === 'epoch') return undefined
  if (updateFreq === 'batch') return 1
  if (typeof updateFreq === 'number' && Number.isInteger(updateFreq) && updateFreq > 0) return updateFreq
  throw new OptionError(
    `${where}: updateFreq: expected 'epoch', 'batch' or a positive whole number, got ${describeValue(updateFreq)}`,
  )
}

/**
 * Writes training to event files, which TensorBoard shows while it goes on (`tensorboard --logdir runs`). Folders and tags are those of
 * Keras' callback: in `train` and `validation` `epoch_loss`, `epoch_mae`, ..., in `train` `epoch_learning_rate`, by `updateFreq`
 * `batch_loss`, ..., by `histogramFreq` the weights; in `validation` also `evaluation_loss_vs_iterations`. The graph of layers and hyperparameters
 * stand beside them, and whatever is written with its methods. A run that `backupAndRestore` takes up again goes on in its files.
 *
 * @param folder - the folder of this run, in Node. A page has none: the name then stands for what `files()` gives, and
 *   `download://name` offers the files as `name.tar` when training ends.
 * @throws OptionError for an unknown option or a value it cannot have.
 *
 * @example
 * ```ts
 * const board = tensorBoard('runs/first', { histogramFreq: 1, hyperparameters: { units: 32 } })
 * await model.fit(x, y, { epochs: 20, validationSplit: 0.2, callbacks: [board] })
 * await board.text('notes', 'The first one, **without** dropout.', 0)
 * ```
 */
export function tensorBoard(folder: string, options: TensorBoardOptions = {}): TensorBoard {
  return new TensorBoardCallback(folder, options)
}
