// The kernels of the fused recurrent primitives: whole sequences, forwards and back through time. Imports the other kernels.

export { gruGradient } from './gru-backward'
export { gru } from './gru-forward'
export { lstm, lstmGradient } from './lstm'
