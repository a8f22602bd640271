// The two LSTMs of xLSTM, with exponential gates. Imports the cells and the recurrent layer.

export { type MLstmOptions, mLSTM } from './mLSTM'
export { type ForgetGate, type SLstmOptions, sLSTM } from './sLSTM'
