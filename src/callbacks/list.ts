// The callbacks of one run, called in order as if they were one.
import { describeValue, didYouMean, OptionError, textOf } from '../errors'
import type { Callback, CallbackHost, Logs, RunParameters } from './callback'
import type { SafePoint, TrainingRun } from './runs/run'

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
  'setRun',
  'getState',
  'setState',
  'wantsBatchLogs',
  'onTrainBegin',
  'onTrainEnd',
  'onEpochBegin',
  'onEpochResume',
  'onEpochEnd',
  'onSafePoint',
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
 * const list = new CallbackList([earlyStopping()], model, { epochs: 1, steps: 10 })
 * await list.run('onTrainBegin')
 * for (let step = 0; step < 10; step++) await list.batch('onTrainBatchEnd', step, list.wantsBatchLogs(step) ? { loss: 1 } : {})
 * ```
 */
export class CallbackList {
  private readonly callbacks: readonly Callback[]
  /** Those that remember something of a run. */
  private readonly remembering: readonly Callback[]

  /** @throws OptionError for what is not a callback, and for a misspelt method. */
  constructor(
    callbacks: Callback | readonly (Callback | readonly Callback[])[] | undefined,
    model: CallbackHost,
    parameters: RunParameters,
    run?: TrainingRun,
  ) {
    const list = callbacks === undefined ? [] : [callbacks].flat(2)
    for (const [i, callback] of list.entries()) checkCallback(callback, i)
    const given = list as readonly Callback[] // flat(2) undoes both levels of lists
    // Who keeps the run begins and ends after all others: what they do then is a part of it.
    this.callbacks = [
      ...given.filter(({ setRun }) => setRun === undefined),
      ...given.filter(({ setRun }) => setRun !== undefined),
    ]
    this.remembering = given.filter(({ getState }) => getState !== undefined)
    for (const callback of this.callbacks) {
      callback.setParameters?.(parameters)
      if (run !== undefined) callback.setRun?.(run)
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

  /** Tells that an epoch goes on in its middle. */
  resumeEpoch(epoch: number, step: number): void | Promise<void> {
    return this.each((callback) => callback.onEpochResume?.(epoch, step))
  }

  /** Tells that the run can be kept now. */
  safePoint(at: SafePoint): void | Promise<void> {
    return this.each((callback) => callback.onSafePoint?.(at))
  }

  /** What the callbacks remember, of those that do, in order. */
  getStates(): Promise<unknown[]> {
    return Promise.all(this.remembering.map((callback) => callback.getState?.()))
  }

  /** @throws OptionError where these are not the states of such callbacks. */
  checkStates(states: readonly unknown[]): void {
    if (states.length === this.remembering.length) return
    throw new OptionError(
      `callbacks: expected ${states.length} that remember something, as in the run that goes on, got ${this.remembering.length}`,
    )
  }

  /** Gives the callbacks back what they remembered. */
  async setStates(states: readonly unknown[]): Promise<void> {
    this.checkStates(states)
    for (const [i, callback] of this.remembering.entries()) await callback.setState?.(states[i])
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
    throw new OptionError(`${where}: expected an object with methods such as onEpochEnd, got ${textOf(callback)}`)
  }
  const names = methodNames(callback)
  for (const name of names) {
    if (/^on[A-Z_]/.test(name) && !isCallbackMethod(name)) {
      throw new OptionError(`${where}: unknown method '${name}'.${didYouMean(name, callbackMethods)}`)
    }
  }
  for (const [one, other] of [
    ['getState', 'setState'],
    ['setState', 'getState'],
  ]) {
    if (names.includes(one) && !names.includes(other)) {
      throw new OptionError(`${where}: expected ${other} beside ${one}, which comes with it`)
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
