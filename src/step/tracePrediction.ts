// A prediction as one graph: the first quarter of a step. It stands by itself, so that who only predicts loads no losses and
// optimizers.

import type { Signature } from '../feed/stepData'
import { type Graph, placeholder, type Value, type Variable } from '../graph'
import { beginTrace, type Carrier, contextOf, type Layer } from '../layers'

/**
 * Traces a prediction: the outputs, and the new states of stateful layers and of those that carry them. Inputs: the x,
 * then the masks that are given. `anyLength` asks for a graph of the same form for every length.
 */
export function tracePrediction(
  model: Layer,
  inputs: Signature['x'],
  random: Variable,
  training = false,
  carrier?: Carrier,
  masked: Signature['masked'] = [],
  anyLength = false,
  window?: number,
): Graph {
  const x = inputs.map(({ shape, dtype }, i) => placeholder(shape, dtype, `x${i}`))
  const masks = maskPlaceholders(masked)
  const trace = beginTrace(training, random.value, { carrier, anyLength, ...(window === undefined ? {} : { window }) })
  const { outputs } = model.callWith(x, contextOf(trace, masks))
  return {
    inputs: [...x, ...masks.filter((mask) => mask !== undefined)],
    outputs,
    updates: [...trace.updates.values()],
  }
}

/** The masks of a graph, each where there is one. */
export function maskPlaceholders(masked: Signature['masked']): (Value | undefined)[] {
  return masked.map((shape, i) => shape && placeholder(shape, 'bool', `mask${i}`))
}
