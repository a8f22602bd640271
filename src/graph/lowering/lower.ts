// Lowering: from a graph to a Program. Fused units become instructions, values become buffers, reshapes become views,
// updates are written in place where that is safe, and everything temporary gets its place in one arena.
import type { ElementwiseOp, ElementwiseStep } from '../attributes'
import type { Instruction, Program } from '../program'
import { constantData, constantNumber } from '../sources'
import { type Graph, isGraph, type Node, nodesOf, type Value } from '../value'
import { variableOf } from '../variable'
import { bytesFor, Drafts } from './drafts'
import { type FuseOptions, fuse, type Unit } from './fuse'
import { canWriteInPlace, reuseInputs } from './inPlace'
import { planStorages } from './memory'
import { type OptimizeOptions, optimize } from './passes'

export interface LowerOptions extends FuseOptions, OptimizeOptions {
  /** Leaves the inputs' buffers alone: nothing writes to them, and no output lies in one. For bodies that run again and again. */
  readonly keepInputs?: boolean
}

/** Optimises a graph and turns it into a Program. */
export function lower(graph: Graph, options: LowerOptions = {}): Program {
  return new Lowering(optimize(graph, options), options).program()
}

class Lowering {
  private readonly graph: Graph
  private readonly options: LowerOptions
  private readonly drafts = new Drafts()
  private readonly bufferOf = new Map<Value, number>()
  private readonly instructions: Instruction[] = []
  /** The nodes that read each value. */
  private readonly readers = new Map<Value, Node[]>()
  /** What is wanted of the whole graph. */
  private readonly results: ReadonlySet<Value>

  constructor(graph: Graph, options: LowerOptions) {
    this.graph = graph
    this.options = options
    this.results = new Set([...graph.outputs, ...graph.updates.map((update) => update.value)])
    const nodes = nodesOf(graph)
    for (const node of nodes) {
      for (const input of node.inputs) {
        const known = this.readers.get(input)
        if (known === undefined) this.readers.set(input, [node])
        else known.push(node)
      }
    }
    for (const input of graph.inputs) this.bufferFor(input)
    for (const unit of fuse(nodes, options)) this.emit(unit)
  }

  program(): Program {
    const { drafts, instructions } = this
    const inputs = this.graph.inputs.map((input) => this.bufferFor(input))
    const outputs = this.graph.outputs.map((output) => this.ownOutput(output))
    this.writeUpdates(outputs)
    const kept = [...outputs, ...this.keptInputs()]
    reuseInputs(drafts, instructions, kept)
    const { storages, arenaBytes } = planStorages(drafts, instructions, inputs, kept)
    const buffers = drafts.buffers.map((buffer, id) => ({ ...buffer, storage: drafts.homeOf(id) }))
    return { storages, buffers, inputs, outputs, instructions, arenaBytes }
  }

  // ---- buffers ------------------------------------------------------------------------------------------------

  private bufferFor(value: Value): number {
    const known = this.bufferOf.get(value)
    if (known !== undefined) return known
    const made = this.drafts.newBuffer(value, this.storageFor(value))
    this.bufferOf.set(value, made)
    return made
  }

  private storageFor(value: Value): number {
    const { drafts } = this
    const bytes = bytesFor(value)
    const variable = variableOf(value)
    if (variable !== undefined) return drafts.newStorage({ kind: 'variable', bytes, name: variable.name, variable })
    const data = constantData(value)
    if (data !== undefined) return drafts.newStorage({ kind: 'constant', bytes, data })
    if (value.node.primitive.definition.view) return drafts.buffers[this.bufferFor(value.node.inputs[0])].storage
    return drafts.newStorage({ kind: 'arena', bytes })
  }

  // ---- instructions -------------------------------------------------------------------------------------------

