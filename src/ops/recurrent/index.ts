// The fused recurrent primitives: a whole sequence in one instruction, with a decomposition into `scan`.
// Imports the other ops and the graph.

export { type GruOperands, type GruResults, gru } from './gru'
export { type LstmOperands, type LstmResults, lstm } from './lstm'
export { type SimpleRnnOperands, type SimpleRnnResults, simpleRnn } from './simpleRnn'
