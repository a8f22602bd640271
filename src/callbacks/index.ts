// Callbacks: methods that training calls at its turning points.
// Imports host tensors, io (to write files) and the errors; a model reaches them through `CallbackHost`.

export type { Callback, CallbackHost, Direction, Logs, RunParameters } from './callback'
export { type BatchEvent, CallbackList, type EpochEvent, type RunEvent } from './list'
