// Running a model with its cells watched, and keeping what one of them did.

import type { BackendOption } from '../backends/backend'
import { acceptSequences } from '../feed/acceptInputs'
import { joinRows } from '../feed/batches'
import type { ModelData } from '../feed/binding'
import { type StepData, signatureOf } from '../feed/stepData'
import { placeholder, type Value } from '../graph'
import { beginTrace, contextOf, type Watch, type WatchedSweep } from '../layers'
import { reverse, swapAxes } from '../ops'
import type { Engine } from '../step/engine'
import type { Learner } from '../step/learner'
import { maskPlaceholders } from '../step/tracePrediction'
import type { Tensor } from '../tensor'
import { type Choice, chooseAttention, chooseSweep } from './choose'
import { type Traced, walkBatches } from './walk'

/** What was seen of one cell. */
export interface MeasuredSteps {
  readonly path: string
  /** [batch, time, units], by name; of attention `scores`, [batch, heads, queries, keys]. */
  readonly tensors: Readonly<Record<string, Tensor>>
}

interface TracedSteps extends Traced {
  readonly path: string
  /** The names of the graph's outputs. */
  readonly names: readonly string[]
}

/** Runs the model on all data. */
export async function measureSteps(
  model: Learner,
  x: ModelData,
  choice: Choice,
  options: { readonly batchSize: number; readonly training: boolean; readonly backend: BackendOption | undefined },
): Promise<MeasuredSteps> {
  const { inputs, masks } = acceptSequences(model, x)
  const data: StepData = { x: inputs, y: [], weights: [], masks }
  const engine = await model.engineFor(options.backend)
  const parts: (readonly Tensor[])[] = []
  let seen: TracedSteps | undefined
  const trace = (batch: StepData): TracedSteps => traceSteps(model, engine, batch, choice, options.training)
  await walkBatches('inspect', engine, data, options.batchSize, trace, (outputs, traced) => {
    seen = traced
    parts.push(outputs)
  })
  const { path = '', names = [] } = seen ?? {}
  const tensors = names.map((name, i) => [name, joinRows(parts.map((part) => part[i]))] as const)
  return { path, tensors: Object.fromEntries(tensors) }
}

function traceSteps(model: Learner, engine: Engine, batch: StepData, choice: Choice, training: boolean): TracedSteps {
  const watch: Watch = { nudges: false, sweeps: [], attentions: [], blocks: [] }
  const inputs = batch.x.map(({ shape, dtype }, i) => placeholder(shape, dtype, `x${i}`))
  const masks = maskPlaceholders(signatureOf(batch).masked)
  const trace = beginTrace(training, engine.randomState.value, { watch })
  model.callWith(inputs, contextOf(trace, masks))
  const { path, told } = toldByChosen(model, watch, choice)
  const given = [...inputs, ...masks.filter((mask) => mask !== undefined)]
  return { graph: { inputs: given, outputs: Object.values(told), updates: [] }, path, names: Object.keys(told) }
}

/** What the chosen cell, or the chosen layer of attention, tells: the batch first, in the order of the input. */
function toldByChosen(
  model: Learner,
  watch: Watch,
  choice: Choice,
): { readonly path: string; readonly told: Readonly<Record<string, Value>> } {
  const attention = chooseAttention(model, watch, choice)
  if (attention !== undefined) return { path: attention.layer.name, told: { scores: attention.scores } }
  const { sweep, path } = chooseSweep(model, watch.sweeps, choice)
  const told = Object.entries(toldBy(sweep)).map(([name, value]) => [name, inOrder(value, sweep)] as const)
  return { path, told: Object.fromEntries(told) }
}

/** The gates, then the states, the hidden one last. */
function toldBy({ cell, noted, states }: WatchedSweep): Readonly<Record<string, Value>> {
  const named = cell.stateNames.map((name, i) => [name, states[i]] as const)
  return { ...noted, ...Object.fromEntries(named.reverse()) }
}

/** From the order of the layer, time first, to that of the input, the batch first. */
function inOrder(value: Value, { layer }: WatchedSweep): Value {
  return swapAxes(layer?.goBackwards === true ? reverse(value, 0) : value, 0, 1)
}
