// Keras' formats: `.keras`, the folder of the same files, and `.h5`. What reads and writes them is imported when needed.

import type { Format } from '../format'
import { beginOfHdf5 } from '../hdf5/begin'
import { jsonObjectOf } from '../json'
import { zipNames } from '../zip'

/** `.keras` files, of Keras 3 and tf_keras. */
export const keras: Format = {
  name: 'keras',
  what: "Keras' own file (.keras)",
  matches: ({ bytes }) => zipNames(bytes).some((name) => /^(config|metadata)\.json$|^model\.weights\./.test(name)),
  readModel: async (source) => (await import('./read')).readArchive(source),
  endings: ['.keras'],
  writeModel: async (...given) => (await import('./write')).writeArchive(...given),
  readTensors: async (source) => (await import('./read')).readArrays(source),
  readWeights: async (...given) => (await import('./read')).readWeightsFor(...given),
}

/** The folder of the same files: `save_model(zipped=False)`, and models on the Hugging Face Hub. */
export const kerasFolder: Format = {
  name: 'kerasFolder',
  what: "Keras' folder (config.json)",
  matches: ({ bytes }) => {
    const json = jsonObjectOf(bytes)
    return json !== undefined && 'class_name' in json && 'config' in json
  },
  readModel: async (source) => (await import('./read')).readFolder(source),
  readTensors: async (source) => (await import('./read')).readFolderArrays(source),
  readWeights: async (...given) => (await import('./read')).readFolderWeights(...given),
}

/** `.h5` files: whole models of Keras 2 and 3, and weights alone. */
export const h5: Format = {
  name: 'h5',
  what: 'HDF5 (.h5)',
  matches: ({ bytes }) => beginOfHdf5(bytes) >= 0,
  holdsModel: async (source) => (await import('./read')).holdsModel(source),
  readModel: async (source) => (await import('./read')).readH5(source),
  readTensors: async (source) => (await import('./read')).readArrays(source),
  readWeights: async (...given) => (await import('./read')).readWeightsFor(...given),
}

/** `.weights.h5` files: the weights of a model by its layers, without the model. They are read as any `.h5` file. */
export const kerasWeights: Format = {
  name: 'kerasWeights',
  what: "Keras' weights alone (.weights.h5)",
  matches: () => false,
  endings: ['.weights.h5'],
  writeModel: async (...given) => (await import('./write')).writeWeightsFile(...given),
}
