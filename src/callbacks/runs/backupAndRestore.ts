// A run of training that goes on after whatever ended it.
import {
  checkOptions,
  describeValue,
  FormatError,
  OptionError,
  placed,
  requireBoolean,
  requirePositiveInteger,
  textOf,
} from '../../errors'
import { decodeSafetensors, encodeSafetensors, fileIn, readIfThere, removePlace, writePlace } from '../../io'
import type { Callback } from '../callback'
import type { RunContent, SafePoint, TrainingRun } from './run'

/** Options of {@link backupAndRestore}. */
export interface BackupAndRestoreOptions {
  /** `'epoch'`, the default, keeps the run at the end of each epoch; a number after so many batches. */
  readonly saveFreq?: 'epoch' | number
  /** Whether the backup is removed when training has come to its end; `true` by default. */
  readonly deleteCheckpoint?: boolean
}

const where = 'backupAndRestore'
const fileName = 'backup.safetensors'
const format = 'hornbeam run'

class BackupAndRestore implements Callback {
  private readonly place: string
  private readonly everySteps: number | undefined
  private readonly deletes: boolean
  private stepsSinceSaving = 0
  declare private run: TrainingRun

  constructor(folder: string | URL, options: BackupAndRestoreOptions) {
    checkOptions(where, options, ['saveFreq', 'deleteCheckpoint'])
    const { saveFreq = 'epoch', deleteCheckpoint = true } = options
    if (!(typeof folder === 'string' || folder instanceof URL) || String(folder) === '') {
      throw new OptionError(`${where}: expected a folder, got ${describeValue(folder)}`)
    }
    if (/^(download|https?|data|blob):/i.test(String(folder))) {
      throw new OptionError(
        `${where}: expected a folder, or 'indexeddb://name' in a page, got '${textOf(folder)}', which cannot be read and written`,
      )
    }
    this.place = fileIn(String(folder), fileName)
    this.everySteps = saveFreq === 'epoch' ? undefined : requirePositiveInteger(where, 'saveFreq', saveFreq)
    this.deletes = requireBoolean(where, 'deleteCheckpoint', deleteCheckpoint)
  }

  setRun(run: TrainingRun): void {
    this.run = run
  }

  async onTrainBegin(): Promise<void> {
    this.stepsSinceSaving = 0
    const bytes = await readIfThere(this.place)
    if (bytes === undefined) return
    try {
      await this.run.resume(decode(bytes))
    } catch (error) {
      throw placed(error, `${where}: '${this.place}' (remove it to begin anew)`)
    }
  }

  async onSafePoint({ step }: SafePoint): Promise<void> {
    if (this.everySteps === undefined) {
      if (step === 0) await this.save()
      return
    }
    // The end of an epoch comes after its last batch, which was counted.
    if (step === 0) return
    this.stepsSinceSaving++
    if (this.stepsSinceSaving < this.everySteps) return
    this.stepsSinceSaving = 0
    await this.save()
  }

  async onTrainEnd(): Promise<void> {
    if (this.deletes) await removePlace(this.place)
  }

  private async save(): Promise<void> {
    const { tensors, text } = await this.run.capture()
    await writePlace(this.place, encodeSafetensors({ tensors, metadata: { format, run: text } }))
  }
}

function decode(bytes: Uint8Array): RunContent {
  const { tensors, metadata } = decodeSafetensors(bytes)
  if (metadata.format === format && metadata.run !== undefined) return { tensors, text: metadata.run }
  throw new FormatError('expected a run that was kept, got another file')
}

/**
 * Keeps the run in a folder while the model trains, and goes on with the run that is kept there: a program that was killed at any
 * moment, and is started again, ends as if it had not been killed, to the last bit. Kept are weights, the optimizer's state, the order of
 * samples, random numbers, states of layers, the history, the epoch (or the batch), and the states of the other callbacks,
 * such as the best value of `earlyStopping`.
 *
 * What the program itself makes has to be made alike each time: the model, the data (a dataset that is shuffled takes a `seed`), the
 * callbacks. Killed before the first backup it begins anew: `setSeed` at its start then gives the same weights. In training to its end the
 * backup is removed.
 *
 * @param folder - a folder of this run's own (a path, or a `file:` URL) in Node; `indexeddb://name` in a page.
 * @throws OptionError for an unknown option or a value it cannot have; FormatError in `fit` where the folder holds the run of
 *   another model.
 *
 * @example
 * ```ts
 * await model.fit(x, y, { epochs: 100, callbacks: [backupAndRestore('runs/forecaster')] })
 * ```
 */
export function backupAndRestore(folder: string | URL, options: BackupAndRestoreOptions = {}): Callback {
  return new BackupAndRestore(folder, options)
}
