// From a Program to a list of instructions for the kernels: every buffer gets its address, every instruction is written by its
// kernel's other half.
import type { Program, Storage } from '../../graph'
import { sizeOf } from '../../tensor'
import { kernelOf } from '../kernelTable'
import { Emitter, type Range } from './emitter'
import { type Bound, type BoundProgram, type Kernel, kernels, type Operand, type Target } from './kernels'
import type { Read } from './machine'
import type { Kernels } from './module'

/** Where a Program's storages lie. */
export interface Layout {
  /** The arena of the outermost program. */
  readonly arena: number
  readonly workspace: number
  /** How many threads may share an instruction. */
  readonly threads: number
  /** The address of a constant, by its storage. */
  readonly constant: (storage: Storage & { kind: 'constant' }) => number
  /** The address of a variable of the outermost program, by the storage's index. */
  readonly variable: (storage: number) => number
}

/** A translated Program. */
export interface Translation {
  readonly code: Int32Array
  readonly inputs: readonly Operand[]
  /** The outputs, as a job asks for them. */
  readonly reads: readonly Read[]
  /** Bytes of workspace the instructions need. */
  readonly workspaceBytes: number
  /** Whether all threads share the work. */
  readonly onAll: boolean
}

/** Below this many processor cycles a Program runs on one thread: the others would take as long to wake. */
const worthThreads = 300_000

/** Writes the instructions of a Program for a layout. */
export function translate(program: Program, layout: Layout, module: Kernels): Translation {
  const emitter = new Emitter()
  const workspace = new Workspace(layout.workspace)
  const bound = bindProgram(program, layout.arena, new Map(), layout)
  bound.emit(new ListTarget(emitter, workspace, layout, module))
  const { inputs, outputs } = bound
  const reads = outputs.map(({ address, shape, dtype }) => ({ at: address, shape, dtype }))
  const onAll = emitter.cycles >= worthThreads
  return { code: emitter.finish(), inputs, reads, workspaceBytes: workspace.most, onAll }
}

/** Memory that instructions use while they run: each finds all of it free, but for the bodies of loops inside loops. */
class Workspace {
  private readonly start: number
  private taken = 0
  most = 0

  constructor(start: number) {
    this.start = start
  }

  take(bytes: number): Range {
    const address = this.start + this.taken
    this.taken = Math.ceil((this.taken + bytes) / 64) * 64
    this.most = Math.max(this.most, this.taken)
    return { address, bytes }
  }

  /** Makes all of it free again. */
  reset(): void {
    this.taken = 0
  }

  get all(): Range {
    return { address: this.start, bytes: this.most }
  }
}

/** Where kernels write their instructions to. */
class ListTarget implements Target {
  readonly emitter: Emitter
  readonly kernels: Kernels
  private readonly space: Workspace
  private readonly layout: Layout

  constructor(emitter: Emitter, space: Workspace, layout: Layout, module: Kernels) {
    this.emitter = emitter
    this.kernels = module
    this.space = space
    this.layout = layout
  }

  get threads(): number {
    return this.layout.threads
  }

  workspace(bytes: number): Range {
    return this.space.take(bytes)
  }

  workspaceInUse(): Range {
    return this.space.all
  }

  inner(emitter: Emitter): Target {
    return new ListTarget(emitter, this.space, this.layout, this.kernels)
  }

  bind(program: Program, arena: number, inputs: ReadonlyMap<number, Range>): BoundProgram {
    return bindProgram(program, arena, inputs, this.layout)
  }

  /** Called before each instruction of a Program. */
  next(): void {
    this.space.reset()
  }
}

/** Gives every buffer its place. `given` says where inputs lie that are not in the arena, by their position. */
function bindProgram(program: Program, arena: number, given: ReadonlyMap<number, Range>, layout: Layout): BoundProgram {
  const moved = new Map<number, number>()
  for (const [position, { address }] of given) moved.set(program.buffers[program.inputs[position]].storage, address)
  const addresses = program.storages.map((storage, index) => {
    const elsewhere = moved.get(index)
    if (elsewhere !== undefined) return elsewhere
    if (storage.kind === 'arena') return arena + storage.offset
    return storage.kind === 'constant' ? layout.constant(storage) : layout.variable(index)
  })
  const operands = program.buffers.map(
    ({ shape, dtype, storage }): Operand => ({ shape, dtype, address: addresses[storage], bytes: sizeOf(shape) * 4 }),
  )
  const emit = (target: Target): void => {
    for (const { op, inputs, outputs, attributes } of program.instructions) {
      const kernel = kernelOf<Kernel>(kernels, op, 'wasm')
      target.next()
      const bound: Bound = {
        inputs: inputs.map((id) => operands[id]),
        outputs: outputs.map((id) => (id < 0 ? undefined : operands[id])),
        attributes,
        place: (id) => operands[id],
      }
      kernel(bound, target)
    }
  }
  return {
    inputs: program.inputs.map((id) => operands[id]),
    outputs: program.outputs.map((id) => operands[id]),
    emit,
  }
}
