// Models as hornbeam keeps them, and any other safetensors file. Tensors alone are read without what reads models.
import { encodeSafetensors, readSafetensors } from '../../io'
import type { Format } from '../format'
import { widenAll } from './widen'

const isModel = (bytes: Uint8Array): boolean => readSafetensors(bytes).metadata.format === 'hornbeam'

/** What reads and writes models. */
const models = () => import('./model')

export const hornbeam: Format = {
  name: 'hornbeam',
  what: "hornbeam's own file (.safetensors)",
  matches: ({ bytes }) => bytes.length > 8 && bytes[8] === 0x7b && bytes[6] === 0 && bytes[7] === 0,
  holdsModel: ({ bytes }) => isModel(bytes),
  readModel: async (source) => (await models()).readModelFile(source),
  readTensors: async ({ bytes }) => {
    const { tensors, metadata } = readSafetensors(bytes)
    return widenAll('safetensors', tensors, metadata.format === 'hornbeam')
  },
  readWeights: async ({ bytes }) =>
    isModel(bytes) ? { contents: (await models()).weightsIn(bytes), unused: [] } : undefined,
  endings: ['.safetensors'],
  writeModel: async (...given) => (await models()).writeModelFile(...given),
  writeTensors: async (tensors) => encodeSafetensors({ tensors, metadata: {} }),
}
