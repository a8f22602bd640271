// The state of an optimizer: variables with the names Keras gives them, made once for the weights it is to change.
import { OptionError, textOf } from '../../errors'
import { Variable } from '../../graph'
import { isSchedule } from '../../schedules'
import { type DType, full, type Tensor, tensor, zeros } from '../../tensor'
import { learningRateAt, type Optimizer, type OptimizerParts } from './optimizer'

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
  /** The states of the optimizers it consists of. */
  readonly parts?: ReadonlyMap<Optimizer, OptimizerState>
  /** All of the above, in the order in which they are saved. */
  readonly variables: readonly Variable[]
}

/**
 * Makes the variables an optimizer needs to change these weights.
 *
 * @param before - what it remembers already, where layers were frozen or thawed since. With weights among these that it does
 *   not know it begins anew, for steps are corrected by how many there were; the learning rate stays as it was set.
 * @param grows - whether it goes on with weights that it does not know: a training step of one's own tells of them one by one.
 * @param name - what the names of its variables begin with.
 */
export function createOptimizerState(
  optimizer: Optimizer,
  parameters: readonly Variable[],
  before?: OptimizerState,
  grows = false,
  name = optimizer.name,
): OptimizerState {
  const { learningRate, initialShared, options, parts } = optimizer
  if (parts !== undefined) return createStateOfParts(parts, parameters, before, grows, name)
  const dtype = parameters.some((parameter) => parameter.dtype === 'float64') ? 'float64' : 'float32'
  const variables: Variable[] = []
  const kept = grows || parameters.every((parameter) => before?.perParameter.has(parameter)) ? before : undefined
  const make = (
    path: string,
    initial: number,
    { shape, dtype: type }: Pick<Variable, 'shape' | 'dtype'>,
    known: Variable | undefined,
  ): Variable => {
    const taken = known?.dtype === type ? known : undefined
    const content = (): Tensor => (initial === 0 ? zeros(shape, type) : full(shape, initial, type))
    const variable = taken ?? new Variable('', content(), { trainable: false })
    variable.name = `${name}/${path}`
    variables.push(variable)
    return variable
  }
  const record = (initial: Readonly<Record<string, number>>, of: (slot: string, value: number) => Variable) =>
    Object.fromEntries(Object.entries(initial).map(([slot, value]) => [slot, of(slot, value)]))

  const number = { shape: [], dtype } as const
  const iterations = make('iterations', 0, { shape: [], dtype: 'int32' }, kept?.iterations)
  const rate = isSchedule(learningRate) ? undefined : make('learning_rate', learningRate, number, before?.learningRate)
  const shared = record(initialShared, (slot, value) => make(snakeCase(slot), value, number, kept?.shared[slot]))
  const perParameter = new Map<Variable, ParameterState>()
  for (const parameter of parameters) {
    const known = kept?.perParameter.get(parameter)
    const path = parameter.name.replaceAll('/', '_')
    const slot = (suffix: string, initial: number, was: Variable | undefined, shape = parameter.shape): Variable =>
      make(`${path}_${snakeCase(suffix)}`, initial, { shape, dtype: parameter.dtype }, was)
    const own = Object.entries(optimizer.slotsOf(parameter)).map(([suffix, { initial, shape }]) => {
      return [suffix, slot(suffix, initial, known?.slots[suffix], shape)] as const
    })
    perParameter.set(parameter, {
      slots: Object.fromEntries(own),
      average: options.useEma ? slot('average', 0, known?.average) : undefined,
      accumulated:
        options.gradientAccumulationSteps === undefined
          ? undefined
          : slot('gradientAccumulator', 0, known?.accumulated),
    })
  }
  return { parameters, iterations, learningRate: rate, dtype, shared, perParameter, variables }
}

/** The states of all, and what the optimizer that they make up keeps itself: how many steps there were. */
function createStateOfParts(
  { all, of }: OptimizerParts,
  parameters: readonly Variable[],
  before: OptimizerState | undefined,
  grows: boolean,
  name: string,
): OptimizerState {
  const kept = grows || parameters.every((parameter) => before?.perParameter.has(parameter)) ? before : undefined
  const iterations = kept?.iterations ?? new Variable('', zeros([], 'int32'), { trainable: false })
  iterations.name = `${name}/iterations`
  const owners = new Map(parameters.map((parameter) => [parameter, of(parameter)]))
  const parts = new Map(
    all.map((each, i) => {
      const own = parameters.filter((parameter) => owners.get(parameter) === each)
      return [each, createOptimizerState(each, own, before?.parts?.get(each), grows, `${name}/${i}/${each.name}`)]
    }),
  )
  const states = [...parts.values()]
  return {
    parameters,
    iterations,
    learningRate: undefined,
    dtype: states.some(({ dtype }) => dtype === 'float64') ? 'float64' : 'float32',
    shared: {},
    perParameter: new Map(states.flatMap(({ perParameter }) => [...perParameter])),
    parts,
    variables: [iterations, ...states.flatMap(({ variables }) => variables)],
  }
}

/** `velocityHat` as Keras writes it: `velocity_hat`. */
function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** The learning rate of the next step; of several optimizers, that of the last, which is the default. */
export async function readLearningRate(optimizer: Optimizer, state: OptimizerState): Promise<number> {
  const last = [...(state.parts ?? [])].at(-1)
  if (last !== undefined) return readLearningRate(...last)
  if (state.learningRate !== undefined) return (await state.learningRate.read()).item()
  return learningRateAt(optimizer, (await state.iterations.read()).item())
}

/**
 * Sets the learning rate from the next step on.
 *
 * @throws OptionError where it follows a schedule, where there are several optimizers, or where it is not a number from 0.
 */
export async function writeLearningRate(optimizer: Optimizer, state: OptimizerState, rate: number): Promise<void> {
  if (state.parts !== undefined) {
    throw new OptionError(
      `${optimizer.name}: each of its optimizers has a learning rate of its own; give them schedules`,
    )
  }
  if (state.learningRate === undefined) {
    throw new OptionError(`${optimizer.name}: the learning rate follows a schedule and cannot be set.`)
  }
  if (typeof rate !== 'number' || !(rate >= 0)) {
    throw new OptionError(`${optimizer.name}: expected a learning rate from 0, got ${textOf(rate)}`)
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
