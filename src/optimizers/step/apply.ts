// From gradients to new weights: accumulation, clipping, weight decay, the optimizer's own formula, moving averages, in
// the order Keras has them (optimizers/base_optimizer.py).
import { constant, type Update, type Value, type Variable } from '../../graph'
import { add, cast, div, equal, floor, maximum, mod, mul, notEqual, sub, where } from '../../ops'
import { isSchedule } from '../../schedules'
import { clipGradients, globalNorm, isClipped } from './clip'
import type { Optimizer } from './optimizer'
import type { OptimizerState, ParameterState } from './state'

/** One step of an optimizer, in a graph. */
export interface Applied {
  /** The new content of the weights and of the optimizer's own variables. */
  readonly updates: readonly Update[]
  /** The norm of all gradients together, before clipping. */
  readonly gradientNorm: Value
  /** 1 where clipping changed a gradient, 0 where it did not. */
  readonly clipped: Value
  /** The learning rate of this step. */
  readonly learningRate: Value
}

/**
 * One step: new weights from gradients.
 *
 * @param parameters - the weights that have gradients, among those the state was made for.
 * @param gradients - one for each of them.
 */
export function applyOptimizer(
  optimizer: Optimizer,
  parameters: readonly Variable[],
  gradients: readonly Value[],
  state: OptimizerState,
): Applied {
  if (state.parts !== undefined) return applyParts(optimizer, parameters, gradients, state, state.parts)
  const { options, clip } = optimizer
  const clock = clockOf(optimizer, state)
  const parts = parameters.map((parameter) => state.perParameter.get(parameter))
  const averaged = gradients.map((gradient, i) =>
    averageGradient(gradient, parts[i], options.gradientAccumulationSteps),
  )
  const clipped = clipGradients(averaged, clip)
  const updates: Update[] = [{ variable: state.iterations.source, value: add(state.iterations, 1) }]
  const write = (variable: Variable, value: Value): void => {
    updates.push({ variable: variable.source, value })
  }

  const sharedBefore = valuesOf(state.shared)
  const shared = optimizer.updateShared({ step: clock.step, shared: sharedBefore })
  for (const [name, variable] of Object.entries(state.shared)) write(variable, clock.when(shared[name], variable.value))

  const moved = new Map<Variable, Value>()
  parameters.forEach((parameter, i) => {
    const { slots, accumulated } = parts[i] ?? noState(optimizer, parameter)
    const { dtype } = parameter
    const learningRate = cast(clock.learningRate, dtype)
    const result = optimizer.update({
      variable: decayed(optimizer, parameter, learningRate),
      undecayed: parameter.value,
      parameter,
      gradient: clipped[i],
      learningRate,
      step: cast(clock.step, dtype),
      slots: valuesOf(slots),
      shared: Object.fromEntries(Object.entries(shared).map(([name, value]) => [name, cast(value, dtype)])),
    })
    moved.set(parameter, clock.when(result.variable, parameter.value))
    for (const [name, slot] of Object.entries(slots)) write(slot, clock.when(result.slots[name], slot.value))
    if (accumulated !== undefined) write(accumulated, where(clock.isUpdate, 0, add(accumulated, gradients[i])))
  })

  for (const parameter of state.parameters) {
    const value = moved.get(parameter)
    const average = state.perParameter.get(parameter)?.average
    const content =
      average === undefined ? value : withAverage(optimizer, clock, value ?? parameter.value, average, write)
    if (content !== undefined && content !== parameter.value) write(parameter, content)
  }
  return {
    updates,
    gradientNorm: globalNorm(averaged),
    clipped: isClipped(averaged, clip),
    learningRate: clock.learningRate,
  }
}

/** One step of each optimizer that has a weight to move; the learning rate is that of the last, the default. */
function applyParts(
  { parts }: Optimizer,
  parameters: readonly Variable[],
  gradients: readonly Value[],
  state: OptimizerState,
  states: ReadonlyMap<Optimizer, OptimizerState>,
): Applied {
  const owners = parameters.map((parameter) => parts?.of(parameter))
  const applied = [...states].flatMap(([optimizer, own]) => {
    const places = [...owners.keys()].filter((i) => owners[i] === optimizer)
    if (places.length === 0) return []
    const [moved, given] = [places.map((i) => parameters[i]), places.map((i) => gradients[i])]
    return [applyOptimizer(optimizer, moved, given, own)]
  })
  const [usual] = [...states].slice(-1)
  const float = (value: Value): Value => cast(value, state.dtype)
  return {
    updates: [
      { variable: state.iterations.source, value: add(state.iterations, 1) },
      ...applied.flatMap(({ updates }) => updates),
    ],
    gradientNorm: globalNorm(applied.map((each) => float(each.gradientNorm))),
    clipped: applied.map((each) => each.clipped).reduce((most, each) => maximum(most, each), constant(0)),
    learningRate: clockOf(...usual).learningRate,
  }
}

/** What a step knows of time. */
interface Clock {
  /** The number of this update, from 1. */
  readonly step: Value
  readonly learningRate: Value
  /** Whether this step updates the weights rather than only adding up gradients. */
  readonly isUpdate: Value | boolean
  /** The new content in a step that updates, the old one in another. */
  when(updated: Value, before: Value): Value
}

function clockOf({ learningRate, options }: Optimizer, state: OptimizerState): Clock {
  const { gradientAccumulationSteps: period = 1 } = options
  const iterations = cast(state.iterations, state.dtype)
  const updatesMade = period === 1 ? iterations : floor(div(iterations, period))
  const isUpdate = period === 1 ? true : equal(mod(add(state.iterations, 1), period), 0)
  return {
    step: add(updatesMade, 1),
    learningRate: isSchedule(learningRate) ? learningRate.call(iterations) : rateOf(state),
    isUpdate,
    when: (updated, before) => (isUpdate === true ? updated : where(isUpdate, updated, before)),
  }
}

function rateOf({ learningRate }: OptimizerState): Value {
  if (learningRate === undefined) throw new Error('the optimizer state was made for a schedule')
  return learningRate.value
}

function averageGradient(gradient: Value, part: ParameterState | undefined, period = 1): Value {
  return part?.accumulated === undefined ? gradient : div(add(gradient, part.accumulated), period)
}

/** The weight after weight decay: w - w * weightDecay * learningRate. */
function decayed(optimizer: Optimizer, parameter: Variable, learningRate: Value): Value {
  const { excludeFromWeightDecay } = optimizer.options
  const weightDecay = optimizer.weightDecayOf(parameter)
  const spared = excludeFromWeightDecay.some((word) => parameter.name.includes(word))
  if (weightDecay === undefined || weightDecay === 0 || spared) return parameter.value
  return sub(parameter, mul(mul(parameter, weightDecay), learningRate))
}

/** Moves the average of a weight, and gives what the weight itself becomes: its average from time to time. */
function withAverage(
  { options }: Optimizer,
  { step }: Clock,
  value: Value,
  average: Variable,
  write: (variable: Variable, value: Value) => void,
): Value {
  const { emaMomentum, emaOverwriteFrequency: frequency } = options
  // The first average is the weight itself.
  const keep = mul(cast(notEqual(step, 1), value.dtype), emaMomentum)
  const next = add(mul(keep, average), mul(sub(1, keep), value))
  write(average, next)
  return frequency === undefined ? value : where(equal(mod(step, frequency), 0), next, value)
}

function valuesOf(variables: Readonly<Record<string, Variable>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(variables).map(([name, variable]) => [name, variable.value]))
}

function noState({ name }: Optimizer, parameter: Variable): never {
  throw new Error(`${name}: its state was not made for ${parameter.name}`)
}
