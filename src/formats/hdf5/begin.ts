// Where the HDF5 in a file begins. By itself, as it is asked of every file before what reads HDF5 is loaded.

const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]

/** The first byte of the HDF5: 0, or where its user has put something before it, 512, 1024, 2048, ...; -1 for a file of another kind. */
export function beginOfHdf5(bytes: Uint8Array): number {
  for (let at = 0; at + signature.length <= bytes.length; at = at === 0 ? 512 : 2 * at) {
    if (signature.every((byte, i) => bytes[at + i] === byte)) return at
  }
  return -1
}
