// The primitives and what is composed of them, by family. Imports the graph and tensors only.

export * from './broadcast'
export * from './elementwise'
export * from './matmul'
export * from './reduce'
export * from './shape'
