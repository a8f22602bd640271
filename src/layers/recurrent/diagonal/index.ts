// Recurrent layers in whose states each number goes its own way: no matrix stands between one step and the next. Imports the cells and
// the recurrent layer.

export { type IndRNNOptions, indRNN } from './indRNN'
export { droppedInputs, heldWhereMasked, lastStep } from './linearCell'
export { type LruOptions, lru } from './lru'
export { type MambaOptions, mamba } from './mamba'
export { type MinGRUOptions, minGRU } from './minGRU'
export { type MinLSTMOptions, minLSTM } from './minLSTM'
export { type InputDropoutOptions, inputDropoutOptions } from './options'
export { type RgLruOptions, rgLRU } from './rgLRU'
export { sequenceLayer } from './sequenceLayer'
