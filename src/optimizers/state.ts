// The state of an optimizer: variables with the names Keras gives them, made once for the weights it is to change.
import { OptionError } from '../errors'
import { Variable } from '../graph'
import { isSchedule } from '../schedules'
import { type DType, full, tensor, zeros } from '../tensor'
import type { Optimizer } from './optimizer'

/** What an optimizer remembers of one weight. */
export interface ParameterState {
  /** The optimizer's own slots, such as `momentum`. */
  readonly slots: Readonly<Record<string, Variable>>
  /** The moving average, with `useEma`. */
  readonly average: Variable | undefined
  /** The gradients since the last update, with `gradientAccumulationSteps`. */
  readonly accumulated: Variable | undefined
}

/** Everything an optimizer remembers. */
export interface OptimizerState {
  /** The weights it was made for, in their order. */
  readonly parameters: readonly Variable[]
  /** The number of steps made, an `int32`. */
  readonly iterations: Variable
  /** The learning rate, which may be written between steps; undefined where it follows a schedule. */
  readonly learningRate: Variable | undefined
  /** The float type of the state common to all weights. */
  readonly dtype: DType
  readonly shared: Readonly<Record<string, Variable>>
  readonly perParameter: ReadonlyMap<Variable, ParameterState>
  /** All of the above, in the order in which they are saved. */
  readonly variables: readonly Variable[]
}

/** Makes the variables an optimizer needs to change these weights. */
export function createOptimizerState(optimizer: Optimizer, parameters: readonly Variable[]): OptimizerState {
  const { name, learningRate, initialShared, initialSlots, options } = optimizer
  const dtype = parameters.some((parameter) => parameter.dtype === 'float64') ? 'float64' : 'float32'
  const variables: Variable[] = []
  const make = (path: string, initial: number, shape: readonly number[], type: DType): Variable => {
    const content = initial === 0 ? zeros(shape, type) : full(shape, initial, type)
    const variable = new Variable(`${name}/${path}`, content, { trainable: false })
    variables.push(variable)
    return variable
  }
  const record = (initial: Readonly<Record<string, number>>, of: (slot: string, value: number) => Variable) =>
    Object.fromEntries(Object.entries(initial).map(([slot, value]) => [slot, of(slot, value)]))

  const iterations = make('iterations', 0, [], 'int32')
  const rate = isSchedule(learningRate) ? undefined : make('learning_rate', learningRate, [], dtype)
  const shared = record(initialShared, (slot, value) => make(snakeCase(slot), value, [], dtype))
  const perParameter = new Map<Variable, ParameterState>()
  for (const parameter of parameters) {
    const slot = (suffix: string, initial: number): Variable =>
      make(`${parameter.name.replaceAll('/', '_')}_${snakeCase(suffix)}`, initial, parameter.shape, parameter.dtype)
    perParameter.set(parameter, {
      slots: record(initialSlots, slot),
      average: options.useEma ? slot('average', 0) : undefined,
      accumulated: options.gradientAccumulationSteps === undefined ? undefined : slot('gradientAccumulator', 0),
    })
  }
  return { parameters, iterations, learningRate: rate, dtype, shared, perParameter, variables }
}

/** `velocityHat` as Keras writes it: `velocity_hat`. */
function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** The learning rate of the next step. */
export async function readLearningRate({ learningRate }: Optimizer, state: OptimizerState): Promise<number> {
  if (state.learningRate !== undefined) return (await state.learningRate.read()).item()
  const steps = (await state.iterations.read()).item()
  return isSchedule(learningRate) ? learningRate.at(steps) : learningRate
}

/**
 * Sets the learning rate from the next step on.
 *
 * @throws OptionError where it follows a schedule, or is not a number from 0.
 */
export async function writeLearningRate(optimizer: Optimizer, state: OptimizerState, rate: number): Promise<void> {
  if (state.learningRate === undefined) {
    throw new OptionError(`${optimizer.name}: the learning rate follows a schedule and cannot be set.`)
  }
  if (typeof rate !== 'number' || !(rate >= 0)) {
    throw new OptionError(`${optimizer.name}: expected a learning rate from 0, given ${String(rate)}.`)
  }
  await state.learningRate.write(tensor(rate, [], state.dtype))
}

/** Ends training with `useEma`: every weight is set to its moving average. Does nothing without it, or before a step. */
export async function finalizeAverages(state: OptimizerState): Promise<void> {
  if ((await state.iterations.read()).item() === 0) return
  for (const [parameter, { average }] of state.perParameter) {
    if (average !== undefined) await parameter.write(await average.read())
  }
}
