// A step of one's own as one graph: what its function asks for, in the order in which it asks.

import { describeValue, OptionError, ShapeError } from '../../errors'
import type { Signature } from '../../feed/stepData'
import {
  become,
  constant,
  type Graph,
  gradients as gradientsOf,
  type Operand,
  originOf,
  toValue,
  type Update,
  Value,
  Variable,
  variableOf,
  withContents,
} from '../../graph'
import { beginTrace, contextOf, during, Layer, maskOf, rememberMasks, type Trace } from '../../layers'
import { add, cast, mul, randomNormal, randomUniform, reshape, stopGradient, sum, zerosLike } from '../../ops'
import { applyOptimizer, type Optimizer, type OptimizerState } from '../../optimizers'
import { formatShape } from '../../tensor'
import type { CarriedVariables } from '../carried'
import type { Tally } from '../tally'
import {
  acceptTargets,
  batchPlaceholders,
  keepToConstraints,
  nextRandom,
  observations,
  type StepMode,
  type StepParts,
  shownByLayers,
  totalLoss,
} from '../traceStep'
import { counted, type Observation, type Tracker } from '../trackers'
import { requireGradient } from '../vain'
import type { Differentiable, StepResults, StepValue, Trainable, TrainStep, TrainStepFunction } from './trainStep'

/** What such a step needs beside what every step needs. */
export interface OwnStepParts extends StepParts {
  readonly tally: Tally
  /** An optimizer by its name, with the state it has of these variables: made where it is not there. */
  optimizerFor(
    name: string | undefined,
    variables: readonly Variable[],
  ): { readonly optimizer: Optimizer; readonly state: OptimizerState }
  /** Takes what `minimize` is told, in place of a step of an optimizer. */
  instead?(minimized: Minimized): void
}

/** What a step makes smaller: a loss, and its gradients by variables. */
interface Minimized {
  readonly loss: Value
  readonly gradients: readonly Value[]
  readonly variables: readonly Variable[]
}

/** Traces a step that a function says, of which what it minimizes is wanted, and nothing is moved. */
export function traceOwnLoss(own: TrainStepFunction, parts: OwnStepParts, signature: Signature) {
  const minimized: Minimized[] = []
  const { inputs, contents } = traced(own, { ...parts, instead: (each) => minimized.push(each) }, signature, true)
  return { minimized, inputs, updates: lastingIn(contents) }
}

/** Runs the function on symbolic values. */
function traced(
  own: TrainStepFunction,
  parts: OwnStepParts,
  signature: Signature,
  train: boolean,
  carrier?: ReturnType<CarriedVariables['carrier']>,
) {
  const trace = beginTrace(train, parts.random.value, { carrier })
  const { x, y, weights, masks, inputs } = batchPlaceholders(signature)
  rememberMasks(x, masks)
  const contents = new Map<Variable, Value>()
  const step = new OwnStep(parts, trace, { x, y, sampleWeight: weights[0] }, contents)
  const given = withContents(contents, () => during(undefined, contextOf(trace, masks), () => own(step)))
  return { trace, inputs, contents, step, results: checkResults(given) }
}

/** What variables are given for good. */
function lastingIn(contents: ReadonlyMap<Variable, Value>): Update[] {
  return [...contents].flatMap(([variable, value]) =>
    value === variable.source ? [] : [{ variable: variable.source, value }],
  )
}

/** Traces a step that a function says. Inputs: the x, the y, then the sample weights and masks that are given. */
export function traceOwnStep(own: TrainStepFunction, parts: OwnStepParts, signature: Signature, mode: StepMode): Graph {
  const carrier = mode.carried?.carrier()
  const { trace, inputs, contents, step, results } = traced(own, parts, signature, mode.train, carrier)
  const samples = constant(signature.x[0].shape[0] ?? 1, 'float32')
  const observed = new Map<Tracker, Observation>()
  for (const [key, value] of Object.entries(results)) {
    observed.set(parts.meanOf(key), { yPred: cast(value, 'float32'), sampleWeight: samples })
  }
  for (const [tracker, observation] of step.observed) observed.set(tracker, observation)
  for (const [tracker, observation] of shownByLayers(parts, [...observed.keys()], trace, samples)) {
    observed.set(tracker, observation)
  }
  parts.tally.settle([...observed.keys()])

  const { updates, results: outputs } = counted(observed.keys(), observed, mode.fresh)
  const lasting = lastingIn(contents)
  const { watched, found } = step
  const guards = mode.guarded === true && mode.train && watched !== undefined
  const gradients = parts.parameters.map((parameter) => found.get(parameter))
  updates.push(...(guards ? parts.guard.guarded(lasting, watched, gradients) : lasting))
  if (trace.streams > 0 && mode.train) updates.push(nextRandom(parts.random))
  return { inputs, outputs, updates }
}

