// Running the flow's graph over all data, batch by batch, and adding up what it gives.

import { samplesOf } from '../feed/batches'
import { type StepData, signatureOf } from '../feed/stepData'
import type { WatchedBlock, WatchedSweep } from '../layers'
import type { Learner } from '../step/learner'
import type { TrainingEngine } from '../step/trainingEngine'
import type { Tensor } from '../tensor'
import { type FlowOutputs, readOutputs, type TracedFlow, traceFlow } from './traceFlow'
import { type Link, linksOf } from './verdict'
import { walkBatches } from './walk'

/** The flow through all data. */
export interface MeasuredFlow {
  readonly loss: number
  readonly sweeps: readonly MeasuredSweep[]
  readonly blocks: readonly MeasuredBlock[]
  readonly weights: readonly { readonly name: string; readonly norm: number }[]
}

export interface MeasuredSweep {
  readonly sweep: WatchedSweep
  readonly states: readonly MeasuredState[]
}

/** The norms of the gradients by what a block reads and gives, over all samples: one for each step. */
export interface MeasuredBlock {
  readonly block: WatchedBlock
  readonly read: readonly number[]
  readonly given: readonly number[]
}

/** Everything in the order in which the layer went. */
export interface MeasuredState {
  /** Of the gradient by the state after each step, over all samples. */
  readonly norms: readonly number[]
  readonly links: readonly Link[]
}

/** The loss is the mean over all samples, as `evaluate` gives it: each batch counts by its number of samples. */
export async function measureFlow(
  model: Learner,
  engine: TrainingEngine,
  data: StepData,
  batchSize: number,
  training: boolean,
): Promise<MeasuredFlow> {
  const trainable = new Set(model.trainableWeights.map(({ variable }) => variable))
  const paths = [...model.weightPaths()].filter(([, { variable }]) => trainable.has(variable))
  const variables = paths.map(([, { variable }]) => variable)
  const samples = samplesOf(data)
  let loss = 0
  let sweeps: readonly MeasuredSweep[] = []
  let blocks: readonly MeasuredBlock[] = []
  const gradients = variables.map(({ size }) => new Float64Array(size))
  const trace = (batch: StepData): TracedFlow =>
    traceFlow(engine.lossParts, signatureOf(batch), engine.randomState, variables, training)
  await walkBatches('gradientFlow', engine, data, batchSize, trace, (computed, traced, count) => {
    const outputs = readOutputs(traced.outputs, computed)
    const share = count / samples
    loss += share * outputs.loss.item()
    sweeps = traced.sweeps.map((sweep, i) => ({
      sweep,
      states: measureStates(outputs.sweeps[i], share).map((state, k) => together(sweeps[i]?.states[k], state)),
    }))
    blocks = traced.blocks.map((block, i) => ({
      block,
      read: stepNorms(outputs.blocks[i].read, share, blocks[i]?.read),
      given: stepNorms(outputs.blocks[i].given, share, blocks[i]?.given),
    }))
    outputs.weights.forEach(({ data: gradient }, i) => {
      for (let k = 0; k < gradient.length; k++) gradients[i][k] += share * gradient[k]
    })
  })
  return { loss, sweeps, blocks, weights: paths.map(([name], i) => ({ name, norm: normOf(gradients[i]) })) }
}

/** For each step the norm over the samples of a batch, `[batch, time]`, together with that of the batches before. */
function stepNorms({ data, shape }: Tensor, share: number, before?: readonly number[]): number[] {
  const steps = shape[1] ?? 1
  return Array.from({ length: steps }, (_, step) => {
    const own = Float64Array.from({ length: shape[0] }, (_, sample) => data[sample * steps + step] * share)
    return Math.hypot(normOf(own), before?.[step] ?? 0)
  })
}

function measureStates({ kept, states }: FlowOutputs<Tensor>['sweeps'][number], share: number): MeasuredState[] {
  const mask = kept === undefined ? undefined : rowsOf(kept, 1)
  return states.map(({ total, handed }) => {
    const rows = rowsOf(total, share)
    return { norms: rows.map(normOf), links: linksOf(rows, rowsOf(handed, share), mask) }
  })
}

/** The same over the samples of both. */
function together(one: MeasuredState | undefined, other: MeasuredState): MeasuredState {
  if (one === undefined) return other
  return {
    norms: one.norms.map((norm, step) => Math.hypot(norm, other.norms[step])),
    links: one.links.map((link, step) => ({
      after: Math.hypot(link.after, other.links[step].after),
      before: Math.hypot(link.before, other.links[step].before),
      count: link.count + other.links[step].count,
    })),
  }
}

function rowsOf({ data, shape: [rows, width] }: Tensor, factor: number): Float64Array[] {
  return Array.from({ length: rows }, (_, row) =>
    Float64Array.from(data.subarray(row * width, (row + 1) * width), (value) => value * factor),
  )
}

/** The Euclidean norm; large and small numbers are scaled before they are squared. */
function normOf(values: Float64Array): number {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  if (largest === 0 || !Number.isFinite(largest)) return largest
  return largest * Math.sqrt(values.reduce((sum, value) => sum + (value / largest) ** 2, 0))
}
