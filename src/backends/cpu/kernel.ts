// What a kernel of the cpu backend is: a function that is given an instruction's views once and returns what to do at
// every run.
import { bytesOf, type Op, type Program } from '../../graph'
import type { DType, Shape } from '../../tensor'
import type { BoundTo } from '../kernelTable'
import type { View } from './memory'

/** An operand or result: its shape and its memory. */
export interface Operand {
  readonly shape: Shape
  readonly dtype: DType
  readonly data: View
}

/** An instruction bound to memory; an output is undefined where nobody wants it. */
export interface Bound<O extends Op = Op> extends BoundTo<O, Operand, Operand | undefined> {
  /** Binds a sub-program whose arena is the given buffer. */
  readonly bind: (program: Program, workspace: number) => BoundProgram
}

/** A Program bound to memory. */
export interface BoundProgram {
  readonly views: readonly View[]
  readonly program: Program
  /** Runs all instructions in order. */
  run(): void
}

/** Prepares an instruction; allocates here what it needs, so that the returned function allocates nothing. */
export type Kernel<O extends Op = Op> = (bound: Bound<O>) => () => void

/** The first output, of an instruction whose outputs are all wanted. */
export function output(bound: Bound, index = 0): Operand {
  const found = bound.outputs[index]
  if (found === undefined) throw new Error(`output ${index} is not wanted, but this kernel always writes it`)
  return found
}

let scratchTaken = 0

/** Bytes that kernels have taken for themselves so far. */
export function scratchBytes(): number {
  return scratchTaken
}

/** Memory of an operand's type for a kernel's own use. */
export function scratch(dtype: DType, size: number): View {
  scratchTaken += size * bytesOf(dtype)
  if (dtype === 'float32') return new Float32Array(size)
  return dtype === 'float64' ? new Float64Array(size) : new Int32Array(size)
}
