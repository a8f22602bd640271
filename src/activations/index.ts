// Activations: the functions of `ops` that are named as such, and how a layer finds them by name. Imports the ops, the
// registry mechanism and the errors.

export {
  type Activation,
  type ActivationFunction,
  type ActivationName,
  type ActivationNames,
  type ActivationOption,
  activationRegistry,
  registerActivation,
  resolveActivation,
} from './activation'
export * from './functions'
