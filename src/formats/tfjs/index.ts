// TensorFlow.js' layers models: `model.json` and the files of weights beside it.

import type { Format } from '../format'
import { jsonObjectOf } from '../json'

/** Layers models of TensorFlow.js, and of its converter. */
export const tfjs: Format = {
  name: 'tfjs',
  what: "TensorFlow.js' model.json",
  matches: ({ bytes }) => {
    const json = jsonObjectOf(bytes)
    return json !== undefined && ('modelTopology' in json || 'weightsManifest' in json)
  },
  endings: ['.json'],
  writeModel: async (...given) => (await import('./write')).writeTfjs(...given),
  readModel: async (source) => (await import('./read')).readTfjs(source),
  readWeights: async (...given) => (await import('./read')).readTfjsWeights(...given),
  readTensors: async (source) => (await import('./read')).readTfjsTensors(source),
}
