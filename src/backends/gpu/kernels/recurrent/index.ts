// The kernels of the fused recurrent primitives: whole sequences, forwards and back through time. Imports the other kernels.

export { gruGradient } from './gruBackward'
export { gru } from './gruForward'
export { lstm, lstmGradient } from './lstm'
export { simpleRnn, simpleRnnGradient } from './simpleRnn'
