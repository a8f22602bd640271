// Layers: one concept a file, each a factory named as in Keras. Imports ops, initializers, regularizers, constraints,
// activations, the runtime and tensors; nothing of models, losses or optimizers.

export { beginTrace, type Carrier, contextOf, type Trace } from './context'
export { isShapeList } from './layer'
export * from './public'
export { layerKinds } from './registry'
