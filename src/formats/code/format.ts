// Models as code among the formats of files: what writes it is loaded when it is first used.
import { FormatError } from '../../errors'
import type { Format, WriteOptions } from '../format'

function requireWhole({ dtype }: WriteOptions, what: string): void {
  if (dtype === undefined || dtype === 'float32') return
  throw new FormatError(
    `save: dtype: ${what} holds weights as it computes with them, in float32 (widening smaller ones would take as much memory again), got '${dtype}'`,
  )
}

const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)

/** A model as an ES module without imports. */
export const esModule: Format = {
  name: 'module',
  what: 'a module of JavaScript (.mjs)',
  matches: () => false,
  endings: ['.mjs'],
  writeModel: async (model, _, options) => {
    const { writeModule } = await import('./module')
    const { code, types } = await writeModule(model, 'save', options.dtype)
    const name = options.fileName.replace(/\.mjs$/, '.d.mts')
    return { bytes: encode(code), ...(name === '' ? {} : { beside: [{ name, bytes: encode(types) }] }) }
  },
}

/** A model as a file of C99. */
export const cSource: Format = {
  name: 'c',
  what: 'a file of C (.c)',
  matches: () => false,
  endings: ['.c'],
  writeModel: async (model, _, options) => {
    requireWhole(options, 'a file of C')
    const { writeC } = await import('./c')
    return { bytes: encode(await writeC(model, 'save')) }
  },
}
