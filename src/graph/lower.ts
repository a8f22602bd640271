// Lowering: from a graph to a Program. Fused units become instructions, values become buffers, reshapes become views,
// updates are written in place where that is safe, and everything temporary gets its place in one arena.
import { formatShape, sameShape, sizeOf } from '../tensor'
import { type FuseOptions, fuse, type Unit } from './fuse'
import { type Lifetime, planMemory } from './memory'
import { type OptimizeOptions, optimize } from './passes'
import { type Buffer, bytesOf, type ElementwiseStep, type Instruction, type Program, type Storage } from './program'
import { constantData, constantNumber } from './sources'
import { type Graph, isGraph, type Node, nodesOf, type Value } from './value'
import { variableOf } from './variable'

export interface LowerOptions extends FuseOptions, OptimizeOptions {
  /** Leaves the inputs' buffers alone: nothing writes to them, and no output lies in one. For bodies that run again and again. */
  readonly keepInputs?: boolean
}

/** Optimises a graph and turns it into a Program. */
export function lower(graph: Graph, options: LowerOptions = {}): Program {
  return new Lowering(optimize(graph, options), options).program()
}

/** A storage while the plan is made; `joined` points to the storage it has become part of. */
type Draft = { kind: 'arena'; bytes: number; joined?: number } | Exclude<Storage, { kind: 'arena' }>

class Lowering {
  private readonly graph: Graph
  private readonly options: LowerOptions
  private readonly drafts: Draft[] = []
  private readonly buffers: Buffer[] = []
  private readonly bufferOf = new Map<Value, number>()
  private readonly instructions: Instruction[] = []
  private readonly used: ReadonlySet<Value>

  constructor(graph: Graph, options: LowerOptions) {
    this.graph = graph
    this.options = options
    const nodes = nodesOf(graph)
    this.used = new Set([
      ...nodes.flatMap((node) => node.inputs),
      ...graph.outputs,
      ...graph.updates.map((update) => update.value),
    ])
    for (const input of graph.inputs) this.bufferFor(input)
    for (const unit of fuse(nodes, options)) this.emit(unit)
  }

  program(): Program {
    const outputs = this.graph.outputs.map((output) => this.ownOutput(output))
    this.writeUpdates(new Set(outputs))
    this.reuseInputs(outputs)
    const { storages, arenaBytes } = this.plan(outputs)
    const buffers = this.buffers.map((buffer) => ({ ...buffer, storage: this.home(buffer.storage) }))
    return {
      storages,
      buffers,
      inputs: this.graph.inputs.map((input) => this.bufferFor(input)),
      outputs,
      instructions: this.instructions,
      arenaBytes,
    }
  }

  // ---- buffers ------------------------------------------------------------------------------------------------

  private bufferFor(value: Value): number {
    const known = this.bufferOf.get(value)
    if (known !== undefined) return known
    const made = this.newBuffer(value, this.storageFor(value))
    this.bufferOf.set(value, made)
    return made
  }

  private newBuffer({ shape, dtype }: Pick<Value, 'shape' | 'dtype'>, storage: number): number {
    this.buffers.push({ shape, dtype, storage })
    return this.buffers.length - 1
  }

  private newStorage(draft: Draft): number {
    this.drafts.push(draft)
    return this.drafts.length - 1
  }

  private storageFor(value: Value): number {
    const bytes = sizeOf(value.shape) * bytesOf(value.dtype)
    const variable = variableOf(value)
    if (variable !== undefined) return this.newStorage({ kind: 'variable', bytes, name: variable.name, variable })
    const data = constantData(value)
    if (data !== undefined) return this.newStorage({ kind: 'constant', bytes, data })
    if (value.node.primitive.name === 'reshape') return this.buffers[this.bufferFor(value.node.inputs[0])].storage
    return this.newStorage({ kind: 'arena', bytes })
  }

  /** The storage a storage has become part of. */
  private home(storage: number): number {
    const draft = this.drafts[storage]
    return draft.kind === 'arena' && draft.joined !== undefined ? this.home(draft.joined) : storage
  }

  private homeOf(buffer: number): number {
    return this.home(this.buffers[buffer].storage)
  }

  // ---- instructions -------------------------------------------------------------------------------------------

  private emit(unit: Unit): void {
    const [first] = unit.nodes
    if (first.primitive.name === 'reshape') {
      this.bufferFor(first.outputs[0])
    } else if (first.primitive.definition.scalar !== undefined) {
      this.emitElementwise(unit.nodes)
    } else {
      this.instructions.push({
        op: first.primitive.name,
        inputs: first.inputs.map((input) => this.bufferFor(input)),
        outputs: first.outputs.map((output) => (this.used.has(output) ? this.bufferFor(output) : -1)),
        attributes: this.lowerAttributes(first),
        scope: first.scope,
      })
    }
  }

