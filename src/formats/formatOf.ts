// The format of a file by its content. Hornbeam's own is tried first: with such files nothing of the other formats is loaded.

import { FormatError } from '../errors'
import type { Source } from '../io'
import type { Format } from './format'
import { hornbeam } from './hornbeam/format'

/** The files that are meant where a place is a folder: Keras', TensorFlow.js', and TensorFlow's, which is refused. */
export const folderFiles: readonly string[] = ['config.json', 'model.json', 'saved_model.pb']

/** The format of a file. @throws FormatError that says what it is instead, and what to do. */
export async function formatOf(source: Source): Promise<Format> {
  if (hornbeam.matches(source)) return hornbeam
  const { formatMatching } = await import('./formats')
  return formatMatching(source)
}

/** Reads a file. What leads further down than calls go, or asks for arrays larger than there are, is the file's fault. */
export async function readGuarded<T>({ where }: Source, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new FormatError(`${where}: nested deeper, or larger, than can be: it is corrupt or a trap`, { cause })
  }
}