interface Batch {
  readonly x: readonly Value[]
  readonly y: readonly Value[]
  readonly sampleWeight: Value | undefined
}

class OwnStep implements TrainStep {
  readonly x: StepValue
  readonly y: StepValue
  readonly sampleWeight: Value | undefined
  readonly model: Layer
  readonly training: boolean
  /** What metrics count. */
  readonly observed = new Map<Tracker, Observation>()
  /** The last gradients of the weights, and a number that is finite only where all losses and gradients are. */
  readonly found = new Map<Variable, Value>()
  watched: Value | undefined
  private readonly parts: OwnStepParts
  private readonly trace: Trace
  private readonly batch: Batch
  private readonly contents: Map<Variable, Value>

  constructor(parts: OwnStepParts, trace: Trace, batch: Batch, contents: Map<Variable, Value>) {
    this.parts = parts
    this.trace = trace
    this.batch = batch
    this.contents = contents
    this.x = oneOrAll(batch.x)
    this.y = oneOrAll(batch.y)
    this.sampleWeight = batch.sampleWeight
    this.model = parts.model
    this.training = trace.training
  }

  loss(yPred: Value | readonly Value[], yTrue?: Operand | readonly Operand[]): Value {
    const { outputs, targets } = this.pair('loss', yPred, yTrue)
    const weights = outputs.map(() => this.sampleWeight)
    const called = { outputs, masks: outputs.map(maskOf) }
    return totalLoss(this.parts, this.trace, called, targets, weights).total
  }

  observe(yPred: Value | readonly Value[], yTrue?: Operand | readonly Operand[]): void {
    const { outputs, targets } = this.pair('observe', yPred, yTrue)
    const trackers = this.parts.trackersFor(outputs, targets)
    const weights = outputs.map(() => this.sampleWeight)
    for (const [tracker, observation] of observations(
      trackers,
      { outputs, masks: outputs.map(maskOf) },
      targets,
      weights,
    )) {
      this.observed.set(tracker, observation)
    }
  }

  private pair(verb: string, yPred: Value | readonly Value[], yTrue: Operand | readonly Operand[] | undefined) {
    const outputs = yPred instanceof Value ? [yPred] : [...yPred]
    const given = yTrue ?? this.batch.y
    const list = outputs.length === 1 && !Array.isArray(given) ? [given] : [given].flat()
    const raw = list.map((item) => toValue(item as Operand))
    if (raw.length !== outputs.length) {
      throw new OptionError(
        `trainStep: ${verb}: expected targets for ${outputs.length} ${outputs.length === 1 ? 'output' : 'outputs'}, got ${raw.length}`,
      )
    }
    return { outputs, targets: acceptTargets(raw, outputs, this.parts.losses) }
  }

  gradients(of: Value, by: Differentiable): Value[] {
    const wrt = [by].flat().flatMap((each) => {
      if (each instanceof Value) return [each]
      return this.variables(each as Layer | Variable).map(({ value }) => originOf(value))
    })
    return this.gradientsBy(of, wrt).map((found, i) => found ?? zerosLike(wrt[i]))
  }

  private gradientsBy(of: Value, wrt: readonly Value[]): (Value | undefined)[] {
    if (of.shape.some((length) => length !== 1)) {
      throw new ShapeError(`trainStep: gradients: expected a scalar, got shape ${formatShape(of.shape)}`)
    }
    return gradientsOf([of], [reshape(constant(1, of.dtype), of.shape)], wrt)
  }

