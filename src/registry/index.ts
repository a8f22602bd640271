// The registry mechanism: how losses, metrics, optimizers, layers... are named, made from options, checked, and turned
// into JSON and back. Imports the errors and host tensors only; whatever has a name registers itself here at import.

export { type Config, type Configured, type Json, type JsonConfig, toJson } from './config'
export { createRegistry, type Definition, type Factory, type Registry, type RegistryOptions } from './registry'
