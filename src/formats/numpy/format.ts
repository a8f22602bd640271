// NumPy's files among the formats: one array (.npy) or several by name (.npz).
import type { Format } from '../format'
import { zipNames } from '../zip'

/** Arrays by name, as numpy.savez writes them. */
export const npz: Format = {
  name: 'npz',
  what: 'arrays of NumPy (.npz)',
  matches: ({ bytes }) => {
    const names = zipNames(bytes)
    return names.length > 0 && names.every((name) => name.endsWith('.npy'))
  },
  readTensors: async ({ where, bytes }) => {
    const [{ readNpz }, { openZip }] = await Promise.all([import('./npz'), import('../zip')])
    return readNpz(openZip(where, bytes), bytes.length)
  },
  endings: ['.npz'],
  writeTensors: async (tensors) => (await import('./npz')).writeNpz(tensors),
}

/** One array, as numpy.save writes it; its name is `arr_0`, as numpy.savez has it. */
export const npy: Format = {
  name: 'npy',
  what: 'an array of NumPy (.npy)',
  matches: ({ bytes }) => bytes[0] === 0x93 && bytes[1] === 0x4e && bytes[2] === 0x55,
  readTensors: async ({ where, bytes }) => {
    const { readNpy } = await import('./npy')
    return new Map([['arr_0', readNpy(where, bytes)]])
  },
}
