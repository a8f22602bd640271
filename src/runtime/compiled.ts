// A graph made ready to run on a backend: lowered, compiled, its variables brought there.

import type { Backend, DeviceBuffer, Executable } from '../backends/backend'
import { BackendError } from '../errors'
import { type Graph, lower, type Program, type Variable } from '../graph'
import { dtypes, type Tensor } from '../tensor'
import { isOn, moveTo } from './residence'

/** A function of tensors on one backend. */
export interface Compiled {
  readonly program: Program
  readonly variables: readonly Variable[]
  /** Bytes it holds on the device beside its variables. */
  readonly bytes: number
  /** Runs once, when earlier runs are done; variables that have gone elsewhere meanwhile are brought back first. */
  run(inputs: readonly Tensor[]): Promise<Tensor[]>
  dispose(): void
}

/** Lowers and compiles a graph for a backend. */
export async function compile(graph: Graph, backend: Backend): Promise<Compiled> {
  return compileProgram(lower(graph, backend.lowering), backend)
}

/** Compiles a Program that was lowered for the backend. */
export async function compileProgram(program: Program, backend: Backend): Promise<Compiled> {
  for (const { dtype } of program.buffers) {
    if (!backend.supports(dtype)) {
      const known = dtypes.filter((type) => backend.supports(type)).join(', ')
      throw new BackendError(
        `backend ${backend.name}: expected the types it computes with (${known}), got ${dtype}; use 'cpu' or 'auto' for that`,
      )
    }
  }
  const variables: Variable[] = []
  const buffers = new Map<number, DeviceBuffer>()
  for (const [index, storage] of program.storages.entries()) {
    if (storage.kind !== 'variable') continue
    variables.push(storage.variable)
    buffers.set(index, await moveTo(storage.variable, backend))
  }
  const executable: Executable = await backend.compile(program, buffers)
  const runOnce = async (inputs: readonly Tensor[]): Promise<Tensor[]> => {
    for (const variable of variables) if (!isOn(variable, backend)) await moveTo(variable, backend)
    return executable.run(inputs)
  }
  let last: Promise<unknown> = Promise.resolve()
  return {
    program,
    variables,
    bytes: executable.bytes,
    run(inputs) {
      const turn = last.then(() => runOnce(inputs))
      last = turn.catch(() => undefined)
      return turn
    },
    dispose: () => executable.dispose(),
  }
}
