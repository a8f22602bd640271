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
  /** Bytes it holds on the device for itself, beside its variables. */
  readonly bytes: number
  /** Bytes it needs there while it runs, of memory that all programs of the backend share. */
  readonly arenaBytes: number
  /**
   * Runs once, when earlier runs are done; variables that have gone elsewhere meanwhile are brought back first. Where there is nothing to
   * wait for, and the backend does not wait either, the results are there at once.
   *
   * @throws BackendError when it has been disposed of.
   */
  run(inputs: readonly Tensor[]): Tensor[] | Promise<Tensor[]>
  /** Frees what it holds on the device, once a run that has begun is done; the next run brings it back. */
  unload(): void
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
  /** Undefined while it is unloaded. */
  private loaded: Loaded | undefined
  private last: Promise<unknown> = Promise.resolve()
  /** Runs that have begun and are not done, and those that wait for them. */
  private pending = 0
  private isRunning = false
  private isDisposed = false
  private isLeaving = false

  constructor(program: Program, backend: Backend, loaded: Loaded) {
    this.program = program
    this.backend = backend
    this.loaded = loaded
    this.indexed = variablesOf(program)
    this.variables = this.indexed.map(([, variable]) => variable)
  }

  get bytes(): number {
    return this.loaded?.executable.bytes ?? 0
  }

  get arenaBytes(): number {
    return this.loaded?.executable.arenaBytes ?? 0
  }

  run(inputs: readonly Tensor[]): Tensor[] | Promise<Tensor[]> {
    const { loaded } = this
    if (this.pending > 0 || this.isDisposed || loaded === undefined || !this.hasVariables(loaded))
      return this.after(this.last.then(() => this.runOnce(inputs)))
    const results = loaded.executable.run(inputs)
    if (!(results instanceof Promise)) return results
    this.isRunning = true
    return this.after(results.finally(() => this.endRun()))
  }

  /** A run that those which come later wait for. */
  private after(turn: Promise<Tensor[]>): Promise<Tensor[]> {
    const settle = (): void => {
      this.pending--
    }
    this.pending++
    this.last = turn.then(settle, settle)
    return turn
  }

  private async runOnce(inputs: readonly Tensor[]): Promise<Tensor[]> {
    if (this.isDisposed) {
      throw new BackendError('expected a program to run on, but it was disposed of with the model it belongs to')
    }
    this.isRunning = true
    try {
      if (this.loaded !== undefined && this.hasVariables(this.loaded)) return await this.loaded.executable.run(inputs)
      const { results } = await alone(async () => {
        const { executable } = await this.load()
        return { results: executable.run(inputs) }
      })
      return await results
    } finally {
      this.endRun()
    }
  }

  private endRun(): void {
    this.isRunning = false
    if (this.isLeaving) this.unload()
  }

  /** Whether all variables are where the executable looks for them. */
  private hasVariables({ buffers }: Loaded): boolean {
    const { indexed, variables, backend } = this
    for (let i = 0; i < variables.length; i++) {
      if (bufferOn(variables[i], backend) !== buffers.get(indexed[i][0])) return false
    }
    return true
  }

  /** Brings variables and program to the backend. */
  private async load(): Promise<Loaded> {
    for (const variable of this.variables) await moveTo(variable, this.backend)
    const before = this.loaded
    if (before !== undefined && this.hasVariables(before)) return before
    // It was unloaded; or someone else who has a variable too gave its buffer back, and now it has another.
    const buffers = await buffersOf(this.program, this.backend)
    this.loaded = { executable: await this.backend.compile(this.program, buffers), buffers }
    before?.executable.dispose()
    return this.loaded
  }

  unload(): void {
    this.isLeaving = this.isRunning
    if (this.isRunning) return
    this.loaded?.executable.dispose()
    this.loaded = undefined
  }

  dispose(): void {
    this.isDisposed = true
    this.unload()
  }
}
