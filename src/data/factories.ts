// What users see as the namespace `data`, in the order in which one needs it.

export type { Batched } from './dataset/collate'
export {
  type BatchOptions,
  Dataset,
  type PaddedBatchOptions,
  type ShuffleOptions,
  type Source,
} from './dataset/dataset'
export type { PadBatchOptions, PaddedBatch } from './dataset/padBatch'
export {
  type ArraysElement,
  type ArraysLike,
  fromArrays,
  fromGenerator,
  fromIterable,
} from './dataset/sources'
export type { SampleBatch, Samples } from './samples'
export { type PadSequencesOptions, padSequences, type Sequences } from './sequences/padSequences'
export { type SplitInTimeOptions, splitInTime, type TimeSplit } from './series/splitInTime'
export type { Cell, ColumnChoice, Columns, Row, Series, SeriesLike } from './series/table'
export { type WindowBatch, Windows, type WindowsOptions, windows } from './series/windows'
