// Initializers: what weights begin with. They fill host tensors from counter-based random numbers. Imports tensors,
// errors and the registry.

export * from './factories'
export {
  type Initializer,
  type InitializerDefinition,
  type InitializerOption,
  initializer,
  initializerRegistry,
  isInitializer,
  type RandomKey,
  resolveInitializer,
} from './initializer'
export { orthonormalize } from './orthogonal'
export { fansOf } from './varianceScaling'
