// Errors: the typed errors, the hint for a misspelt name, and the check of option names.
// Every folder may import this one; it imports nothing from outside itself.

export { BackendError, DataError, FormatError, HornbeamError, NonFiniteError, OptionError, ShapeError } from './classes'
export { didYouMean, nearestName } from './nearest'
export { checkOptions } from './options'
export { requireNumber, requireOneOf, requirePositiveInteger } from './require'
