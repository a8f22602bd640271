// Data on its way into a model: datasets, windows over series, sequences of different lengths, texts, tables.
// Imports host tensors, io (files), the registry's JSON type and the errors.

export * from './factories'
export { isSamples } from './samples'
export { padded, sequenceTensors } from './sequences/padSequences'
export { isRagged } from './sequences/ragged'
