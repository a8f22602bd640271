// The train step as one graph: forward, losses, regularisation, gradients, clipping, optimizer update, running metrics.
// The test step is its first half; tracePrediction.ts has its first quarter.

import { DataError, OptionError } from '../errors'
import type { Signature } from '../feed/stepData'
import {
  constant,
  type Graph,
  gradients,
  placeholder,
  rebuildNode,
  substitute,
  type Update,
  type Value,
  type Variable,
} from '../graph'
import { beginTrace, type Called, contextOf, type Layer, type Trace } from '../layers'
import { alongValues, type Loss, lossOf } from '../losses'
import { add, cast, mul, reshape, sum } from '../ops'
import { applyOptimizer, type Optimizer, type OptimizerState } from '../optimizers'
import { ones } from '../tensor'
import type { CarriedVariables } from './carried'
import type { Guard } from './guard'
import { allTrackers, evaluationTrackers, type Tally, type Trackers } from './tally'
import { maskPlaceholders } from './tracePrediction'
import { counted, type Observation, type Tracker } from './trackers'
import { requireChoice, requireGradient, warnOfNothingTrainable } from './vain'

/** What a step needs to know of its model. */
export interface StepParts {
  readonly model: Layer
  readonly losses: readonly (Loss | undefined)[]
  readonly lossWeights: readonly number[]
  readonly optimizer: Optimizer
  readonly optimizerState: OptimizerState
  /** The variables the optimizer changes. */
  readonly parameters: readonly Variable[]
  readonly random: Variable
  /** What holds updates back once a step is not finite, where `StepMode.guarded`. */
  readonly guard: Guard
  /** The trackers, resolved once the shapes of the predictions are known. */
  trackersFor(predictions: readonly Value[], targets: readonly Value[]): Trackers
  /** The running mean of a number that layers show in the logs. */
  meanOf(key: string): Tracker
}

export interface StepMode {
  readonly train: boolean
  /** Gives the losses and metrics of this batch alone, as outputs in the order of `evaluationTrackers`; nothing is added up. */
  readonly fresh: boolean
  /** What the step adds its losses and metrics to; that of training by default. */
  readonly tally?: Tally
  /** Whether everything stays as it was from the first step that is not finite. */
  readonly guarded?: boolean
  /** What layers carry on from the step before and to the one after, where sequences are trained on in chunks. */
  readonly carried?: CarriedVariables
  /**
   * Where the batch is a chunk of longer sequences: its steps, by which it counts in the running means. By default each
   * sample counts as 1.
   */
  readonly counts?: number
}

/** Traces a train or test step. Inputs: the x, the y, then the sample weights and masks that are given. */
export function traceStep(parts: StepParts, signature: Signature, mode: StepMode): Graph {
  const trace = beginTrace(mode.train, parts.random.value, { carrier: mode.carried?.carrier() })
  const { inputs, called, targets, weights, perOutput, total } = traceLoss(parts, signature, trace)
  const trackers = parts.trackersFor(called.outputs, targets)

  const samples = signature.x[0].shape[0]
  const count = (mask: Value | undefined): Value =>
    mode.counts === undefined || mask === undefined
      ? constant(samples * (mode.counts ?? 1), 'float32')
      : sum(cast(mask, 'float32'))
  const observed = new Map<Tracker, Observation>([
    [trackers.loss, { yPred: total, sampleWeight: count(called.masks[0]) }],
  ])
  trackers.outputLosses.forEach((tracker, i) => {
    if (tracker !== undefined) observed.set(tracker, { yPred: perOutput[i], sampleWeight: count(called.masks[i]) })
  })
  for (const [tracker, observation] of observations(trackers, called, targets, weights)) {
    const { sampleWeight } = observation
    const byStep = mode.counts === undefined ? sampleWeight : mul(sampleWeight ?? ones([samples]), mode.counts)
    observed.set(tracker, tracker.averagesSamples ? { ...observation, sampleWeight: byStep } : observation)
  }

  const training = mode.train ? trainingUpdates(parts, total, trace) : undefined
  if (trackers.clipping !== undefined && training !== undefined) {
    const { norm, share } = trackers.clipping
    observed.set(norm, { yPred: training.gradientNorm, sampleWeight: constant(1) })
    observed.set(share, { yPred: training.clipped, sampleWeight: constant(1) })
  }

  const usual = (mode.fresh ? evaluationTrackers : allTrackers)(trackers)
  const shown = shownByLayers(parts, usual, trace, constant(samples, 'float32'))
  for (const [tracker, observation] of shown) observed.set(tracker, observation)
  const { updates, results } = counted([...usual, ...shown.keys()], observed, mode.fresh)
  const lasting = [...(training?.updates ?? []), ...trace.updates.values()]
  const guarded = mode.guarded && training !== undefined
  updates.push(...(guarded ? parts.guard.guarded(lasting, total, training.gradients) : lasting))
  if (trace.streams > 0 && mode.train) updates.push(nextRandom(parts.random))
  return {
    inputs,
    outputs: results,
    updates,
  }
}

