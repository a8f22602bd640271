// The graph behind the flow of gradients: the loss of a batch, and the norms of its gradients by every state and weight.

import type { Signature } from '../feed/stepData'
import { constant, type Graph, gradients, type Value, type Variable } from '../graph'
import { beginTrace, type Watch, type WatchedBlock, type WatchedSweep } from '../layers'
import { abs, cast, div, expandDims, less, max, mul, reshape, sqrt, square, sum, where, zerosLike } from '../ops'
import { type LossParts, traceLoss } from '../step/traceStep'

/** A traced flow: the graph, and what its outputs are. */
export interface TracedFlow {
  readonly graph: Graph
  readonly sweeps: readonly WatchedSweep[]
  readonly blocks: readonly WatchedBlock[]
  readonly outputs: FlowOutputs<Value>
}

/** What the graph gives, in the order of {@link flatOutputs}. */
export interface FlowOutputs<T> {
  readonly loss: T
  readonly sweeps: readonly SweepOutputs<T>[]
  /** The norms of the gradients by what each block reads and gives, [batch, time]. */
  readonly blocks: readonly { readonly read: T; readonly given: T }[]
  /** The gradients of the loss by the weights. */
  readonly weights: readonly T[]
}

export interface SweepOutputs<T> {
  /** [time, batch], 1 where a step counts; undefined where all do. */
  readonly kept: T | undefined
  /** For each state the norms of its gradients, [time, batch], as its nudges tell them. */
  readonly states: readonly { readonly total: T; readonly handed: T }[]
}

/** Traces the loss of a batch and its gradients by the states of all recurrent layers and by the weights. */
export function traceFlow(
  parts: LossParts,
  signature: Signature,
  random: Variable,
  weights: readonly Variable[],
  training: boolean,
): TracedFlow {
  const watch: Watch = { nudges: true, sweeps: [], attentions: [], blocks: [] }
  const { inputs, total } = traceLoss(parts, signature, beginTrace(training, random.value, { watch }))
  const ofStates = watch.sweeps.flatMap((sweep) => sweep.nudges.flatMap((nudge) => [nudge.total, nudge.handed]))
  const nudges = [...ofStates, ...watch.blocks.flatMap(({ read, given }) => [read, given])]
  const wrt = [...nudges, ...weights.map((variable) => variable.value)]
  const found = gradients([total], [constant(1, total.dtype)], wrt).map((value, i) => value ?? zerosLike(wrt[i]))
  const norms = new Map(nudges.map((nudge, i) => [nudge, rowNorms(found[i])] as const))
  const normOf = (nudge: Value): Value => norms.get(nudge) ?? nudge
  const outputs: FlowOutputs<Value> = {
    loss: total,
    sweeps: watch.sweeps.map((sweep) => ({
      kept: sweep.mask === undefined ? undefined : cast(sweep.mask, 'float32'),
      states: sweep.nudges.map((nudge) => ({ total: normOf(nudge.total), handed: normOf(nudge.handed) })),
    })),
    blocks: watch.blocks.map(({ read, given }) => ({ read: normOf(read), given: normOf(given) })),
    weights: found.slice(nudges.length),
  }
  const graph = { inputs, outputs: flatOutputs(outputs), updates: [] }
  return { graph, sweeps: watch.sweeps, blocks: watch.blocks, outputs }
}

/** All outputs as one list. */
function flatOutputs<T>({ loss, sweeps, blocks, weights }: FlowOutputs<T>): T[] {
  const ofSweeps = sweeps.flatMap(({ kept, states }) => [
    ...(kept === undefined ? [] : [kept]),
    ...states.flatMap(({ total, handed }) => [total, handed]),
  ])
  return [loss, ...ofSweeps, ...blocks.flatMap(({ read, given }) => [read, given]), ...weights]
}

/** What the list of {@link flatOutputs} holds, computed, in the form of what was traced. */
export function readOutputs<T>(traced: FlowOutputs<Value>, computed: readonly T[]): FlowOutputs<T> {
  let at = 0
  const next = (): T => computed[at++]
  return {
    loss: next(),
    sweeps: traced.sweeps.map(({ kept, states }) => ({
      kept: kept === undefined ? undefined : next(),
      states: states.map(() => ({ total: next(), handed: next() })),
    })),
    blocks: traced.blocks.map(() => ({ read: next(), given: next() })),
    weights: traced.weights.map(() => next()),
  }
}

/**
 * The Euclidean norm of each sample at each step, of images and matrices as of rows. Squares of the largest element are avoided: they may
 * not be numbers any more.
 */
function rowNorms(given: Value): Value {
  const x = reshape(given, [...given.shape.slice(0, 2), -1])
  const largest = max(abs(x), { axis: -1 })
  const divisor = where(less(0, largest), largest, 1)
  const scaled = sqrt(sum(square(div(x, expandDims(divisor, -1))), { axis: -1 }))
  // What is larger than this is as good as infinite: divided by itself it is not a number.
  const limit = x.dtype === 'float64' ? 1.7e308 : 3.4e38
  return where(less(largest, limit), mul(largest, scaled), largest)
}
