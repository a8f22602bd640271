// Callbacks: methods that training calls at its turning points.
// Imports host tensors, io (to write files) and the errors; a model reaches them through `CallbackHost`.

export { callbackList } from './list'
export * from './public'
export { stopOnInterrupt } from './terminal/interrupt'
export { type Spread, spreadOf } from './tracking/spread'
