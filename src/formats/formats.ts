// Formats of model files: which one a file is in, told by its content, and which one a place's ending asks for. One
// format a file (or a folder); what reads and writes it is imported when it is first used. Imports layers and what is
// below them, and the type of models.

import { describeValue, FormatError, OptionError } from '../errors'
import type { Source } from '../io'
import { cSource, esModule } from './code/format'
import type { Format } from './format'
import { hornbeam } from './hornbeam/format'
import { h5, keras, kerasFolder, kerasWeights } from './keras'
import { npy, npz } from './numpy/format'
import { onnx } from './onnx/format'
import { tfjs } from './tfjs'
import { torch } from './torch/format'

export type { Format, ModelFile, ModelParts, WriteOptions, Written } from './format'
export { decodeModel, encodeModel } from './hornbeam/model'

/** All formats. The first that matches a file reads it. */
export const formats: readonly Format[] = [
  hornbeam,
  keras,
  h5,
  kerasFolder,
  kerasWeights,
  tfjs,
  torch,
  npz,
  npy,
  onnx,
  esModule,
  cSource,
]

/** The first format that a file's content matches. @throws FormatError that says what it is instead, and what to do. */
export async function formatMatching(source: Source): Promise<Format> {
  const found = formats.find((format) => format.matches(source))
  if (found !== undefined) return found
  const { strangers } = await import('./strangers')
  const stranger = strangers.find(({ matches }) => matches(source))
  if (stranger !== undefined) throw new FormatError(`${source.where}: ${stranger.message}`)
  const known = formats.map(({ what }) => what).join(', ')
  throw new FormatError(
    `${source.where}: expected ${known}; got ${source.bytes.length} bytes of another kind, or a file that is corrupt`,
  )
}

/** The format that a place's ending asks for; hornbeam's own for an ending that says nothing. @throws OptionError for one that is read only. */
export function formatForPlace(place: string): Format {
  const path = place.toLowerCase().replace(/[?#].*$/, '')
  const endings = formats.flatMap((format) => (format.endings ?? []).map((ending) => ({ format, ending })))
  const fitting = endings.filter(({ ending }) => path.endsWith(ending))
  const [longest] = fitting.sort((a, b) => b.ending.length - a.ending.length)
  if (longest?.format.writeModel !== undefined) return longest.format
  const foreign = /\.(h5|hdf5|keras|pt|pth|ckpt|onnx|pb|tflite|npz|pkl|json|mjs|c)$/.exec(path)
  if (foreign === null) return hornbeam
  const writable = endings.filter(({ format }) => format.writeModel !== undefined).map(({ ending }) => ending)
  throw new OptionError(
    `save: a model cannot be written as ${foreign[0]}; expected one of the endings ${writable.join(', ')}`,
  )
}

/** The format that tensors are written in, by the place's ending. @throws OptionError for another ending. */
export function tensorFormatForPlace(place: string): Required<Pick<Format, 'writeTensors'>> {
  const path = place.toLowerCase().replace(/[?#].*$/, '')
  const endings = formats.flatMap((format) => {
    const { writeTensors } = format
    return writeTensors === undefined ? [] : (format.endings ?? []).map((ending) => ({ ending, writeTensors }))
  })
  const found = endings.find(({ ending }) => path.endsWith(ending))
  if (found !== undefined) return found
  // Databases keep names without endings.
  if (/^(indexeddb|download):/.test(path) && !/\.[a-z0-9]+$/.test(path)) return endings[0]
  throw new OptionError(
    `writeTensors: expected a place with one of the endings ${endings.map(({ ending }) => ending).join(', ')}, got '${place}'`,
  )
}

/** The format of that name. @throws OptionError for one that is not known, or cannot be written. */
export function formatNamed(where: string, name: unknown): Format {
  const writable = formats.filter(({ writeModel }) => writeModel !== undefined)
  const found = writable.find((format) => format.name === name)
  if (found !== undefined) return found
  const names = writable.map((format) => `'${format.name}'`).join(', ')
  throw new OptionError(`${where}: format: expected one of ${names}, got ${describeValue(name)}`)
}
