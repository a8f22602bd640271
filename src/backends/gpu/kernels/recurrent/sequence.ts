// What the recurrent kernels have in common: sizes, a step's place in a sequence, products of whole sequences, and the places
// of their results.
import { sizeOf } from '../../../../tensor'
import { Arrays, coordinates, type LaunchOptions, launch, requireExact, thread } from '../code'
import type { Operand, Region, Result, Target } from '../kernel'
import { multiply } from '../matmul'
import { joined } from '../movement'
import { sum } from '../reduce'

/** T steps, a batch of B, F features, H units. */
export interface Sizes {
  readonly T: number
  readonly B: number
  readonly F: number
  readonly H: number
}

export function sizesOf(x: Operand, recurrentKernel: Operand): Sizes {
  const [T, B, F] = x.shape
  const [H, width] = recurrentKernel.shape
  requireExact(Math.max(sizeOf(x.shape), T * B * width), 'a recurrent layer')
  return { T, B, F, H }
}

/** A place as an operand. */
export function operand({ slot, offset }: Region, ...shape: number[]): Operand {
  return { slot, offset, shape, dtype: 'float32' }
}

/** Adds a launch; gives its result as an operand. */
export function made(
  target: Target,
  arrays: Arrays,
  threads: number,
  body: readonly string[],
  options: LaunchOptions = {},
): Operand {
  const { components = 1 } = options
  return operand({ slot: launch(target, arrays, threads, body, options), offset: 0 }, threads * components)
}

/** The statements that name a thread's row and column in a matrix of `width` columns. */
export function rowAndColumn(width: number): string[] {
  const { lines, names } = coordinates(thread, [2, width], 'c')
  return [...lines, `const row = ${names[0]} + 0;`, `const j = ${names[1]} + 0;`]
}

/** Every how many-th element of an operand, from `first` on: one part of what a launch gave interleaved. */
export function part(
  target: Target,
  from: Operand,
  count: number,
  every: number,
  first: number,
  ...shape: number[]
): Operand {
  const arrays = new Arrays()
  const body = [`return ${arrays.read(from, `${thread} * ${every} + ${first}`)};`]
  return operand(made(target, arrays, count, body), ...shape)
}

/** Zeros in a shape. */
export function zeros(target: Target, ...shape: number[]): Operand {
  return operand(made(target, new Arrays(), sizeOf(shape), ['return 0;']), ...shape)
}

/** The states before each step: the first one, then all but the last. */
export function statesBefore(target: Target, first: Operand, states: Operand, { T, B, H }: Sizes): Operand {
  const before = operand(states, (T - 1) * B, H)
  const parts = [operand(first, B, H), before].filter(({ shape }) => sizeOf(shape) > 0)
  return operand(joined(parts, 0, [T * B, H], target), T * B, H)
}

/** The sum of an operand's rows. */
export function rowSum(target: Target, x: Operand): Operand {
  const shape = x.shape.slice(1)
  const bound = { inputs: [x], outputs: [{ shape, dtype: x.dtype, wanted: true }], attributes: { axes: [0] } }
  return operand(sum(bound, target)[0] ?? zeros(target, ...shape), ...shape)
}

/** The gradients that the inputs of all steps owe to `dz`, that of the sums with them: of x, the kernel. */
export function inputGradients(
  target: Target,
  { x, kernel, dz }: { x: Operand; kernel: Operand; dz: Operand },
  { T, B, F }: Sizes,
  [dx, dkernel]: readonly Result[],
): (Operand | undefined)[] {
  const width = kernel.shape[1]
  const [inputs, sums] = [operand(x, T * B, F), operand(dz, T * B, width)]
  return [
    dx.wanted ? operand(multiply(target, sums, kernel, [T * B, F], { transposeB: true }), T, B, F) : undefined,
    dkernel.wanted ? operand(multiply(target, inputs, sums, [F, width], { transposeA: true }), F, width) : undefined,
  ]
}
