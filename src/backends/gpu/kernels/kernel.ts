// What a kernel of the gpu backend is: a function that is given an instruction's operands and adds launches to the plan.
// A launch runs JavaScript, which gpu.js compiles, once for every element of a new slot.
import type { Op, Program } from '../../../graph'
import type { DType, Shape } from '../../../tensor'
import type { BoundTo } from '../../kernelTable'

/** The most arrays a launch may read: WebGPU grants 8 storage buffers, and one is the output. */
export const mostArrays = 7

/**
 * JavaScript that gpu.js compiles. Arrays are flat; the body reads them as `a0[...]`, `a1[...]`, whole numbers that change
 * from launch to launch as `n0`, `n1`, and returns the element (or `components` neighbouring ones) of `this.thread.x`.
 */
export interface KernelCode {
  readonly arrays: number
  readonly numbers: number
  readonly body: string
  /** Elements a thread returns: 1, or 2 to 4 as an array. */
  readonly components: 1 | 2 | 3 | 4
  /** Bounds of loops, read as `this.constants.name`. */
  readonly bounds: Readonly<Record<string, number>>
}

/**
 * A whole sequence as one launch, in WGSL: a workgroup sweeps all steps for one row of the batch, its states in workgroup memory.
 * It reads arrays as `a0`, `a1`, ..., and writes the new slot as `result`; these are declared for it.
 */
export interface SweepCode {
  readonly arrays: number
  readonly wgsl: string
}

/** A number of elements on the device, by its index in the plan. */
export type Slot = number

/** An operand or result: the elements of a slot from `offset` on. All types are held as float32. */
export interface Operand {
  readonly shape: Shape
  readonly dtype: DType
  readonly slot: Slot
  readonly offset: number
}

/** An instruction with its operands. */
export type Bound<O extends Op = Op> = BoundTo<O, Operand, Result>

/** What an instruction has to give; `wanted` is false for one that nobody reads. */
export interface Result {
  readonly shape: Shape
  readonly dtype: DType
  readonly wanted: boolean
}

/** Where results lie; undefined for those that are not wanted. */
export type Placed = readonly (Region | undefined)[]

export type Region = Pick<Operand, 'slot' | 'offset'>

/** Where kernels put their launches. */
export interface Target {
  /** Adds a launch of `threads` threads; gives the slot of its `threads * components` elements. */
  launch(code: KernelCode, slots: readonly Slot[], threads: number, numbers?: readonly number[]): Slot
  /** Whether a chain's results are launches of their own, to be merged later, each with others that are ready when it is. */
  readonly splits: boolean
  /** Whether sweeps can be launched; where they cannot, each step is a launch. */
  readonly canSweep: boolean
  /** Adds a sweep of `rows` workgroups; gives the slot of its `size` elements. */
  sweep(code: SweepCode, slots: readonly Slot[], rows: number, size: number): Slot
  /** A slot that is filled part by part, all of the same number of elements. */
  stack(parts: number, size: number): Slot
  /** Fills one part of a stack. */
  put(stack: Slot, part: number, size: number, from: Region): void
  /** Adds the launches of a sub-program; gives the places of its outputs. */
  run(program: Program, inputs: readonly Region[]): readonly Region[]
}

/** Adds an instruction's launches. */
export type Kernel<O extends Op = Op> = (bound: Bound<O>, target: Target) => Placed
