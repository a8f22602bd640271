// What a kernel of the cpu backend is: a function that is given an instruction's views once and returns what to do at
// every run.
import { bytesOf, type Program } from '../../graph'
import type { DType, Shape } from '../../tensor'
import type { View } from './memory'

/** An operand or result: its shape and its memory. */
export interface Operand {
  readonly shape: Shape
  readonly dtype: DType
  readonly data: View
}

/** An instruction bound to memory. */
export interface Bound {
  readonly inputs: readonly Operand[]
  /** undefined for an output nobody wants. */
  readonly outputs: readonly (Operand | undefined)[]
  /** As the primitive declares them. */
  readonly attributes: Readonly<Record<string, unknown>>
  /** Binds a sub-program whose arena is the attribute `workspace`. */
  readonly bind: (program: Program) => BoundProgram
}

/** A Program bound to memory. */
export interface BoundProgram {
  readonly views: readonly View[]
  readonly program: Program
  /** Runs all instructions in order. */
  run(): void
}

/** Prepares an instruction; allocates here what it needs, so that the returned function allocates nothing. */
export type Kernel = (bound: Bound) => () => void

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