/** The numbers that layers show in the logs. @throws OptionError for a name that another number has. */
export function shownByLayers(
  { meanOf }: Pick<StepParts, 'meanOf'>,
  others: readonly Tracker[],
  { metrics }: Trace,
  sampleWeight: Value,
): Map<Tracker, Observation> {
  const taken = [...metrics.keys()].find((name) => others.some(({ key }) => key === name))
  if (taken !== undefined) {
    throw new OptionError(`addMetric: expected a name that no other number in the logs has, got '${taken}'`)
  }
  return new Map([...metrics].map(([name, yPred]) => [meanOf(name), { yPred, sampleWeight }]))
}

/** What the metrics of each output count. */
export function observations(
  trackers: Trackers,
  { outputs, masks }: Called,
  targets: readonly Value[],
  weights: readonly (Value | undefined)[],
): Map<Tracker, Observation> {
  const observed = new Map<Tracker, Observation>()
  for (const [i, yPred] of outputs.entries()) {
    const count = (metrics: readonly Tracker[], sampleWeight: Value | undefined): void => {
      for (const tracker of metrics) observed.set(tracker, { yTrue: targets[i], yPred, sampleWeight })
    }
    count(trackers.metrics[i], maskWeight(masks[i]))
    count(trackers.weightedMetrics[i], weightOf(weights[i], masks[i]))
  }
  return observed
}

/**
 * Traces a forward pass as in training, of which only what layers carry on is kept: no loss, no gradients. Inputs: the x,
 * then the masks that are given.
 */
export function tracePassage(
  { model, random, guard }: Pick<StepParts, 'model' | 'random' | 'guard'>,
  { x: inputs, masked }: Pick<Signature, 'x' | 'masked'>,
  { carried, guarded = false }: Pick<StepMode, 'carried' | 'guarded'>,
): Graph {
  const x = inputs.map(({ shape, dtype }, i) => placeholder(shape, dtype, `x${i}`))
  const masks = maskPlaceholders(masked)
  const trace = beginTrace(true, random.value, { carrier: carried?.carrier() })
  model.callWith(x, contextOf(trace, masks))
  const lasting = [...trace.updates.values()]
  const updates = guarded ? guard.guardedPassage(lasting) : lasting
  if (trace.streams > 0) updates.push(nextRandom(random))
  return { inputs: [...x, ...masks.filter((mask) => mask !== undefined)], outputs: [], updates }
}

/** The parts of a step that make up its loss. */
export type LossParts = Pick<StepParts, 'model' | 'losses' | 'lossWeights'>

/** A traced forward pass with its loss. */
export interface TracedLoss {
  /** The x, the y, then the sample weights and the masks that are given. */
  readonly inputs: readonly Value[]
  readonly called: Called
  readonly targets: readonly Value[]
  /** The sample weights of each output that has some. */
  readonly weights: readonly (Value | undefined)[]
  readonly perOutput: readonly (Value | undefined)[]
  /** The losses as they are weighed, and all penalties. */
  readonly total: Value
}

/** The values that a batch gives a step; `inputs` are all that are there, in the order in which a Program takes them. */
export function batchPlaceholders(signature: Signature) {
  const x = signature.x.map(({ shape, dtype }, i) => placeholder(shape, dtype, `x${i}`))
  const y = signature.y.map(({ shape, dtype }, i) => placeholder(shape, dtype, `y${i}`))
  const weights = signature.weighted.map((shape, i) => shape && placeholder(shape, 'float32', `weight${i}`))
  const masks = maskPlaceholders(signature.masked)
  const inputs = [...x, ...y, ...[...weights, ...masks].filter((value) => value !== undefined)]
  return { x, y, weights, masks, inputs }
}

/** Traces the forward pass and the loss: the first half of a step. */
export function traceLoss(parts: LossParts, signature: Signature, trace: Trace): TracedLoss {
  const { x, y, weights, masks, inputs } = batchPlaceholders(signature)
  const called = parts.model.callWith(x, contextOf(trace, masks))
  requireMasks(called, signature.paddedTargets)
  const targets = acceptTargets(y, called.outputs, parts.losses)
  return {
    inputs,
    called,
    targets,
    weights,
    ...totalLoss(parts, trace, called, targets, weights),
  }
}

/** @throws DataError where the loss of padded targets would count steps that are not there. */
function requireMasks({ masks }: Called, paddedTargets: readonly boolean[] = []): void {
  if (paddedTargets.every((isPadded, i) => !isPadded || masks[i] !== undefined)) return
  throw new DataError(
    'y: expected one target for each sequence, got one for each step: a layer of the model ends the mask, so the steps that were filled in would count',
  )
}

