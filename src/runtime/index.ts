// The runtime: choosing a backend, compiling graphs for it, where variables live, and functions without a model.
// Imports the graph, tensors and the backends' contract; nothing of layers or models.

export { type Compiled, compile, compileProgram } from './compiled'
export { type ComputeOptions, compute } from './compute'
export {
  type Computed,
  type Differentiated,
  type GradOptions,
  grad,
  type JitOptions,
  jit,
  type Traced,
  valueAndGrad,
} from './jit'
export { checkBackendOption, checkProgramBytes, usualProgramBytes } from './options'
export { Programs } from './programs'
export { keep, moveTo, release } from './residence'
export { backendFor, selectBackend } from './select'
