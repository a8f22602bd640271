// Recurrent layers: one statement each, the cells they are made of, and the layers around them. Imports the base of
// layers and what that may import.

export { type BidirectionalOptions, bidirectional, type MergeMode } from './bidirectional'
export { RecurrentCell, type Sweep } from './cell'
export type { ChronoOptions } from './gateBias'
export { type GruOptions, gru } from './gru'
export { type GruCellOptions, gruCell } from './gruCell'
export { type LstmOptions, lstm } from './lstm'
export { type LstmCellOptions, lstmCell } from './lstmCell'
export type { CellOptions, SequenceOptions } from './options'
export { RecurrentLayer } from './recurrentLayer'
export { type RnnOptions, rnn } from './rnn'
export { type SimpleRNNOptions, simpleRNN } from './simpleRNN'
export { type SimpleRNNCellOptions, simpleRNNCell } from './simpleRNNCell'
export { stackedRNNCells } from './stackedRNNCells'
export type { StandardOptions } from './standard'
export { type TimeDistributedOptions, timeDistributed } from './timeDistributed'
