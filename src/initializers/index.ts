// Initializers: what weights begin with. They fill host tensors from counter-based random numbers. Imports tensors,
// errors and the registry.

export * from './factories'
export {
  type Fans,
  type Initializer,
  type InitializerDefinition,
  type InitializerFunction,
  type InitializerName,
  type InitializerNames,
  type InitializerOption,
  initializer,
  initializerRegistry,
  type RandomStream,
  registerInitializer,
  resolveInitializer,
} from './initializer'
