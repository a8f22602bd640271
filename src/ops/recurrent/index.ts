// What goes over a whole sequence in one instruction: the fused recurrent primitives, with a decomposition into `scan`, and linear
// recurrences, with one into rounds. Imports the other ops and the graph.

export {
  type Associative,
  type AssociativeOfLists,
  type AssociativeScanOptions,
  associativeScan,
} from './associativeScan'
export { type GruOperands, type GruResults, gru } from './gru'
export { complexLinearScan, type LinearScanOptions, linearScan } from './linearScan'
export { type LstmOperands, type LstmResults, lstm } from './lstm'
export { type SimpleRnnOperands, type SimpleRnnResults, simpleRnn } from './simpleRnn'