  minimize(loss: Value, by: Trainable = this.model, optimizer?: string): void {
    const variables = this.variables(by)
    const found = this.gradientsBy(
      loss,
      variables.map(({ value }) => originOf(value)),
    )
    const moved = variables.filter((_, i) => found[i] !== undefined)
    requireGradient(this.model, variables.length, moved.length)
    if (this.parts.instead !== undefined) {
      const gradients = found.map((gradient, i) => gradient ?? zerosLike(variables[i].value))
      this.parts.instead({ loss: reshape(loss, []), gradients, variables })
      return
    }
    this.watch(sum(loss))
    this.update(
      moved,
      found.filter((gradient) => gradient !== undefined),
      variables,
      optimizer,
    )
  }

  applyGradients(given: readonly Value[], by: Trainable = this.model, optimizer?: string): void {
    const variables = this.variables(by)
    if (given.length !== variables.length) {
      throw new OptionError(`trainStep: applyGradients: expected ${variables.length} gradients, got ${given.length}`)
    }
    this.update(variables, given, variables, optimizer)
  }

  /** One step of an optimizer; what it gives counts from here on. */
  private update(
    moved: readonly Variable[],
    given: readonly Value[],
    all: readonly Variable[],
    name: string | undefined,
  ): void {
    const { optimizer, state } = this.parts.optimizerFor(name, all)
    for (const [i, variable] of moved.entries()) {
      this.found.set(variable, given[i])
      this.watch(mul(sum(mul(given[i], given[i])), 0))
    }
    const { updates } = applyOptimizer(optimizer, moved, given, state)
    for (const { variable: source, value } of keepToConstraints(this.model, updates)) {
      const variable = variableOf(source)
      // What comes later is not differentiated through how the weights came about: `with` is for that.
      if (variable !== undefined) become(variable, stopGradient(value))
    }
  }

  private watch(value: Value): void {
    const scalar = cast(reshape(value, []), 'float32')
    this.watched = this.watched === undefined ? scalar : add(this.watched, scalar)
  }

  assign(variable: Variable, value: Operand): void {
    const typed = cast(toValue(value), variable.dtype)
    if (formatShape(typed.shape) !== formatShape(variable.shape)) {
      throw new ShapeError(
        `trainStep: assign: ${variable.name}: expected shape ${formatShape(variable.shape)}, got ${formatShape(typed.shape)}`,
      )
    }
    become(variable, stopGradient(typed))
  }

  with<T>(contents: ReadonlyMap<Variable, Value>, work: () => T): T {
    const inner = new Map([...this.contents, ...contents])
    const result = withContents(inner, work)
    // What layers told meanwhile, such as moving averages, lasts; the contents that were lent do not.
    for (const [variable, value] of inner) if (!contents.has(variable)) this.contents.set(variable, value)
    return result
  }

  variables(of: Trainable): Variable[] {
    const found = [of].flat().flatMap((each): Variable[] => {
      if (each instanceof Variable) return [each]
      if (each instanceof Layer) return each.trainableWeights.map(({ variable }) => variable)
      throw new OptionError(`trainStep: expected layers or variables, got ${describeValue(each)}`)
    })
    return [...new Set(found)]
  }

  randomNormal(shape: readonly number[], options: { readonly mean?: number; readonly deviation?: number } = {}): Value {
    const { state, stream } = this.random()
    return randomNormal(state, shape, { ...options, stream })
  }

  randomUniform(
    shape: readonly number[],
    options: { readonly minimum?: number; readonly maximum?: number } = {},
  ): Value {
    const { state, stream } = this.random()
    return randomUniform(state, shape, { ...options, stream })
  }

  random(seed?: number) {
    return contextOf(this.trace).random(seed)
  }
}

function oneOrAll(values: readonly Value[]): StepValue {
  return (values.length === 1 ? values[0] : values) as StepValue
}

/** @throws OptionError unless they are scalars by name. */
function checkResults(given: unknown): StepResults {
  if (typeof given !== 'object' || given === null || given instanceof Value || Array.isArray(given)) {
    throw new OptionError(`trainStep: expected a record of scalars such as { loss }, got ${describeValue(given)}`)
  }
  const results: Record<string, Value> = {}
  for (const [key, value] of Object.entries(given)) {
    if (!(value instanceof Value) || value.shape.some((length) => length !== 1)) {
      const got = value instanceof Value ? `shape ${formatShape(value.shape)}` : describeValue(value)
      throw new OptionError(`trainStep: ${key}: expected a scalar value, got ${got}`)
    }
    results[key] = reshape(value, [])
  }
  return results
}