  /** Sub-graphs become Programs; the arena of a sub-program is a buffer of this one, named by `workspace`. */
  private lowerAttributes(node: Node): Record<string, unknown> {
    const attributes: Record<string, unknown> = { ...node.attributes }
    for (const [key, value] of Object.entries(attributes)) {
      if (!isGraph(value)) continue
      const program = lower(value, { ...this.options, keepInputs: true })
      const storage = this.newStorage({ kind: 'arena', bytes: program.arenaBytes })
      attributes[key] = program
      attributes.workspace = this.newBuffer({ shape: [program.arenaBytes / 4], dtype: 'int32' }, storage)
    }
    return attributes
  }

  private emitElementwise(nodes: readonly Node[]): void {
    const members = new Set(nodes)
    const inputs: Value[] = []
    const constants: number[] = []
    for (const input of nodes.flatMap((node) => node.inputs)) {
      if (members.has(input.node)) continue
      const number = constantNumber(input)
      if (number === undefined && !inputs.includes(input)) inputs.push(input)
      if (number !== undefined && !constants.some((known) => Object.is(known, number))) constants.push(number)
    }
    const position = (value: Value): number => {
      if (members.has(value.node)) return inputs.length + constants.length + nodes.indexOf(value.node)
      const number = constantNumber(value)
      if (number === undefined) return inputs.indexOf(value)
      return inputs.length + constants.findIndex((known) => Object.is(known, number))
    }
    const steps = nodes.map(
      (node): ElementwiseStep => ({
        op: node.primitive.name,
        args: node.inputs.map(position),
        dtype: node.outputs[0].dtype,
      }),
    )
    const outside = new Set(this.outsideReaders(nodes))
    const results = nodes.filter((node) => outside.has(node.outputs[0]))
    this.instructions.push({
      op: 'elementwise',
      inputs: inputs.map((input) => this.bufferFor(input)),
      outputs: results.map((node) => this.bufferFor(node.outputs[0])),
      attributes: { constants, steps, results: results.map((node) => nodes.indexOf(node)) },
      scope: nodes[0].scope,
    })
  }

  /** The members' values that someone outside the unit reads. */
  private outsideReaders(nodes: readonly Node[]): Value[] {
    const members = new Set(nodes)
    return nodes.flatMap((node) => node.outputs).filter((output) => this.readOutside(output, members))
  }

  private readonly readers = new Map<Value, Node[]>()
  private readersReady = false

  private readOutside(value: Value, members: ReadonlySet<Node>): boolean {
    if (!this.readersReady) {
      for (const node of nodesOf(this.graph)) {
        for (const input of node.inputs) {
          const list = this.readers.get(input)
          if (list === undefined) this.readers.set(input, [node])
          else list.push(node)
        }
      }
      this.readersReady = true
    }
    const asResult = this.graph.outputs.includes(value) || this.graph.updates.some((update) => update.value === value)
    return asResult || (this.readers.get(value) ?? []).some((reader) => !members.has(reader))
  }

  // ---- outputs and updates ------------------------------------------------------------------------------------

  /** An output's buffer: in the arena, since variables may change and constants are not to be handed out. */
  private ownOutput(output: Value): number {
    const buffer = this.bufferFor(output)
    const isKept = this.keptInputs().some((input) => this.homeOf(input) === this.homeOf(buffer))
    return this.drafts[this.homeOf(buffer)].kind === 'arena' && !isKept ? buffer : this.copyToArena(buffer)
  }

  /** The buffers of inputs whose content is still needed when all has run. */
  private keptInputs(): number[] {
    return this.options.keepInputs ? this.graph.inputs.map((input) => this.bufferFor(input)) : []
  }

  private copyToArena(buffer: number): number {
    const { shape, dtype } = this.buffers[buffer]
    const copy = this.newBuffer(
      { shape, dtype },
      this.newStorage({ kind: 'arena', bytes: sizeOf(shape) * bytesOf(dtype) }),
    )
    this.instructions.push({ op: 'copy', inputs: [buffer], outputs: [copy], attributes: {} })
    return copy
  }

  /**
   * Writes new values to their variables: by the producing instruction itself if nothing reads the old content later,
   * else by a copy at the end.
   */
  private writeUpdates(outputs: ReadonlySet<number>): void {
    const variables = new Set(this.graph.updates.map(({ variable }) => this.homeOf(this.bufferFor(variable))))
    const pending: { from: number; to: number }[] = []
    for (const { variable, value } of this.graph.updates) {
      // They come to share one storage.
      if (value.dtype !== variable.dtype || !sameShape(value.shape, variable.shape)) {
        throw new Error(
          `an update of ${variable.dtype} ${formatShape(variable.shape)} is ${value.dtype} ${formatShape(value.shape)}`,
        )
      }
      const to = this.bufferFor(variable)
      let from = this.bufferFor(value)
      if (this.homeOf(from) === this.homeOf(to)) continue
      // What another update is about to overwrite is set aside first.
      if (variables.has(this.homeOf(from))) from = this.copyToArena(from)
      pending.push({ from, to })
    }
    for (const { from, to } of pending) {
      const draft = this.drafts[this.homeOf(from)]
      if (draft.kind === 'arena' && !outputs.has(from) && this.canWriteInPlace(from, to)) draft.joined = this.homeOf(to)
      else this.instructions.push({ op: 'copy', inputs: [from], outputs: [to], attributes: {} })
    }
  }

