// The kernels of the fused recurrent primitives: whole sequences, forwards and back through time. Imports the products
// and memory of the cpu backend.

export { gru, gruGradient } from './gru'
export { linearScan, linearScanGradient } from './linearScan'
export { lstm, lstmGradient } from './lstm'
export { simpleRnn, simpleRnnGradient } from './simpleRnn'
