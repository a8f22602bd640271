// One use of a primitive while it is written as ONNX: its operands by name, and its numbers as they are in every trace.
import type { Graph, Node, Value } from '../../graph'
import type { DType } from '../../tensor'
import type { Peers, Varying } from '../openLengths'
import { type Emitter, fixed } from './emitter'
import type { OnnxAttribute } from './proto'

export class Use {
  readonly emitter: Emitter
  readonly node: Node
  /** The names of the operands. */
  readonly inputs: readonly string[]
  /** Which results somebody reads. */
  readonly wanted: readonly boolean[]
  /** Writes the body of a loop: the names of its outputs. */
  readonly writeWithin: (emitter: Emitter, graphs: readonly Graph[]) => readonly string[]
  private readonly peers: Peers
  private readonly weights: ReadonlySet<Value>

  constructor(
    emitter: Emitter,
    peers: Peers,
    details: {
      inputs: readonly string[]
      wanted: readonly boolean[]
      weights: ReadonlySet<Value>
      writeWithin: Use['writeWithin']
    },
  ) {
    this.emitter = emitter
    this.peers = peers
    this.node = peers[0]
    this.inputs = details.inputs
    this.wanted = details.wanted
    this.weights = details.weights
    this.writeWithin = details.writeWithin
  }

  get allPeers(): Peers {
    return this.peers
  }

  emit(
    op: string,
    inputs: readonly (string | undefined)[],
    attributes?: Readonly<Record<string, OnnxAttribute>>,
  ): string {
    return this.emitter.emit(op, inputs, attributes)
  }

  /** A number of the node in every trace. */
  vary(pick: (node: Node) => number): Varying {
    return this.peers.map(pick)
  }

  /** Numbers of the node in every trace. */
  varyAll(pick: (node: Node) => readonly number[]): Varying[] {
    const all = this.peers.map(pick)
    return all[0].map((_, i) => all.map((numbers) => numbers[i]))
  }

  shapeOf(input: number): Varying[] {
    return this.varyAll((node) => node.inputs[input].shape)
  }

  get outputShape(): Varying[] {
    return this.varyAll((node) => node.outputs[0].shape)
  }

  /** The type of an operand; that of the result by default. */
  dtypeOf(input: number): DType {
    return this.node.inputs[input].dtype
  }

  get dtype(): DType {
    return this.node.outputs[0].dtype
  }

  /** The operand, where it depends on weights alone: it can be computed before the file is written. */
  weightOf(input: number): Value | undefined {
    const value = this.node.inputs[input]
    return this.weights.has(value) ? value : undefined
  }

  /** An initializer made of weights. */
  weight(value: Value, name: string): string {
    const { scope } = this.node
    return this.emitter.shared.weight(value, scope === undefined ? name : `${scope}/${name}`)
  }

  // ---- what many rules need -------------------------------------------------------------------------------------

  transpose(name: string, permutation: readonly number[]): string {
    if (permutation.every((axis, i) => axis === i)) return name
    return this.emit('Transpose', [name], { perm: permutation })
  }

  unsqueeze(name: string, ...axes: readonly number[]): string {
    return this.emit('Unsqueeze', [name, this.emitter.list(axes)])
  }

  squeeze(name: string, ...axes: readonly number[]): string {
    return this.emit('Squeeze', [name, this.emitter.list(axes)])
  }

  /** Another shape; of open lengths those that stay where they were, and one more, need not be worked out. */
  reshape(name: string, from: readonly Varying[], to: readonly Varying[]): string {
    const open = to.map((length, axis) => {
      const isKept = axis < from.length && length.every((n, k) => n === from[axis][k])
      return fixed(length) === undefined && !isKept
    })
    if (open.filter((isOpen) => isOpen).length <= 1) {
      const shape = to.map((length, axis) => fixed(length) ?? (open[axis] ? -1 : 0))
      return this.emit('Reshape', [name, this.emitter.list(shape)])
    }
    return this.emit('Reshape', [name, this.emitter.lengths(to)])
  }

  /** The value stretched to a shape. */
  expand(name: string, from: readonly Varying[], to: readonly Varying[]): string {
    const lead = to.length - from.length
    const one = to[0]?.map(() => 1) ?? []
    const needed = to.map((length, axis) => {
      const before = axis < lead ? undefined : from[axis - lead]
      const isThere = before?.every((n, k) => n === length[k]) === true
      return isThere && fixed(length) === undefined ? one : length
    })
    return this.emit('Expand', [name, this.emitter.lengths(needed)])
  }

  /** The sum over an axis. */
  sum(name: string, axis: number, keepdims: 0 | 1 = 0): string {
    return this.emit('ReduceSum', [name, this.emitter.list([axis])], { keepdims })
  }

  cast(name: string, to: number): string {
    return this.emit('Cast', [name], { to })
  }
}

/** The primitives that can be written, and how: each gives the names of its results. */
export type Rules = Readonly<Record<string, (use: Use) => string | readonly string[]>>