  private canWriteInPlace(from: number, to: number): boolean {
    const [source, target] = [this.homeOf(from), this.homeOf(to)]
    const isInput = this.graph.inputs.some((input) => this.homeOf(this.bufferFor(input)) === source)
    const producer = this.instructions.findIndex(({ outputs }) =>
      outputs.some((id) => id >= 0 && this.homeOf(id) === source),
    )
    if (isInput || producer < 0) return false
    return this.instructions.every((instruction, i) => {
      const reads = instruction.inputs.some((id) => this.homeOf(id) === target)
      const writes = instruction.outputs.some((id) => id >= 0 && this.homeOf(id) === target)
      if (writes) return false
      return !reads || i < producer || (i === producer && this.overwritesSafely(instruction, target, from))
    })
  }

  /** Whether an instruction may write its output over the inputs that lie in `storage`. */
  private overwritesSafely(instruction: Instruction, storage: number, output: number): boolean {
    if (instruction.op !== 'elementwise') return false
    const size = sizeOf(this.buffers[output].shape)
    return instruction.inputs.every((id) => {
      const { shape, dtype } = this.buffers[id]
      return (
        this.homeOf(id) !== storage ||
        (sizeOf(shape) === size && bytesOf(dtype) === bytesOf(this.buffers[output].dtype))
      )
    })
  }

  /** Lets an element-wise instruction write over an input that nobody reads afterwards. */
  private reuseInputs(outputs: readonly number[]): void {
    const lastUse = new Map<number, number>()
    const touch = (id: number, at: number): void => {
      if (id >= 0) lastUse.set(this.homeOf(id), Math.max(at, lastUse.get(this.homeOf(id)) ?? -1))
    }
    this.instructions.forEach(({ inputs, outputs: written }, i) => {
      for (const id of [...inputs, ...written]) touch(id, i)
    })
    for (const id of [...outputs, ...this.keptInputs()]) touch(id, this.instructions.length)
    this.instructions.forEach((instruction, i) => {
      if (instruction.op !== 'elementwise') return
      const taken = new Set(instruction.outputs.map((id) => this.homeOf(id)))
      for (const output of instruction.outputs) {
        const home = this.homeOf(output)
        const draft = this.drafts[home]
        if (draft.kind !== 'arena') continue
        const input = instruction.inputs.find((id) => {
          const storage = this.homeOf(id)
          const candidate = this.drafts[storage]
          const free = candidate.kind === 'arena' && candidate.bytes === draft.bytes && lastUse.get(storage) === i
          return free && !taken.has(storage) && this.overwritesSafely(instruction, storage, output)
        })
        if (input === undefined) continue
        const storage = this.homeOf(input)
        draft.joined = storage
        taken.add(storage)
        lastUse.set(storage, lastUse.get(home) ?? i)
      }
    })
  }

  // ---- the plan -----------------------------------------------------------------------------------------------

  private plan(outputs: readonly number[]): { storages: Storage[]; arenaBytes: number } {
    const lifetimes = new Map<number, Lifetime>()
    const touch = (id: number, at: number): void => {
      if (id < 0) return
      const home = this.homeOf(id)
      const draft = this.drafts[home]
      if (draft.kind !== 'arena') return
      const known = lifetimes.get(home)
      if (known === undefined) lifetimes.set(home, { bytes: draft.bytes, first: at, last: at })
      else known.last = Math.max(known.last, at)
    }
    for (const input of this.graph.inputs) touch(this.bufferFor(input), -1)
    this.instructions.forEach(({ inputs, outputs: written, attributes }, i) => {
      for (const id of [...inputs, ...written]) touch(id, i)
      if (typeof attributes.workspace === 'number') touch(attributes.workspace, i)
    })
    for (const id of [...outputs, ...this.keptInputs()]) touch(id, this.instructions.length)
    const homes = [...lifetimes.keys()]
    const { offsets, bytes } = planMemory([...lifetimes.values()])
    const storages = this.drafts.map((draft, i): Storage => {
      if (draft.kind !== 'arena') return draft
      return { kind: 'arena', bytes: draft.bytes, offset: offsets[homes.indexOf(i)] ?? 0 }
    })
    return { storages, arenaBytes: bytes }
  }
}
