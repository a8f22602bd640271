// The registry mechanism: how losses, metrics, optimizers, layers... are named, made from options, checked, and turned
// into JSON and back. Imports the errors and host tensors only. Declaring has no effect; src/names registers what the library has.

export { type Config, type Configured, type Json, type JsonConfig, toJson } from './config'
export { type Declaration, type Declared, declarationOf, declareAs, register, shorthand } from './declared'
export {
  createRegistry,
  type Definition,
  type Factory,
  type OwnFunction,
  type Registry,
  type RegistryOptions,
} from './registry'
