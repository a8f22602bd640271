// Errors: the typed errors, how they show values, the hint for a misspelt name, and the checks of options.
// Every folder may import this one; it imports nothing from outside itself.

export {
  BackendError,
  DataError,
  FormatError,
  HornbeamError,
  type NonFiniteDetails,
  NonFiniteError,
  OptionError,
  ShapeError,
} from './classes'
export { describeValue, jsonOf, shortened, textOf } from './describe'
export { didYouMean, nearestName } from './nearest'
export { checkOptions } from './options'
export { loadPackage, notFound } from './packages'
export { placed } from './placed'
export {
  isCallable,
  isList,
  requireBoolean,
  requireList,
  requireNumber,
  requireOneOf,
  requirePositiveInteger,
  requireSignal,
  requireText,
  requireWalkable,
} from './require'
export { checkValue, inWords, meets, type Rule, type Rules } from './rules'
