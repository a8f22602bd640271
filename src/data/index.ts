// Data on its way into a model: batches and their sources, checks of what was given.
// Imports host tensors, io (to read files) and the errors.

export type { Batch, BatchSource, DataLike, Structure, TensorBatch } from './batch'
export { isBatchSource } from './batch'
export { checkFinite, checkSameLength, checkSampleShape } from './checks'
export {
  type ArraysOptions,
  arraysSource,
  type DrawOptions,
  drawBatches,
  type Rows,
  shuffledOrder,
  sliceRows,
  splitRows,
  tensorRows,
} from './rows'
export { isRecord, isTensorList, mapStructure, namedParts, tensorsFor, toTensors } from './structure'
