// What code computes: a model's prediction for one sample, and one step of its stream, as Programs in generated functions.

import { FormatError, HornbeamError } from '../../errors'
import { type Graph, lower, type Program, type Variable } from '../../graph'
import { type Traces, traceOpen, type Varying } from '../openLengths'
import type { SavedModel } from '../savedModel'
import type { Language } from './language'
import { type ArraySlice, Memory, type Weights } from './layout'
import { CodeWriter, isWritten } from './write'

/** A program in code. */
export interface Written {
  readonly functions: readonly string[]
  /** The functions that run it, in order. */
  readonly calls: readonly string[]
  readonly inputs: readonly ArraySlice[]
  readonly outputs: readonly ArraySlice[]
  /** The places of what stays from run to run. */
  readonly states: readonly ArraySlice[]
}

/** Traces the prediction of one sample, with at most one open length. */
export function tracePredict(model: SavedModel, where: string): Traces {
  const traces = traceOpen(model, { where, batch: 1, areEqual: true })
  if (traces.open.length <= 1) return traces
  const names = traces.open.map(({ name }) => name).join(', ')
  throw new FormatError(
    `${where}: expected one open length at most, got ${names}; give the model an inputShape with fewer nulls`,
  )
}

/** Traces one step of a stream of one sequence; undefined where the model cannot stream. */
export function traceStream(model: SavedModel, where: string): Traces | undefined {
  try {
    const traces = traceOpen(model, { where, batch: 1, steps: 1, streaming: true })
    return traces.open.length === 0 ? traces : undefined
  } catch (error) {
    if (error instanceof HornbeamError) return undefined
    throw error
  }
}

/** The variables that stand for states in one trace. */
export function statesOf({ states }: Traces, trace: number): Set<Variable> {
  return new Set(states.map(({ variables }) => variables[trace]))
}

/** Writes a program's functions. */
export function writeProgram(
  graph: Graph,
  details: {
    readonly where: string
    readonly language: Language
    readonly memory: Memory
    readonly states: ReadonlySet<Variable>
    readonly needed: Set<string>
    readonly functions?: string[]
  },
): Written {
  const { memory, states, functions = [], ...rest } = details
  const program: Program = lower(graph, { supports: isWritten })
  const writer = new CodeWriter({ ...rest, memory, functions })
  const { calls, places } = writer.inner(program)
  return {
    functions: writer.functions,
    calls,
    inputs: program.inputs.map((id) => places[id]),
    outputs: program.outputs.map((id) => places[id]),
    states: [...states].map((variable) => memory.placeOfState(variable)),
  }
}

/** Memory for the programs of one trace. */
export function memoryFor(weights: Weights, states: ReadonlySet<Variable>, isOpen: boolean): Memory {
  return new Memory(weights, states, isOpen)
}

/** The axis of the batch in each output: stacked states have their layers before it. */
export function batchAxes(model: SavedModel): readonly number[] {
  return model.outputs.map((_, i) => model.batchAxis(i))
}

/** The shape of one sample in every trace, for inputs or outputs whose batch lies on these axes. */
export function sampleShapes(
  graphs: readonly Graph[],
  part: 'inputs' | 'outputs',
  axes: readonly number[] = [],
): Varying[][] {
  const [first] = graphs
  return first[part].map(({ shape }, i) => {
    const ofBatch = axes[i] ?? 0
    return shape
      .map((_, axis) => graphs.map((graph) => graph[part][i].shape[axis]))
      .filter((_, axis) => axis !== ofBatch)
  })
}
