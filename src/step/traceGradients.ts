// The loss of a batch and its gradients by what is trained, as a graph: what a search for a minimum asks again and again.

import { OptionError } from '../errors'
import type { Signature } from '../feed/stepData'
import { constant, type Graph, gradients, type Value, type Variable } from '../graph'
import { beginTrace } from '../layers'
import { zerosLike } from '../ops'
import type { OwnStepParts } from './own/traceOwnStep'
import { traceOwnLoss } from './own/traceOwnStep'
import type { TrainStepFunction } from './own/trainStep'
import { type StepParts, traceLoss } from './traceStep'
import { requireGradient } from './vain'

/** Such a graph, and the variables of which it gives the gradients, behind the loss. */
export interface TracedGradients {
  readonly graph: Graph
  readonly variables: readonly Variable[]
}

/**
 * Traces the loss as in training and its gradients by the weights that are trained. What layers keep, such as moving averages, are updates. The
 * random state stays: each run draws the same numbers.
 */
export function traceGradients(parts: StepParts, signature: Signature): TracedGradients {
  const trace = beginTrace(true, parts.random.value)
  const { inputs, total } = traceLoss(parts, signature, trace)
  const variables = parts.parameters
  const wrt = variables.map(({ value }) => value)
  const found = gradients([total], [constant(1, total.dtype)], wrt)
  requireGradient(parts.model, wrt.length, found.filter((gradient) => gradient !== undefined).length)
  const outputs: Value[] = [total, ...found.map((gradient, i) => gradient ?? zerosLike(wrt[i]))]
  return { graph: { inputs, outputs, updates: [...trace.updates.values()] }, variables }
}

/**
 * The same of a training step of one's own: what it minimizes, by what it minimizes it.
 *
 * @throws OptionError unless the step calls `minimize` once.
 */
export function traceOwnGradients(own: TrainStepFunction, parts: OwnStepParts, signature: Signature): TracedGradients {
  const { minimized, inputs, updates } = traceOwnLoss(own, parts, signature)
  if (minimized.length !== 1) {
    throw new OptionError(
      `minimize: expected a trainStep that calls step.minimize once, got one that does ${minimized.length === 0 ? 'not' : `${minimized.length} times`}`,
    )
  }
  const [{ loss, gradients: found, variables }] = minimized
  return { graph: { inputs, outputs: [loss, ...found], updates }, variables }
}
