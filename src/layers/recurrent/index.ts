// Recurrent layers: one statement each, the cells they are made of, and the layers around them. Imports the base of
// layers and what that may import.

export { type BidirectionalOptions, bidirectional, type MergeMode } from './bidirectional'
export { RecurrentCell, type Sweep } from './cells/cell'
export type { ChronoOptions } from './cells/gateBias'
export { type GruCellOptions, gruCell } from './cells/gruCell'
export { type LstmCellOptions, lstmCell } from './cells/lstmCell'
export { type SimpleRNNCellOptions, simpleRNNCell } from './cells/simpleRNNCell'
export { stackedRNNCells } from './cells/stackedRNNCells'
export type { StandardOptions } from './cells/standard'
export {
  type ConvLSTM1dOptions,
  type ConvLSTM2dOptions,
  type ConvLSTM3dOptions,
  convLSTM1d,
  convLSTM2d,
  convLSTM3d,
} from './convLSTM'
export {
  type IndRNNOptions,
  indRNN,
  type LruOptions,
  lru,
  type MambaOptions,
  type MinGRUOptions,
  type MinLSTMOptions,
  mamba,
  minGRU,
  minLSTM,
  type RgLruOptions,
  rgLRU,
} from './diagonal'
export { type GruOptions, gru } from './gru'
export { type LstmOptions, lstm } from './lstm'
export type { CellOptions, SequenceOptions } from './options'
export { RecurrentLayer } from './recurrentLayer'
export { type RnnOptions, rnn } from './rnn'
export { type SimpleRNNOptions, simpleRNN } from './simpleRNN'
export { type TimeDistributedOptions, timeDistributed } from './timeDistributed'
export { type ForgetGate, type MLstmOptions, mLSTM, type SLstmOptions, sLSTM } from './xlstm'
