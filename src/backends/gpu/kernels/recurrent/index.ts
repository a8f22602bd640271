// The kernels of the fused recurrent primitives: whole sequences, forwards and back through time. Imports the other kernels.

export { gru, gruGradient } from './gru'
export { lstm, lstmGradient } from './lstm'