  private emit(unit: Unit): void {
    const [first] = unit.nodes
    if (first.primitive.definition.view) {
      this.bufferFor(first.outputs[0])
    } else if (first.primitive.definition.scalar !== undefined) {
      this.emitElementwise(unit.nodes)
    } else {
      // What is no source, view or chain is an instruction; its attributes are those that its primitive declares.
      this.instructions.push({
        op: first.primitive.name,
        inputs: first.inputs.map((input) => this.bufferFor(input)),
        outputs: first.outputs.map((output) => (this.isUsed(output) ? this.bufferFor(output) : -1)),
        attributes: this.lowerAttributes(first),
        scope: first.scope,
      } as Instruction)
    }
  }

  /** Sub-graphs become Programs; the arena of a sub-program is a buffer of this one, named by `workspace`. */
  private lowerAttributes(node: Node): Record<string, unknown> {
    const attributes: Record<string, unknown> = { ...node.attributes }
    for (const [key, value] of Object.entries(attributes)) {
      if (!isGraph(value)) continue
      const program = lower(value, { ...this.options, keepInputs: true })
      attributes[key] = program
      attributes.workspace = this.drafts.newTemporary({ shape: [program.arenaBytes / 4], dtype: 'int32' })
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
        op: node.primitive.name as ElementwiseOp, // those are the primitives with a function of one element
        args: node.inputs.map(position),
        dtype: node.outputs[0].dtype,
      }),
    )
    const results = nodes.filter(({ outputs: [output] }) => this.isUsed(output, members))
    this.instructions.push({
      op: 'elementwise',
      inputs: inputs.map((input) => this.bufferFor(input)),
      outputs: results.map((node) => this.bufferFor(node.outputs[0])),
      attributes: { constants, steps, results: results.map((node) => nodes.indexOf(node)) },
      scope: nodes[0].scope,
    })
  }

  /** Whether someone reads a value, apart from some nodes. */
  private isUsed(value: Value, but?: ReadonlySet<Node>): boolean {
    return this.results.has(value) || (this.readers.get(value) ?? []).some((reader) => !but?.has(reader))
  }

  // ---- outputs and updates ------------------------------------------------------------------------------------

  /** An output's buffer: in the arena, since variables may change and constants are not to be handed out. */
  private ownOutput(output: Value): number {
    const { drafts } = this
    const buffer = this.bufferFor(output)
    const isKept = this.keptInputs().some((input) => drafts.homeOf(input) === drafts.homeOf(buffer))
    return drafts.temporary(buffer) !== undefined && !isKept ? buffer : this.copyToArena(buffer)
  }

  /** The buffers of inputs whose content is still needed when all has run. */
  private keptInputs(): number[] {
    return this.options.keepInputs ? this.graph.inputs.map((input) => this.bufferFor(input)) : []
  }

  private copyToArena(buffer: number): number {
    const copy = this.drafts.newTemporary(this.drafts.buffers[buffer])
    this.copy(buffer, copy)
    return copy
  }

  private copy(from: number, to: number): void {
    this.instructions.push({ op: 'copy', inputs: [from], outputs: [to], attributes: {} })
  }

  /**
   * Writes new values to their variables: by the producing instruction itself if nothing reads the old content later,
   * else by a copy at the end.
   */
  private writeUpdates(outputs: readonly number[]): void {
    const { drafts, instructions, graph } = this
    const home = (value: Value): number => drafts.homeOf(this.bufferFor(value))
    const variables = new Set(graph.updates.map(({ variable }) => home(variable)))
    const pending: { from: number; to: number }[] = []
    for (const { variable, value } of graph.updates) {
      if (home(value) === home(variable)) continue
      // What another update is about to overwrite is set aside first.
      const from = variables.has(home(value)) ? this.copyToArena(this.bufferFor(value)) : this.bufferFor(value)
      pending.push({ from, to: this.bufferFor(variable) })
    }
    const needed = new Set([...graph.inputs.map(home), ...outputs.map((output) => drafts.homeOf(output))])
    for (const { from, to } of pending) {
      const isOwn = drafts.temporary(from) !== undefined && !needed.has(drafts.homeOf(from))
      if (isOwn && canWriteInPlace(drafts, instructions, from, to)) drafts.join(from, drafts.homeOf(to))
      else this.copy(from, to)
    }
  }
}
