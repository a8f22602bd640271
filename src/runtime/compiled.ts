// A graph made ready to run on a backend: lowered, compiled, its variables brought there.

import type { Backend, DeviceBuffer, Executable } from '../backends/backend'
import { BackendError } from '../errors'
import { type Graph, lower, type Program, type Variable } from '../graph'
import { dtypes, type Tensor } from '../tensor'
import { alone, bufferOn, moveTo } from './residence'

/** A function of tensors on one backend. */
export interface Compiled {
  readonly program: Program
  readonly variables: readonly Variable[]
  /** Bytes it holds on the device beside its variables. */
  readonly bytes: number
  /**
   * Runs once, when earlier runs are done; variables that have gone elsewhere meanwhile are brought back first.
   *
   * @throws BackendError when it has been disposed of.
   */
  run(inputs: readonly Tensor[]): Promise<Tensor[]>
  /** Frees what it holds, once a run that has begun is done; those that have not begun fail. */
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
  const buffers = await alone(() => buffersOf(program, backend))
  return new CompiledProgram(program, backend, { executable: await backend.compile(program, buffers), buffers })
}

/** A Program on a backend, with the variables' buffers it reads and writes, by the storages they are. */
interface Loaded {
  readonly executable: Executable
  readonly buffers: ReadonlyMap<number, DeviceBuffer>
}

async function buffersOf(program: Program, backend: Backend): Promise<ReadonlyMap<number, DeviceBuffer>> {
  const buffers = new Map<number, DeviceBuffer>()
  for (const [index, variable] of variablesOf(program)) buffers.set(index, await moveTo(variable, backend))
  return buffers
}

/** The variables of a Program, by the storages they are. */
function variablesOf({ storages }: Program): (readonly [index: number, variable: Variable])[] {
  return storages.flatMap((storage, index) => (storage.kind === 'variable' ? [[index, storage.variable] as const] : []))
}

class CompiledProgram implements Compiled {
  readonly program: Program
  readonly variables: readonly Variable[]
  private readonly backend: Backend
  private readonly indexed: readonly (readonly [index: number, variable: Variable])[]
  private loaded: Loaded
  private last: Promise<unknown> = Promise.resolve()
  private isRunning = false
  private isDisposed = false

  constructor(program: Program, backend: Backend, loaded: Loaded) {
    this.program = program
    this.backend = backend
    this.loaded = loaded
    this.indexed = variablesOf(program)
    this.variables = this.indexed.map(([, variable]) => variable)
  }

  get bytes(): number {
    return this.loaded.executable.bytes
  }

  run(inputs: readonly Tensor[]): Promise<Tensor[]> {
    const turn = this.last.then(() => this.runOnce(inputs))
    this.last = turn.catch(() => undefined)
    return turn
  }

  private async runOnce(inputs: readonly Tensor[]): Promise<Tensor[]> {
    if (this.isDisposed) {
      throw new BackendError('expected a program to run on, but it was disposed of with the model it belongs to')
    }
    this.isRunning = true
    try {
      if (this.hasVariables()) return await this.loaded.executable.run(inputs)
      const { results } = await alone(async () => {
        await this.bringVariables()
        return { results: this.loaded.executable.run(inputs) }
      })
      return await results
    } finally {
      this.isRunning = false
      if (this.isDisposed) this.loaded.executable.dispose()
    }
  }

  /** Whether all variables are where the executable looks for them. */
  private hasVariables(): boolean {
    return this.indexed.every(
      ([index, variable]) => bufferOn(variable, this.backend) === this.loaded.buffers.get(index),
    )
  }

  private async bringVariables(): Promise<void> {
    for (const variable of this.variables) await moveTo(variable, this.backend)
    if (this.hasVariables()) return
    // Someone else who has a variable too gave its buffer back, and now it has another.
    const { executable } = this.loaded
    const buffers = await buffersOf(this.program, this.backend)
    this.loaded = { executable: await this.backend.compile(this.program, buffers), buffers }
    executable.dispose()
  }

  dispose(): void {
    if (this.isDisposed) return
    this.isDisposed = true
    if (!this.isRunning) this.loaded.executable.dispose()
  }
}
