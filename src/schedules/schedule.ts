// What a schedule is, and the helper with which each is declared: one formula in ops serves the graph and the host.

import { describeValue, OptionError } from '../errors'
import { constant, constantNumber, optimize, type Value } from '../graph'
import { type Config, type Configured, createRegistry, type Definition, type Factory } from '../registry'

/** A learning rate that depends on how many updates were made. */
export interface Schedule extends Configured {
  /** The learning rate in a graph. `step`: the number of updates made before this one, as a float. */
  call(step: Value): Value
  /** The learning rate now, as a number. */
  at(step: number): number
}

/**
 * A schedule of one's own, written with element-wise `ops`: from the number of updates made to the learning rate. It becomes a
 * part of each step, on every backend.
 */
export type ScheduleFunction = (step: Value) => Value

/**
 * The names of schedules, which editors offer. A program adds those that it registers:
 *
 * @example
 * ```ts
 * declare module 'hornbeam' {
 *   interface ScheduleNames {
 *     readonly mine: true
 *   }
 * }
 * ```
 */
export interface ScheduleNames
  extends Readonly<
    Record<
      | 'cosineDecay'
      | 'cosineDecayRestarts'
      | 'exponentialDecay'
      | 'inverseTimeDecay'
      | 'piecewiseConstantDecay'
      | 'polynomialDecay'
      | 'warmup',
      true
    >
  > {}

/** A name of a schedule. */
export type ScheduleName = keyof ScheduleNames

/** What stands for a schedule: what a factory made, a registered name, a function of the number of updates, or a config. */
export type ScheduleOption = ScheduleName | Schedule | ScheduleFunction | Config

/** Whether it is a schedule. */
export function isSchedule(value: unknown): value is Schedule {
  return typeof value === 'object' && value !== null && 'call' in value && 'at' in value
}

/** All schedules by name. */
export const scheduleRegistry = /* @__PURE__ */ createRegistry<Schedule>('schedule', {
  isInstance: isSchedule,
  configOf: (schedule) => schedule.config,
  registeredWith: 'registerSchedule',
  fromFunction: (call, _, config) => {
    requireValue(call(constant(0, 'float64')))
    return {
      call,
      at: (step) => hostNumber(call(constant(step, 'float64'))),
      get config() {
        return config()
      },
    }
  },
})

/** How a schedule is declared: its options as everywhere, and its formula. */
export interface ScheduleDefinition<O> extends Omit<Definition<Schedule, O>, 'make'> {
  call(step: Value, options: O): Value
}

/** Declares a schedule and returns its factory. */
export function schedule<O extends object>(name: string, definition: ScheduleDefinition<O>): Factory<Schedule, O> {
  const { call, ...rest } = definition
  return scheduleRegistry.declare<O>(name, {
    ...rest,
    make: (options, config) => ({
      config,
      call: (step) => call(step, options),
      at: (step) => hostNumber(call(constant(step, 'float64'), options)),
    }),
  })
}

/** @throws OptionError for a function that is not written with ops: it would be asked once, not in every step. */
function requireValue(rate: unknown): void {
  if (typeof rate === 'object' && rate !== null && 'node' in rate) return
  throw new OptionError(
    `learningRate: expected a function that works the rate out with ops from the step it is given, such as (step) => ops.div(0.1, ops.add(1, step)), got one that gives ${describeValue(rate)}; model.setLearningRate sets a number between epochs`,
  )
}

/** The number a value of constants comes to: folding constants is all it takes. */
function hostNumber(value: Value): number {
  const [folded] = optimize({ inputs: [], outputs: [value], updates: [] }).outputs
  const number = constantNumber(folded)
  if (number === undefined) throw new Error('a schedule may be made of element-wise ops on numbers only')
  return number
}

/**
 * The schedule an option stands for.
 *
 * @throws OptionError for anything else.
 */
export function resolveSchedule(option: ScheduleOption | string): Schedule {
  return scheduleRegistry.resolve(option)
}

/**
 * Gives a schedule of one's own a name, under which it is taken, saved and found again.
 *
 * @param own - a function from the number of updates made, a float, to the learning rate, or a definition with options as the library's own have.
 * @returns the factory: with options where the definition has some.
 * @throws OptionError when the name is taken.
 *
 * @example
 * ```ts
 * registerSchedule('slowly', (step) => ops.div(0.1, ops.add(1, step)))
 * declare module 'hornbeam' { interface ScheduleNames { readonly slowly: true } } // for TypeScript
 * adam({ learningRate: 'slowly' })
 * ```
 */
export function registerSchedule(name: string, own: ScheduleFunction): Factory<Schedule, object>
export function registerSchedule<O extends object = object>(
  name: string,
  own: ScheduleDefinition<O>,
): Factory<Schedule, O>
export function registerSchedule<O extends object>(
  name: string,
  own: ScheduleFunction | ScheduleDefinition<O>,
): Factory<Schedule, O> {
  return scheduleRegistry.registerOwn(name, own, schedule<O>)
}
