// What a board writes: values at steps into the files of its runs. Loaded when something is first written.
import { OptionError } from '../../errors'
import { hasNode } from '../../host'
import { writePlace } from '../../io'
import { asTensor, type TensorLike } from '../../tensor'
import type { CallSeen } from '../callback'
import { EventFiles, type FileEnds } from './eventFiles'
import { graphEvent, type Shown, valueEvent } from './events'
import type { Hyperparameter } from './hyperparameters'
import { endOfRun, graphOf, histogram, hyperparameters, image, scalar, text } from './summaries'
import { writeTar } from './tar'

/** The runs of a folder: each is a folder in it, `''` the folder itself. */
export class Board {
  private readonly files: EventFiles
  private readonly folder: string

  constructor(folder: string) {
    this.folder = folder
    this.files = new EventFiles(folder)
  }

  /** A number. */
  scalar(run: string, tag: string, value: number, step: number): Promise<void> {
    return this.show(run, step, scalar(tag, value))
  }

  /** A number, or each of several. */
  async result(run: string, tag: string, value: number | readonly number[], step: number): Promise<void> {
    if (typeof value === 'number') return this.scalar(run, tag, value, step)
    for (const [i, each] of value.entries()) await this.scalar(run, `${tag}_${i}`, each, step)
  }

  histogram(run: string, tag: string, values: TensorLike, step: number): Promise<void> {
    return this.show(run, step, histogram(tag, asTensor(values).data))
  }

  text(run: string, tag: string, value: string, step: number): Promise<void> {
    return this.show(run, step, text(tag, value))
  }

  async image(run: string, tag: string, picture: Uint8Array | TensorLike, step: number): Promise<void> {
    await this.show(run, step, await image(`tensorBoard: image '${tag}'`, tag, picture))
  }

  graph(run: string, calls: readonly CallSeen[]): Promise<void> {
    return this.files.add(run, graphEvent(Date.now() / 1000, graphOf(calls)))
  }

  hyperparameters(given: Readonly<Record<string, Hyperparameter>>): Promise<void> {
    return this.show('', 0, hyperparameters(given, Date.now() / 1000))
  }

  endOfRun(): Promise<void> {
    return this.show('', 0, endOfRun(Date.now() / 1000))
  }

  flush(): Promise<void> {
    return this.files.flush()
  }

  ends(): Promise<FileEnds> {
    return this.files.ends()
  }

  goOn(ends: FileEnds): void {
    this.files.goOn(ends)
  }

  /** @throws OptionError where they are in a folder. */
  contents(): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
    if (!hasNode()) return this.files.contents()
    throw new OptionError(`tensorBoard: expected a page; here the files are in the folder '${this.folder}'`)
  }

  /** Offers the files as one archive, where the folder is `download://name`. */
  async download(): Promise<void> {
    const [, name] = /^download:\/\/(.+)$/i.exec(this.folder) ?? []
    if (name === undefined) return
    await writePlace(`download://${name.replace(/\.tar$/, '')}.tar`, await writeTar(await this.contents()))
  }

  private show(run: string, step: number, shown: Shown): Promise<void> {
    return this.files.add(run, valueEvent(Date.now() / 1000, step, shown))
  }
}
