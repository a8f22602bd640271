// Several arrays of NumPy in a zip (.npz), by name.
import { FormatError } from '../../errors'
import { Budget } from '../../io'
import type { Tensor } from '../../tensor'
import { type Archive, writeZip } from '../zip'
import { readNpy, writeNpy } from './npy'

/**
 * All arrays of a .npz file.
 *
 * @param size - the number of bytes of the file, which bounds what comes out of it.
 * @throws FormatError where one cannot be read.
 */
export function readNpz(archive: Archive, size: number): ReadonlyMap<string, Tensor> {
  const budget = new Budget('npz', size)
  // Of what is too large together nothing is unpacked.
  new Budget('npz', size).take(archive.names.reduce((sum, name) => sum + archive.sizeOf(name), 0))
  const tensors = new Map<string, Tensor>()
  for (const path of archive.names) {
    if (path.endsWith('/')) continue
    if (!path.endsWith('.npy')) throw new FormatError(`npz: expected arrays alone (.npy), got '${path.slice(0, 100)}'`)
    const name = path.slice(0, -'.npy'.length)
    tensors.set(name, readNpy(`npz: ${name.slice(0, 100)}`, archive.read(path, budget.rest), budget))
  }
  return tensors
}

/** The bytes of a .npz file. @throws FormatError for a name that no file can have. */
export function writeNpz(tensors: ReadonlyMap<string, Tensor>): Uint8Array<ArrayBuffer> {
  for (const name of tensors.keys()) {
    const parts = name.split('/')
    if (parts.some((part) => part === '' || part === '.' || part === '..') || /[\\:\0]/.test(name)) {
      throw new FormatError(`npz: '${name}': expected a name that a file can have`)
    }
  }
  return writeZip(new Map([...tensors].map(([name, tensor]) => [`${name}.npy`, writeNpy(tensor)])))
}
