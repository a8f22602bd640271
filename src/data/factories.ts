// What users see as the namespace `data`, in the order in which one needs it.

/**
 * Data into samples and batches: windows, padding, tokenizers, scalers, datasets, CSV.
 *
 * @example
 * ```ts
 * const windows = data.windows({ degrees: [9, 11, 10, 12, 13] }, { length: 3 })
 * windows.size // 2
 * ```
 *
 * @module
 */

export { argMax, type ConfusionMatrixOptions, confusionMatrix } from './classes'
export {
  type CSVColumn,
  type CSVOptions,
  type CSVRow,
  type CSVType,
  type CSVValue,
  csv,
  type TypedRow,
} from './csv/csv'
export type { NumberFormat } from './csv/numbers'
export { type BucketByLengthOptions, bucketByLength } from './dataset/bucketByLength'
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
export { type JSONLinesOptions, type JSONRecord, jsonLines } from './files/jsonLines'
export { type ParquetOptions, type ParquetRow, parquet } from './files/parquet'
export type { TextSource } from './files/source'
export { type OneHotOptions, oneHot } from './oneHot'
export type { SampleBatch, Samples } from './samples'
export type { ScalerTable } from './scaler/features'
export {
  type InverseOptions,
  Scaler,
  type ScalerFitOptions,
  type ScalerJSON,
  type ScalerKind,
  type ScalerOptions,
  scaler,
  scalerFromJSON,
} from './scaler/scaler'
export { type PadSequencesOptions, padSequences, type Sequences } from './sequences/padSequences'
export type { MissingKind } from './series/fill'
export { type SplitInTimeOptions, splitInTime, type TimeSplit } from './series/splitInTime'
export type { Cell, ColumnChoice, Columns, Row, Series, SeriesLike } from './series/table'
export { type RowRange, type WindowBatch, type WindowSteps, Windows } from './series/windowSet'
export { type WindowsOptions, windows } from './series/windows'
export { type RandomSplit, type SplitData, type SplitOptions, split } from './split'
export { type StringLookup, type StringLookupOptions, stringLookup } from './text/stringLookup'
export type { TextMode, Texts } from './text/texts'
export { type TextVectorization, type TextVectorizationOptions, textVectorization } from './text/textVectorization'
export {
  loadTokenizer,
  Tokenizer,
  type TokenizerJSON,
  type TokenizerOptions,
  type TokenKind,
  tokenizer,
  tokenizerFromJSON,
} from './text/tokenizer'
export type { TimeFormat } from './time/timeReader'
