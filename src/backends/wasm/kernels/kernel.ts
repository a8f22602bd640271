// What a kernel of the wasm backend is on this side: a function that writes the instructions for one instruction of a Program.
import type { Op, Program } from '../../../graph'
import type { DType, Shape } from '../../../tensor'
import type { BoundTo } from '../../kernelTable'
import type { Emitter, Range } from '../emitter'
import type { Kernels } from '../module'

/** An operand or result and where it lies. */
export interface Operand extends Range {
  readonly shape: Shape
  readonly dtype: DType
}

/** An instruction of a Program bound to memory; an output is undefined where nobody wants it. */
export interface Bound<O extends Op = Op> extends BoundTo<O, Operand, Operand | undefined> {
  /** Where a buffer of the same Program lies. */
  readonly place: (buffer: number) => Range
}

/** Where the instructions go. */
export interface Target {
  readonly emitter: Emitter
  /** The module, for the sizes of workspaces. */
  readonly kernels: Kernels
  /** How many threads may share an instruction. */
  readonly threads: number
  /** Begins an instruction: what the one before took as workspace is free again. */
  next(): void
  /** Memory for the instruction at hand alone. */
  workspace(bytes: number): Range
  /** All that instructions so far have taken as workspace. */
  workspaceInUse(): Range
  /** A target whose instructions go to a list of their own, for the body of a loop. */
  inner(emitter: Emitter): Target
  /** Binds a sub-program: its arena lies at `arena`, and `inputs` says where given inputs lie instead of in the arena. */
  bind(program: Program, arena: number, inputs: ReadonlyMap<number, Range>): BoundProgram
}

/** A sub-program bound to memory. */
export interface BoundProgram {
  readonly inputs: readonly Operand[]
  readonly outputs: readonly Operand[]
  /** Writes its instructions. */
  emit(target: Target): void
}

/** Writes the instructions for one instruction. */
export type Kernel<O extends Op = Op> = (bound: Bound<O>, target: Target) => void

/** An output of a kernel that always writes it. */
export function output(bound: Bound, index = 0): Operand {
  const found = bound.outputs[index]
  if (found === undefined) throw new Error(`output ${index} is not wanted, but this kernel always writes it`)
  return found
}

/** The address of an operand that may be missing, 0 then. */
export function addressOf(range: Range | undefined): number {
  return range?.address ?? 0
}

/** Those ranges that are there. */
export function present(ranges: readonly (Range | undefined)[]): Range[] {
  return ranges.filter((range) => range !== undefined)
}

/** Whether the elements are whole numbers in memory. */
export function isWhole(dtype: DType): boolean {
  return dtype === 'int32' || dtype === 'bool'
}

const bits = new DataView(new ArrayBuffer(4))

/** A number as the word that holds it. */
export function wordOf(value: number, dtype: DType): number {
  if (isWhole(dtype)) return Math.trunc(value) | 0
  bits.setFloat32(0, value, true)
  return bits.getInt32(0, true)
}