/** Gradients, clipping, the optimizer, and the constraints on what it gives. */
function trainingUpdates({ optimizer, optimizerState, parameters, model }: StepParts, total: Value, trace: Trace) {
  const wrt = parameters.map((variable) => variable.value)
  const found = gradients([total], [constant(1, total.dtype)], wrt)
  const moved = parameters.filter((_, i) => found[i] !== undefined)
  warnOfNothingTrainable(model, parameters.length)
  requireGradient(model, parameters.length, moved.length)
  const { updates, gradientNorm, clipped } = applyOptimizer(
    optimizer,
    moved,
    found.filter((gradient) => gradient !== undefined),
    optimizerState,
  )
  const constrained = keepToConstraints(model, fromAssigned(updates, found, parameters, trace))
  return { updates: constrained, gradients: found, gradientNorm, clipped }
}

/** New contents of weights, held to their constraints. */
export function keepToConstraints(model: Layer, updates: readonly Update[]): readonly Update[] {
  const constraints = new Map(model.weights.map(({ variable, constraint }) => [variable.source, constraint]))
  return updates.map(({ variable, value }) => ({ variable, value: constraints.get(variable)?.call(value) ?? value }))
}

/**
 * Where a layer has assigned a weight in its call, the optimizer goes on from what was assigned: its update takes the place of the
 * layer's.
 */
function fromAssigned(
  updates: readonly Update[],
  found: readonly (Value | undefined)[],
  parameters: readonly Variable[],
  trace: Trace,
): readonly Update[] {
  const assigned = parameters.filter((parameter) => trace.updates.has(parameter))
  if (assigned.length === 0) return updates
  const replaced = new Map(found.flatMap((gradient): [Value, Value][] => (gradient ? [[gradient, gradient]] : [])))
  for (const parameter of assigned) {
    replaced.set(parameter.source, trace.updates.get(parameter)?.value ?? parameter.source)
    if (updates.some(({ variable }) => variable === parameter.source)) trace.updates.delete(parameter)
  }
  const { outputs } = substitute(
    { inputs: [], outputs: updates.map(({ value }) => value), updates: [] },
    rebuildNode,
    replaced,
  )
  return updates.map(({ variable }, i) => ({ variable, value: outputs[i] }))
}

/** The random state of the next step. */
export function nextRandom(random: Variable): Update {
  return { variable: random.source, value: add(random, constant([0, 1], 'int32')) }
}

/** The losses as they are weighed, and all penalties. */
export function totalLoss(
  parts: LossParts,
  trace: Trace,
  { outputs, masks }: Called,
  targets: readonly Value[],
  weights: readonly (Value | undefined)[],
): { perOutput: (Value | undefined)[]; total: Value } {
  if (trace.training) requireChoice(parts.model, outputs, parts.losses)
  const perOutput = outputs.map((output, i) => {
    const loss = parts.losses[i]
    if (loss === undefined) return undefined
    return lossOf(loss, targets[i], output, { sampleWeight: weights[i], mask: masks[i] })
  })
  const weighted = perOutput.flatMap((value, i) => (value === undefined ? [] : [mul(value, parts.lossWeights[i])]))
  // As in Keras, frozen weights cost nothing: there is nothing to be done about them.
  const penalties = parts.model.trainableWeights.flatMap(({ regularizer, variable }) =>
    regularizer === undefined ? [] : [regularizer.call(variable.value)],
  )
  const all = [...weighted, ...penalties, ...trace.losses]
  if (all.length === 0 && trace.training) {
    throw new OptionError(`${parts.model.name}: there is no loss to train by; give one, as in compile({ loss: 'mse' })`)
  }
  return { perOutput, total: all.slice(1).reduce<Value>((sum, value) => add(sum, value), all[0] ?? constant(0)) }
}

/** Checks targets against the losses; targets that lack a last axis of length 1 get it. */
export function acceptTargets(
  y: readonly Value[],
  outputs: readonly Value[],
  losses: readonly (Loss | undefined)[],
): Value[] {
  return y.map((target, i) => {
    const shape = outputs[i].shape
    losses[i]?.checkTargets?.(target.shape, shape)
    const lacksLast = target.rank === shape.length - 1 && shape[shape.length - 1] === 1
    return lacksLast ? reshape(target, [...target.shape, 1]) : target
  })
}

/** Metrics count every sample alike, as in Keras, but leave masked steps out. */
function maskWeight(mask: Value | undefined): Value | undefined {
  return mask === undefined ? undefined : cast(mask, 'float32')
}

/** What counts in weighted metrics: samples by their weights, masked steps not at all. */
function weightOf(weights: Value | undefined, mask: Value | undefined): Value | undefined {
  const counted = maskWeight(mask)
  if (weights === undefined || counted === undefined) return weights ?? counted
  const [coarse, fine] = weights.rank <= counted.rank ? [weights, counted] : [counted, weights]
  return mul(alongValues(coarse, fine.shape), fine)
}
