// HDF5, as far as h5py and Keras write it: our own reader and writer, held to h5py's files. Imports tensors and errors.
// The writer (`write.ts`) is imported by itself: who reads a file does not load it.

export { allDatasets, type H5Dataset, type H5Group, openHdf5 } from './read'
export type { H5Value } from './values'
