// The operations on symbolic values: primitives, each declared once with its shape rule and gradient, and what is
// composed of them. Imports the graph, tensors and errors; knows nothing of layers or backends.

/**
 * The operations on symbolic values, of which layers, losses and jitted functions are written. Each has a gradient and runs on every
 * backend. A number, a nested array or a tensor is taken wherever a value is.
 *
 * @example
 * ```ts
 * const norm = jit((x: Value) => ops.sqrt(ops.sum(ops.square(x))))
 * console.log((await norm([3, 4])).item()) // 5
 * ```
 *
 * @module
 */

export * from './control'
export * from './cumulative'
export * from './derived'
export * from './elementwise/broadcast'
export * from './elementwise/elementwise'
export * from './fourier'
export * from './indexing'
export * from './linalg'
export * from './linear'
export * from './matmul'
export * from './nn/attention'
export * from './nn/byRank'
export * from './nn/convolution'
export * from './nn/ctc'
export * from './nn/kerasForms'
export * from './nn/layerNorm'
export * from './nn/nn'
export * from './nn/softmax'
export * from './nn/unfold'
export * from './numpy/aliases'
export * from './numpy/arithmetic'
export * from './numpy/bits'
export * from './numpy/core'
export * from './numpy/creation'
export * from './numpy/products'
export * from './numpy/rearrange'
export * from './numpy/rearranging'
export * from './numpy/searching'
export * from './numpy/statistics'
export * from './random'
export * from './recurrent'
export * from './reduce'
export * from './scan'
export * from './shape'
export * from './sort'
export * from './windows/adaptive'
export * from './windows/depthwise'
export * from './windows/transposed'
export * from './windows/volumes'
