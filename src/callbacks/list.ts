// The callbacks of one run, called in order as if they were one.
import { describeValue, didYouMean, OptionError } from '../errors'
import type { Callback, CallbackHost, Logs, RunParameters } from './callback'

/** The events of a whole run. */
export type RunEvent = 'onTrainBegin' | 'onTrainEnd' | 'onTestBegin' | 'onTestEnd' | 'onPredictBegin' | 'onPredictEnd'

/** The events of one epoch. */
export type EpochEvent = 'onEpochBegin' | 'onEpochEnd'

/** The events of one batch. */
export type BatchEvent =
  | 'onTrainBatchBegin'
  | 'onTrainBatchEnd'
  | 'onTestBatchBegin'
  | 'onTestBatchEnd'
  | 'onPredictBatchBegin'
  | 'onPredictBatchEnd'

/** Every method a callback may have. */
export const callbackMethods = [
  'setModel',
  'setParameters',
  'wantsBatchLogs',
  'onTrainBegin',
  'onTrainEnd',
  'onEpochBegin',
  'onEpochEnd',
  'onBatchBegin',
  'onBatchEnd',
  'onTrainBatchBegin',
  'onTrainBatchEnd',
  'onTestBegin',
  'onTestEnd',
  'onTestBatchBegin',
  'onTestBatchEnd',
  'onPredictBegin',
  'onPredictEnd',
  'onPredictBatchBegin',
  'onPredictBatchEnd',
] as const satisfies readonly (keyof Callback)[]

/** The other name under which a callback may have the method for an event. */
const aliases: Partial<Record<BatchEvent, 'onBatchBegin' | 'onBatchEnd'>> = {
  onTrainBatchBegin: 'onBatchBegin',
  onTrainBatchEnd: 'onBatchEnd',
}

/**
 * Calls callbacks in order, waiting for those that are async. Where none is, nothing is awaited and no promise made.
 *
 * @example
 * ```ts
 * const list = new CallbackList(options.callbacks, model, { epochs, steps })
 * await list.run('onTrainBegin', {})
 * for (...) await list.batch('onTrainBatchEnd', step, list.wantsBatchLogs(step) ? await readLogs() : {})
 * ```
 */
export class CallbackList {
  private readonly callbacks: readonly Callback[]

  /** @throws OptionError for what is not a callback, and for a misspelt method. */
  constructor(
    callbacks: Callback | readonly (Callback | readonly Callback[])[] | undefined,
    model: CallbackHost,
    parameters: RunParameters,
  ) {
    const list = callbacks === undefined ? [] : [callbacks].flat(2)
    for (const [i, callback] of list.entries()) checkCallback(callback, i)
    this.callbacks = list as readonly Callback[] // flat(2) undoes both levels of lists
    for (const callback of this.callbacks) {
      callback.setParameters?.(parameters)
      callback.setModel?.(model)
    }
  }

  /** Whether any callback looks at the logs at the end of this batch, of training or of a test. */
  wantsBatchLogs(batch: number, event: 'onTrainBatchEnd' | 'onTestBatchEnd' = 'onTrainBatchEnd'): boolean {
    return this.callbacks.some((callback) => {
      const alias = aliases[event]
      if (callback[event] === undefined && (alias === undefined || callback[alias] === undefined)) return false
      return callback.wantsBatchLogs?.(batch) ?? true
    })
  }

  /** Whether any callback deals with losses that are not finite. */
  get handlesNonFinite(): boolean {
    return this.callbacks.some((callback) => callback.handlesNonFinite === true)
  }

  /** Tells of the beginning or end of training, testing or prediction. */
  run(event: RunEvent, logs: Logs = {}): void | Promise<void> {
    return this.each((callback) => callback[event]?.(logs))
  }

  /** Tells of the beginning or end of an epoch. */
  epoch(event: EpochEvent, epoch: number, logs: Logs = {}): void | Promise<void> {
    return this.each((callback) => callback[event]?.(epoch, logs))
  }

  /** Tells of the beginning or end of a batch. */
  batch(event: BatchEvent, batch: number, logs: Logs = {}): void | Promise<void> {
    const alias = aliases[event]
    if (alias === undefined) return this.each((callback) => callback[event]?.(batch, logs))
    return this.each((callback) => {
      const first = callback[event]?.(batch, logs)
      if (callback[alias] === undefined) return first
      return first instanceof Promise ? first.then(() => callback[alias]?.(batch, logs)) : callback[alias](batch, logs)
    })
  }

  private each(call: (callback: Callback) => void | Promise<void>, from = 0): void | Promise<void> {
    for (let i = from; i < this.callbacks.length; i++) {
      const waiting = call(this.callbacks[i])
      if (waiting instanceof Promise) return waiting.then(() => this.each(call, i + 1))
    }
  }
}

/** The callbacks an option gives. @throws OptionError where it is no list. */
export function callbackList(where: string, given: readonly Callback[] = []): readonly Callback[] {
  if (Array.isArray(given)) return given
  throw new OptionError(`${where}: callbacks: expected a list, got ${describeValue(given)}`)
}

function checkCallback(callback: unknown, index: number): asserts callback is Callback {
  const where = `callbacks[${index}]`
  if (typeof callback !== 'object' || callback === null) {
    throw new OptionError(`${where}: expected an object with methods such as onEpochEnd, got ${String(callback)}`)
  }
  const names = methodNames(callback)
  for (const name of names) {
    if (/^on[A-Z_]/.test(name) && !isCallbackMethod(name)) {
      throw new OptionError(`${where}: unknown method '${name}'.${didYouMean(name, callbackMethods)}`)
    }
  }
  if (!names.some(isCallbackMethod)) {
    throw new OptionError(`${where}: expected a method such as onEpochEnd, got ${names.join(', ') || 'none'}`)
  }
}

function isCallbackMethod(name: string): boolean {
  return callbackMethods.some((known) => known === name)
}

/** The methods an object has itself or from its classes. */
function methodNames(object: object): string[] {
  const names = new Set<string>()
  for (let level: unknown = object; level instanceof Object && level !== Object.prototype; ) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(level))) {
      if (typeof value === 'function' && name !== 'constructor') names.add(name)
    }
    level = Object.getPrototypeOf(level)
  }
  return [...names]
}
