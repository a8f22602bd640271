// Data on its way into a model: datasets, windows over series, sequences of different lengths, texts, tables.
// Imports host tensors, io (files), the registry's JSON type and the errors.

export * from './factories'
export { isSamples } from './samples'
export { padded, sequenceTensors } from './sequences/padSequences'
export { isRagged } from './sequences/ragged'
export { binOf, crossedBinOf } from './text/hashes'
export { lookupOptions, StringLookup } from './text/stringLookup'
export { type FlatTexts, flatTexts, placesAs, type TextMode } from './text/texts'
export { TextVectorization, vectorizationOptions } from './text/textVectorization'
