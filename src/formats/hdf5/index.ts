// HDF5, as far as h5py and Keras write it: our own reader and writer, held to h5py's files. Imports tensors and errors.

export { allDatasets, type H5Dataset, type H5Group, openHdf5 } from './read'
export type { H5Value } from './values'
export { type H5Array, type H5Content, writeHdf5 } from './write'
